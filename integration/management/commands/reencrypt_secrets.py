"""`manage.py reencrypt_secrets`: write every stored secret with the newest of FIELD_KEYS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from integration import rotation


class Command(BaseCommand):
    """Second step of changing FIELD_KEYS: new key first, run this, then take the old key away."""

    help = "Write every stored secret anew with the newest key of FIELD_KEYS; afterwards the older keys can go."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        for column in rotation.reencrypt_secrets():
            self.stdout.write(f"{column.column}: {column.rows}")
        self.stdout.write("Done. Older keys can be taken out of FIELD_KEYS now.")
