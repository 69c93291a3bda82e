"""Account statements (camt.053): what the bank says of an account, day by day, and whether a day is missing.

Pages of one statement are put together in any order; copies count once. A statement is checked (opening + entries =
closing) when all its pages are here, and each opening is held against the closing before it: numbers of banks have
gaps without meaning, balances have not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from autopay_console.kernel.money import ZERO
from autopay_console.kernel.once import once
from autopay_console.kernel.sets import chunks
from companies.models import BankPartner, Company
from payments.choices import ImportPhase
from payments.models import BankEntry, IncomingPayment, Match, OpenDebit, SettlementFact, Statement, Voucher


@dataclass(slots=True)
class Whole:
    """One statement of one account, its pages put together."""

    account: str
    currency: str
    statement_id: str
    pages: list[Statement] = field(default_factory=list)
    entries: int = 0
    missing_before: Decimal | None = None  # opening less the closing before: entries nobody sent

    @property
    def first(self) -> Statement:
        return self.pages[0]

    @property
    def last(self) -> Statement:
        return self.pages[-1]

    @property
    def from_date(self) -> date | None:
        return min((page.from_date for page in self.pages if page.from_date), default=None)

    @property
    def to_date(self) -> date | None:
        return max((page.to_date for page in self.pages if page.to_date), default=None)

    @property
    def opening(self) -> Decimal | None:
        return self.first.opening if self.first.page == 1 else None

    @property
    def closing(self) -> Decimal | None:
        return self.last.closing

    @property
    def booked(self) -> Decimal:
        """What the booked entries of the pages that are here sum to."""
        return sum((page.booked_sum or ZERO for page in self.pages), ZERO)

    @property
    def complete(self) -> bool:
        """All pages are here: they run from 1 to the one marked as last."""
        return self.last.last_page and [page.page for page in self.pages] == list(range(1, len(self.pages) + 1))

    @property
    def adds_up(self) -> bool | None:
        """Opening + entries = closing; None while a page or a balance is missing."""
        if not self.complete or self.opening is None or self.closing is None:
            return None
        return self.opening + self.booked == self.closing


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account as its latest statement leaves it."""

    account: str
    currency: str
    partner: BankPartner | None
    statements: int
    balance: Decimal | None
    to_date: date | None
    gaps: int


def live(company: Company) -> QuerySet[Statement]:
    """Statements of files that are in the books."""
    return Statement.objects.filter(
        company=company, file__type="camt.053", file__phase__gt=ImportPhase.STAGING
    ).select_related("file", "bank_partner")


def of_account(company: Company, account: str, *, counted: bool = True) -> list[Whole]:
    """The account's statements, oldest first, with what is missing before each; `counted`: with their entries."""
    return once(("statements", company.pk, account, counted), lambda: _whole(company, account, counted=counted))


def _whole(company: Company, account: str, *, counted: bool) -> list[Whole]:
    rows = live(company).filter(account=account).order_by("file__received_at", "number", "id")
    found: dict[tuple[str, date | None, date | None, Decimal | None], Whole] = {}
    for row in rows:
        whole = _home_of(row, found)
        if any(page.page == row.page for page in whole.pages):
            continue  # a copy
        whole.pages.append(row)
        whole.pages.sort(key=lambda page: page.page)
    statements = sorted(found.values(), key=_by_day)
    if counted:
        _count_entries(statements)
    _mark_gaps(statements)
    return statements


def numbers(company: Company) -> list[str]:
    """All accounts that have statements, by their key."""
    return list(live(company).order_by("account").values_list("account", flat=True).distinct())


def accounts(company: Company) -> list[AccountState]:
    """All accounts that have statements, as their latest one leaves them."""
    states = []
    for number in numbers(company):
        statements = of_account(company, number)
        last = next((one for one in reversed(statements) if one.closing is not None), None)
        states.append(
            AccountState(
                account=number,
                currency=statements[-1].currency,
                partner=statements[-1].first.bank_partner,
                statements=len(statements),
                balance=last.closing if last else None,
                to_date=last.to_date if last else None,
                gaps=sum(1 for one in statements if one.missing_before),
            )
        )
    return states


def lines(whole: Whole) -> QuerySet[BankEntry]:
    """Entries of the statement in the bank's order, each with the entry that booked it."""
    rows = BankEntry.objects.filter(statement__in=[page.pk for page in whole.pages])
    return rows.select_related("linked_to__file", "voucher__batch", "file").order_by("statement__page", "index")


