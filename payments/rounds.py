"""Opening a round for approval: how many must approve, who is asked, and the state nobody can approve in.

While a payment is sealed it is *waiting with nobody needed*: no draft any more, so it cannot be edited, and not to be
approved either. Opening is the last step; work that was cut off before it is taken up again or undone.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import translation
from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from companies import mails
from companies.access import people_with
from companies.choices import Role
from companies.clock import business_date
from companies.models import PayeeAccount, Person
from payments import events, rates
from payments.choices import RoundState
from payments.models import Payment, PaymentLine, PaymentTotal
from payments.ordering import live_lines

MOST_NEEDED = 5


def needed_approvers(payment: Payment) -> int:
    """The agreement's number, one more over the company's amount, one more for new accounts (at most five)."""
    company = payment.company
    needed = payment.agreement.approvers
    if company.extra_approver_over is not None and home_total(payment) > company.extra_approver_over:
        needed += 1
    if company.extra_approver_new_account and pays_a_new_account(payment):
        needed += 1
    return min(needed, MOST_NEEDED)


def home_total(payment: Payment) -> Decimal:
    """The payment in company currency; a currency without rate counts by its number, the careful way for limits."""
    known = rates.rates_on(payment.company, business_date(payment.company))
    totals = PaymentTotal.objects.filter(payment=payment).values_list("amount", "currency_id")
    return sum((rates.in_home_currency(amount, code, known) or amount for amount, code in totals), ZERO)


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


def ask_approvers(payment: Payment) -> int:
    """One mail per person, payment and round: approvers of the company but the uploader, and the agreement's list."""
    events.approval_changed.send(sender=Payment, payment_id=payment.pk)
    people = [
        one
        for one in people_with(payment.company, [Role.APPROVER])
        if one.pk != payment.uploaded_by_id and one.wants_mail and one.email
    ]
    asked = {one.email.casefold() for one in people}
    sent = sum(_ask(payment, one.email, f"p{one.pk}", one) for one in people)
    listed = payment.agreement.approver_emails.replace("\n", ";").replace(",", ";").split(";")
    for address in dict.fromkeys(one.strip() for one in listed):
        if address and address.casefold() not in asked:
            sent += _ask(payment, address, address.casefold(), None)
    return sent


def _ask(payment: Payment, address: str, who: str, person: Person | None) -> int:
    with translation.override((person.language if person else "") or payment.company.language):
        subject = _("Payment %(number)s of %(company)s waits for approval") % {
            "number": payment.number,
            "company": payment.company.name,
        }
        totals = PaymentTotal.objects.filter(payment=payment).order_by("currency_id")
        amounts = (
            _("amounts are shown in the console only")
            if payment.salary
            else ", ".join(f"{total.amount:.2f} {total.currency_id}" for total in totals)
        )
        body = _(
            "Payment %(number)s with %(lines)s lines (%(amounts)s) waits for %(needed)s approvals.\n\n%(address)s\n"
        ) % {
            "number": payment.number,
            "lines": payment.line_count,
            "amounts": amounts,
            "needed": payment.needed,
            "address": settings.PUBLIC_URL,
        }
    return mails.post(f"approve:{payment.pk}:{payment.round}:{who}", [address], subject, body, company=payment.company)
