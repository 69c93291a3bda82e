"""Forms of the set-up: every field checked where it stands, in the words of the trade."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from autopay_console.kernel.forms import ConsoleModelForm
from companies import accounts
from companies.choices import (
    FRIDAY,
    MONDAY,
    MOVE_EARLIER,
    SATURDAY,
    SUNDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
)
from companies.models import Company
from companies.problems import Problem

DAYS = (
    (MONDAY, gettext_lazy("Monday")),
    (TUESDAY, gettext_lazy("Tuesday")),
    (WEDNESDAY, gettext_lazy("Wednesday")),
    (THURSDAY, gettext_lazy("Thursday")),
    (FRIDAY, gettext_lazy("Friday")),
    (SATURDAY, gettext_lazy("Saturday")),
    (SUNDAY, gettext_lazy("Sunday")),
    (MOVE_EARLIER, gettext_lazy("Move to an earlier date")),
)


class DaysField(forms.MultipleChoiceField):
    """Days without payments: a tick for each weekday, and the direction of the move; one number in the table."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[(str(bit), label) for bit, label in DAYS], required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, int):
            return [str(bit) for bit, _label in DAYS if value & bit]
        return value

    def clean(self, value: Any) -> int:
        return sum(int(one) for one in super().clean(value))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(super().has_changed(self.prepare_value(initial) or [], data))


class SetupForm(ConsoleModelForm):
    """A row of a set-up table; `company` scopes choices, `seen` is the version the person looked at."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, company: Company | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company
        self.fields["seen"].initial = getattr(self.instance, "version", 0)
        for field in self.fields.values():
            queryset = getattr(field, "queryset", None)
            if queryset is not None and company is not None and hasattr(queryset.model, "company"):
                field.queryset = queryset.filter(company=company)  # type: ignore[attr-defined]

    @property
    def country(self) -> str:
        """The row's country, or the company's."""
        chosen = self.cleaned_data.get("country") or getattr(self.instance, "country_id", "")
        return str(getattr(chosen, "pk", chosen) or (self.company.country_id if self.company else ""))

    def clean(self) -> dict[str, Any]:
        """Check every number by the rules of its country; a warning never stops saving."""
        values = super().clean() or {}
        for name, check in CHECKS.items():
            if name in self.fields and (value := values.get(name)):
                self._note(name, check(str(value), self.country))
        return values

    def _note(self, name: str, problem: Problem | None) -> None:
        if problem is not None and problem.stops:
            self.add_error(name, ValidationError(_(problem.message) % problem.params, code=problem.code))


def _account(value: str, country: str) -> Problem | None:
    return accounts.check_account(value, accounts.classify(value, country))


CHECKS: dict[str, Callable[[str, str], Problem | None]] = {
    "organisation_no": accounts.check_organisation_number,
    "iban": lambda value, country: accounts.check_iban(value),
    "account": _account,
    "bic": lambda value, country: accounts.check_bic(value),
}