def vouchers_of(entries: Iterable[BankEntry]) -> dict[UUID, list[Voucher]]:
    """For each line of a statement the vouchers that book it: its own, or those of the entry it proves."""
    lines_of: dict[UUID, list[UUID]] = defaultdict(list)
    for entry in entries:
        lines_of[entry.linked_to_id or entry.pk].append(entry.pk)
        if entry.linked_to_id:
            lines_of[entry.pk].append(entry.pk)
    found: dict[UUID, dict[UUID, Voucher]] = defaultdict(dict)
    for part in chunks(lines_of):
        for entry_id, voucher in _booked_by(part):
            for line_id in lines_of[entry_id]:
                found[line_id][voucher.pk] = voucher
    return {line_id: list(vouchers.values()) for line_id, vouchers in found.items()}


def _booked_by(entry_ids: list[UUID]) -> list[tuple[UUID, Voucher]]:
    keys: dict[str, UUID] = {}
    matched = Match.objects.filter(incoming__entry_id__in=entry_ids)
    keys.update(matched.values_list("source_key", "incoming__entry_id"))
    keys.update(SettlementFact.objects.filter(bank_entry_id__in=entry_ids).values_list("source_key", "bank_entry_id"))
    own = dict(BankEntry.objects.filter(pk__in=entry_ids, voucher__isnull=False).values_list("voucher_id", "pk"))
    own |= dict(
        OpenDebit.objects.filter(entry_id__in=entry_ids, voucher__isnull=False).values_list("voucher_id", "entry_id")
    )
    company_id = BankEntry.objects.filter(pk__in=entry_ids[:1]).values_list("company_id", flat=True)[:1]
    pairs: list[tuple[UUID, Voucher]] = []
    for part in chunks(keys):
        rows = Voucher.objects.filter(company_id__in=company_id, source_key__in=part).select_related("batch")
        pairs += [(keys[row.source_key], row) for row in rows]
    for ids in chunks(own):
        pairs += [(own[row.pk], row) for row in Voucher.objects.filter(pk__in=ids).select_related("batch")]
    return pairs


def waiting_lines(company: Company, account: str = "") -> QuerySet[BankEntry]:
    """Booked lines of statements that nothing in the books answers and nobody has decided about, of one account or
    of all."""
    rows = BankEntry.objects.filter(
        company=company, message_type="camt.053", status="BOOK", books=False, decided_at__isnull=True
    ).filter(linked_to__isnull=True, voucher__isnull=True, file__phase__gt=ImportPhase.STAGING)
    if account:
        rows = rows.filter(account=account)
    return rows.select_related("file", "statement").order_by("booking_date", "index")


def payments_of(entry: BankEntry) -> QuerySet[IncomingPayment]:
    """Customer payments behind a line: its own, or those of the entry it proves."""
    return IncomingPayment.objects.filter(Q(entry=entry) | Q(entry_id=entry.linked_to_id)).order_by("number")


def _home_of(row: Statement, found: dict[tuple[str, date | None, date | None, Decimal | None], Whole]) -> Whole:
    """The statement a page belongs to: by the bank's id; without one a page stands for itself, copies by balance."""
    named = bool(row.statement_id) and "~" not in row.statement_id
    key = (row.statement_id, row.from_date, None if named else row.to_date, None if named else row.closing)
    return found.setdefault(key, Whole(row.account, row.currency_code, row.statement_id))


def _by_day(whole: Whole) -> tuple[date, date]:
    return whole.to_date or date.min, whole.from_date or date.min


def _count_entries(statements: list[Whole]) -> None:
    """Entries of each statement; those of a copy are rows of the first delivery."""
    ids = [page.pk for whole in statements for page in whole.pages]
    counts: dict[UUID, int] = {}
    for part in chunks(ids):
        rows = BankEntry.objects.filter(statement_id__in=part).order_by().values_list("statement_id")
        counts.update(rows.annotate(n=Count("id")))
    for whole in statements:
        whole.entries = sum(counts.get(page.pk, 0) for page in whole.pages)


def _mark_gaps(statements: list[Whole]) -> None:
    before: Whole | None = None
    for whole in statements:
        if before is not None and before.closing is not None and whole.opening is not None:
            whole.missing_before = whole.opening - before.closing
        if whole.closing is not None:
            before = whole
