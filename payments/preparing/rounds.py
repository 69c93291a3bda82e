"""Opening a round for approval: how many must approve and why, and the state nobody can approve in.

While a payment is sealed it is *waiting with nobody needed*: no draft any more, so it cannot be edited, and not to be
approved either. Opening is the last step; work that was cut off before it is taken up again or undone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from companies.clock import business_date
from companies.models import PayeeAccount
from payments.choices import RoundState
from payments.models import Payment, PaymentLine, PaymentTotal
from payments.preparing import rates
from payments.preparing.order_lines import live_lines

MOST_NEEDED = 5
UNTOLD = Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why so many must approve: a sentence, and how many it asks for."""

    code: str
    text: str
    people: int


def reasons(payment: Payment) -> list[Reason]:
    """The agreement's number, then one more for each rule of the company that the payment meets."""
    company = payment.company
    found = [Reason("agreement", _("by the bank agreement"), payment.agreement.approvers)]
    limit = company.extra_approver_over
    if limit is not None and home_total(payment) > limit:
        text = _("the amount is over %(limit)s %(currency)s")
        found.append(Reason("amount", text % {"limit": f"{limit:.2f}", "currency": company.currency_id}, 1))
    if company.extra_approver_new_account and pays_a_new_account(payment):
        found.append(Reason("new_account", _("it pays an account that was never paid before"), 1))
    if company.extra_approver_foreign and (codes := foreign_currencies(payment)):
        text = _("it pays in foreign currency: %(currencies)s")
        found.append(Reason("foreign", text % {"currencies": ", ".join(codes)}, 1))
    return found


def needed_approvers(payment: Payment) -> int:
    """How many different people must approve: the agreement's number and the company's rules, at most five."""
    return min(sum(one.people for one in reasons(payment)), MOST_NEEDED)


def home_total(payment: Payment) -> Decimal:
    """The payment in company currency, for limits; a currency without rate is above every limit."""
    totals = PaymentTotal.objects.filter(payment=payment).values_list("amount", "currency_id")
    return worth(totals, rates.rates_on(payment.company, business_date(payment.company)))


def worth(totals: Iterable[tuple[Decimal, str]], known: Mapping[str, Decimal]) -> Decimal:
    """Amounts in company currency, by rates read before. What cannot be told is taken for more than anybody allows."""
    values = (rates.in_home_currency(amount, code, known) for amount, code in totals)
    return sum((UNTOLD if value is None else value for value in values), ZERO)


def foreign_currencies(payment: Payment) -> list[str]:
    """Currencies of the payment that are not the company's own."""
    totals = PaymentTotal.objects.filter(payment=payment).exclude(currency_id=payment.company.currency_id)
    return list(totals.order_by("currency_id").values_list("currency_id", flat=True))


def pays_a_new_account(payment: Payment) -> bool:
    """Whether a line pays an account that was never paid before."""
    paid = PayeeAccount.objects.filter(
        supplier_id=OuterRef("supplier_id"), account=OuterRef("account"), first_paid_on__isnull=False
    )
    lines: Iterable[PaymentLine] = live_lines(payment).filter(~Exists(paid), Q(amount__gt=ZERO))[:1]
    return bool(list(lines))


def open_round(payment_id: int, round_: int, digest: str, needed: int) -> bool:
    """Let people approve this digest; True when this call opened it. The caller tells the story."""
    sealing = Payment.objects.filter(pk=payment_id, round=round_, round_state=RoundState.WAITING, needed=0)
    return bool(sealing.update(digest=digest, needed=needed, given=0))
