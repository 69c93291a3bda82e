"""The second factor inside a confirm dialog: a code from the authenticator app (or a recovery code), asked again at
every signature the agreement wants one for."""

from __future__ import annotations

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from autopay_console.kernel.forms import CodeInput
from companies.models import Person

MOST_WRONG = 5
WAIT_SECONDS = 300


class CodeField(forms.CharField):
    """Six digits, or a recovery code."""

    widget = CodeInput

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Code from your authenticator app"),
            max_length=12,
            help_text=gettext_lazy("Asked because the bank agreement wants a second factor."),
        )


def check(person: Person, code: str) -> None:
    """Raise ValidationError unless the code is right; five wrong ones close the door for five minutes."""
    key = f"second-factor:{person.pk}"
    if cache.get(key, 0) >= MOST_WRONG:
        raise ValidationError(_("Too many wrong codes. Wait five minutes and try again."))
    if not get_adapter().is_mfa_enabled(person):
        raise ValidationError(_("You have no second factor yet: set one up in your own settings, then come back."))
    plain = "".join(code.split())
    if not any(_right(one, plain) for one in Authenticator.objects.filter(user=person)):
        cache.add(key, 0, WAIT_SECONDS)
        cache.incr(key)
        raise ValidationError(_("The code is not right. Take the one the app shows now."))
    cache.delete(key)


def _right(authenticator: Authenticator, code: str) -> bool:
    if authenticator.type == Authenticator.Type.TOTP:
        return bool(TOTP(authenticator).validate_code(code))
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return bool(RecoveryCodes(authenticator).validate_code(code))
    return False
