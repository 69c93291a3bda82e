"""Verification of payee: the bank found other names behind accounts and holds the file until the payer decides.

One person asks for release or cancellation, another confirms; then the bank side is told. Nothing is rejected by us,
and a bank that goes on by itself ends the pause. The second person decides about the names the first one saw, and a
file is released only when somebody decided about every name in it. The bank's name can be taken over to the supplier.
Source: mapping 3.2.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from autopay_console.kernel.rows import insert_rows
from companies import saving
from companies.choices import Channel
from companies.models import Company, Person, Supplier
from payments import events, story
from payments.choices import LineStatus, PayeeAct, PayeeDecisionState
from payments.models import PayeeDecision, PayeeDecisionItem, Payment, PaymentLine, Transfer, TransferItem

CODES = ("RVNM", "RVMC", "RVNA")  # no match, close match, not possible
HELD_AT = (LineStatus.AT_EFT, LineStatus.TRANSFERRED)
_UNDECIDED = Q(payee_check__gt="", payee_check__in=CODES, payee_check_done=False)  # as their short index has it
SHOWN = 100  # names of a file at first; the others by its own list
PATIENCE = timedelta(seconds=30)  # then a decision whose nudge was lost is told by the sweep


class CannotDecide(Exception):
    """The decision cannot be made like this; the text says what happened."""


@dataclass(frozen=True, slots=True)
class Paused:
    """A file the bank holds because of names, and what somebody already asked for."""

    transfer: Transfer
    items: Sequence[TransferItem]
    decision: PayeeDecision | None
    added: frozenset[UUID] = field(default_factory=frozenset)  # transactions the bank named after somebody asked
    count: int = 0  # of all its names; `items` are the first of them

    @property
    def is_cut(self) -> bool:
        """Whether the file has more names than stand here."""
        return self.count > len(self.items)

    @property
    def may_be_confirmed(self) -> bool:
        """Whether the file waits for a second person and nothing else."""
        return self.decision is not None and not (self.added and self.decision.act == PayeeAct.RELEASE)


def open_items(company: Company) -> QuerySet[TransferItem]:
    """Transactions whose payee's name differs and that nobody decided about; the bank has not gone on by itself."""
    held = PaymentLine.objects.filter(item=OuterRef("pk"), status__in=HELD_AT)
    rows = TransferItem.objects.filter(_UNDECIDED, company=company)
    return rows.filter(Exists(held))


def held_of(payment: OuterRef) -> Exists:
    """Whether a payment has such transactions, for a query over payments."""
    lines = PaymentLine.objects.filter(item=OuterRef("pk"), status__in=HELD_AT)
    rows = TransferItem.objects.filter(_UNDECIDED, payment=payment)
    return Exists(rows.filter(Exists(lines)))


def waiting_payments(company: Company, *, payroll: bool) -> QuerySet[Payment]:
    """Payments with a file the bank holds, newest first."""
    rows = Payment.objects.filter(company=company, pk__in=open_items(company).values("payment_id"))
    return rows if payroll else rows.filter(salary=False)


def names_of(transfer: Transfer) -> QuerySet[TransferItem]:
    """Every transaction of a file with a name nobody decided about, for a list that is paged."""
    return open_items(transfer.company).filter(transfer=transfer).select_related("transfer", "supplier")


def paused(payment: Payment) -> list[Paused]:
    """The files of a payment that wait, each with its first names, how many there are, and the decision asked for.

    What was added since somebody asked is known of all names of a file; three queries and one a file.
    """
    rows = open_items(payment.company).filter(payment=payment)
    counts = dict(rows.order_by("transfer_id").values_list("transfer_id").annotate(Count("pk")))
    asked = PayeeDecision.objects.filter(transfer__in=list(counts), state=PayeeDecisionState.WAITING)
    decisions = {one.transfer_id: one for one in asked.select_related("asked_by")}
    added: dict[int, set[UUID]] = {}
    if decisions:
        later = rows.filter(transfer__in=list(decisions)).exclude(_asked_about(decisions.values()))
        for transfer_id, pk in later.values_list("transfer_id", "pk"):
            added.setdefault(transfer_id, set()).add(pk)
    found = []
    for pk, count in counts.items():
        some = list(rows.filter(transfer=pk).select_related("transfer", "supplier").order_by("position")[:SHOWN])
        if some:  # else somebody decided just now
            found.append(Paused(some[0].transfer, some, decisions.get(pk), frozenset(added.get(pk, ())), count))
    return found


def shown(transfer: Transfer) -> str:
    """What a person looks at, as a short digest: every open transaction with what the bank found."""
    return _digests(open_items(transfer.company).filter(transfer=transfer)).get(transfer.pk, "")


def shown_of(payment: Payment) -> dict[int, str]:
    """The same for each file of a payment; asked before the names are read, so that it never says more than they do."""
    return _digests(open_items(payment.company).filter(payment=payment))


def _digests(items: QuerySet[TransferItem]) -> dict[int, str]:
    facts: dict[int, list[tuple[UUID, str, str]]] = {}
    rows = items.order_by("pk").values_list("transfer_id", "pk", "payee_check", "payee_check_name")
    for transfer_id, pk, code, name in rows:
        facts.setdefault(transfer_id, []).append((pk, code, name))
    return {pk: hashlib.sha256(repr(some).encode()).hexdigest()[:32] for pk, some in facts.items()}


