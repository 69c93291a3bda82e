"""What may be done about a payment now, from what its page has read anyhow."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from companies.access import ConsoleRequest
from companies.choices import Role
from payments.choices import RELEASES_ENTRY, LineStatus, PaymentStatus, RoundState
from payments.models import Payment

PAYERS = (Role.ACCOUNTANT, Role.PAYROLL)
BOOKABLE = {LineStatus.TRANSFERRED, LineStatus.ACKNOWLEDGED, LineStatus.SETTLED}


@dataclass(frozen=True, slots=True)
class Possible:
    """The acts a payment's page offers this person, and how long the bank has been silent."""

    again: bool = False
    batch: bool = False
    silent: bool = False
    silent_hours: int = 0
    names: bool = False


def possible(request: ConsoleRequest, payment: Payment, statuses: set[int], hidden: bool) -> Possible:
    """Suggest again what was not paid, create a batch by hand, ask a silent bank; no query of its own.

    `statuses` are those its lines have; `names_differ` was read with the payment.
    """
    hours = silent_hours(payment)
    silent = payment.unanswered_since is not None and hours >= payment.agreement.no_answer_hours
    names = not hidden and bool(getattr(payment, "names_differ", False))
    if hidden or not request.rights.has(*PAYERS) or payment.round_state == RoundState.DRAFT:
        return Possible(silent=silent, silent_hours=hours, names=names)
    sent = payment.status in (PaymentStatus.TRANSFERRED, PaymentStatus.WITH_REJECTIONS)
    return Possible(
        again=bool(statuses & set(RELEASES_ENTRY)),
        batch=request.rights.accountant and sent and bool(statuses & BOOKABLE),
        silent=silent,
        silent_hours=hours,
        names=names,
    )


def silent_hours(payment: Payment) -> int:
    """Whole hours since the first unanswered file was sent; 0 when all are answered."""
    if payment.unanswered_since is None:
        return 0
    return int((timezone.now() - payment.unanswered_since).total_seconds() // 3600)
