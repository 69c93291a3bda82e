"""Journal: the list of batches, one batch with its vouchers, and posting one that waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from autopay_console.kernel import export, htmx, listing
from autopay_console.kernel.search import Field, understand
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company
from payments.choices import BatchKind, BatchState
from payments.lists import journal_queries
from payments.lists.account_names import account_names
from payments.models import Batch, Voucher
from payments.month_end import journal_acts
from payments.web import journal_export
from payments.web.tabs import journal_tabs

STATES = [(value, label) for value, label in BatchState.choices if value != BatchState.BUILDING]
FIELDS = (
    Field("number", "number", "number", gettext_lazy("Batch"), example="number:1283"),
    Field("state", "choice", "state", gettext_lazy("State"), STATES),
    Field("kind", "choice", "kind", gettext_lazy("Kind"), BatchKind.choices),
    Field("value", "day", "value_date", gettext_lazy("Value date"), example="value>=2026-11"),
    Field("amount", "amount", "debit_total", gettext_lazy("Amount"), example="amount>=1000"),
    Field("payment", "number", "payment__number", gettext_lazy("Payment"), example="payment:20412"),
    Field("text", "text", "text", gettext_lazy("Text"), example="text:camt"),
)
SORTS = {"number": "number", "value": "value_date", "amount": "debit_total"}
COLUMNS = (
    export.Column(gettext_lazy("Batch"), "number", "number"),
    export.Column(gettext_lazy("Kind"), "get_kind_display"),
    export.Column(gettext_lazy("Text"), "text"),
    export.Column(gettext_lazy("State"), "get_state_display"),
    export.Column(gettext_lazy("Value date"), "value_date", "day"),
    export.Column(gettext_lazy("Vouchers"), "voucher_count", "number"),
    export.Column(gettext_lazy("Amount"), "debit_total", "amount"),
    export.Column(gettext_lazy("Currency"), "company.currency_id"),
    export.Column(gettext_lazy("Posted"), "posted_at", "moment"),
)


@require_GET
@company_view()
def journal(request: ConsoleRequest, company: Company) -> HttpResponseBase:
    """All batches, newest first."""
    rows = journal_queries.batches(company)
    search = understand(request, FIELDS, today=business_date(company))
    if export.wanted(request):
        found = rows.filter(search.q).select_related("company").order_by("-number")
        return export.answer(request, "journal", COLUMNS, found.iterator(chunk_size=2000), search.text)
    page = listing.list_rows(request, rows, sorts=SORTS, default="-number", search=search)
    context = {"listing": page, "tabs": journal_tabs("journal"), "currency": company.currency_id}
    return htmx.render_page(request, "payments/journal/list.html", context, part="listing")


@require_GET
@company_view()
def batch(request: ConsoleRequest, company: Company, number: int) -> HttpResponseBase:
    """One batch: sums, vouchers with postings, what they closed."""
    found = _batch(company, number)
    rows = journal_queries.vouchers(company, payroll=request.rights.payroll).filter(batch=found)
    if request.GET.get("export"):
        return journal_export.answer(request, company, rows, f"batch {number}")
    hidden = found.payment is not None and found.payment.salary and not request.rights.payroll
    page = listing.list_rows(
        request, journal_queries.with_postings(rows), sorts={"no": "position"}, default="no", part="vouchers"
    )
    context = {
        "batch": found,
        "listing": page,
        "hidden": hidden,
        "names": account_names(company),
        "matches": [] if hidden else journal_queries.matches_of(page.rows),
        "next": journal_queries.neighbour(company, found),
        "difference": found.debit_total - found.credit_total,
        "numbers": _numbers(found, page.rows),
        "printed": timezone.localtime(),
        "events": _events(found),
        "may_post": request.rights.accountant and found.state == BatchState.WAITING,
    }
    return htmx.render_page(request, "payments/journal/batch.html", context, part="vouchers")


@require_http_methods(["GET", "POST"])
@company_view(Role.ACCOUNTANT)
def post_batch(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """Post a batch that waits: the dialog repeats what is posted, a batch that cannot be posted says why."""
    found = _batch(company, number)
    context: dict[str, Any] = {"batch": found, "action": request.path}
    if request.method == "POST" and found.state == BatchState.WAITING:
        found = journal_acts.post(found, request.user)
        if found.state != BatchState.POSTED:
            return htmx.render_dialog(
                request, "payments/journal/post.html", {**context, "batch": found, "refused": True}, status=422
            )
    if found.state == BatchState.POSTED:
        toast = _("Batch %(number)s is posted") % {"number": number}
        return htmx.done(request, toast=toast, to=reverse("batch", args=[number]), go=True)
    return htmx.render_dialog(request, "payments/journal/post.html", context)


def _batch(company: Company, number: int) -> Batch:
    found = journal_queries.batch_numbered(company, number)
    if found is None:
        raise Http404
    return found


def _numbers(batch: Batch, shown: Sequence[Voucher]) -> tuple[int, int] | None:
    """First and last voucher number; they follow each other because one counter gave them."""
    if not shown or shown[0].number is None:
        return None
    first = shown[0].number - shown[0].position + 1
    return first, first + batch.voucher_count - 1


def _events(batch: Batch) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    if batch.posted_at:
        by = batch.posted_by.shown if batch.posted_by else ""
        text = by or _("automatically, as the bank partner says")
        events.append({"at": batch.posted_at, "title": _("Batch posted"), "text": text, "tone": "good"})
    if batch.waits_for:
        events.append({"at": None, "title": _("Could not be posted"), "text": batch.waits_for, "tone": "warn"})
    made = {"at": batch.created_at, "title": _("Batch made"), "text": batch.text, "tone": "good"}
    if batch.file:
        made |= {"url": reverse("bank_file", args=[batch.file_id]), "link": str(batch.file)}
    return [*events, made]
