"""Reconciliation: the proof that the bank's balance is the ledger's balance plus differences that have a name."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from autopay_console.kernel import htmx
from companies.access import ConsoleRequest, company_view
from companies.accounts import account_key
from companies.choices import Role
from companies.clock import business_date
from companies.models import BankPartner, Company
from payments.lists import statements
from payments.month_end import reconciling
from payments.web.tabs import statement_tabs

SHOWN = 100


@require_GET
@company_view()
def reconciliation(request: ConsoleRequest, company: Company) -> HttpResponse:
    """One account on one day: bank, ledger, each difference, and the lines nothing answers."""
    partners = list(BankPartner.objects.filter(company=company).order_by("number"))
    partner = _chosen(partners, request.GET.get("account", ""))
    day = _day(request.GET.get("day", "")) or business_date(company)
    context: dict[str, Any] = {
        "partners": partners,
        "partner": partner,
        "day": day,
        "tabs": statement_tabs("reconciliation"),
        "may_tie": request.rights.accountant,
    }
    if partner is not None:
        key = account_key(partner.account)
        lines = list(statements.waiting_lines(company, key)[: SHOWN + 1])
        context |= {"proof": reconciling.proof(company, key, day), "lines": lines[:SHOWN], "more": len(lines) > SHOWN}
    return htmx.render_page(request, "payments/statements/reconciliation.html", context)


@require_POST
@company_view(Role.ACCOUNTANT)
def tie(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """Tie statement lines to vouchers that book the same money, where only one answer is possible."""
    partner = BankPartner.objects.filter(company=company, number=number).first()
    if partner is None:
        raise Http404
    many = reconciling.reconcile(company, account_key(partner.account))
    text = ngettext("%(n)s line is tied to its voucher", "%(n)s lines are tied to their vouchers", many) % {"n": many}
    toast = text if many else _("Nothing more can be tied without a person")
    return htmx.done(request, toast=toast, to=f"{reverse('reconciliation')}?account={number}", go=True)


def _chosen(partners: list[BankPartner], number: str) -> BankPartner | None:
    found = [one for one in partners if str(one.number) == number] or partners
    return found[0] if found else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
