"""Statements: our accounts as the bank sees them, in order and with holes, each line with its voucher."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from autopay_console.kernel import htmx, listing
from companies.access import ConsoleRequest, company_view
from companies.accounts import account_key
from companies.models import BankPartner, Company
from payments.lists import bank_file_queries, entry_vouchers, statement_queries
from payments.lists import statements as business
from payments.web.tabs import statement_tabs

SHOWN = 200


@require_GET
@company_view()
def statements(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Every account with its last statement."""
    context = {"accounts": statement_queries.accounts(company), "tabs": statement_tabs("statements")}
    return htmx.render_page(request, "payments/statements/accounts.html", context)


@require_GET
@company_view()
def account(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """The statements of one account, newest first; a hole stands where balances do not meet."""
    partner = BankPartner.objects.filter(company=company, number=number).first()
    if partner is None:
        raise Http404
    rows = business.of_account(company, account_key(partner.account))[::-1]
    holes = [row for row in rows if row.missing_before or row.adds_up is False]
    context = {"partner": partner, "rows": rows[:SHOWN], "many": len(rows), "holes": holes}
    return htmx.render_page(request, "payments/statements/account.html", context)


@require_GET
@company_view()
def statement(request: ConsoleRequest, company: Company, statement_id: UUID) -> HttpResponse:
    """Opening balance, lines, closing balance; each line leads to what it was booked as."""
    page = statement_queries.page_of(company, statement_id)
    if page is None:
        raise Http404
    place = statement_queries.place_of(company, page)
    hidden = not request.rights.payroll and bank_file_queries.holds_salary(page.file)
    rows: Any = business.lines(place.whole)
    column = "index" if len(place.whole.pages) == 1 else "booking_date"
    shown = listing.list_rows(request, rows, sorts={"place": column}, default="place", part="entries")
    if not hidden:
        entry_vouchers.attach(shown.rows)
    context = {"page": page, "place": place, "whole": place.whole, "listing": shown, "hidden": hidden}
    return htmx.render_page(request, "payments/statements/statement.html", context, part="entries")