def _asked_about(decisions: Iterable[PayeeDecision]) -> Exists:
    """Transactions a decision is about: those named when it was asked for, with the same finding and name."""
    rows = PayeeDecisionItem.objects.filter(
        decision__in=[one.pk for one in decisions],
        item=OuterRef("pk"),
        payee_check=OuterRef("payee_check"),
        payee_check_name=OuterRef("payee_check_name"),
    )
    return Exists(rows)


def ask(transfer: Transfer, by: Person, act: str, reason: str, seen: str) -> PayeeDecision:
    """The first of two people says what is to become of the file; `seen` is the digest of what they looked at (see
    `shown`). Raises CannotDecide."""
    if act not in PayeeAct.values:
        raise CannotDecide(_("Choose release or cancel."))
    if not reason.strip():
        raise CannotDecide(_("Say how the name was checked, or why the file is given up."))
    if not open_items(transfer.company).filter(transfer=transfer).exists():
        raise CannotDecide(_("The file does not wait because of names any more."))
    if shown(transfer) != seen:
        raise CannotDecide(_("The bank named more since you opened this. Look at the names again, then ask."))
    try:
        with transaction.atomic():
            made = PayeeDecision.objects.create(
                company=transfer.company, transfer=transfer, act=act, reason=reason.strip()[:200], asked_by=by
            )
            items = open_items(transfer.company).filter(transfer=transfer)
            facts = [(made.pk, *row) for row in items.values_list("pk", "payee_check", "payee_check_name")]
            insert_rows(PayeeDecisionItem, ["decision_id", "item_id", "payee_check", "payee_check_name"], facts)
            text = _("Names that differ: “%(act)s” is asked for. %(reason)s")
            values = {"act": made.get_act_display(), "reason": made.reason}
            story.tell(transfer.payment_id, "payee_check", text % values, by)
            return made
    except IntegrityError as error:
        raise CannotDecide(_("Somebody asked for a decision a moment ago.")) from error


def confirm(decision: PayeeDecision, by: Person) -> None:
    """The second person: the decision about what the first one saw holds, and the bank side is told.

    What the bank named meanwhile stays open. A release would let that money go as well, so it has to be asked for anew;
    giving the file up does no harm. Raises CannotDecide.
    """
    if decision.asked_by_id == by.pk:
        raise CannotDecide(_("Another person must confirm what you asked for."))
    transfer = decision.transfer
    with transaction.atomic():
        _decide(decision, PayeeDecisionState.CONFIRMED, by)
        rows = TransferItem.objects.filter(transfer=transfer, payee_check__in=CODES)
        rows.filter(_asked_about([decision])).update(payee_check_done=True)
        if decision.act == PayeeAct.RELEASE and undecided(transfer):
            text = _("The bank named more since this was asked for. Withdraw it, look at all names and ask anew.")
            raise CannotDecide(text)
        by_hand = transfer.channel != Channel.GATEWAY
        if by_hand:
            PayeeDecision.objects.filter(pk=decision.pk).update(told_at=timezone.now())
        text = _("Names that differ: “%(act)s” is confirmed. %(by_hand)s")
        hint = _("The file went by folder or SFTP: do the same in the bank.") if by_hand else ""
        values = {"act": decision.get_act_display(), "by_hand": hint}
        story.tell(transfer.payment_id, "payee_check", (text % values).strip(), by)
    if not by_hand:
        events.payee_check_decided.send_robust(sender=PayeeDecision, decision_ids=[decision.pk])


def undecided(transfer: Transfer) -> bool:
    """Whether the file has names that nobody decided about: it is not released before somebody does."""
    return open_items(transfer.company).filter(transfer=transfer).exists()


def withdraw(decision: PayeeDecision, by: Person) -> None:
    """Not decided after all; anybody who may decide can ask anew. Raises CannotDecide."""
    _decide(decision, PayeeDecisionState.WITHDRAWN, by)
    story.tell(decision.transfer.payment_id, "payee_check", _("Names that differ: the request is withdrawn."), by)


def _decide(decision: PayeeDecision, state: PayeeDecisionState, by: Person) -> None:
    rows = PayeeDecision.objects.filter(pk=decision.pk, state=PayeeDecisionState.WAITING)
    if not rows.update(state=state, decided_by=by, decided_at=timezone.now()):
        raise CannotDecide(_("Somebody decided this a moment ago."))


def told(decision: PayeeDecision) -> bool:
    """The bank side took it; False when another worker was faster. It stands for the same act decided earlier too."""
    rows = PayeeDecision.objects.filter(told_at__isnull=True)
    if not rows.filter(pk=decision.pk).update(told_at=timezone.now(), last_error=""):
        return False
    earlier = rows.filter(transfer=decision.transfer_id, act=decision.act, state=PayeeDecisionState.CONFIRMED)
    earlier.filter(pk__lt=decision.pk).update(told_at=timezone.now(), last_error="")
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
