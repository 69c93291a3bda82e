"""Configuration from the environment, read once by settings.py.

Every value may also come from a file: NAME_FILE=/run/secrets/name (Docker and Kubernetes secrets).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}
DATABASES = ("mssql", "postgres", "postgresql", "sqlite")


def text(name: str, default: str | None = None) -> str:
    """The value of NAME, or the content of the file that NAME_FILE names, without surrounding blanks."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE points to {path}, which cannot be read: {error}") from error
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name} (or {name}_FILE) in the environment; see README, Configuration.")
    return value.strip()


def flag(name: str, *, default: bool = False) -> bool:
    """A yes/no value; anything but 1/true/yes/on and 0/false/no/off is refused with a sentence."""
    value = text(name, "1" if default else "0").lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}; use 1 or 0.")


def number(name: str, default: int) -> int:
    """A whole number."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {value!r}; use a whole number.") from error


def one_of(name: str, allowed: tuple[str, ...], default: str) -> str:
    """One of a few words; a slip is refused, so that it never means something weaker."""
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} is {value!r}; use {', '.join(allowed[:-1])} or {allowed[-1]}.")
    return value


def database(url: str) -> dict[str, Any]:
    """Django's settings for DATABASE_URL. The address holds a password, so it is not repeated in the sentence."""
    kind = url.partition(":")[0]
    if kind not in DATABASES:
        raise ImproperlyConfigured(f"DATABASE_URL begins with {kind!r}; use one of {', '.join(DATABASES)}.")
    return dict(environ.Env.db_url_config(url))


def mail(url: str) -> dict[str, Any]:
    """Django's settings for EMAIL_URL. The address holds a password, so it is not repeated in the sentence."""
    try:
        return dict(environ.Env.email_url_config(url))
    except (ImproperlyConfigured, ValueError) as error:
        raise ImproperlyConfigured(
            "EMAIL_URL is no mail address the console can use; write it like smtp+tls://user:password@mail.example.com:587."
        ) from error


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas; blanks and empty parts are dropped."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]
