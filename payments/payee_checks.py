"""Verification of payee: the bank found other names behind accounts and holds the file until the payer decides.

One person asks for release or cancellation, another confirms; then the bank side is told. Nothing is rejected by us,
and a bank that goes on by itself ends the pause. The bank's name can be taken over to the supplier.
Source: mapping 3.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from companies import saving
from companies.choices import Channel
from companies.models import Company, Person, Supplier
from payments import events, story
from payments.choices import LineStatus, PayeeAct, PayeeDecisionState
from payments.models import PayeeDecision, Payment, PaymentLine, Transfer, TransferItem

CODES = ("RVNM", "RVMC", "RVNA")  # no match, close match, not possible
HELD_AT = (LineStatus.AT_EFT, LineStatus.TRANSFERRED)
PATIENCE = timedelta(seconds=30)  # then a decision whose nudge was lost is told by the sweep


class CannotDecide(Exception):
    """The decision cannot be made like this; the text says what happened."""


@dataclass(frozen=True, slots=True)
class Paused:
    """A file the bank holds because of names, and what somebody already asked for."""

    transfer: Transfer
    items: Sequence[TransferItem]
    decision: PayeeDecision | None


def open_items(company: Company) -> QuerySet[TransferItem]:
    """Transactions whose payee's name differs and that nobody decided about; the bank has not gone on by itself."""
    held = PaymentLine.objects.filter(item=OuterRef("pk"), status__in=HELD_AT)
    rows = TransferItem.objects.filter(company=company, payee_check__in=CODES, payee_check_done=False)
    return rows.filter(Exists(held))


def held_of(payment: OuterRef) -> Exists:
    """Whether a payment has such transactions, for a query over payments."""
    lines = PaymentLine.objects.filter(item=OuterRef("pk"), status__in=HELD_AT)
    rows = TransferItem.objects.filter(payment=payment, payee_check__in=CODES, payee_check_done=False)
    return Exists(rows.filter(Exists(lines)))


def waiting_payments(company: Company, *, payroll: bool) -> QuerySet[Payment]:
    """Payments with a file the bank holds, newest first."""
    held = open_items(company).filter(payment=OuterRef("pk"))
    rows = Payment.objects.filter(Exists(held), company=company)
    return rows if payroll else rows.filter(salary=False)


def paused(payment: Payment) -> list[Paused]:
    """The files of a payment that wait, each with its transactions and the decision asked for; three queries."""
    rows = open_items(payment.company).filter(payment=payment).select_related("transfer", "supplier")
    by_file: dict[int, list[TransferItem]] = {}
    for item in rows.order_by("transfer_id", "position")[:500]:
        by_file.setdefault(item.transfer_id, []).append(item)
    asked = PayeeDecision.objects.filter(transfer__in=list(by_file), state=PayeeDecisionState.WAITING)
    decisions = {one.transfer_id: one for one in asked.select_related("asked_by")}
    return [Paused(some[0].transfer, some, decisions.get(pk)) for pk, some in by_file.items()]


def ask(transfer: Transfer, by: Person, act: str, reason: str) -> PayeeDecision:
    """The first of two people says what is to become of the file. Raises CannotDecide."""
    if act not in PayeeAct.values:
        raise CannotDecide(_("Choose release or cancel."))
    if not reason.strip():
        raise CannotDecide(_("Say how the name was checked, or why the file is given up."))
    if not open_items(transfer.company).filter(transfer=transfer).exists():
        raise CannotDecide(_("The file does not wait because of names any more."))
    try:
        with transaction.atomic():
            made = PayeeDecision.objects.create(
                company=transfer.company, transfer=transfer, act=act, reason=reason.strip()[:200], asked_by=by
            )
            text = _("Names that differ: “%(act)s” is asked for. %(reason)s")
            values = {"act": made.get_act_display(), "reason": made.reason}
            story.tell(transfer.payment_id, "payee_check", text % values, by)
            return made
    except IntegrityError as error:
        raise CannotDecide(_("Somebody asked for a decision a moment ago.")) from error


def confirm(decision: PayeeDecision, by: Person) -> None:
    """The second person: the decision holds and the bank side is told. Raises CannotDecide."""
    if decision.asked_by_id == by.pk:
        raise CannotDecide(_("Another person must confirm what you asked for."))
    transfer = decision.transfer
    with transaction.atomic():
        _decide(decision, PayeeDecisionState.CONFIRMED, by)
        TransferItem.objects.filter(transfer=transfer, payee_check__in=CODES).update(payee_check_done=True)
        by_hand = transfer.channel != Channel.GATEWAY
        if by_hand:
            PayeeDecision.objects.filter(pk=decision.pk).update(told_at=timezone.now())
        text = _("Names that differ: “%(act)s” is confirmed. %(by_hand)s")
        hint = _("The file went by folder or SFTP: do the same in the bank.") if by_hand else ""
        values = {"act": decision.get_act_display(), "by_hand": hint}
        story.tell(transfer.payment_id, "payee_check", (text % values).strip(), by)
    if not by_hand:
        events.payee_check_decided.send_robust(sender=PayeeDecision, decision_ids=[decision.pk])


def withdraw(decision: PayeeDecision, by: Person) -> None:
    """Not decided after all; anybody who may decide can ask anew. Raises CannotDecide."""
    _decide(decision, PayeeDecisionState.WITHDRAWN, by)
    story.tell(decision.transfer.payment_id, "payee_check", _("Names that differ: the request is withdrawn."), by)


def _decide(decision: PayeeDecision, state: PayeeDecisionState, by: Person) -> None:
    rows = PayeeDecision.objects.filter(pk=decision.pk, state=PayeeDecisionState.WAITING)
    if not rows.update(state=state, decided_by=by, decided_at=timezone.now()):
        raise CannotDecide(_("Somebody decided this a moment ago."))


def told(decision: PayeeDecision) -> bool:
    """The bank side took it; False when another worker was faster."""
    rows = PayeeDecision.objects.filter(pk=decision.pk, told_at__isnull=True)
    if not rows.update(told_at=timezone.now(), last_error=""):
        return False
    text = _("The bank side was told: %(act)s.") % {"act": decision.get_act_display()}
    story.tell(decision.transfer.payment_id, "payee_check", text)
    return True


def not_told(decision: PayeeDecision, error: str) -> None:
    """The bank side could not be told; it is tried again."""
    PayeeDecision.objects.filter(pk=decision.pk).update(last_error=error[:300])


def due(limit: int = 100) -> list[int]:
    """Decisions the bank side still has to be told, for the sweep."""
    late = timezone.now() - PATIENCE
    rows = PayeeDecision.objects.filter(state=PayeeDecisionState.CONFIRMED, told_at__isnull=True, decided_at__lt=late)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def take_name(item: TransferItem, by: Person) -> Supplier:
    """The supplier gets the name the bank knows. Raises CannotDecide, or saving.ChangedMeanwhile."""
    name = item.payee_check_name.strip()
    if not name:
        raise CannotDecide(_("The bank offered no name."))
    supplier = Supplier.objects.get(pk=item.supplier_id)
    supplier.name = name
    saving.save(supplier, ["name"], by, supplier.version)
    text = _("%(old)s is called %(new)s from now on, as the bank knows the account's owner.")
    story.tell(item.payment_id, "payee_check", text % {"old": item.payee_name, "new": name}, by)
    return supplier
