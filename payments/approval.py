"""Approval: so many different people release exactly the bytes they saw; each race is decided by one UPDATE.

Approving, cancelling and undoing never look first and write later: the condition stands in the UPDATE, and when it
changes nothing the person is told what happened meanwhile. Source: decisions §4, domain facts 3.4 to 3.6.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from autopay_console.kernel.sets import chunks
from companies.calendars import after_cut_off
from companies.choices import Role, TwoFactorLevel
from companies.clock import business_date, business_now
from companies.models import Person
from payments import events, headers, lifecycle, refusals, transfers
from payments.amending import move_to_next_bank_day
from payments.choices import LineStatus, RoundState, TransferState
from payments.mandates import Mandate, has_role, mandates
from payments.models import Approval, Payment, PaymentLine, Transfer, TransferItem
from payments.refusals import Refusal
from payments.story import tell

MAY_CANCEL = (Role.APPROVER, Role.ACCOUNTANT, Role.ADMINISTRATOR)
OPEN = (RoundState.WAITING, RoundState.RELEASED)


@dataclass(frozen=True, slots=True)
class Approved:
    """One approval more: how many of how many, and when the files leave if it was the last."""

    given: int
    needed: int
    hold_until: datetime | None = None

    @property
    def released(self) -> bool:
        """It was the last one needed."""
        return self.hold_until is not None


def refusal(payment: Payment, by: Person, *, second_factor: bool = True) -> Refusal | None:
    """Why this person cannot approve this payment now; None when they can. For lists and dialogs."""
    try:
        _mandate(payment, by, second_factor=second_factor)
    except Refusal as why:
        return why
    return None


def approve(payment: Payment, by: Person, seen: str, second_factor: bool = False) -> Approved:
    """Approve the digest that was seen. The last approval needed releases the files after the agreement's hold.

    Raises a Refusal: OwnUpload, NotAnApprover, AlreadyApproved, ChangedSinceSeen, RoundClosed, SecondFactorNeeded,
    DatePassed.
    """
    payment = _read(payment)
    mandate = _mandate(payment, by, second_factor=second_factor)
    if seen != payment.digest:
        raise refusals.changed_since_seen(payment)
    with transaction.atomic():
        counted = Payment.objects.filter(
            pk=payment.pk,
            round=payment.round,
            digest=seen,
            round_state=RoundState.WAITING,
            given__lt=F("needed"),
        ).update(given=F("given") + 1)
        if not counted:
            raise _what_happened(payment, seen)
        # The UPDATE holds the payment's row, so from here on approvals of one payment come one after the other.
        if mandate.people & _heard(payment):
            raise refusals.already_approved(payment)
        _keep(payment, mandate, second_factor=second_factor)
        payment.refresh_from_db(fields=["given", "needed"])
        text = _("Approved (%(given)s of %(needed)s).") % {"given": payment.given, "needed": payment.needed}
        if mandate.for_whom:
            text = f"{text} {_('On behalf of %(whom)s.') % {'whom': mandate.for_whom.shown}}"
        tell(payment.pk, "approved", text, by)
        until = _release(payment, by) if payment.given >= payment.needed else None
        events.approval_changed.send(sender=Payment, payment_id=payment.pk)
    return Approved(payment.given, payment.needed, until)


def _read(payment: Payment) -> Payment:
    related = ("company", "agreement", "bank_partner", "uploaded_by")
    return Payment.objects.select_related(*related).get(pk=payment.pk)


def _mandate(payment: Payment, by: Person, *, second_factor: bool) -> Mandate:
    """The right this approval is given under; raises the first thing that stands against it."""
    if payment.round_state != RoundState.WAITING or not payment.needed:
        raise refusals.round_closed(payment)
    found = mandates(payment, by)
    if not found:
        raise refusals.not_an_approver(payment)
    uploader = payment.uploaded_by_id or payment.created_by_id
    independent = [one for one in found if uploader not in one.people]
    if not independent:
        raise refusals.own_upload(payment)
    heard = _heard(payment)
    free = [one for one in independent if not one.people & heard]
    if not free:
        raise refusals.already_approved(payment)
    if payment.agreement.two_factor >= TwoFactorLevel.APPROVAL and not second_factor:
        raise refusals.second_factor_needed()
    _check_dates(payment)
    return free[0]


def _heard(payment: Payment) -> frozenset[int]:
    """Whose voices were given in this round, by themselves or by a deputy."""
    rows = Approval.objects.filter(payment=payment, round=payment.round).values_list("person_id", "on_behalf_of_id")
    return frozenset(pk for pair in rows for pk in pair if pk is not None)


def _check_dates(payment: Payment) -> None:
    items = TransferItem.objects.filter(payment=payment, transfer__round=payment.round)
    first = items.aggregate(first=Min("execution_date"))["first"]
    today, cutoff = business_date(payment.company), payment.agreement.cutoff
    if first is None or first > today:
        return
    if first < today:
        raise refusals.date_passed(payment, first, after_cut_off=False)
    if cutoff and after_cut_off(business_now(payment.company), cutoff, payment.company.time_zone):
        raise refusals.date_passed(payment, first, after_cut_off=True)


def _what_happened(payment: Payment, seen: str) -> Refusal:
    now = _read(payment)
    if now.round_state == RoundState.WAITING and now.needed and now.digest != seen:
        return refusals.changed_since_seen(now)
    return refusals.round_closed(now)


def _keep(payment: Payment, mandate: Mandate, *, second_factor: bool) -> None:
    """The approval's row, chained to the one before it by digest, so that a row taken out or changed shows."""
    before = Approval.objects.filter(payment=payment).order_by("-pk").values_list("seal", flat=True).first() or ""
    row = Approval(
        payment=payment,
        round=payment.round,
        person=mandate.person,
        on_behalf_of=mandate.for_whom,
        digest=payment.digest,
        second_factor=second_factor,
        at=timezone.now(),
    )
    row.seal = seal_of(row, before)
    row.save(force_insert=True)


