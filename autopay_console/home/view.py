"""The first page."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from autopay_console.home import booking, due, paying
from autopay_console.home.clock import Clock, clock_of
from autopay_console.home.health import health_of, latest_files
from autopay_console.home.todo import Todo, grouped
from autopay_console.kernel import htmx
from companies.access import ConsoleRequest, Rights, person_view
from companies.models import Company


@require_GET
@person_view
def home(request: ConsoleRequest) -> HttpResponse:
    """What waits for this person in the company in force. Who only looks after the installation has the operations
    page for a home; people without a company see why the page is empty, and who may add the first one can."""
    company, rights = request.rights.company, request.rights
    if company is None and rights.operations and not (rights.instance_administrator and _no_company()):
        return redirect("operations")
    context: dict[str, Any] = {"health": health_of(company)}
    if company is not None and rights.sees_amounts:
        context |= _of_company(request, company, rights)
    return htmx.render_page(request, "home.html", context, part=("todo", "health"))


def _no_company() -> bool:
    return not Company.objects.exists()


def _of_company(request: ConsoleRequest, company: Company, rights: Rights) -> dict[str, Any]:
    clock = clock_of(company)
    how = booking.how_many(company)
    parked = booking.parked_by_reason(company) if how.parked and not how.too_many else []
    todos = _todos(request, company, rights, clock, parked)
    return {
        "clock": clock,
        "todos": todos,
        "groups": grouped(todos, clock.cut_off_shown),
        "due": due.money_due(company, clock),
        "parked": parked[:6],
        "parked_count": how.parked,
        "parked_left_out": how.too_many,
        "parked_most": max((one.count for one in parked), default=0),
        "on_its_way": due.on_its_way(company),
        "files": latest_files(company),
    }


def _todos(
    request: ConsoleRequest, company: Company, rights: Rights, clock: Clock, parked: list[booking.Parked]
) -> list[Todo]:
    """Worst first inside each urgency."""
    person = request.user
    return [
        *paying.approvals(company, person, rights, clock),
        *paying.others_must_sign(company, person, clock),
        *paying.rejected(company, rights),
        *booking.to_explain(company, rights),
        *booking.second_person(company, person, rights),
        *paying.drafts(company, rights),
        *booking.to_place(parked, booking.how_many(company), rights, clock),
        *paying.unanswered(company),
        *booking.to_post(company, rights),
        *paying.to_suggest(company, rights, clock),
    ]
