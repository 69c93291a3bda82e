"""The second factor inside a confirm dialog: a code from the authenticator app, a recovery code or a passkey, asked
again at every signature the agreement wants one for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.webauthn.internal import auth as passkeys
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from autopay_console.kernel.forms import CodeInput
from companies.access import ConsoleRequest, person_view
from companies.models import Person

PASSKEY = "passkey:"  # what the browser puts before a passkey's answer


class SecondFactorInput(CodeInput):
    """A code, or a button that asks the passkey and sends its answer instead."""

    template_name = "payments/_second_factor.html"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        """The passkey's answer when there is one, else the code."""
        answer = data.get(f"{name}-passkey", "")
        return f"{PASSKEY}{answer}" if answer else str(data.get(name) or "")

    def format_value(self, value: Any) -> str | None:
        """A passkey's answer is never shown again."""
        return None if str(value or "").startswith(PASSKEY) else super().format_value(value)


class CodeField(forms.CharField):
    """Six digits, a recovery code or a passkey."""

    widget = SecondFactorInput

    def __init__(self, person: Person) -> None:
        why = _("Asked because the bank agreement wants a second factor.")
        super().__init__(
            label=gettext_lazy("Code from your authenticator app"),
            max_length=10_000,
            help_text=why if get_adapter().is_mfa_enabled(person) else format_html("{} {}", why, _none_yet()),
        )


def _none_yet() -> SafeString:
    """What somebody without a second factor does first, with the way there."""
    text, link = _("You have no second factor yet:"), _("set one up in your settings, then come back.")
    return format_html('<b>{}</b> <a href="{}">{}</a>', text, reverse("mfa_index"), link)


@require_GET
@never_cache
@person_view
def challenge(request: ConsoleRequest) -> HttpResponse:
    """What the browser asks the person's passkeys: a fresh challenge, good for one answer in this session."""
    return JsonResponse({"request_options": passkeys.begin_authentication(request.user)})


def check(person: Person, code: str) -> None:
    """Raise ValidationError unless the factor is right. Wrong ones are counted for all processes together
    (settings.ACCOUNT_RATE_LIMITS), with those at the login."""
    if not get_adapter().is_mfa_enabled(person):
        raise ValidationError(_none_yet())
    forget_wrong_ones: Callable[[], None] = check_rate_limit(person)
    right = _passkey(person, code.removeprefix(PASSKEY)) if code.startswith(PASSKEY) else _code(person, code)
    if not right:
        raise ValidationError(_("That is not right. Take the code the app shows now, or use your passkey."))
    forget_wrong_ones()


def _code(person: Person, code: str) -> bool:
    plain = "".join(code.split())
    return any(_right(one, plain) for one in Authenticator.objects.filter(user=person))


def _right(authenticator: Authenticator, code: str) -> bool:
    if authenticator.type == Authenticator.Type.TOTP:
        return bool(TOTP(authenticator).validate_code(code))
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return bool(RecoveryCodes(authenticator).validate_code(code))
    return False


def _passkey(person: Person, answer: str) -> bool:
    try:
        used = passkeys.complete_authentication(person, passkeys.parse_authentication_response(json.loads(answer)))
    except (ValidationError, ValueError, TypeError, KeyError):
        return False
    used.record_usage()
    return True
