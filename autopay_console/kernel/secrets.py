"""Secrets at rest: a text field that is encrypted in the database and never shown by accident."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    from cryptography.fernet import Fernet, MultiFernet  # loaded with the first secret that is read or written

    return MultiFernet([Fernet(key) for key in keys])


def seal(value: str) -> str:
    """Encrypt with the newest key."""
    return _box(tuple(settings.FIELD_KEYS)).encrypt(value.encode()).decode()


def unseal(token: str) -> str:
    """Decrypt with any of the keys; a missing key is told as a sentence."""
    from cryptography.fernet import InvalidToken

    try:
        return _box(tuple(settings.FIELD_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise ImproperlyConfigured(
            "A stored secret cannot be read with the keys in FIELD_KEYS. Add the key it was written with."
        ) from error


def rotate(token: str) -> str:
    """Write a stored secret anew with the newest key."""
    return _box(tuple(settings.FIELD_KEYS)).rotate(token.encode()).decode()


if TYPE_CHECKING:
    TextColumn = models.TextField[str, str]
else:
    TextColumn = models.TextField


class EncryptedField(TextColumn):
    """Text that only exists in clear in memory."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return unseal(value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return seal(value) if value else value

    def value_to_string(self, obj: models.Model) -> str:
        return ""  # dumps and exports carry no secrets
