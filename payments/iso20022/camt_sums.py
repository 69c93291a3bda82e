"""What a statement's entries sum to, against the bank's own summary and balances."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from payments.iso20022.camt_head import Summary
from payments.iso20022.messages import Account, Entry, Sums
from payments.iso20022.notes import Notes


@dataclass(slots=True)
class _Side:
    count: int = 0
    total: Decimal = Decimal(0)


@dataclass(slots=True)
class Tally:
    """Counts and sums of one statement, by (booked, currency, direction)."""

    sides: dict[tuple[bool, str, str], _Side] = field(default_factory=lambda: defaultdict(_Side))

    def add(self, entry: Entry) -> None:
        side = self.sides[entry.status == "BOOK", entry.currency, entry.direction]
        side.count += 1
        side.total += entry.amount

    def currencies(self) -> list[str]:
        return sorted({currency for _, currency, _ in self.sides})

    def of(self, way: str, *, booked_only: bool, currency: str | None = None) -> _Side:
        found = _Side()
        for (booked, its_currency, its_way), side in self.sides.items():
            if its_way == way and (booked or not booked_only) and currency in (None, its_currency):
                found.count += side.count
                found.total += side.total
        return found

    def sums(self, account: int) -> list[Sums]:
        """Booked entries per currency."""
        found = []
        for currency in self.currencies():
            plus = self.of("credit", booked_only=True, currency=currency)
            minus = self.of("debit", booked_only=True, currency=currency)
            found.append(Sums(account, currency, plus.count, plus.total, minus.count, minus.total))
        return found


def compare_summary(stated: Summary, tally: Tally, notes: Notes) -> None:
    """Warn where the bank's summary fits neither all entries nor the booked ones (some banks count INFO
    in).
    """
    ways = [(tally.of("credit", booked_only=booked), tally.of("debit", booked_only=booked)) for booked in (False, True)]
    checks: list[tuple[str, object, list[object]]] = [
        ("number of entries", stated.entries, [plus.count + minus.count for plus, minus in ways]),
        ("sum of entries", stated.total, [plus.total + minus.total for plus, minus in ways]),
        ("net of entries", stated.net, [plus.total - minus.total for plus, minus in ways]),
        ("number of credits", stated.credits, [plus.count for plus, _ in ways]),
        ("sum of credits", stated.credit_sum, [plus.total for plus, _ in ways]),
        ("number of debits", stated.debits, [minus.count for _, minus in ways]),
        ("sum of debits", stated.debit_sum, [minus.total for _, minus in ways]),
    ]
    for what, said, found in checks:
        if said is not None and said not in found:
            notes.note("summary", stated.line, what=what, stated=said, found=found[0])


def compare_balances(account: Account, tally: Tally, notes: Notes) -> None:
    """Opening + booked entries = closing, for a statement that is whole (one page)."""
    if account.page not in (None, 1) or account.last_page is False:
        return
    codes = {balance.code: balance for balance in reversed(account.balances)}
    opening, closing = codes.get("OPBD") or codes.get("PRCD"), codes.get("CLBD")
    if opening is None or closing is None:
        return
    if opening.currency != closing.currency:
        notes.note("balance_currency", closing.line)
        return
    currency = opening.currency
    plus = tally.of("credit", booked_only=True, currency=currency)
    minus = tally.of("debit", booked_only=True, currency=currency)
    expected = opening.amount + plus.total - minus.total
    if expected != closing.amount:
        notes.note("balance", closing.line, opening=opening.amount, expected=expected, closing=closing.amount)
