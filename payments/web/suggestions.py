"""The suggestion dialog: all criteria of the guide on the left, what OK would do on the right, before anything is
marked."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from autopay_console.kernel import htmx
from autopay_console.kernel.forms import AmountField, ConsoleForm, DayField
from autopay_console.kernel.numbers import as_key
from companies.access import ConsoleRequest, Rights, company_view
from companies.choices import Role
from companies.models import BankPartner, Company
from payments.choices import RoundState
from payments.models import Payment
from payments.preparing.criteria import Criteria, NotPossible, Order
from payments.preparing.selection import payable_partners
from payments.suggesting import suggestion
from payments.web import suggestion_saved
from payments.web.posted import posted
from payments.web.suggestion_preview import Ticks, shown

PAYERS = (Role.ACCOUNTANT, Role.PAYROLL)


@dataclass(frozen=True, slots=True)
class Desk:
    """What may be chosen: bank partners that can pay, and payments still at 1 that this person may add to."""

    partners: list[BankPartner]
    drafts: list[Payment]

    @classmethod
    def of(cls, company: Company, rights: Rights) -> Desk:
        """Two queries."""
        partners = [one.bank_partner for one in payable_partners(company).values()]
        drafts = Payment.objects.filter(company=company, round_state=RoundState.DRAFT).order_by("-number")
        if not rights.payroll:
            drafts = drafts.filter(salary=False)
        return cls(sorted(partners, key=lambda one: one.number), list(drafts[:50]))


class SuggestionForm(ConsoleForm):
    """The criteria. Names are those of the guide's dialog."""

    up_to = DayField(
        label=gettext_lazy("Entries due up to and including"),
        help_text=gettext_lazy("planned payment date; today plus the company's suggestion days"),
    )
    transfer_date = DayField(
        label=gettext_lazy("Transmission date"),
        help_text=gettext_lazy("today or later, not later than the date above"),
    )
    largest_amount = AmountField(
        label=gettext_lazy("Largest amount"),
        required=False,
        least=Decimal("0.01"),
        help_text=gettext_lazy("in company currency; stops at the supplier that would pass it"),
    )
    order = forms.ChoiceField(label=gettext_lazy("Take in this order"), choices=Order.choices)
    payment_number = forms.TypedChoiceField(
        label=gettext_lazy("Put into"), required=False, coerce=int, empty_value=None
    )
    bank_partner = forms.ModelChoiceField(label=gettext_lazy("Bank partner"), queryset=BankPartner.objects.none())
    use_supplier_partner = forms.BooleanField(label=gettext_lazy("Use bank partner from supplier"), required=False)
    only_selected_partner = forms.BooleanField(label=gettext_lazy("Only for selected bank partner"), required=False)
    description = forms.CharField(label=gettext_lazy("Description"), max_length=80, required=False)
    keep_as = forms.CharField(label=gettext_lazy("Keep these criteria as"), max_length=60, required=False)

    def __init__(self, desk: Desk, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partners: Any = self.fields["bank_partner"]
        partners.queryset = BankPartner.objects.filter(pk__in=[one.pk for one in desk.partners]).order_by("number")
        partners.choices = [(one.pk, str(one)) for one in desk.partners]  # shown from what the desk has read already
        number: Any = self.fields["payment_number"]
        number.choices = [("", _("A new payment"))] + [(one.number, _named(one)) for one in desk.drafts]

    def criteria(self, ticks: Ticks) -> Criteria:
        """What the business side is asked for, without what was unticked."""
        facts = {name: value for name, value in self.cleaned_data.items() if name != "keep_as"}
        return Criteria(**facts, without_entries=ticks.entries, without_suppliers=ticks.suppliers)


def _named(payment: Payment) -> str:
    many = payment.line_count
    lines = ngettext("%(n)s line", "%(n)s lines", many) % {"n": many}
    return _("Payment %(number)s, %(lines)s") % {"number": payment.number, "lines": lines}


@require_http_methods(["GET", "POST"])
@company_view(*PAYERS)
def new(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The dialog; OK makes the payments and leads to the first one's lines."""
    desk = Desk.of(company, request.rights)
    initial = _first(company, request, desk)
    form = SuggestionForm(desk, posted(request), initial=initial)
    said = ""
    if request.method == "POST" and (forgotten := request.POST.get("forget", "")):
        if suggestion_saved.forget(company, request.user, as_key(forgotten)):
            said = _("These criteria are gone.")
    elif request.method == "POST" and form.is_valid():
        criteria = form.criteria(Ticks.of(request.POST))
        if request.POST.get("keep"):
            said = _kept(company, request, form, criteria)
        elif (made := _create(company, request, form, criteria)) is not None:
            return _made(request, made)
    context = {
        "form": form,
        "action": reverse("suggestion_new"),
        "company": company,
        "partners": bool(desk.partners),
        "saved": suggestion_saved.saved(company, request.user),
        "said": said,
        **_preview(company, request, form),
    }
    status = 422 if request.method == "POST" and not said else 200
    return htmx.render_dialog(request, "payments/suggestion_new.html", context, status=status)


def _create(
    company: Company, request: ConsoleRequest, form: SuggestionForm, criteria: Criteria
) -> suggestion.Made | None:
    try:
        return suggestion.create(company, criteria, request.user)
    except NotPossible as error:
        form.add_error(error.field, error.text)
    except suggestion.NothingToPay as error:
        form.add_error(None, str(error))
    return None


def _kept(company: Company, request: ConsoleRequest, form: SuggestionForm, criteria: Criteria) -> str:
    name = form.cleaned_data["keep_as"].strip()
    if not name:
        form.add_error("keep_as", _("Give the criteria a name."))
        return ""
    suggestion_saved.keep(company, request.user, name, criteria)
    return _("“%(name)s” is kept.") % {"name": name}


def _made(request: HttpRequest, made: suggestion.Made) -> HttpResponse:
    numbers = ", ".join(str(payment.number) for payment in made.payments)
    entries = ngettext("%(n)s entry", "%(n)s entries", made.entries) % {"n": made.entries}
    words = ngettext("Payment %(numbers)s: %(entries)s.", "Payments %(numbers)s: %(entries)s.", len(made.payments))
    to = reverse("draft", args=[made.payment.number]) if len(made.payments) == 1 else reverse("payments")
    return htmx.done(request, toast=words % {"numbers": numbers, "entries": entries}, to=to, go=True)


def _first(company: Company, request: ConsoleRequest, desk: Desk) -> dict[str, Any]:
    """What the dialog shows first; `?payment=` adds to that payment, by its bank partner."""
    into = request.GET.get("payment", "")
    draft = next((one for one in desk.drafts if str(one.number) == into), None)
    partners = [one for one in desk.partners if draft is None or one.pk == draft.bank_partner_id]
    if not partners:
        return {}
    usual = Criteria.usual(company, partners[0])
    known = {one.number: one for one in partners}
    return {
        "up_to": usual.up_to,
        "transfer_date": usual.transfer_date,
        "order": usual.order,
        "bank_partner": partners[0],
        "payment_number": draft.number if draft else None,
    } | suggestion_saved.initial(company, request.user, request.GET.get("saved", ""), known)


@require_GET
@company_view(*PAYERS)
def preview(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The right side of the dialog, asked for again at every change of a criterion."""
    form = SuggestionForm(Desk.of(company, request.rights), request.GET)
    form.is_valid()
    return htmx.render_page(request, "payments/_suggestion_preview.html", _preview(company, request, form))


def _preview(company: Company, request: ConsoleRequest, form: SuggestionForm) -> dict[str, Any]:
    """What these criteria would do, or what is wrong with them."""
    if form.is_bound and not form.is_valid():
        return {"wrong": [_of_field(form, name, error) for name in form.errors for error in form.errors[name]]}
    if not form.is_bound and not form.initial:
        return {"wrong": [_("No bank partner has an active AutoPay agreement for outgoing payments.")]}
    sent = request.POST if request.method == "POST" else request.GET
    criteria = form.criteria(Ticks.of(sent)) if form.is_bound else Criteria(**form.initial)
    try:
        found = suggestion.preview(company, criteria)
    except NotPossible as error:
        return {"wrong": [_of_field(form, error.field, error.text)]}
    return {"shown": shown(company, found, request.rights)}


def _of_field(form: SuggestionForm, name: str, error: object) -> str:
    """The error with the field it belongs to: it stands away from the field here."""
    return f"{form.fields[name].label}: {error}" if name in form.fields else str(error)
