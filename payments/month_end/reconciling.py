"""Proves an account: bank balance = ledger balance + named differences, on any day a statement speaks of.

The automatic reconciliation ties lines of statements to vouchers: what the import linked first, then by bank reference,
then where account, amount and value date allow one answer only. What is left has a name: parked payments, batches that
wait, debits nobody explained, entries that only one side knows. What has none stands there as not explained.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Sum

from autopay_console.kernel.money import ZERO
from autopay_console.kernel.sets import chunks
from companies.accounts import account_key
from companies.models import Company
from payments.choices import ImportPhase
from payments.lists import statements
from payments.models import BankEntry, Posting
from payments.month_end.reconciling_names import NAMES, Name, named_differences, of_debit, of_fact, of_match
from payments.receiving.importing_checks import own_accounts

_ROWS = 200
NEAR = timedelta(days=10)  # a voucher further away in value date is not the same money


@dataclass(frozen=True, slots=True)
class Difference:
    """One reason with its amount: what the bank has more than the ledger (negative: less)."""

    name: Name
    amount: Decimal

    @property
    def text(self) -> str:
        return str(NAMES[self.name])


@dataclass(frozen=True, slots=True)
class Proof:
    """Bank balance = ledger balance + differences. `day` is the day of the latest statement up to the day asked for.

    Accounts that share a ledger account are proven together.
    """

    accounts: tuple[str, ...]
    gl_accounts: tuple[str, ...]
    currency: str
    day: date | None
    bank: Decimal | None
    ledger: Decimal
    differences: tuple[Difference, ...] = ()

    @property
    def holds(self) -> bool:
        """Every difference has a name."""
        return self.bank is not None and not self.unexplained

    @property
    def unexplained(self) -> Decimal:
        """What is left when every difference that has a name is taken off."""
        return sum((one.amount for one in self.differences if one.name is Name.UNEXPLAINED), ZERO)


def reconcile(company: Company, account: str) -> int:
    """Tie statement lines to vouchers that book the same money; how many lines were tied. Safe to run any time."""
    accounts, gl_accounts, currency = _group(company, account)
    unanswered = _lines(company, accounts).filter(books=False, linked_to__isnull=True, voucher__isnull=True)
    other_side = BankEntry.objects.filter(
        company=company, account__in=accounts, books=True, kind="own_transfer", amount__gt=ZERO, voucher__isnull=True
    )
    columns = ("id", "bank_reference", "amount", "value_date")
    waiting = [*unanswered.values_list(*columns), *other_side.values_list(*columns)]
    if not waiting:
        return 0
    days = [day for _pk, _reference, _amount, day in waiting]
    free = _free_vouchers(company, gl_accounts, currency, min(days) - NEAR, max(days) + NEAR)
    pairs = _pairs(waiting, free, by_reference=True)
    tied = {line for line, _voucher in pairs}
    used = {voucher for _line, voucher in pairs}
    left = [row for row in waiting if row[0] not in tied]
    pairs += _pairs(left, [row for row in free if row[0] not in used], by_reference=False)
    for part in chunks(pairs):
        with transaction.atomic():
            rows = [BankEntry(id=line, voucher_id=voucher) for line, voucher in part]
            BankEntry.objects.bulk_update(rows, ["voucher"], batch_size=_ROWS)
    return len(pairs)


def proof(company: Company, account: str, day: date) -> Proof:
    """The account on a day. Without a statement up to that day there is nothing to prove it by."""
    accounts, gl_accounts, currency = _group(company, account)
    told = [one for key in accounts for one in [_bank(company, key, day)] if one is not None]
    ledger_rows = Posting.objects.filter(company=company, account__in=gl_accounts, currency_code=currency)
    posted = ledger_rows.filter(voucher__number__isnull=False)
    if not told:
        return Proof(accounts, gl_accounts, currency, None, None, _sum(posted.filter(voucher__value_date__lte=day)))
    last = max(one.to_date for one in told)
    first = min(one.from_date for one in told)
    ledger = _sum(posted.filter(voucher__value_date__lte=last))
    bank = sum((one.closing for one in told), ZERO)
    named = named_differences(company, accounts, ledger_rows, _lines(company, accounts, first, last), first, last)
    before = sum((one.opening for one in told), ZERO) - _sum(posted.filter(voucher__value_date__lt=first))
    moved = _entries_sum(_lines(company, accounts, first, last))
    differences = {
        Name.BEFORE: before,
        Name.MISSING: bank - sum((one.opening for one in told), ZERO) - moved,
        **named,
    }
    rest = bank - ledger - sum(differences.values(), ZERO)
    differences[Name.UNEXPLAINED] = rest
    shown = tuple(Difference(name, amount) for name, amount in differences.items() if amount)
    return Proof(accounts, gl_accounts, currency, last, bank, ledger, shown)


@dataclass(frozen=True, slots=True)
class _Bank:
    from_date: date
    to_date: date
    opening: Decimal
    closing: Decimal


def _bank(company: Company, account: str, day: date) -> _Bank | None:
    """First opening and latest closing of the account up to the day."""
    told = [one for one in statements.of_account(company, account, counted=False) if one.to_date and one.to_date <= day]
    first = next((one for one in told if one.opening is not None), None)
    last = next((one for one in reversed(told) if one.closing is not None), None)
    if first is None or last is None or first.opening is None or last.closing is None or last.to_date is None:
        return None
    return _Bank(first.from_date or last.to_date, last.to_date, first.opening, last.closing)


def _group(company: Company, account: str) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """The account, those that share its ledger account, the ledger accounts, the currency."""
    own = own_accounts(company)
    key = account_key(account)
    mine = own.get(key)
    ledgers = {one.gl_bank for one in [mine] if one} | {mine.partner.gl_bank if mine and mine.partner else ""}
    ledgers = {code or company.gl_bank_fallback for code in ledgers} - {""}
    currency = mine.currency if mine else company.currency_id
    together = {
        other
        for other, one in own.items()
        if one.currency == currency and {one.gl_bank, one.partner.gl_bank if one.partner else ""} & ledgers
    }
    return tuple(sorted(together | {key})), tuple(sorted(ledgers)), currency


def _lines(
    company: Company, accounts: tuple[str, ...], first: date | None = None, last: date | None = None
) -> QuerySet[BankEntry]:
    """Booked lines of statements."""
    rows = BankEntry.objects.filter(
        company=company,
        account__in=accounts,
        message_type="camt.053",
        status="BOOK",
        file__phase__gt=ImportPhase.STAGING,
    )
    if first is not None and last is not None:
        rows = rows.filter(booking_date__gte=first, booking_date__lte=last)
    return rows


def _free_vouchers(
    company: Company, gl_accounts: tuple[str, ...], currency: str, first: date, last: date
) -> list[tuple[UUID, str, Decimal, date]]:
    """Posted vouchers that move the account and belong to none of its bank entries yet."""
    accounts = [key for key, one in own_accounts(company).items() if one.gl_bank in gl_accounts]
    own_lines = BankEntry.objects.filter(voucher=OuterRef("voucher"), account__in=accounts)
    rows = (
        Posting.objects.filter(
            company=company, account__in=gl_accounts, currency_code=currency, voucher__number__isnull=False
        )
        .filter(voucher__value_date__gte=first, voucher__value_date__lte=last)
        .filter(~of_match(), ~of_fact(), ~of_debit())
        .filter(~Exists(own_lines))
    )
    found = rows.order_by().values_list("voucher_id", "voucher__bank_reference", "voucher__value_date")
    return [(pk, reference, total, day) for pk, reference, day, total in found.annotate(total=Sum("currency_amount"))]


def free_vouchers(company: Company, account: str, day: date) -> list[tuple[UUID, Decimal]]:
    """Posted vouchers of this value date that move the account and belong to none of its lines, with what they move."""
    _accounts, gl_accounts, currency = _group(company, account)
    return [(pk, total) for pk, _ref, total, _on in _free_vouchers(company, gl_accounts, currency, day, day)]


def _pairs(
    waiting: list[tuple[UUID, str, Decimal, date]], free: list[tuple[UUID, str, Decimal, date]], *, by_reference: bool
) -> list[tuple[UUID, UUID]]:
    """Lines and vouchers with one answer only: same amount and bank reference, or same amount and value date."""
    asked: dict[tuple[object, ...], list[UUID]] = defaultdict(list)
    offered: dict[tuple[object, ...], list[UUID]] = defaultdict(list)
    for heap, rows in ((asked, waiting), (offered, free)):
        for pk, reference, amount, day in rows:
            if not by_reference:
                heap[amount, day].append(pk)
            elif reference:
                heap[amount, reference].append(pk)
    return [
        (lines[0], offered[key][0])
        for key, lines in asked.items()
        if len(lines) == 1 and len(offered.get(key, ())) == 1
    ]


def _sum(rows: QuerySet[Posting]) -> Decimal:
    return rows.aggregate(sum=Sum("currency_amount"))["sum"] or ZERO


def _entries_sum(rows: QuerySet[BankEntry]) -> Decimal:
    return rows.aggregate(sum=Sum("amount"))["sum"] or ZERO
