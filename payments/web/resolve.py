"""Resolving: parked payments one after the other, with the keyboard alone. Payment, proposals, split."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from autopay_console.kernel import htmx
from autopay_console.kernel.numbers import as_keys, as_number
from companies.access import ConsoleRequest, company_view
from companies.clock import business_date
from companies.models import Company, Customer
from payments.choices import IncomingState, ParkReason
from payments.lists import customer_queries, incoming_queries, parked
from payments.lists.incoming_queries import Proposal
from payments.lists.parked import Wish
from payments.models import IncomingPayment
from payments.web import split
from payments.web.split import Draft
from payments.web.tabs import incoming_tabs

LAST = "last_resolved"


@require_GET
@company_view()
def incoming(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Where work begins: the first parked payment, or the quiet page when nothing waits."""
    wish = parked.read_wish(request.GET)
    found = parked.first(company, request.user, wish)
    return bench(request, company, found, wish)


@require_GET
@company_view()
def resolve(request: ConsoleRequest, company: Company, payment_id: UUID) -> HttpResponse:
    """One parked payment; `take` puts a proposal into the split."""
    return bench(request, company, _payment(company, payment_id), parked.read_wish(request.GET))


@require_GET
@company_view()
def split_part(request: ConsoleRequest, company: Company, payment_id: UUID) -> HttpResponse:
    """The split again: with a proposal taken, an entry added, or the sum after an amount was changed."""
    payment = _payment(company, payment_id)
    wish = parked.read_wish(request.GET)
    proposals = incoming_queries.proposals(payment)
    draft = _draft(company, payment, proposals, request.GET)
    found = request.GET.get("find", "")
    first = request.GET.get("first") == "1"
    if first and found:
        draft = split.add(draft, customer_queries.find(company, found)[:1])
    else:
        draft = _with_added(company, draft, request.GET)
    context = {
        "payment": payment,
        "draft": draft,
        "carried": split.carried(draft),
        "added": first or "add" in request.GET,
        "wish": wish,
        "may_resolve": request.rights.accountant,
        "around": parked.around(company, request.user, wish, payment),
        "last": request.session.get(LAST),
    }
    return htmx.render_page(
        request,
        "payments/incoming/split_page.html",
        {**context, **rest_words(company, draft)},
        part=("split", "split-sum"),
    )


@require_GET
@company_view()
def find(request: ConsoleRequest, company: Company, payment_id: UUID) -> HttpResponse:
    """Open entries by invoice, KID, customer or amount, to be added to the split."""
    payment = _payment(company, payment_id)
    words = request.GET.get("find", "")[:60]
    context = {"payment": payment, "found": customer_queries.find(company, words), "words": words}
    return htmx.render_page(request, "payments/incoming/found.html", context, part="found")


def bench(
    request: ConsoleRequest,
    company: Company,
    payment: IncomingPayment | None,
    wish: Wish,
    draft: Draft | None = None,
    status: int = 200,
    said: str = "",
) -> HttpResponse:
    """The whole screen, or its bench; also what an act answers with, for the next payment."""
    context: dict[str, Any] = {
        "payment": payment,
        "wish": wish,
        "reasons": ParkReason.choices,
        "tabs": incoming_tabs("incoming"),
        "may_resolve": request.rights.accountant,
        "last": request.session.get(LAST),
        "said": said,
    }
    if payment is not None:
        around = parked.around(company, request.user, wish, payment)
        proposals = incoming_queries.proposals(payment) if payment.state == IncomingState.PARKED else []
        asked = request.GET if request.method == "GET" else QueryDict()
        draft = draft or _draft(company, payment, proposals, asked)
        words = asked.get("find", "")[:60]
        context |= {
            "around": around,
            "waits": max((business_date(company) - payment.value_date).days, 0),
            "proposals": proposals,
            "draft": draft,
            "decided": payment.state != IncomingState.PARKED,
            "carried": split.carried(draft),
            "words": words,
            "found": customer_queries.find(company, words) if words else (),
            **rest_words(company, draft),
        }
    return htmx.render_page(request, "payments/incoming/resolve.html", context, part="bench", status=status)


def rest_words(company: Company, draft: Draft) -> dict[str, Any]:
    """Words for where the rest may go."""
    return {
        "unmatched_words": _("To account %(account)s, unmatched incoming") % {"account": company.gl_unmatched},
        "on_account_words": (
            _("On account for customer %(number)s %(name)s")
            % {"number": draft.customer.number, "name": draft.customer.name}
            if draft.customer
            else ""
        ),
    }


def address(payment_id: UUID, wish: Wish) -> str:
    """Where a payment is resolved, keeping the order a person works in."""
    url = reverse("resolve", args=[payment_id])
    return f"{url}?{wish.query}" if wish.query else url


def _draft(company: Company, payment: IncomingPayment, proposals: list[Proposal], values: QueryDict) -> Draft:
    take = values.get("take", "")
    for one in proposals:
        if one.rank == as_number(take, None):
            return split.from_proposal(payment, one)
    if "entry" in values or "rest" in values:
        return _with_added(company, split.from_values(company, payment, values), values)
    return Draft(payment, customer=_known_customer(payment, proposals))


def _known_customer(payment: IncomingPayment, proposals: list[Proposal]) -> Customer | None:
    """Whose account the rest may stand on: the best proposal's customer, else the one the other part was matched to."""
    if proposals:
        best = proposals[0]
        return best.parts[0].entry.customer if best.parts else best.on_account
    if payment.rest == payment.amount:
        return None
    placed = payment.matches.filter(entry__isnull=False).select_related("entry__customer").order_by("-pk").first()
    return placed.entry.customer if placed is not None and placed.entry is not None else None


def _with_added(company: Company, draft: Draft, values: QueryDict) -> Draft:
    added = as_keys(values.getlist("add")[-1:])
    return split.add(draft, parked.chosen_entries(company, added)) if added else draft


def _payment(company: Company, payment_id: UUID) -> IncomingPayment:
    found = parked.by_id(company, payment_id)
    if found is None:
        raise Http404
    return found
