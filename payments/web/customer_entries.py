"""Open customer invoices: the list and registering one by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from autopay_console.kernel import days, export, htmx, listing
from autopay_console.kernel.forms import AmountField, ConsoleForm, DayField
from autopay_console.kernel.money import ZERO
from autopay_console.kernel.search import Field, narrow, understand
from companies.access import ConsoleRequest, company_view
from companies.calendars import FreeDays, calendars_for, planned_payment_date
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company, Currency, Customer
from payments import customer_registration
from payments.choices import EntryKind, PaidStatus
from payments.customer_registration import NewEntry, NotRegistered
from payments.lists import customer_queries
from payments.models import CustomerEntry
from payments.preparing.planning import said
from payments.reference_rules import make_rf
from payments.web.tabs import incoming_tabs

LONGEST_RF = 21  # characters of our own in an RF reference
FIELDS = (
    Field("status", "choice", "status", gettext_lazy("Status"), PaidStatus.choices),
    Field("kind", "choice", "kind", gettext_lazy("Kind"), EntryKind.choices),
    Field("invoice", "exact", "invoice_no", gettext_lazy("Invoice"), example="invoice:12345"),
    Field("customer", "text", "customer__name", gettext_lazy("Customer"), example="customer:fjord"),
    Field("number", "number", "customer__number", gettext_lazy("Customer no."), example="number:10001"),
    Field("kid", "exact", "kid", gettext_lazy("KID"), example="kid:00001234500000100011"),
    Field("due", "day", "due_date", gettext_lazy("Due"), example="due<2026-12"),
    Field("rest", "amount", "rest", gettext_lazy("Rest"), example="rest>=1000"),
    Field("amount", "amount", "amount", gettext_lazy("Amount"), example="amount>=1000"),
    Field("currency", "exact", "currency_id", gettext_lazy("Currency"), example="currency:EUR"),
)
SORTS = {"due": "due_date", "rest": "rest", "invoice": "invoice_no"}
COLUMNS = (
    export.Column(gettext_lazy("Customer no."), "customer.number", "number"),
    export.Column(gettext_lazy("Customer"), "customer.name"),
    export.Column(gettext_lazy("Kind"), "get_kind_display"),
    export.Column(gettext_lazy("Invoice"), "invoice_no"),
    export.Column(gettext_lazy("KID"), "kid"),
    export.Column(gettext_lazy("Invoice date"), "entry_date", "day"),
    export.Column(gettext_lazy("Due"), "due_date", "day"),
    export.Column(gettext_lazy("Amount"), "amount", "amount"),
    export.Column(gettext_lazy("Rest"), "rest", "amount"),
    export.Column(gettext_lazy("Currency"), "currency_id"),
    export.Column(gettext_lazy("Status"), "get_status_display"),
)


class EntryForm(ConsoleForm):
    """One invoice or credit note."""

    customer_no = forms.IntegerField(
        label=gettext_lazy("Customer no."), min_value=0, help_text=gettext_lazy("As in the list of customers.")
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=EntryKind.choices[:2])
    invoice_no = forms.CharField(label=gettext_lazy("Invoice no."), max_length=35)
    entry_date = DayField(label=gettext_lazy("Invoice date"))
    due_date = DayField(label=gettext_lazy("Due date"))
    amount = AmountField(
        label=gettext_lazy("Amount"), help_text=gettext_lazy("Without a sign; the kind says what it is.")
    )
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3)
    kid = forms.CharField(
        label=gettext_lazy("KID"),
        max_length=35,
        required=False,
        help_text=gettext_lazy(
            "As printed on the invoice. Empty: an RF reference is made where the country asks for it."
        ),
    )
    discount_amount = AmountField(label=gettext_lazy("Cash discount"), required=False)
    discount_date = DayField(label=gettext_lazy("Cash discount until"), required=False)

    def __init__(self, company: Company, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company = company

    def clean_customer_no(self) -> Customer:
        number = self.cleaned_data["customer_no"]
        rows = Customer.objects.filter(company=self.company, number=number)
        found = rows.select_related("country").first()
        if found is None:
            text = _("There is no customer %(number)s. Register the customer first.")
            raise forms.ValidationError(text % {"number": number})
        return found

    def clean_currency(self) -> Currency:
        code = self.cleaned_data["currency"].upper()
        found = Currency.objects.filter(code=code).first()
        if found is None:
            raise forms.ValidationError(_("%(code)s is no currency we know.") % {"code": code})
        return found

    def entry(self) -> NewEntry:
        """What was typed, as the business side takes it; an RF reference is made where the country asks for one."""
        facts = dict(self.cleaned_data)
        if not facts["kid"] and facts["customer_no"].country.create_rf and facts["invoice_no"].isalnum():
            facts["kid"] = make_rf(facts["invoice_no"].upper()) if len(facts["invoice_no"]) <= LONGEST_RF else ""
        facts["customer"] = facts.pop("customer_no")
        facts["kind"] = EntryKind(facts["kind"])
        facts["discount_amount"] = facts["discount_amount"] or ZERO
        return NewEntry(**facts)


@require_GET
@company_view()
def customer_entries(request: ConsoleRequest, company: Company) -> HttpResponseBase:
    """Invoices and credit notes of customers; open ones unless asked otherwise."""
    everything = request.GET.get("show") == "all"
    rows = customer_queries.entries(company) if everything else customer_queries.open_entries(company)
    search = understand(request, FIELDS, free=customer_queries.by_word, today=business_date(company))
    if export.wanted(request):
        found = narrow(rows, search).order_by("due_date", "id")
        return export.answer(request, "customer-entries", COLUMNS, found.iterator(chunk_size=2000), search.text)
    page = listing.list_rows(request, rows, sorts=SORTS, default="due", search=search)
    listing.add_sums(page, narrow(rows, search), "currency_id", "rest")
    context = {
        "listing": page,
        "everything": everything,
        "tabs": incoming_tabs("customer_entries"),
        "today": business_date(company),
        "may_register": request.rights.accountant,
    }
    return htmx.render_page(request, "payments/customer_entries/list.html", context, part="listing")


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def register_entry(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Register an invoice or credit note by hand; what was typed stays when something is wrong."""
    today = business_date(company)
    first = {"entry_date": today, "currency": company.currency_id, "kind": EntryKind.INVOICE}
    form = EntryForm(company, request.POST or None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            entry = customer_registration.register(company, form.entry())
        except NotRegistered as wrong:
            form.add_error(wrong.field, str(wrong))
        else:
            return htmx.done(request, toast=_said(company, entry), refresh=("listing",), to="customer_entries")
    context = {"form": form, "action": request.path}
    status = 422 if form.errors else 200
    return htmx.render_dialog(request, "payments/customer_entries/new.html", context, status=status)


def _said(company: Company, entry: CustomerEntry) -> str:
    """What was registered, its reference when one was made, and the day the money can come."""
    text = _("Invoice %(no)s is registered.") % {"no": entry.invoice_no}
    if entry.kid:
        text += " " + _("Its reference is %(kid)s.") % {"kid": entry.kid}
    calendars = calendars_for(company.country_id, entry.currency_id)
    expected = planned_payment_date(entry.due_date, FreeDays(frozenset({5, 6})), calendars)
    text += " " + _("Payment can be expected on %(day)s.") % {"day": days.short_day(expected.day)}
    return " ".join([text, *(said(reason) for reason in expected.reasons[:1])])
