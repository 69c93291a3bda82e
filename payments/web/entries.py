"""Open supplier entries: what may be paid, when and why then."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from autopay_console.kernel import export, htmx
from autopay_console.kernel.listing import Tab, add_sums, list_rows
from autopay_console.kernel.search import Field, understand
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company
from payments.choices import STILL_OPEN, PaidStatus
from payments.lists import queries
from payments.models import SupplierEntry

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
    ("free", gettext_lazy("To be paid"), Q(status__in=STILL_OPEN, held=False) & ~Q(in_payment=F("rest"))),
    ("in_payment", gettext_lazy("In a payment"), Q(status__in=STILL_OPEN) & ~Q(in_payment=0)),
    ("held", gettext_lazy("Held back"), Q(status__in=STILL_OPEN, held=True)),
    ("open", gettext_lazy("All open"), Q(status__in=STILL_OPEN)),
    ("paid", gettext_lazy("Paid"), ~Q(status__in=STILL_OPEN)),
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
    add_sums(listing, rows.filter(search.q), "currency_id", "rest")
    here = reverse("suggestion")
    tabs = [Tab(label, f"{here}?view={name}", None, name == view) for name, label, _where in VIEWS]
    context = {
        "listing": listing,
        "tabs": tabs,
        "today": business_date(company),
        "may_change": request.rights.has(Role.ACCOUNTANT, Role.PAYROLL),
    }
    return htmx.render_page(request, "payments/entries.html", context, part="listing")
