"""Statements: our accounts as the bank sees them, in order and with holes, each line with its voucher."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from autopay_console.kernel import htmx, listing
from companies.access import ConsoleRequest, company_view
from companies.models import BankPartner, Company
from payments import bank_file_queries, entry_vouchers, statement_queries
from payments.web.tabs import statement_tabs


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
    rows = statement_queries.of_account(company, partner.account)
    context = {"partner": partner, "rows": rows, "holes": [row for row in rows if row.gap or row.off]}
    return htmx.render_page(request, "payments/statements/account.html", context)


@require_GET
@company_view()
def statement(request: ConsoleRequest, company: Company, statement_id: UUID) -> HttpResponse:
    """Opening balance, lines, closing balance; each line leads to what it was booked as."""
    found = statement_queries.statement(company, statement_id)
    if found is None:
        raise Http404
    hidden = not request.rights.payroll and bank_file_queries.holds_salary(found.file)
    page = listing.list_rows(
        request, statement_queries.entries(found), sorts={"place": "index"}, default="place", part="entries"
    )
    if not hidden:
        entry_vouchers.attach(page.rows)
    before, after = statement_queries.neighbours(found)
    context = {
        "statement": found,
        "listing": page,
        "hidden": hidden,
        "before": before,
        "after": after,
        "order": statement_queries.in_order([one for one in (found, before) if one])[0],
    }
    return htmx.render_page(request, "payments/statements/statement.html", context, part="entries")
