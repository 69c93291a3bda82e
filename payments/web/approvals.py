"""Approval: uploaded payments that wait for a signature, and the details of one beside the list."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from autopay_console.kernel import htmx
from autopay_console.kernel.listing import Listing, Tab, list_rows, picked
from autopay_console.kernel.search import parse, understand
from companies.access import ConsoleRequest, company_view
from companies.clock import business_date
from companies.models import Company
from payments import approval, queries, queries_approval, queries_payment
from payments.choices import RoundState
from payments.models import Payment
from payments.web.payment import find, hidden

SORTS = {"payment": "number", "leaves": "transfer_date", "lines": "line_count"}
STATES = {"": RoundState.WAITING, "approved": RoundState.RELEASED, "cancelled": RoundState.CANCELLED, "all": ""}
LINES = 25


@require_GET
@company_view()
def approvals(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The list, in two groups: what waits for you, and for somebody else."""
    context = _list(request, company)
    return htmx.render_page(request, "payments/approval.html", context, part="listing")


@require_GET
@company_view()
def one(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """The details of one payment: beside the list, or on its own on a phone."""
    payment = _uploaded(request, company, number)
    context = _details(request, payment)
    if htmx.target_of(request) == "drawer":
        return htmx.render_page(request, "payments/_approval_drawer.html", context)
    context |= _list(request, company) | {"open": True}
    return htmx.render_page(request, "payments/approval.html", context, part="listing")


@require_POST
@company_view()
def sum_of_ticks(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Count and sums of the ticked payments; only the server adds money."""
    rows = ticked(request, company)
    many = sum(rows.values_list("warning_count", flat=True)[:1000])
    warnings = [ngettext("%(n)s warning", "%(n)s warnings", many) % {"n": many}] if many else []
    context = {"totals": queries.sums_of(rows) or (), "warnings": warnings}
    return htmx.render_page(request, "components/bulk_sum.html", context)


def ticked(request: ConsoleRequest, company: Company) -> QuerySet[Payment]:
    """Waiting payments among the ticked ones; "select all" takes those that match the query."""
    rows = queries_approval.listed(company, RoundState.WAITING)
    if request.POST.get("all") == "1":
        search = parse(request.POST.get("q", ""), queries.FIELDS, today=business_date(company))
        return queries.narrowed(rows, search, company, payroll=request.rights.payroll)
    return picked(request, rows, key="number")


def _list(request: ConsoleRequest, company: Company) -> dict[str, Any]:
    view = request.GET.get("view", "")
    state = STATES.get(view, RoundState.WAITING)
    today = business_date(company)
    search = understand(request, queries.FIELDS, today=today)
    rows = queries.narrowed(queries_approval.listed(company, state), search, company, payroll=request.rights.payroll)
    listing: Listing = list_rows(request, rows, sorts=SORTS, default="leaves" if not view else "-payment")
    listing.search, listing.path = search, reverse("approval")
    reasons = queries_approval.why_not(company, request.user, listing.rows, today)
    for payment in listing.rows:
        payment.why_not = reasons.get(payment.pk, "")
        payment.leaves, payment.pressing = queries_approval.leaves(payment, today)
        payment.seconds_left = approval.seconds_left(payment)
    mine = [payment for payment in listing.rows if not payment.why_not]
    others = [payment for payment in listing.rows if payment.why_not]
    groups = [(_("You can approve"), mine), (_("Waits for somebody else") if not view else "", others)]
    return {
        "listing": listing,
        "groups": [(label, some) for label, some in groups if some],
        "tabs": _tabs(company, view),
        "waiting": not view,
    }


def _tabs(company: Company, view: str) -> list[Tab]:
    here, counts = reverse("approval"), queries_approval.counts(company)
    words = {"": _("Waiting"), "approved": _("Approved"), "cancelled": _("Cancelled"), "all": _("All")}
    return [
        Tab(
            label,
            f"{here}?view={name}" if name else here,
            counts.get(STATES[name], 0) if STATES[name] else None,
            name == view,
        )
        for name, label in words.items()
    ]


def _uploaded(request: ConsoleRequest, company: Company, number: int) -> Payment:
    payment = find(request, company, number)
    if payment.round_state == RoundState.DRAFT or not payment.needed:
        raise Http404
    return payment


def _details(request: ConsoleRequest, payment: Any) -> dict[str, Any]:
    refusal = approval.refusal(payment, request.user)
    secret = hidden(request, payment)
    lines = [] if secret else list(queries_payment.lines(payment).order_by("-amount")[:LINES])
    waiting = payment.round_state == RoundState.WAITING
    payment.leaves, payment.pressing = queries_approval.leaves(payment, business_date(payment.company))
    return {
        "payment": payment,
        "totals": list(payment.totals.order_by("-lines", "currency_id")),
        "hidden": secret,
        "refusal": refusal,
        "may_move": waiting and request.rights.approver and refusal is not None and refusal.code == "date_passed",
        "may_amend": waiting and request.rights.approver and payment.given == 0 and not secret,
        "may_cancel": payment.round_state in approval.OPEN and request.rights.has(*approval.MAY_CANCEL),
        "seconds_left": approval.seconds_left(payment),
        "signatures": queries_approval.signatures(payment),
        "who_may": queries_approval.who_may(payment) if waiting else [],
        "missing": payment.needed - payment.given,
        "lines": lines,
        "more_lines": max(payment.line_count - len(lines), 0),
        "stands_out": [] if secret else queries_approval.stands_out(payment),
        "accepted": [] if secret else queries_approval.accepted(payment),
        "close_url": reverse("approval"),
    }
