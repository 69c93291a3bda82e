"""All lines of a payment that waits for approval, each to be lowered or moved before the first approval."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from autopay_console.kernel import htmx
from autopay_console.kernel.listing import list_rows
from autopay_console.kernel.search import Field, understand
from companies.access import ConsoleRequest, company_view
from companies.clock import business_date
from companies.models import Company
from payments.choices import RoundState
from payments.lists import queries_payment
from payments.preparing.mandates import mandates
from payments.web.payment import find, hidden

FIELDS = (
    Field("receiver", "text", "supplier__name", gettext_lazy("Receiver"), example="receiver:nordlys"),
    Field("amount", "amount", "amount", gettext_lazy("Amount"), example="amount>10000"),
    Field("currency", "exact", "currency_id", gettext_lazy("Currency"), example="currency:EUR"),
    Field("account", "exact", "account", gettext_lazy("Account"), example="account:86011117947"),
    Field("invoice", "exact", "entry__invoice_no", gettext_lazy("Invoice"), example="invoice:10233"),
    Field("date", "day", "pay_date", gettext_lazy("Payment date"), example="date:2026-12-01"),
)
SORTS = {"line": "line_no", "receiver": "supplier__name", "amount": "amount", "date": "pay_date"}


@require_GET
@company_view()
def lines(request: ConsoleRequest, company: Company, number: int) -> HttpResponse:
    """Receiver, account, reference and amount of every line; the largest first."""
    payment = find(request, company, number)
    if payment.round_state == RoundState.DRAFT or not payment.needed:
        raise Http404
    if hidden(request, payment):
        raise PermissionDenied
    search = understand(request, FIELDS, today=business_date(company))
    listing = list_rows(request, queries_payment.lines(payment), sorts=SORTS, default="-amount", search=search)
    waiting = payment.round_state == RoundState.WAITING
    context = {
        "payment": payment,
        "listing": listing,
        "may_amend": waiting and payment.given == 0 and bool(mandates(payment, request.user)),
        "back": reverse("approval_one", args=[number]),
    }
    return htmx.render_page(request, "payments/approval_lines.html", context, part="listing")
