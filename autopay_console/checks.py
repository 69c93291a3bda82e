"""What must be right before the console may start, told as sentences (`manage.py check`)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.urls import get_resolver

from autopay_console.kernel.pages import every_page


@register()
def field_keys_are_usable(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Encrypted fields need well-formed Fernet keys."""
    from cryptography.fernet import Fernet

    for key in settings.FIELD_KEYS:
        try:
            Fernet(key)
        except ValueError:
            return [
                Error(
                    "One of FIELD_KEYS is not a Fernet key.",
                    hint="Make one with: python -c 'from cryptography.fernet import Fernet;"
                    " print(Fernet.generate_key().decode())'",
                    id="autopay.E001",
                )
            ]
    return []


@register(deploy=True)
def every_view_loads(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Views are loaded with their first request; before an installation starts, all of them are."""
    found: list[CheckMessage] = []
    for page in every_page(get_resolver()):
        try:
            page.load()
        except Exception as error:  # whatever a module raises, its address is named
            text = f"The view {page.lookup_str} does not load: {type(error).__name__}: {error}"
            found.append(Error(text, id="autopay.E006"))
    return found


@register(deploy=True)
def production_has_its_services(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Production wants a broker, named hosts and a real mail server."""
    found: list[CheckMessage] = []
    if not settings.REDIS_URL:
        found.append(Error("REDIS_URL is not set: workers cannot be reached.", id="autopay.E002"))
    if not settings.ALLOWED_HOSTS:
        found.append(Error("ALLOWED_HOSTS is empty: no browser will get an answer.", id="autopay.E003"))
    if not settings.METRICS_TOKEN:
        found.append(Warning("METRICS_TOKEN is not set: /metrics stays closed.", id="autopay.W004"))
    return found
