"""Is this row of a file one the books hold already? (mapping 5)

A statement (camt.053) is a whole day: its n-th equal row is the stored n-th, unless the stored ones stand on another
page or in the statement before or after. A notification (camt.054, VIP) is an event: an equal row counts as told
before only when the bank says so (copy mark, the same message or notification); otherwise it is kept as possibly
delivered twice, for a person. Two equal but distinct payments on one day both count.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from autopay_console.kernel.sets import chunks
from payments.choices import RepeatWhy
from payments.iso20022.keys import EntryKeys, account_key, booking_key
from payments.iso20022.messages import Account, Entry
from payments.models import BankEntry, BankFile, RepeatedEntry

NOTIFICATIONS = ("camt.054", "vip")


@dataclass(frozen=True, slots=True)
class Block:
    """A statement or notification, as far as it tells apart days told twice from days that follow each other."""

    account: str
    statement_id: str = ""
    page: int = 1
    copy: str = ""
    from_date: date | None = None
    to_date: date | None = None
    opening: Decimal | None = None
    closing: Decimal | None = None

    def apart_from(self, other: Block) -> bool:
        """Whether no row of one can be a row of the other: another page, or the statement before or after."""
        if self.statement_id and self.statement_id == other.statement_id:
            return self.page != other.page
        return self._leads_to(other) or other._leads_to(self)

    def _leads_to(self, other: Block) -> bool:
        balances = (self.opening, self.closing, other.opening, other.closing)
        if None in balances or self.to_date is None or other.from_date is None:
            return False
        return self.closing == other.opening and self.opening != other.opening and self.to_date <= other.from_date


@dataclass(frozen=True, slots=True)
class Known:
    """A stored row with the same key."""

    entry_id: UUID
    occurrence: int
    file_id: UUID
    message_key: str
    block: Block


@dataclass(frozen=True, slots=True)
class Recognised:
    """A row to be kept (`occurrence` among equals), or one told before (`repeats`, with the reason).

    `maybe`: kept, but equal to this stored row without a mark, so a person decides. `told_by`: the same booking was
    told by the account's other notification and is booked there.
    """

    key: str
    booking_key: str
    occurrence: int = 0
    repeats: UUID | None = None
    why: RepeatWhy | None = None
    maybe: UUID | None = None
    told_by: UUID | None = None


@dataclass(slots=True)
class Recogniser:
    """Recognises the rows of one file, slice by slice, in file order."""

    file: BankFile
    type: str
    message_key: str
    blocks: dict[int, Block]
    _seen: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    _told_elsewhere: Counter[str] = field(default_factory=Counter)
    _by_hand: dict[tuple[str, date | None, Decimal], list[UUID]] = field(default_factory=dict)

    def skip(self, account: Account, entry: Entry) -> None:
        """Count a row of a slice that was committed before."""
        self._seen[self.key(account, entry)][account.index] += 1

    def key(self, account: Account, entry: Entry) -> str:
        """What equal rows share: type, account, day, amount, direction, bank reference (and details in a 054)."""
        counted = EntryKeys(self.type).key(account, entry)
        return hashlib.sha256(counted.rpartition(":")[0].encode()).hexdigest()

    def recognise(self, rows: Sequence[tuple[Account, Entry]]) -> list[Recognised]:
        """One answer per row. Reads the stored rows of all keys at once."""
        named = [
            (account, entry, self.key(account, entry), _digest(booking_key(account, entry))) for account, entry in rows
        ]
        known = self._stored(key for _account, _entry, key, _booking in named)
        taken = self._taken_copies(known)
        elsewhere = self._elsewhere(booking for _account, _entry, _key, booking in named)
        self._by_hand = self._lines_by_hand(rows)
        highest = {key: max((row.occurrence for row in stored), default=0) for key, stored in known.items()}
        answers = []
        for account, entry, key, booking in named:
            self._seen[key][account.index] += 1
            others = [row for row in known.get(key, ()) if row.file_id != self.file.pk]
            answer = self._told_before(account.index, key, booking, others, taken)
            if answer is None:
                highest[key] = highest.get(key, 0) + 1
                answer = self._fresh(account, entry, key, booking, highest[key], others, elsewhere)
            answers.append(answer)
        return answers

    def _told_before(
        self, index: int, key: str, booking: str, others: list[Known], taken: set[UUID]
    ) -> Recognised | None:
        block = self.blocks[index]
        seen = self._seen[key]
        if self.type == "camt.053":
            same = [row for row in others if not row.block.apart_from(block)]
            place = sum(count for at, count in seen.items() if at == index or not self.blocks[at].apart_from(block))
            return _repeat(key, booking, same, place, RepeatWhy.STATEMENT)
        place = sum(seen.values())
        if block.copy:
            return _repeat(key, booking, others, place, RepeatWhy.COPY)
        message = [row for row in others if self.message_key and row.message_key == self.message_key]
        if found := _repeat(key, booking, message, place, RepeatWhy.MESSAGE):
            return found
        notification = [row for row in others if block.statement_id and row.block.statement_id == block.statement_id]
        if found := _repeat(key, booking, notification, place, RepeatWhy.NOTIFICATION):
            return found
        originals = [row for row in others if row.block.copy and row.entry_id not in taken]
        if originals:
            taken.add(originals[0].entry_id)
        return _repeat(key, booking, originals, 1, RepeatWhy.COPY)

    def _fresh(
        self,
        account: Account,
        entry: Entry,
        key: str,
        booking: str,
        occurrence: int,
        others: list[Known],
        elsewhere: dict[str, list[UUID]],
    ) -> Recognised:
        maybe = told_by = None
        if self.type in NOTIFICATIONS:
            maybe = others[0].entry_id if others else None
            place = self._told_elsewhere[booking]
            candidates = elsewhere.get(booking, [])
            if maybe is None and place < len(candidates):
                self._told_elsewhere[booking] += 1
                told_by = candidates[place] if entry.bank_reference else None
                maybe = None if entry.bank_reference else candidates[place]
            elif maybe is None:
                lone = self._by_hand.get((account_key(account.id), entry.booking_date, entry.signed), [])
                maybe = lone.pop() if len(lone) == 1 else None
        return Recognised(key, booking, occurrence, maybe=maybe, told_by=told_by)

    def _stored(self, wanted: Iterable[str]) -> dict[str, list[Known]]:
        found: dict[str, list[Known]] = defaultdict(list)
        columns = (
            "key", "id", "occurrence", "file_id", "file__message_key", "account", "statement__statement_id",
            "statement__page", "statement__copy", "statement__from_date", "statement__to_date", "statement__opening",
            "statement__closing",
        )  # fmt: skip
        for part in chunks(dict.fromkeys(wanted)):
            rows = BankEntry.objects.filter(company_id=self.file.company_id, message_type=self.type, key__in=part)
            for key, id_, occurrence, file_id, message, account, *block in rows.order_by("occurrence").values_list(
                *columns
            ):
                statement_id, page, copy, from_date, to_date, opening, closing = block
                told = Block(account, statement_id or "", page or 1, copy or "", from_date, to_date, opening, closing)
                found[key].append(Known(id_, occurrence, file_id, message, told))
        return found

    def _taken_copies(self, known: dict[str, list[Known]]) -> set[UUID]:
        """Rows that came as a copy first and have met their original since."""
        copies = [row.entry_id for stored in known.values() for row in stored if row.block.copy]
        taken: set[UUID] = set()
        for part in chunks(copies):
            met = RepeatedEntry.objects.filter(entry_id__in=part, why=RepeatWhy.COPY, file__statements__copy="")
            taken.update(met.values_list("entry_id", flat=True))
        return taken

    def _elsewhere(self, wanted: Iterable[str]) -> dict[str, list[UUID]]:
        """Bookings told by the account's other kind of notification (VIP and camt.054 ordered both), or booked by a
        person from the statement."""
        if self.type not in NOTIFICATIONS:
            return {}
        found: dict[str, list[UUID]] = defaultdict(list)
        other = [kind for kind in NOTIFICATIONS if kind != self.type]
        for part in chunks(dict.fromkeys(wanted)):
            told = Q(message_type__in=other, books=True) | Q(message_type="camt.053", decided_at__isnull=False)
            rows = BankEntry.objects.filter(told, company_id=self.file.company_id, booking_key__in=part)
            for key, id_ in rows.order_by("occurrence", "id").values_list("booking_key", "id"):
                found[key].append(id_)
        if found:
            self._count_told(found)
        return found

    def _lines_by_hand(
        self, rows: Sequence[tuple[Account, Entry]]
    ) -> dict[tuple[str, date | None, Decimal], list[UUID]]:
        """Lines of statements a person decided about and no notification proves: the same money without a reference
        in common is a question."""
        found: dict[tuple[str, date | None, Decimal], list[UUID]] = defaultdict(list)
        if self.type not in NOTIFICATIONS:
            return found
        days = {entry.booking_date for _account, entry in rows if entry.booking_date}
        for part in chunks(sorted(days)):
            lines = BankEntry.objects.filter(
                company_id=self.file.company_id,
                message_type="camt.053",
                decided_at__isnull=False,
                booking_date__in=part,
                proofs__isnull=True,
            )
            for account, day, amount, pk in lines.values_list("account", "booking_date", "amount", "id"):
                found[account, day, amount].append(pk)
        return found

    def _count_told(self, found: dict[str, list[UUID]]) -> None:
        """Rows of our own type that were told for these bookings before, so that the n-th meets the n-th."""
        unknown = [key for key in found if key not in self._told_elsewhere]
        for part in chunks(unknown):
            rows = BankEntry.objects.filter(
                company_id=self.file.company_id, booking_key__in=part, message_type=self.type
            )
            self._told_elsewhere.update(rows.values_list("booking_key", flat=True))


def _repeat(key: str, booking: str, rows: list[Known], place: int, why: RepeatWhy) -> Recognised | None:
    if place > len(rows):
        return None
    return Recognised(key, booking, repeats=rows[place - 1].entry_id, why=why)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
