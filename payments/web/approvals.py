"""Approval: uploaded payments that wait for a signature, and the details of one beside the list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from autopay_console.kernel import export, htmx
from autopay_console.kernel.listing import Listing, Tab, list_rows, picked
from autopay_console.kernel.search import Search, parse, understand
from companies.access import ConsoleRequest, company_view
from companies.clock import business_date, business_now
from companies.models import Company
from payments.choices import RoundState
from payments.lists import queries, queries_payment
from payments.models import Payment, PaymentTotal
from payments.preparing import rounds
from payments.preparing.mandates import mandates
from payments.releasing import approval, asking, queries_approval
from payments.web import cash
from payments.web.payment import find, hidden

SORTS = {"payment": "number", "leaves": "transfer_date", "lines": "line_count"}
STATES = {"": RoundState.WAITING, "approved": RoundState.RELEASED, "cancelled": RoundState.CANCELLED, "all": ""}
LINES = 25
ON_PAPER = 200


@require_GET
@company_view()
def approvals(request: ConsoleRequest, company: Company) -> HttpResponseBase:
    """The list, in two groups: what waits for you, and for somebody else; or the same as a file."""
    if export.wanted(request):
        state = STATES.get(request.GET.get("view", ""), RoundState.WAITING)
        search, rows = _narrowed(request, company, state, business_date(company))
        return export.answer(request, "approval", COLUMNS, _exported(rows), search.text)
    context = _list(request, company)
    if htmx.target_of(request) != "listing":  # with the page: what came later would push the list down
        listing: Listing = context["listing"]
        whole = context["waiting"] and not listing.search.text and listing.count == len(listing.rows)
        context["closing"] = queries_approval.closing_soon(company, listing.rows if whole else None)
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


@require_GET
@company_view()
def closing(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The note above the list: what leaves today only when it is approved soon, and who still can."""
    return htmx.render_page(
        request, "payments/_approval_closing.html", {"closing": queries_approval.closing_soon(company)}
    )


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
    today = business_date(company)
    search, rows = _narrowed(request, company, STATES.get(view, RoundState.WAITING), today)
    listing: Listing = list_rows(request, rows, sorts=SORTS, default="leaves" if not view else "-payment")
    listing.search, listing.path = search, reverse("approval")
    seats = queries_approval.seats(company, request.user, listing.rows, today, approver=request.rights.approver)
    for payment in listing.rows:
        seat = seats[payment.pk]
        payment.why_not, payment.for_whom = seat.why_not, seat.for_whom
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
        "print_url": listing_print_url(listing),
    }


def listing_print_url(listing: Listing) -> str:
    """The same list on paper."""
    written = listing.query.urlencode()
    return f"{reverse('approval_print')}?{written}" if written else reverse("approval_print")


def _narrowed(request: ConsoleRequest, company: Company, state: str, today: date) -> tuple[Search, QuerySet[Payment]]:
    search = understand(request, queries.FIELDS, today=today)
    rows = queries_approval.listed(company, state)
    return search, queries.narrowed(rows, search, company, payroll=request.rights.payroll)


@require_GET
@company_view()
def on_paper(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The list for a folder: sums, digests, who signed and who can, and lines to sign on. A4, at most 200 payments."""
    today = business_date(company)
    state = STATES.get(request.GET.get("view", ""), RoundState.WAITING)
    search, rows = _narrowed(request, company, state, today)
    payments: list[Any] = list(rows.order_by("first_date", "number")[:ON_PAPER])
    signatures = queries_approval.signatures_of(payments)
    for payment in payments:
        payment.leaves, payment.pressing = queries_approval.leaves(payment, today)
        payment.signed_by = signatures.get(payment.pk, [])
    context = {
        "payments": payments,
        "more": rows.count() - len(payments) if len(payments) == ON_PAPER else 0,
        "totals": queries.sums_of(rows) or [],
        "search": search,
        "back": reverse("approval"),
        "moment": business_now(company),
    }
    return htmx.render_page(request, "payments/approval_print.html", context)


COLUMNS = [
    export.Column(gettext_lazy("Payment"), "payment.number", "number"),
    export.Column(gettext_lazy("Description"), "payment.description"),
    export.Column(gettext_lazy("Uploaded by"), "payment.uploaded_by.shown"),
    export.Column(gettext_lazy("Uploaded"), "payment.uploaded_at", "moment"),
    export.Column(gettext_lazy("State"), "payment.get_round_state_display"),
    export.Column(gettext_lazy("Approved"), "payment.given", "number"),
    export.Column(gettext_lazy("Needed"), "payment.needed", "number"),
    export.Column(gettext_lazy("Bank partner"), "payment.bank_partner.name"),
    export.Column(gettext_lazy("Account"), "payment.bank_partner.account"),
    export.Column(gettext_lazy("First due date"), "payment.first_date", "day"),
    export.Column(gettext_lazy("Last due date"), "payment.last_date", "day"),
    export.Column(gettext_lazy("Transactions"), "lines", "number"),
    export.Column(gettext_lazy("Amount"), "amount", "amount"),
    export.Column(gettext_lazy("Currency"), "currency_id"),
    export.Column(gettext_lazy("Warnings"), "payment.warning_count", "number"),
    export.Column(gettext_lazy("Digest"), "payment.digest"),
]


def _exported(rows: QuerySet[Payment]) -> Iterator[PaymentTotal]:
    """One row per payment and currency, so that a column never holds two currencies' sum."""
    for payment in rows.order_by("-number").iterator(chunk_size=1_000):
        for total in payment.totals.all():
            total.payment = payment
            yield total


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
    signs = request.rights.approver or bool(mandates(payment, request.user))
    lines = [] if secret else list(queries_payment.lines(payment).order_by("-amount")[:LINES])
    waiting = payment.round_state == RoundState.WAITING
    payment.leaves, payment.pressing = queries_approval.leaves(payment, business_date(payment.company))
    gone = approval.date_gone(payment) if waiting else None
    people = [asking.named(one.person, one.for_whom) for one in queries_approval.who_may(payment)] if waiting else []
    context = {
        "payment": payment,
        "totals": list(payment.totals.order_by("-lines", "currency_id")),
        "hidden": secret,
        "refusal": refusal,
        "gone": gone,
        "may_move": gone is not None and signs,
        "may_amend": waiting and signs and payment.given == 0 and not secret,
        "may_cancel": payment.round_state in approval.OPEN and (signs or request.rights.has(*approval.MAY_CANCEL)),
        "seconds_left": approval.seconds_left(payment),
        "signatures": queries_approval.signatures(payment),
        "who_may": people,
        "missing": payment.needed - payment.given,
        "reasons": _reasons(payment) if waiting else [],
        "told": queries_approval.told(payment) if waiting else [],
        "lines": lines,
        "more_lines": max(payment.line_count - len(lines), 0),
        "stands_out": [] if secret else queries_approval.stands_out(payment),
        "accepted": [] if secret else queries_approval.accepted(payment),
        "notes": queries_approval.notes(payment),
        "close_url": reverse("approval"),
        "drawer_url": reverse("approval_one", args=[payment.number]),
    }
    return context | (cash.of_payment(payment) if waiting else {})


def _reasons(payment: Payment) -> list[rounds.Reason]:
    """Why so many must sign; nothing when the rules were changed after the upload and would now say otherwise."""
    found = rounds.reasons(payment)
    return found if min(sum(one.people for one in found), rounds.MOST_NEEDED) == payment.needed else []
