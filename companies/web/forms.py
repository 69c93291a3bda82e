"""Forms of the set-up: every field with its help and checked where it stands, in the words of the trade."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from autopay_console.kernel.forms import AccountInput, AmountField, ConsoleModelForm, DayField, RateField
from autopay_console.kernel.money import MoneyField
from companies import accounts, row_checks
from companies.choices import LinkState, TextType
from companies.models import Company, TextRow
from companies.problems import Problem
from companies.reference_data import profile_for
from companies.web import checks
from companies.web.table import Table

ACCOUNTS = ("iban", "account", "giro", "bank_account", "bank_account_fallback", "bic")
CODES = {
    "initiating_id": ("organisation", "customer_no", "division"),
    "debtor_id": ("", "organisation", "customer_no", "division"),
    "second_debtor_id": ("", "organisation", "customer_no", "division"),
    "giro_dialect": ("standard", "mpns", "ibk"),
    "initiating_scheme": ("CUST", "BANK"),
    "debtor_scheme": ("", "CUST", "BANK"),
    "second_debtor_scheme": ("", "CUST", "BANK"),
}
WORDS = {
    "": "–",
    "organisation": gettext_lazy("Organisation number"),
    "customer_no": gettext_lazy("Customer no. in bank"),
    "division": gettext_lazy("Division of the agreement"),
    "standard": gettext_lazy("Standard"),
    "mpns": gettext_lazy("Swedish MPNS"),
    "ibk": gettext_lazy("Danish IBK"),
}


class SetupForm(ConsoleModelForm):
    """A row of a set-up table; `company` scopes choices, `seen` is the version the person looked at."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, company: Company | None = None, table: Table, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company, self.table = company, table
        self.fields["seen"].initial = getattr(self.instance, table.version_field, 0)
        self._scope_choices()
        self._put_choices()
        for name, help_text in table.helps.items():
            if name in self.fields:
                self.fields[name].help_text = help_text
        if "profile" in self.fields and self.instance._state.adding:
            self.fields["profile"].required = False
            self.fields["profile"].empty_label = gettext_lazy("Found by the BIC")  # type: ignore[attr-defined]
        if table.name == "bank_partner" and company is not None and self.instance._state.adding:
            self.initial.update(country=company.country_id, currency=company.currency_id)  # most accounts are
        if table.key and self.instance.pk and not self.instance._state.adding:
            self.fields[table.key].disabled = True

    def _scope_choices(self) -> None:
        for field in self.fields.values():
            queryset = getattr(field, "queryset", None)
            if queryset is not None and self.company is not None and hasattr(queryset.model, "company"):
                field.queryset = queryset.filter(company=self.company)  # type: ignore[attr-defined]

    def _put_choices(self) -> None:
        if "language" in self.fields:
            self._choose("language", list(settings.LANGUAGES))
        if "time_zone" in self.fields:
            zones = sorted(one for one in zoneinfo.available_timezones() if one.startswith("Europe/"))
            self._choose("time_zone", [(one, one) for one in (*zones, "UTC")])
        if "declaration_code" in self.fields and self.company is not None:
            rows = TextRow.objects.filter(
                company=self.company, type=TextType.DECLARATION, language=self.company.language
            ).order_by("number")
            codes = [(f"{row.number:02d}", f"{row.number:02d} {row.text}") for row in rows]
            self._choose("declaration_code", [("", "–"), *codes])
        for name, values in CODES.items():
            if name in self.fields:
                self._choose(name, [(value, WORDS.get(value, value)) for value in values])

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        """Make a select of a text column; what the row holds already stays possible."""
        old = self.fields[name]
        held = str(getattr(self.instance, name, "") or "")
        if held not in {value for value, _word in choices}:
            choices = [*choices, (held, held)]
        required = "" not in {value for value, _word in choices} and old.required
        self.fields[name] = forms.ChoiceField(label=old.label, choices=choices, required=required)

    @property
    def country(self) -> str:
        """The row's country, or the company's."""
        chosen = self.cleaned_data.get("country") or getattr(self.instance, "country_id", "")
        return str(getattr(chosen, "pk", chosen) or (self.company.country_id if self.company else ""))

    def clean(self) -> dict[str, Any]:
        """Check every number by the rules of its country; a warning never stops saving."""
        values = super().clean() or {}
        model = str(self.instance._meta.model_name)
        for name in ("iban", "bic", "account", "code"):
            if isinstance(values.get(name), str):
                values[name] = _tidied(name, values[name], self.country)
        if "profile" in self.fields and not values.get("profile") and values.get("bic"):
            values["profile"] = profile_for(values["bic"])
        if model == "company" and (number := accounts.normalise(values.get("organisation_no") or "")):
            values["organisation_no"] = number
            self._note("organisation_no", checks.organisation_taken(number, self.country, self.instance.pk))
            self._unlink_another(number)
        for name in self.fields:
            check = checks.check_of(name, model)
            if check is not None and (value := values.get(name)):
                self._note(name, check(str(value), self.country))
        return values

    def _unlink_another(self, number: str) -> None:
        """Country and organisation number are what pairs with Visma.net: with others it must be exported anew."""
        row = self.instance
        same = accounts.normalise(row.organisation_no) == number and str(row.country_id) == self.country
        if row.link_state == LinkState.LINKED and not same:
            row.link_state = LinkState.NOT_LINKED
            row.link_error = _("Organisation number or country was changed here: export the company again.")

    def _post_clean(self) -> None:
        """The rules of the whole row come last, when the row holds what was typed."""
        super()._post_clean()  # type: ignore[misc]  # the stubs leave it out
        if self.errors:
            return
        self._check_once()
        for name, problem in row_checks.findings(self.instance):
            self._note(name if name in self.fields else None, problem)

    def _check_once(self) -> None:
        """Numbers that may stand in one row only; the form's own check leaves out those of a company."""
        for constraint in self.instance._meta.constraints:
            if not isinstance(constraint, models.UniqueConstraint) or "company" not in constraint.fields:
                continue
            try:
                constraint.validate(type(self.instance), self.instance)
            except ValidationError:
                names = [name for name in constraint.fields if name in self.fields]
                facts = {name: getattr(self.instance, name) for name in constraint.fields}
                row = type(self.instance)._default_manager.filter(**facts).first()
                said = _("There is a row with this value already: %(row)s.") % {"row": row}
                self.add_error(names[0] if names else None, said)

    def _note(self, name: str | None, problem: Problem | None) -> None:
        if problem is not None and problem.stops:
            self.add_error(name, ValidationError(_(problem.message) % problem.params, code=problem.code))


