"""Keeps what the bank says about money: a debit once per item and round, a return once, lines to 5 or to 4.

A debit is believed only for a payment we sent and have not heard to be dead; anything else is put before a person and
moves nothing. The truth is the row in `SettlementFact`; booking follows from it (payments.settling.settlement_booking).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction

from autopay_console.kernel.money import ZERO
from autopay_console.kernel.sets import chunks
from companies.models import Person
from payments import events, lifecycle, puzzles, transfers
from payments.choices import FactKind, LineStatus, TransferState
from payments.lifecycle import Reason
from payments.models import BankEntry, PaymentLine, SettlementFact, TransferItem
from payments.settling.settlement_facts import ReturnedFact, SettledFact

SLICE = 300  # items a transaction
Fact = TypeVar("Fact", SettledFact, ReturnedFact)
BOOKED = (LineStatus.SETTLED, LineStatus.POSTED)
_ATTEMPTS = 5
DELIVERED = (TransferState.ACCEPTED, TransferState.SENDING, TransferState.UNKNOWN)


class OvertakenMeanwhile(Exception):
    """Another worker moved the same payments between reading and writing: look again."""


@dataclass(slots=True)
class Slice:
    """What is known about the items of one slice of facts."""

    items: dict[UUID, TransferItem]
    lines: dict[UUID, list[PaymentLine]] = field(default_factory=lambda: defaultdict(list))
    facts: dict[UUID, list[SettlementFact]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, item_ids: Sequence[UUID]) -> Slice:
        """Read items, their lines and what was heard of them."""
        items = TransferItem.objects.filter(pk__in=item_ids).select_related("transfer", "company")
        found = cls({item.pk: item for item in items})
        for line in PaymentLine.objects.filter(item__in=item_ids).order_by("line_no"):
            found.lines[line.item_id or item_ids[0]].append(line)
        for fact in SettlementFact.objects.filter(item__in=item_ids).order_by("round"):
            found.facts[fact.item_id].append(fact)
        return found

    def statuses(self, item: TransferItem) -> set[int]:
        return {line.status for line in self.lines[item.pk]}

    def heard(self, item: TransferItem, kind: FactKind) -> list[SettlementFact]:
        return [fact for fact in self.facts[item.pk] if fact.kind == kind]

    def line_ids(self, items: Iterable[TransferItem]) -> list[int]:
        return [line.pk for item in items for line in self.lines[item.pk]]


@dataclass(slots=True)
class Outcome:
    """How many facts were new, how many had been heard before, and what a person must look at.

    `to_book`: payments and value dates that `settlement.collect` has something to book for.
    """

    new: int = 0
    heard: int = 0
    puzzles: list[puzzles.Puzzle] = field(default_factory=list)
    to_book: set[tuple[int, date]] = field(default_factory=set)


def in_slices(facts: Iterable[Fact], keep: Callable[[Sequence[Fact]], Outcome], tell: bool) -> Outcome:
    """Keep facts slice by slice, each in its own transaction; whoever books is told at the end."""
    whole = Outcome()
    for part in chunks(facts, SLICE):
        done = _until_through(sorted(part, key=lambda fact: fact.item_id), keep)  # one order for all: no deadlock
        whole.new += done.new
        whole.heard += done.heard
        whole.puzzles += done.puzzles
        whole.to_book |= done.to_book
    if tell:
        announce(whole.to_book)
    return whole


def announce(to_book: Iterable[tuple[int, date]]) -> None:
    """Say which payments and value dates have something to book (a nudge only; the sweep finds them as well)."""
    for payment_id, value_date in sorted(to_book):
        events.lines_settled.send_robust(sender=SettlementFact, payment_id=payment_id, value_date=value_date)


def announce_file(file_id: UUID) -> None:
    """The same for everything a whole bank file told, once it is through: a payment gets one batch a value date."""
    told = SettlementFact.objects.filter(bank_entry__file=file_id, batch__isnull=True).order_by()
    announce(told.values_list("payment_id", "value_date").distinct())


def _until_through(part: Sequence[Fact], keep: Callable[[Sequence[Fact]], Outcome]) -> Outcome:
    """One transaction; when another worker was faster, look again (what it did is seen then)."""
    for attempt in range(_ATTEMPTS):
        try:
            with transaction.atomic():
                return keep(part)
        except (OvertakenMeanwhile, IntegrityError):
            if attempt == _ATTEMPTS - 1:
                raise
    raise OvertakenMeanwhile


def key_of(item_id: UUID, kind: FactKind, round_: int) -> str:
    """One settlement and one return per item and round; never a bank's reference (decisions §3)."""
    return f"{item_id}:{kind}:{round_}"


