"""Payment confirmation of one line: what the bank debited, with its reference; as a page and as PDF."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from autopay_console.kernel import htmx
from autopay_console.kernel.amounts import shown
from companies.access import ConsoleRequest, company_view
from companies.models import Company
from payments import papers
from payments.choices import FactKind
from payments.lists import queries_payment
from payments.mailing import advising
from payments.models import Payment, PaymentLine, SettlementFact
from payments.web.payment import find, hidden


@require_GET
@company_view()
def confirmation(request: ConsoleRequest, company: Company, number: int, line_no: int) -> HttpResponse:
    """The facts of the debit; `?paper=confirmation` in the reader's language, `?paper=advice` in the supplier's."""
    payment = find(request, company, number)
    if hidden(request, payment):
        raise PermissionDenied
    line = queries_payment.line(payment, line_no)
    if line is None:
        raise Http404
    fact = settled_fact(line)
    if fact is None:
        return redirect("payment_line", number, line_no)  # not debited, or given back: the line says so
    others = list(PaymentLine.objects.filter(item=line.item).select_related("entry").order_by("line_no")[:500])
    paper = request.GET.get("paper", "")
    if paper in ("confirmation", "advice"):
        language = advising.language_of(line.supplier) if paper == "advice" else translation.get_language()
        with translation.override(language):
            title = _("Remittance advice") if paper == "advice" else _("Payment confirmation")
            made = papers.as_pdf(_paper(title, payment, line, fact, others))
        response = HttpResponse(made, content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{paper}-{number}-{line_no}.pdf"'
        return response
    context: dict[str, Any] = {
        "payment": payment,
        "line": line,
        "facts": _facts(payment, line, fact),
        "lines": others,
        "line_url": reverse("payment_line", args=[number, line_no]),
    }
    return htmx.render_page(request, "payments/confirmation.html", context)


def settled_fact(line: PaymentLine) -> SettlementFact | None:
    """The line's last debit that did not come back; None when there is none."""
    if line.item_id is None:
        return None
    facts = list(SettlementFact.objects.filter(item_id=line.item_id).order_by("-round"))
    back = {fact.round for fact in facts if fact.kind == FactKind.RETURNED}
    return next((fact for fact in facts if fact.kind == FactKind.SETTLED and fact.round not in back), None)


def _facts(payment: Payment, line: PaymentLine, fact: SettlementFact) -> list[tuple[str, str]]:
    item: Any = line.item
    found = [
        (_("Paid to"), item.payee_name),
        (_("Account"), item.account),
        (_("Amount"), f"{shown(fact.amount)} {item.currency_id}"),
        (_("Value date"), date_format(fact.value_date, "DATE_FORMAT")),
        (_("From account"), f"{payment.bank_partner.account}, {payment.bank_partner.name}"),
        (_("Debited"), f"{shown(fact.account_amount)} {fact.account_currency_id}"),
        (_("Bank reference"), fact.bank_reference or "–"),
        (_("Our reference"), item.end_to_end_id),
        (_("Message id"), item.transfer.msg_id),
    ]
    if fact.fee:
        found.insert(6, (_("Fee"), f"{shown(fact.fee)} {fact.account_currency_id}"))
    if item.uetr:
        found.append(("UETR", item.uetr))
    return found


def _paper(
    title: str, payment: Payment, line: PaymentLine, fact: SettlementFact, lines: list[PaymentLine]
) -> papers.Paper:
    company = payment.company
    rows = [(one.entry.invoice_no, one.kid, f"{shown(_paid(one))} {one.currency_id}") for one in lines]
    return papers.Paper(
        title,
        f"{company.name}, {company.organisation_no}",
        _facts(payment, line, fact),
        (_("Invoice"), _("Reference"), _("Amount")),
        rows,
        _("Told by the bank: %(source)s.") % {"source": fact.source},
        timezone.localtime(),
    )


def _paid(line: PaymentLine) -> Any:
    return line.amount if line.paid_amount is None else line.paid_amount
