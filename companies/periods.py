"""Accounting periods: a locked month takes no more postings, whoever tries.

Who may: an accountant locks, an administrator opens again and says why. The ledger asks for the state inside the
transaction that posts, so a period that is being locked and a batch that is being posted cannot pass each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from companies.choices import PeriodState
from companies.models import AccountingPeriod, Company, PeriodTurn, Person

MONTHS_SHOWN = 18


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the books, with its row when somebody has ever touched it."""

    year: int
    month: int
    row: AccountingPeriod | None

    @property
    def name(self) -> str:
        return f"{self.year}-{self.month:02}"

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def locked(self) -> bool:
        return self.row is not None and self.row.state == PeriodState.LOCKED


def months(company: Company, today: date, *, shown: int = MONTHS_SHOWN) -> list[Month]:
    """The month after this one and those before it, newest first."""
    rows = AccountingPeriod.objects.filter(company=company).select_related("locked_by")
    known = {(row.year, row.month): row for row in rows}
    newest = today.year * 12 + today.month  # next month, months counted from 0
    return [
        Month(number // 12, number % 12 + 1, known.get((number // 12, number % 12 + 1)))
        for number in range(newest, newest - shown, -1)
    ]


def lock(company: Company, year: int, month: int, by: Person, reason: str = "") -> bool:
    """Nothing is posted into the month from now on. False when it was locked already. The reason says why it is locked
    although something was left to do."""
    return _turn(company, year, month, PeriodState.LOCKED, by, reason)


def unlock(company: Company, year: int, month: int, by: Person, reason: str) -> bool:
    """Open the month again; the reason is kept. False when it was open already."""
    return _turn(company, year, month, PeriodState.OPEN, by, reason)


def _turn(company: Company, year: int, month: int, to: PeriodState, by: Person, reason: str) -> bool:
    with transaction.atomic():
        if not _change(company, year, month, to, by, reason):
            return False
        PeriodTurn.objects.create(company=company, year=year, month=month, state=to, by=by, reason=reason[:200])
    return True


def _change(company: Company, year: int, month: int, to: PeriodState, by: Person, reason: str) -> bool:
    facts = {"state": to, "locked_by": by, "locked_at": timezone.now(), "reason": reason[:200]}
    own = AccountingPeriod.objects.filter(company=company, year=year, month=month)
    if own.exclude(state=to).update(**facts):
        return True
    if own.exists() or to == PeriodState.OPEN:
        return False
    try:
        with transaction.atomic():
            AccountingPeriod.objects.create(company=company, year=year, month=month, **facts)
    except IntegrityError:
        return bool(own.exclude(state=to).update(**facts))
    return True
