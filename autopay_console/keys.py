"""Where the signing key of sessions and the keys of encrypted fields come from.

Production takes them from the environment and refuses to start without them; the demo makes its own once
(var/keys, readable by the owner only); tests use fixed ones.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from autopay_console import env

DEMO_MARK = "demo-"


def secret_key(mode: str, var: Path) -> str:
    """Django's SECRET_KEY for this mode."""
    if mode == "test":
        return "test-" + "0" * 60
    if mode == "demo":
        return DEMO_MARK + _made_once(var / "keys" / "secret_key")
    value = env.text("SECRET_KEY", "")
    if not value:
        raise ImproperlyConfigured(
            "Set SECRET_KEY (or SECRET_KEY_FILE): a long random text. Without it nobody can log in safely."
        )
    if value.startswith((DEMO_MARK, "test-")):
        raise ImproperlyConfigured("SECRET_KEY is one made for demo or tests; make a new one for production.")
    return value


def field_keys(mode: str, var: Path) -> list[str]:
    """Fernet keys of encrypted fields, newest first (FIELD_KEYS, separated by commas)."""
    if mode == "test":
        return [_fernet_key("test")]
    if mode == "demo":
        return [_fernet_key(_made_once(var / "keys" / "field_key"))]
    values = env.words("FIELD_KEYS")
    if not values:
        raise ImproperlyConfigured(
            "Set FIELD_KEYS (or FIELD_KEYS_FILE): one or more Fernet keys separated by commas, newest first. "
            "Signing keys and passwords in the database cannot be read without them."
        )
    return values


def _fernet_key(seed: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(seed.encode()).digest()).decode()


def _made_once(path: Path) -> str:
    if path.exists():
        return path.read_text(encoding="utf-8").strip()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    value = secrets.token_hex(32)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process of the same start was faster
        return path.read_text(encoding="utf-8").strip()
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(value)
    return value
