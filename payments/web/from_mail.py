"""Where links in mails lead: the page, in the company the mail was about."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from companies.access import SESSION_KEY, ConsoleRequest, person_view


@require_GET
@person_view
def approvals(request: ConsoleRequest, company: int) -> HttpResponse:
    """What waits for approval."""
    _look_at(request, company)
    return redirect("approval")


@require_GET
@person_view
def approval(request: ConsoleRequest, company: int, number: int) -> HttpResponse:
    """One payment that waits for approval."""
    _look_at(request, company)
    return redirect("approval_one", number)


@require_GET
@person_view
def payment(request: ConsoleRequest, company: int, number: int) -> HttpResponse:
    """One payment, with what became of its lines."""
    _look_at(request, company)
    return redirect("payment", number)


def _look_at(request: ConsoleRequest, number: int) -> None:
    """Put the company in force; only one of the person's own."""
    if number not in {one.number for one in request.rights.companies}:
        raise Http404
    request.session[SESSION_KEY] = number
