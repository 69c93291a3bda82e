"""Overview: every payment of the company, found again by anything that is known about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from autopay_console.kernel import export, htmx
from autopay_console.kernel.forms import ConsoleForm
from autopay_console.kernel.listing import Listing, Tab, add_sums, list_rows
from autopay_console.kernel.search import understand
from companies.access import ConsoleRequest, company_view
from companies.clock import business_date
from companies.models import Company, SavedView
from payments import desk
from payments.lists import queries
from payments.models import Payment, PaymentTotal
from payments.web.posted import posted

PAGE = "overview"
SORTS = {
    "payment": "number",
    "created": "created_at",
    "status": "status",
    "transactions": "item_count",
    "due": "transfer_date",
}
BUILT_IN = (
    (gettext_lazy("All"), ""),
    (gettext_lazy("Not settled"), "line:1,8,2,3"),
    (gettext_lazy("Waiting for bank"), "line:2,3"),
    (gettext_lazy("Rejected"), "line:4,10"),
    (gettext_lazy("Returned"), "returned:yes"),
)


@require_GET
@company_view()
def overview(request: ConsoleRequest, company: Company) -> HttpResponseBase:
    """All payments, one row each, with sums per currency."""
    search = understand(request, queries.FIELDS, today=business_date(company))
    rows = queries.narrowed(queries.payments(company), search, company, payroll=request.rights.payroll)
    if request.GET.get("export"):
        return export.answer(request, "payments", COLUMNS, _exported(rows), search.text)
    listing = list_rows(request, rows, sorts=SORTS, default="-payment")
    listing.search = search
    add_sums(listing, queries.totals_of(rows), "currency_id", "amount")
    listing.extra["save_url"] = f"{reverse('overview_save')}?q={quote(search.text)}"
    context = {"listing": listing, "tabs": _tabs(request, company, listing)}
    return htmx.render_page(request, "payments/overview.html", context, part="listing")


def _tabs(request: ConsoleRequest, company: Company, listing: Listing) -> list[Tab]:
    saved = SavedView.objects.filter(company=company, person=request.user, page=PAGE).order_by("name")
    views: Iterable[tuple[Any, str]] = [*BUILT_IN, *saved.values_list("name", "query")]
    here, text = reverse("overview"), listing.search.text
    found = []
    for name, query in views:
        current = query == text
        url = f"{here}?q={quote(query, safe=':,<>=')}" if query else here
        found.append(Tab(name, url, listing.count if current else None, current))
    return found


COLUMNS = [
    export.Column(gettext_lazy("Payment"), "payment.number", "number"),
    export.Column(gettext_lazy("Description"), "payment.description"),
    export.Column(gettext_lazy("Created on"), "payment.created_at", "moment"),
    export.Column(gettext_lazy("Status"), "payment.status", "number"),
    export.Column(gettext_lazy("Status in words"), "payment.get_status_display"),
    export.Column(gettext_lazy("Batch"), "payment.get_word_display"),
    export.Column(gettext_lazy("Bank partner"), "payment.bank_partner.name"),
    export.Column(gettext_lazy("Lines"), "lines", "number"),
    export.Column(gettext_lazy("First due date"), "payment.first_date", "day"),
    export.Column(gettext_lazy("Last due date"), "payment.last_date", "day"),
    export.Column(gettext_lazy("Amount"), "amount", "amount"),
    export.Column(gettext_lazy("Currency"), "currency_id"),
]


def _exported(rows: QuerySet[Payment]) -> Iterator[PaymentTotal]:
    """One row per payment and currency, so that a column never holds two currencies' sum."""
    for payment in rows.order_by("-number").iterator(chunk_size=1_000):
        for total in payment.totals.all():
            total.payment = payment
            yield total


class SavedViewForm(ConsoleForm):
    """A name for the search one looks at."""

    name = forms.CharField(label=gettext_lazy("Name of the view"), max_length=60)
    q = forms.CharField(widget=forms.HiddenInput, max_length=500)


@require_http_methods(["GET", "POST"])
@company_view()
def save_view(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Keep the search as a tab of one's own."""
    form = SavedViewForm(posted(request), initial={"q": " ".join(request.GET.getlist("q"))})
    if request.method == "POST" and form.is_valid():
        name, query = form.cleaned_data["name"], form.cleaned_data["q"]
        desk.keep_view(company, request.user, PAGE, name, query)
        to = f"{reverse('overview')}?q={quote(query)}"
        return htmx.done(request, toast=_("“%(name)s” is a tab now.") % {"name": name}, to=to, go=True)
    saved = SavedView.objects.filter(company=company, person=request.user, page=PAGE).order_by("name")
    context = {"form": form, "action": reverse("overview_save"), "saved": saved}
    status = 422 if request.method == "POST" else 200
    return htmx.render_dialog(request, "payments/overview_save.html", context, status=status)


@require_POST
@company_view()
def forget_view(request: ConsoleRequest, company: Company, pk: int) -> HttpResponse:
    """Take one of one's own tabs away."""
    get_object_or_404(SavedView, company=company, person=request.user, page=PAGE, pk=pk).delete()
    return htmx.done(request, toast=_("The view is gone."), to="overview", go=True)
