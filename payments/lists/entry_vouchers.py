"""From a line of a statement to what it was booked as: one voucher, or the batch when a line paid many invoices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, QuerySet

from payments.models import BankEntry, IncomingPayment, OpenDebit, SettlementFact


@dataclass(frozen=True, slots=True)
class Booked:
    """How often a line was booked: one voucher by its series and number, else a batch that holds its vouchers."""

    count: int
    batch: int | None = None
    series: str = ""
    number: int | None = None


def attach(entries: Iterable[BankEntry]) -> None:
    """Put `booked` on each line of a page: found through payments, debits, our own payments, or the line itself.

    A line that only proves (another message books the account) shows the vouchers of the line it proves.
    """
    rows = list(entries)
    ids = {row.linked_to_id or row.pk for row in rows}
    found: dict[UUID, Booked] = {}
    payments, debits = IncomingPayment.objects.filter(entry_id__in=ids), OpenDebit.objects.filter(entry_id__in=ids)
    for key, many, batch, series, number in _counted(payments).union(_counted(debits), all=True):
        found[key] = Booked(many, batch, series, number if many == 1 else None)
    facts = SettlementFact.objects.filter(bank_entry_id__in=ids, batch__isnull=False).order_by()
    for key, many, batch in facts.values_list("bank_entry_id").annotate(many=Count("pk"), first=Min("batch__number")):
        if key is not None:
            found[key] = Booked(many, batch)
    for row in rows:
        own = Booked(1, None, row.voucher.series, row.voucher.number) if row.voucher else None
        row.booked = found.get(row.linked_to_id or row.pk) or own  # type: ignore[attr-defined]


def _counted(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Per bank entry: how many vouchers, the first batch, series and number."""
    grouped = rows.filter(voucher__isnull=False).order_by().values_list("entry_id")
    counted: QuerySet[Any] = grouped.annotate(
        many=Count("pk"),
        batch=Min("voucher__batch__number"),
        series=Min("voucher__series"),
        number=Min("voucher__number"),
    )
    return counted
