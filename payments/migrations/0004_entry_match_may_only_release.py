from decimal import Decimal

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0003_once_and_only_once'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='entrymatch',
            name='entry_match_not_zero',
        ),
        migrations.AddConstraint(
            model_name='entrymatch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount', Decimal('0')), _negated=True), models.Q(('reserved', Decimal('0')), _negated=True), _connector='OR'), name='entry_match_not_zero'),
        ),
    ]