def _tidied(name: str, value: str, country: str) -> str:
    """Without blanks, in capitals; the hyphen of a Swedish giro tells what it is and stays."""
    if name == "code":
        return value.strip().upper() if len(value.strip()) == 2 else value.strip()
    if name != "account" or accounts.looks_like_iban(value) or country == "NO":
        return accounts.normalise(value)
    return value.strip().upper()


def form_class(table: Table) -> type[SetupForm]:
    """The form of a table: money, dates and account numbers with the right keyboard."""
    base = type("RowForm", (SetupForm,), dict(table.own)) if table.own else SetupForm
    return forms.modelform_factory(  # type: ignore[return-value]
        table.model, form=base, fields=table.fields, formfield_callback=_field
    )


def _field(column: Any, **kwargs: Any) -> Any:
    label = column.verbose_name[:1].upper() + column.verbose_name[1:]
    if isinstance(column, MoneyField):
        return AmountField(label=label, required=not (column.blank or column.null), least=None)
    if column.get_internal_type() == "DateField":
        return DayField(label=label, required=not column.blank)
    if column.get_internal_type() == "TimeField":
        return column.formfield(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **kwargs)
    if column.get_internal_type() == "TextField":
        return column.formfield(widget=forms.Textarea(attrs={"rows": 3}), **kwargs)
    if column.choices and column.get_internal_type() == "PositiveSmallIntegerField":
        choices = [(value, f"{value} {word}") for value, word in column.choices]
        return forms.TypedChoiceField(label=label, choices=choices, coerce=int)
    if column.get_internal_type() == "DecimalField":
        return RateField(label=label, max_digits=column.max_digits, decimal_places=column.decimal_places)
    if column.name in ACCOUNTS:
        return column.formfield(widget=AccountInput(), **kwargs)
    return column.formfield(**kwargs)
