"""Check of the books: everything counted again from the rows, and what does not fit is named."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from autopay_console.kernel import htmx
from companies.access import ConsoleRequest, company_view
from companies.choices import Role
from companies.models import Company
from payments.month_end import checking
from payments.web.tabs import journal_tabs

SHOWN = 200


@require_http_methods(["GET", "POST"])
@company_view(Role.ADMINISTRATOR, Role.ACCOUNTANT)
def books(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Ask, then count: vouchers, numbers, entries, lines, facts, changes, approvals, bank balances, sealed files."""
    context: dict[str, Any] = {"tabs": journal_tabs("books"), "findings": None}
    if request.method == "POST":
        found = checking.check_books(company, files=request.POST.get("files") == "1")
        context |= {
            "findings": found[:SHOWN],
            "many": len(found),
            "kinds": Counter(one.check for one in found).most_common(),
            "at": timezone.now(),
            "files": request.POST.get("files") == "1",
        }
    return htmx.render_page(request, "payments/journal/books.html", context, part="result")
