"""Approval: so many different people release exactly the bytes they saw; each race is decided by one UPDATE.

Approving, cancelling and undoing never look first and write later: the condition stands in the UPDATE, and when it
changes nothing the person is told what happened meanwhile. Source: decisions §4, domain facts 3.4 to 3.6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from autopay_console.kernel.once import once
from companies.calendars import after_cut_off
from companies.choices import TwoFactorLevel
from companies.clock import business_date, business_now
from companies.models import Person
from payments import events, headers
from payments.choices import Decision, RoundState, TransferState
from payments.models import Approval, Payment, Transfer, TransferItem
from payments.preparing import refusals
from payments.preparing.mandates import Mandate, heard, mandates
from payments.preparing.refusals import Refusal
from payments.releasing.amending import move_to_next_bank_day
from payments.releasing.cancelling import MAY_CANCEL, OPEN, cancel, finish_cancelled
from payments.releasing.signatures import Signature, broken_seals, keep, remember
from payments.story import tell
from payments.validation import Finding, cover


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


def date_gone(payment: Payment) -> Refusal | None:
    """Why the bank would not execute the payment on the dates in its files any more; None when it would."""
    try:
        _check_dates(payment)
    except Refusal as why:
        return why
    return None


def approve(
    payment: Payment, by: Person, seen: str, second_factor: bool = False, accepted: frozenset[str] = frozenset()
) -> Approved:
    """Approve the digest that was seen. The last approval needed releases the files after the agreement's hold.

    `accepted` holds the codes of warnings `by` takes on: that the account does not hold it (`overdraws`). Raises a
    Refusal: OwnUpload, NotAnApprover, AlreadyApproved, ChangedSinceSeen, RoundClosed, SecondFactorNeeded, DatePassed,
    NotCovered.
    """
    payment = _read(payment)
    mandate = _mandate(payment, by, second_factor=second_factor)
    if seen != payment.digest:
        raise refusals.changed_since_seen(payment)
    warnings = list(cover.together(payment.company, [payment]))
    if missing := [one for one in warnings if one.code not in accepted]:
        raise refusals.NotCovered(missing[0].text)
    return _give(payment, mandate, Signature(seen, second_factor), warnings)


def approve_beforehand(payment: Payment, by: Person, second_factor: bool) -> bool:
    """Count an approver's yes to every invoice of the payment, given before it was made; False when it cannot count.

    It stands under the same rules as any approval, and takes no warning on by itself.
    """
    payment = _read(payment)
    try:
        mandate = _mandate(payment, by, second_factor=second_factor)
        if mandate.for_whom is not None or list(cover.together(payment.company, [payment])):
            return False
        _give(payment, mandate, Signature(payment.digest, second_factor, Decision.BEFOREHAND), [])
    except Refusal:
        return False
    return True


def _give(payment: Payment, mandate: Mandate, signature: Signature, warnings: Sequence[Finding]) -> Approved:
    """One approval more, decided by one UPDATE; the last one needed releases."""
    by, seen = mandate.person, signature.digest
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
        if mandate.people & heard(payment):
            raise refusals.already_approved(payment)
        keep(payment, mandate, signature)
        remember(payment, warnings, by)
        payment.refresh_from_db(fields=["given", "needed"])
        tell(payment.pk, "approved", _told(payment, mandate, signature), by)
        until = _release(payment, by) if payment.given >= payment.needed else None
        events.approval_changed.send(sender=Payment, payment_id=payment.pk)
    return Approved(payment.given, payment.needed, until)


def _told(payment: Payment, mandate: Mandate, signature: Signature) -> str:
    words = {"given": payment.given, "needed": payment.needed}
    if signature.decision == Decision.BEFOREHAND:
        return _("Approved (%(given)s of %(needed)s): every invoice had been approved in advance.") % words
    text = _("Approved (%(given)s of %(needed)s).") % words
    if mandate.for_whom:
        text = f"{text} {_('On behalf of %(whom)s.') % {'whom': mandate.for_whom.shown}}"
    return text


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
    given = heard(payment)
    free = [one for one in independent if not one.people & given]
    if not free:
        raise refusals.already_approved(payment)
    if payment.agreement.two_factor >= TwoFactorLevel.APPROVAL and not second_factor:
        raise refusals.second_factor_needed()
    _check_dates(payment)
    return free[0]


def _check_dates(payment: Payment) -> None:
    first = once(("first execution", payment.pk, payment.round), lambda: _first_execution(payment))
    today, cutoff = business_date(payment.company), payment.agreement.cutoff
    if first is None or first > today:
        return
    if first < today:
        raise refusals.date_passed(payment, first, after_cut_off=False)
    if cutoff and after_cut_off(business_now(payment.company), cutoff, payment.company.time_zone):
        raise refusals.date_passed(payment, first, after_cut_off=True)


def _first_execution(payment: Payment) -> date | None:
    items = TransferItem.objects.filter(payment=payment, transfer__round=payment.round)
    first: date | None = items.aggregate(first=Min("execution_date"))["first"]
    return first


def _what_happened(payment: Payment, seen: str) -> Refusal:
    now = _read(payment)
    if now.round_state == RoundState.WAITING and now.needed and now.digest != seen:
        return refusals.changed_since_seen(now)
    return refusals.round_closed(now)


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
    with transaction.atomic():
        if not take_back(payment, held_after=timezone.now()):
            text = _("The seconds to undo are over: payment %(number)s is on its way.")
            raise refusals.TooLate(text % {"number": payment.number})
        last.delete()
        tell(payment.pk, "undone", _("The release was undone; one approval is missing again."), by)
        headers.refresh({payment.pk})
        events.approval_changed.send(sender=Payment, payment_id=payment.pk)


def take_back(payment: Payment, held_after: datetime | None = None) -> bool:
    """A released payment waits for one approval again, none of its files having left (or, with `held_after`, being
    held longer than that). The caller rolls back when it is False, and removes the last approval."""
    held = Transfer.objects.filter(payment=payment, round=payment.round)
    back = held.filter(state=TransferState.RELEASED)
    released = Payment.objects.filter(pk=payment.pk, round=payment.round, round_state=RoundState.RELEASED)
    if held_after is not None:
        back, released = back.filter(not_before__gt=held_after), released.filter(hold_until__gt=held_after)
    taken_back = back.update(state=TransferState.SEALED, not_before=None)
    waiting = released.update(round_state=RoundState.WAITING, given=F("given") - 1, released_at=None, hold_until=None)
    return bool(waiting) and taken_back == held.count()


__all__ = [
    "MAY_CANCEL",
    "OPEN",
    "Approved",
    "approve",
    "approve_beforehand",
    "broken_seals",
    "cancel",
    "date_gone",
    "finish_cancelled",
    "move_to_next_bank_day",
    "refusal",
    "seconds_left",
    "take_back",
    "undo",
]
