"""All incoming payments, those that may be paid twice, and one payment that is decided."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from autopay_console.kernel import export, htmx, listing
from autopay_console.kernel.search import Field, narrow, understand
from companies.access import ConsoleRequest, company_view
from companies.clock import business_date
from companies.models import Company
from payments.choices import IncomingState, ParkReason, Rule
from payments.lists import bank_file_views, incoming_lists, journal_queries
from payments.web.tabs import incoming_tabs

FIELDS = (
    Field("state", "choice", "state", gettext_lazy("State"), IncomingState.choices),
    Field("reason", "choice", "reason", gettext_lazy("Parked because"), ParkReason.choices),
    Field("rule", "choice", "rule", gettext_lazy("Matched by"), Rule.choices),
    Field("value", "day", "value_date", gettext_lazy("Value date"), example="value>=2026-11"),
    Field("amount", "amount", "amount", gettext_lazy("Amount"), example="amount>=1000"),
    Field("currency", "exact", "currency_code", gettext_lazy("Currency"), example="currency:EUR"),
    Field("payer", "text", "payer_name", gettext_lazy("Payer"), example="payer:fjord"),
    Field("account", "exact", "payer_account", gettext_lazy("Payer account"), example="account:97100000013"),
    Field("kid", "exact", "reference", gettext_lazy("KID or reference"), example="kid:00001234500000100011"),
    Field("file", "text", "file__digest", gettext_lazy("File (digest)"), example="file:4be1"),
)
SORTS = {"value": "value_date", "amount": "amount", "payer": "payer_name"}
COLUMNS = (
    export.Column(gettext_lazy("Value date"), "value_date", "day"),
    export.Column(gettext_lazy("Payer"), "payer_name"),
    export.Column(gettext_lazy("Payer account"), "payer_account"),
    export.Column(gettext_lazy("KID or reference"), "reference"),
    export.Column(gettext_lazy("Message"), "text"),
    export.Column(gettext_lazy("Amount"), "amount", "amount"),
    export.Column(gettext_lazy("Rest"), "rest", "amount"),
    export.Column(gettext_lazy("Currency"), "currency_code"),
    export.Column(gettext_lazy("State"), "get_state_display"),
    export.Column(gettext_lazy("Matched by"), "get_rule_display"),
    export.Column(gettext_lazy("Parked because"), "get_reason_display"),
    export.Column(gettext_lazy("Explanation"), "explanation"),
    export.Column(gettext_lazy("Receiving account"), "account"),
    export.Column(gettext_lazy("Bank reference"), "bank_reference"),
    export.Column(gettext_lazy("File"), "file.name"),
)


@require_GET
@company_view()
def incoming_all(request: ConsoleRequest, company: Company) -> HttpResponseBase:
    """Every payment with its state, the rule that matched it or the reason that parked it."""
    rows = incoming_lists.payments(company)
    search = understand(request, FIELDS, free=incoming_lists.by_word, today=business_date(company))
    if export.wanted(request):
        found = narrow(rows, search).order_by("-value_date", "id")
        return export.answer(request, "incoming", COLUMNS, found.iterator(chunk_size=2000), search.text)
    page = listing.list_rows(request, rows, sorts=SORTS, default="-value", search=search)
    listing.add_sums(page, narrow(rows, search), "currency_code", "amount")
    context = {
        "listing": page,
        "tabs": incoming_tabs("incoming_all"),
        "reasons_url": page.url(reasons="1"),
        **_reasons(request, company),
    }
    return htmx.render_page(request, "payments/incoming/list.html", context, part=("listing", "reasons"))


def _reasons(request: ConsoleRequest, company: Company) -> dict[str, Any]:
    """What is parked by reason: at once when it is not much, else when somebody asks for it."""
    if htmx.target_of(request) == "listing":
        return {}
    asked = request.GET.get("reasons") == "1" or incoming_lists.few_parked(company)
    return {"reasons": incoming_lists.totals_by_reason(company) if asked else (), "reasons_left_out": not asked}


@require_GET
@company_view()
def double_payments(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Parked payments whose invoice is settled already, beside what settled it."""
    rows = incoming_lists.doubles(company)
    page = listing.list_rows(request, rows, sorts={"value": "value_date", "amount": "amount"}, default="value")
    before = incoming_lists.paid_before(page.rows)
    page.extra["rows"] = [(row, before.get(row.pk, [])) for row in page.rows]
    context = {"listing": page, "tabs": incoming_tabs("double_payments"), "may_resolve": request.rights.accountant}
    return htmx.render_page(request, "payments/incoming/doubles.html", context, part="listing")


@require_GET
@company_view()
def incoming_payment(request: ConsoleRequest, company: Company, payment_id: UUID) -> HttpResponse:
    """One payment: a parked one opens where it is resolved, any other shows what it became."""
    found = incoming_lists.payment(company, payment_id)
    if found is None:
        raise Http404
    if found.state == IncomingState.PARKED and request.GET.get("look") != "1":
        return redirect("resolve", payment_id=payment_id)
    parts = journal_queries.incoming_parts(found)
    context = {
        "payment": found,
        "parts": parts,
        "xml": bank_file_views.entry_source(found.entry),
        "may_undo": request.rights.accountant and bool(parts or found.state == IncomingState.REFUND),
    }
    return htmx.render_page(request, "payments/incoming/payment.html", context)
