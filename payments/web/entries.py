"""Open supplier entries: what may be paid, when and why then; registered by hand where no ERP voucher comes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from autopay_console.kernel import export, htmx
from autopay_console.kernel.forms import AccountField, AmountField, ConsoleForm, DayField
from autopay_console.kernel.listing import Tab, list_rows, sums
from autopay_console.kernel.search import Field, understand
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company, Currency, Supplier, VoucherType
from payments import planning, queries
from payments.choices import PaidStatus
from payments.models import SupplierEntry
from payments.web.posted import posted

OPEN = (PaidStatus.OPEN, PaidStatus.PARTLY)
FIELDS = (
    Field("supplier", "text", "supplier__name", gettext_lazy("Supplier"), example="supplier:nordlys"),
    Field("no", "number", "supplier__number", gettext_lazy("Supplier no."), example="no:50001"),
    Field("invoice", "exact", "invoice_no", gettext_lazy("Invoice"), example="invoice:10233"),
    Field("kid", "exact", "kid", gettext_lazy("KID")),
    Field("planned", "day", "planned_date", gettext_lazy("Planned"), example="planned<2026-12-01"),
    Field("due", "day", "due_date", gettext_lazy("Due"), example="due<2026-12-01"),
    Field("amount", "amount", "rest", gettext_lazy("Rest"), example="amount>10000"),
    Field("currency", "exact", "currency_id", gettext_lazy("Currency"), example="currency:EUR"),
    Field("held", "yes", "held", gettext_lazy("Held back"), example="held:yes"),
    Field("paid", "choice", "status", gettext_lazy("Paid status"), PaidStatus.choices),
)
SORTS = {"planned": "planned_date", "due": "due_date", "supplier": "supplier__name", "amount": "rest"}
VIEWS: tuple[tuple[str, Any, Q], ...] = (
    ("free", gettext_lazy("To be paid"), Q(status__in=OPEN, held=False) & ~Q(in_payment=F("rest"))),
    ("in_payment", gettext_lazy("In a payment"), Q(status__in=OPEN) & ~Q(in_payment=0)),
    ("held", gettext_lazy("Held back"), Q(status__in=OPEN, held=True)),
    ("open", gettext_lazy("All open"), Q(status__in=OPEN)),
    ("paid", gettext_lazy("Paid"), ~Q(status__in=OPEN)),
)
COLUMNS = [
    export.Column(gettext_lazy("Supplier no."), "supplier.number", "number"),
    export.Column(gettext_lazy("Supplier"), "supplier.name"),
    export.Column(gettext_lazy("Invoice no."), "invoice_no"),
    export.Column(gettext_lazy("Invoice date"), "entry_date", "day"),
    export.Column(gettext_lazy("Due date"), "due_date", "day"),
    export.Column(gettext_lazy("Planned payment date"), "planned_date", "day"),
    export.Column(gettext_lazy("Why then"), "planned_why"),
    export.Column(gettext_lazy("Amount"), "amount", "amount"),
    export.Column(gettext_lazy("Rest amount"), "rest", "amount"),
    export.Column(gettext_lazy("In payment"), "in_payment", "amount"),
    export.Column(gettext_lazy("Currency"), "currency_id"),
    export.Column(gettext_lazy("KID code"), "kid"),
]


def _free(text: str) -> Q:
    return Q(supplier__name__istartswith=text) | Q(invoice_no=text) | Q(kid=text)


@require_GET
@company_view()
def entries(request: ConsoleRequest, company: Company) -> HttpResponseBase:
    """The entries of one view; a query looks through all of them."""
    search = understand(request, FIELDS, free=_free, today=business_date(company))
    view = request.GET.get("view", "open" if search.text else "free")
    condition = next((where for name, _label, where in VIEWS if name == view), VIEWS[0][2])
    rows = queries.open_entries(company, payroll=request.rights.payroll).filter(condition)
    if export.wanted(request):
        found: QuerySet[SupplierEntry] = rows.filter(search.q).order_by("planned_date", "pk")
        return export.answer(request, "supplier entries", COLUMNS, found.iterator(chunk_size=2_000), search.text)
    listing = list_rows(request, rows, sorts=SORTS, default="planned", search=search)
    totals = sums(rows.filter(search.q), "currency_id", "rest") if listing.rows else []
    listing.totals, listing.totals_left_out = totals or (), totals is None
    here = reverse("suggestion")
    tabs = [Tab(label, f"{here}?view={name}", None, name == view) for name, label, _where in VIEWS]
    context = {
        "listing": listing,
        "tabs": tabs,
        "today": business_date(company),
        "may_change": request.rights.has(Role.ACCOUNTANT, Role.PAYROLL),
    }
    return htmx.render_page(request, "payments/entries.html", context, part="listing")


class EntryForm(ConsoleForm):
    """What the voucher of an invoice or credit note says."""

    supplier = forms.IntegerField(label=gettext_lazy("Supplier no."), min_value=1)
    invoice_no = forms.CharField(label=gettext_lazy("Invoice no."), max_length=35)
    amount = AmountField(label=gettext_lazy("Amount"), help_text=gettext_lazy("a credit note with a minus"))
    currency = forms.ModelChoiceField(label=gettext_lazy("Currency"), queryset=Currency.objects.order_by("code"))
    amount_booked = AmountField(
        label=gettext_lazy("Amount in company currency"),
        required=False,
        help_text=gettext_lazy("only for another currency"),
    )
    entry_date = DayField(label=gettext_lazy("Invoice date"))
    due_date = DayField(label=gettext_lazy("Due date"))
    discount_amount = AmountField(label=gettext_lazy("Cash discount"), required=False, least=Decimal(0))
    discount_date = DayField(label=gettext_lazy("Cash discount until"), required=False)
    voucher_no = forms.CharField(label=gettext_lazy("Voucher no."), max_length=20, required=False)
    voucher_type = forms.ModelChoiceField(
        label=gettext_lazy("Voucher type"), queryset=VoucherType.objects.none(), required=False
    )
    kid = forms.CharField(label=gettext_lazy("KID, OCR or RF"), max_length=35, required=False)
    account = AccountField(label=gettext_lazy("Bank account, when not the supplier's"), required=False)
    extra_text = forms.CharField(label=gettext_lazy("Message to the receiver"), max_length=200, required=False)
    held = forms.BooleanField(label=gettext_lazy("Hold back for now"), required=False)

    def __init__(self, company: Company, payroll: bool, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.company, self.payroll = company, payroll
        types: Any = self.fields["voucher_type"]
        types.queryset = VoucherType.objects.filter(company=company).order_by("number")

    def clean_supplier(self) -> Supplier:
        number = self.cleaned_data["supplier"]
        rows = Supplier.objects.filter(company=self.company, number=number)
        found = (rows if self.payroll else rows.filter(is_payroll=False)).first()
        if found is None:
            raise forms.ValidationError(_("There is no supplier %(number)s.") % {"number": number})
        return found

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if not amount:
            raise forms.ValidationError(_("An entry of nothing is no entry."))
        return amount

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        booked, currency = values.get("amount_booked"), values.get("currency")
        if currency and currency.pk != self.company.currency_id and booked is None:
            text = _("Write the amount in %(currency)s too.") % {"currency": self.company.currency_id}
            self.add_error("amount_booked", text)
        if booked is not None and values.get("amount") and (booked > 0) != (values["amount"] > 0):
            self.add_error("amount_booked", _("Both amounts must have the same sign."))
        return values

    def new_entry(self) -> planning.NewEntry:
        """The facts for the business side."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "supplier"}
        values["currency"] = values["currency"].pk
        values["discount_amount"] = values["discount_amount"] or Decimal(0)
        return planning.NewEntry(**values)


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT, Role.PAYROLL)
def register(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Register an invoice by hand; the answer says when it will be paid and why then."""
    today = business_date(company)
    initial = {"currency": company.currency_id, "entry_date": today}
    form = EntryForm(company, request.rights.payroll, posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                entry = planning.register_supplier_entry(company, form.cleaned_data["supplier"], form.new_entry())
        except IntegrityError:
            form.add_error("invoice_no", _("This supplier already has an entry with this invoice number."))
        else:
            text = _("%(invoice)s is registered, planned %(day)s. %(why)s") % {
                "invoice": entry.invoice_no,
                "day": entry.planned_date,
                "why": entry.planned_why,
            }
            return htmx.done(request, toast=text, refresh=("listing",), to="suggestion")
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "action": reverse("entry_new")}
    return htmx.render_dialog(request, "payments/entry_new.html", context, status=status)
