"""Integration setup: OPG address, gateway user and password, as the dialog asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from autopay_console.kernel.forms import ConsoleForm
from companies.models import SystemInformation
from integration.gateway import address

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


def user_field() -> forms.CharField:
    """The gateway's user, as the guide names it."""
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=gettext_lazy("User (Customer Administrator)"), max_length=100, widget=widget)


def password_field(help_text: _StrPromise, *, required: bool) -> forms.CharField:
    """The gateway's password: written, never shown, kept to the letter."""
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    label = gettext_lazy("Password")
    return forms.CharField(label=label, required=required, strip=False, widget=widget, help_text=help_text)


class SetupForm(ConsoleForm):
    """Address, user, password. An empty password keeps the stored one; with `first` there is none yet, and it is
    needed."""

    opg_address = forms.CharField(
        label=gettext_lazy("OPG address"),
        max_length=200,
        help_text="http://[ServerAddress]:[Port]/OPGatewayService/",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )
    gateway_user = user_field()
    gateway_password = password_field(
        gettext_lazy("Never shown. Leave empty to keep the one that is stored."), required=False
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, first: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if first:
            field = self.fields["gateway_password"]
            field.required, field.widget.is_required = True, True
            field.help_text = _("Stored encrypted, never shown.")

    @classmethod
    def of(cls, row: SystemInformation) -> Self:
        """The form with what is stored; the password stays where it is."""
        facts = {"opg_address": row.opg_address, "gateway_user": row.gateway_user, "seen": row.version}
        return cls(initial=facts, first=not row.gateway_password)

    def clean_opg_address(self) -> str:
        """The guide's form; an IP address as server name is a warning on the page, not an error."""
        value = str(self.cleaned_data["opg_address"]).strip()
        for problem in address.check(value):
            if problem.stops:
                raise forms.ValidationError(_(problem.message) % problem.params)
        return value
