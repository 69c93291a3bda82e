"""What waits for you: the first page."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from autopay_console.kernel import htmx
from companies.access import ConsoleRequest, person_view


@require_GET
@person_view
def home(request: ConsoleRequest) -> HttpResponse:
    """To-dos of this person in the company in force."""
    return htmx.render_page(request, "home.html", {})