def seal_of(row: Approval, before: str) -> str:
    """SHA-256 over the seal before and everything the row says."""
    at = row.at.astimezone(tz=timezone.get_fixed_timezone(0)).isoformat(timespec="milliseconds")
    said = (before, row.payment_id, row.round, row.person_id, row.on_behalf_of_id or "", row.digest, row.decision)
    return hashlib.sha256("\n".join(map(str, (*said, int(row.second_factor), at))).encode()).hexdigest()


def broken_seals(payment: Payment) -> list[int]:
    """Approvals whose row is not what was sealed; empty when nobody touched them."""
    before, broken = "", []
    for row in Approval.objects.filter(payment=payment).order_by("pk"):
        if row.seal != seal_of(row, before):
            broken.append(row.pk)
        before = row.seal
    return broken


def _release(payment: Payment, by: Person) -> datetime:
    now = timezone.now()
    until = now + timedelta(seconds=payment.agreement.hold_seconds)
    Payment.objects.filter(pk=payment.pk, round_state=RoundState.WAITING).update(
        round_state=RoundState.RELEASED, released_at=now, hold_until=until
    )
    sealed = Transfer.objects.filter(payment=payment, round=payment.round, state=TransferState.SEALED)
    ids = list(sealed.order_by("sequence").values_list("pk", flat=True))
    sealed.update(state=TransferState.RELEASED, not_before=until)
    tell(payment.pk, "released", _("Released: all approvals are given."), by)
    headers.refresh({payment.pk})
    events.transfer_released.send(sender=Payment, transfer_ids=ids)
    return until


def seconds_left(payment: Payment) -> int:
    """Seconds in which the release can still be undone."""
    if payment.round_state != RoundState.RELEASED or payment.hold_until is None:
        return 0
    return max(0, int((payment.hold_until - timezone.now()).total_seconds()))


def undo(payment: Payment, by: Person) -> None:
    """Take the last approval back while the files are held; only the person who gave it. Raises TooLate."""
    payment = _read(payment)
    if payment.round_state != RoundState.RELEASED:
        raise refusals.round_closed(payment)
    last = Approval.objects.filter(payment=payment, round=payment.round).order_by("-pk").first()
    if last is None or last.person_id != by.pk:
        text = _("Only the person whose approval released payment %(number)s can undo it; others may cancel it.")
        raise refusals.NotAnApprover(text % {"number": payment.number})
    now = timezone.now()
    with transaction.atomic():
        held = Transfer.objects.filter(payment=payment, round=payment.round)
        back = held.filter(state=TransferState.RELEASED, not_before__gt=now)
        taken_back = back.update(state=TransferState.SEALED, not_before=None)
        waiting = Payment.objects.filter(
            pk=payment.pk, round=payment.round, round_state=RoundState.RELEASED, hold_until__gt=now
        ).update(round_state=RoundState.WAITING, given=F("given") - 1, released_at=None, hold_until=None)
        if not waiting or taken_back != held.count():
            text = _("The seconds to undo are over: payment %(number)s is on its way.")
            raise refusals.TooLate(text % {"number": payment.number})
        last.delete()
        tell(payment.pk, "undone", _("The release was undone; one approval is missing again."), by)
        headers.refresh({payment.pk})
        events.approval_changed.send(sender=Payment, payment_id=payment.pk)


def cancel(payment: Payment, by: Person, reason: str) -> None:
    """Cancel a payment that has not left: its files are stopped, its lines go to 7, its entries are free again.

    Raises RoundClosed, TooLate (a file has left), NotAnApprover or ReasonNeeded.
    """
    payment, reason = _read(payment), reason.strip()
    if not has_role(payment.company, by, *MAY_CANCEL):
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
        tell(payment.pk, "cancelled", _("Cancelled: %(reason)s") % {"reason": reason}, by)
        events.approval_changed.send(sender=Payment, payment_id=payment.pk)
    _lines_to_7(payment.pk, reason, by)


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


__all__ = [
    "Approved",
    "approve",
    "broken_seals",
    "cancel",
    "finish_cancelled",
    "move_to_next_bank_day",
    "refusal",
    "seconds_left",
    "undo",
]
