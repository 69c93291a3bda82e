"""Cancelling a payment that has not left: files are stopped, lines go to 7, entries are free again."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from autopay_console.kernel.sets import chunks
from companies.choices import Role
from companies.models import Person
from payments import events, headers, lifecycle, transfers
from payments.choices import LineStatus, RoundState, TransferState
from payments.models import Payment, PaymentLine, Transfer
from payments.preparing import refusals
from payments.preparing.mandates import has_role, in_place_of, mandates
from payments.story import tell

MAY_CANCEL = (Role.APPROVER, Role.ACCOUNTANT, Role.ADMINISTRATOR)
OPEN = (RoundState.WAITING, RoundState.RELEASED)


def _read(payment: Payment) -> Payment:
    return Payment.objects.select_related("company").get(pk=payment.pk)


def cancel(payment: Payment, by: Person, reason: str) -> None:
    """Cancel a payment that has not left: its files are stopped, its lines go to 7, its entries are free again.

    Raises RoundClosed, TooLate (a file has left), NotAnApprover or ReasonNeeded.
    """
    payment, reason = _read(payment), reason.strip()
    by_role = has_role(payment.company, by, *MAY_CANCEL)
    if not by_role and not mandates(payment, by):
        raise refusals.not_an_approver(payment)
    if not reason:
        raise refusals.ReasonNeeded(_("Say why the payment is cancelled; the reason is kept and shown."))
    with transaction.atomic():
        closed = Payment.objects.filter(pk=payment.pk, round_state__in=OPEN, needed__gt=0).update(
            round_state=RoundState.CANCELLED, cancel_reason=reason[:200], hold_until=None
        )
        if not closed:
            raise refusals.round_closed(_read(payment))
        files = Transfer.objects.filter(payment=payment, round=payment.round)
        if transfers.cancel_unsent(payment.pk, payment.round) != files.count():
            left = files.exclude(state=TransferState.CANCELLED).values_list("msg_id", flat=True).first()
            text = _("File %(file)s of payment %(number)s has left: ask the bank to stop it.")
            raise refusals.TooLate(text % {"file": left, "number": payment.number})
        tell(payment.pk, "cancelled", _told(payment, reason, by, by_role=by_role), by)
        events.approval_changed.send(sender=Payment, payment_id=payment.pk)
    _lines_to_7(payment.pk, reason, by)


def _told(payment: Payment, reason: str, by: Person, *, by_role: bool) -> str:
    text = _("Cancelled: %(reason)s") % {"reason": reason}
    return text if by_role else text + in_place_of(payment, by)


def _lines_to_7(payment_id: int, reason: str, by: Person | None) -> None:
    lines = PaymentLine.objects.filter(payment_id=payment_id, status=LineStatus.AT_EFT).order_by("pk")
    for some in chunks(list(lines.values_list("pk", flat=True))):
        why = lifecycle.Reason(text=reason)
        lifecycle.move(some, LineStatus.CANCELLED, source="cancelled in Approval", by=by, reason=why)
    headers.refresh({payment_id})


def finish_cancelled() -> list[int]:
    """Cancelled payments whose lines a dead process left at 8; their ids. Started by the sweep."""
    lines = PaymentLine.objects.filter(status=LineStatus.AT_EFT, payment__round_state=RoundState.CANCELLED)
    ids: Iterable[int] = lines.order_by().values_list("payment_id", flat=True).distinct()[:100]
    done = []
    for payment in Payment.objects.filter(pk__in=list(ids)):
        _lines_to_7(payment.pk, payment.cancel_reason, None)
        done.append(payment.pk)
    return done
