"""Will the account hold it? Our accounts over the next bank days, as a chart and as a table."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from autopay_console.kernel import export, htmx
from companies.access import ConsoleRequest, company_view
from companies.models import BankPartner, Company
from payments.models import Payment
from payments.preparing import liquidity
from payments.validation import cover
from payments.web import cash_chart
from payments.web.tabs import statement_tabs

AHEAD = 15  # bank days on the page of one account


@require_GET
@company_view()
def accounts(request: ConsoleRequest, company: Company) -> HttpResponse:
    """Every account we use, with its lowest day."""
    partners = list(BankPartner.objects.filter(company=company, active=True).order_by("number"))
    context = {"forecasts": liquidity.forecasts(company, partners), "tabs": statement_tabs("cash")}
    return htmx.render_page(request, "payments/cash/accounts.html", context)


@require_GET
@company_view()
def account(request: ConsoleRequest, company: Company, number: int) -> HttpResponseBase:
    """One account, bank day by bank day, as a chart and as a table; or as a file."""
    partner = BankPartner.objects.filter(company=company, number=number).first()
    if partner is None:
        raise Http404
    forecast = liquidity.forecasts(company, [partner], days=AHEAD)[0]
    if export.wanted(request):
        return export.answer(request, f"cash-{number}", COLUMNS, forecast.days, partner.account)
    context = {"one": forecast, "chart": cash_chart.chart(forecast), "partner": partner}
    return htmx.render_page(request, "payments/cash/account.html", context)


COLUMNS = [
    export.Column(gettext_lazy("Bank day"), "day", "day"),
    export.Column(gettext_lazy("On its way"), "on_its_way", "amount"),
    export.Column(gettext_lazy("Waits for approval"), "waiting", "amount"),
    export.Column(gettext_lazy("Expected from customers"), "expected", "amount"),
    export.Column(gettext_lazy("Surely left"), "sure", "amount"),
    export.Column(gettext_lazy("Left when all is approved and paid"), "left", "amount"),
]


def of_payment(payment: Payment) -> dict[str, Any]:
    """The account of one payment beside it: days on which something moves, and what is missing."""
    forecast = liquidity.forecasts(payment.company, [payment.bank_partner])[0]
    moving = [one for one in forecast.days if one.on_its_way or one.waiting or one.expected]
    return {
        "cash": forecast,
        "cash_days": moving,
        "cash_chart": cash_chart.chart(forecast),
        "short": [one.text for one in cover.together(payment.company, [payment])],
    }
