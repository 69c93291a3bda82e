"""Who installed the queue: the column held that person all along, under the name of another."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("integration", "0003_activation_at_work")]

    operations = [migrations.RenameField("messagequeue", "service_person", "installed_by")]
