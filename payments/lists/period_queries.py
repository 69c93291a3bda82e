"""What is booked in each month, and what waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.db.models.functions import ExtractMonth, ExtractYear

from autopay_console.kernel.money import ZERO
from companies.models import Company
from companies.periods import Month
from payments.choices import BatchState
from payments.models import Batch, Voucher


@dataclass(frozen=True, slots=True)
class MonthOfBooks:
    """One month: its lock, posted vouchers with their sum, vouchers that wait."""

    month: Month
    posted: int = 0
    debit: Decimal = ZERO
    waiting: int = 0


def with_counts(company: Company, months: Sequence[Month]) -> list[MonthOfBooks]:
    """The months with their vouchers, in one query."""
    if not months:
        return []
    first, last = months[-1].first, months[0].first
    rows = Voucher.objects.filter(company=company, value_date__gte=first, value_date__lt=_after(last))
    rows = rows.exclude(batch__state=BatchState.BUILDING)
    posted = Q(batch__state=BatchState.POSTED)
    found = (
        rows.order_by()
        .annotate(year=ExtractYear("value_date"), month=ExtractMonth("value_date"))
        .values("year", "month")
        .annotate(
            posted=Count("pk", filter=posted),
            debit=Sum("debit_total", filter=posted),
            waiting=Count("pk", filter=~posted),
        )
    )
    by_month = {(row["year"], row["month"]): row for row in found}
    result = []
    for month in months:
        row = by_month.get((month.year, month.month))
        if row is None:
            result.append(MonthOfBooks(month))
        else:
            result.append(MonthOfBooks(month, row["posted"], row["debit"] or ZERO, row["waiting"]))
    return result


def next_to_close(months: Sequence[MonthOfBooks]) -> MonthOfBooks | None:
    """The oldest open month with anything in it, of months newest first: the one that is closed next."""
    return next((one for one in reversed(months) if not one.month.locked and (one.posted or one.waiting)), None)


def waiting_in(company: Company, year: int, month: int) -> list[Batch]:
    """Batches with vouchers of this month that nobody has posted; locking leaves them waiting."""
    first = date(year, month, 1)
    own = Voucher.objects.filter(company=company, value_date__gte=first, value_date__lt=_after(first))
    rows = Batch.objects.filter(company=company, state=BatchState.WAITING, pk__in=own.order_by().values("batch_id"))
    return list(rows.order_by("number")[:20])


def _after(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