def prove_delivery(items: Iterable[TransferItem]) -> None:
    """Money moved for these items: a file whose arrival was in doubt has arrived."""
    for transfer in {item.transfer_id: item.transfer for item in items}.values():
        if transfer.state in transfers.ON_ITS_WAY:
            transfers.prove_delivery(transfer)


def same_debit(fact: SettlementFact, told: SettledFact) -> bool:
    """The same booking told by another message. Two booked entries of one message type are two debits."""
    if (fact.amount, fact.account_amount) != (told.amount, told.account_amount):
        return False
    if told.bank_entry_id is None or fact.bank_entry_id is None or told.bank_entry_id == fact.bank_entry_id:
        return True
    types = BankEntry.objects.filter(pk__in=(told.bank_entry_id, fact.bank_entry_id)).values_list("message_type")
    return len(set(types)) > 1


def fact_row(item: TransferItem, told: SettledFact | ReturnedFact, kind: FactKind, amount: Decimal) -> SettlementFact:
    """The row that keeps it."""
    return SettlementFact(
        company_id=item.company_id,
        payment_id=item.payment_id,
        item_id=item.pk,
        kind=kind,
        round=item.settlement_round,
        source_key=key_of(item.pk, kind, item.settlement_round),
        value_date=told.value_date,
        booking_date=told.booking_date,
        amount=amount,
        account_amount=told.account_amount,
        account_currency_id=told.account_currency,
        fee=told.fee if isinstance(told, SettledFact) else ZERO,
        bank_reference=told.bank_reference[:35],
        reason_code=told.reason_code[:35] if isinstance(told, ReturnedFact) else "",
        source=told.source[:120],
        bank_entry_id=told.bank_entry_id,
    )


def puzzle(item: TransferItem, kind: puzzles.PuzzleKind, text: str, told: SettledFact | ReturnedFact) -> puzzles.Puzzle:
    """Something about this item that a person must see, once per bank entry (or day and amount)."""
    mark = told.bank_entry_id or f"{told.value_date}/{told.account_amount}"
    return puzzles.Puzzle(
        key=f"{item.pk}:{kind}:{mark}",
        kind=kind,
        text=text,
        source=told.source,
        payment_id=item.payment_id,
        item_id=item.pk,
        amount=told.account_amount,
        currency=told.account_currency,
    )


def spread_over_lines(item_amount: Decimal, paid: Decimal, lines: Sequence[PaymentLine]) -> list[Decimal]:
    """What each line of an item got. Paid in full: its own amount, credit notes too. Paid less: the last invoices go
    short, so that as many as possible are closed."""
    parts = [line.amount for line in lines]
    short = item_amount - paid
    for place in reversed(range(len(parts))):
        if short > ZERO and parts[place] > ZERO:
            taken = min(short, parts[place])
            parts[place] -= taken
            short -= taken
    return parts


def move_all(
    line_ids: list[int], to: LineStatus, source: str, reason: Mapping[int, Reason], by: Person | None = None
) -> None:
    """Move lines that were just seen fit for it; when one is not any more, the slice is looked at again."""
    if lifecycle.move(line_ids, to, source=source, reason=reason, by=by).stayed:
        raise OvertakenMeanwhile


def put_down(found: Slice, questions: Sequence[puzzles.Puzzle]) -> None:
    """Keep the questions with the companies they belong to."""
    by_company: dict[int, list[puzzles.Puzzle]] = defaultdict(list)
    for question in questions:
        if question.item_id:
            by_company[found.items[question.item_id].company_id].append(question)
    for company in {item.company for item in found.items.values()}:
        puzzles.put_down(company, by_company[company.pk])
