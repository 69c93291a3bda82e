"""From a line of a statement to what it was booked as: one voucher, or the batch when a line paid many invoices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Min, OuterRef, QuerySet, Subquery

from payments.models import BankEntry, IncomingPayment, OpenDebit, SettlementFact, Voucher


@dataclass(frozen=True, slots=True)
class Booked:
    """How often a line was booked; `voucher` when once, else the number of a batch that holds its vouchers."""

    count: int
    voucher: UUID | None = None
    batch: int | None = None


def attach(entries: Iterable[BankEntry]) -> None:
    """Put `booked` on each line of a page: found through payments, debits, our own payments, or the line itself.

    A line that only proves (another message books the account) shows the vouchers of the line it proves.
    """
    rows = list(entries)
    ids = {row.linked_to_id or row.pk for row in rows}
    found: dict[UUID, Booked] = {}
    payments = IncomingPayment.objects.filter(entry_id__in=ids, voucher__isnull=False)
    _collect(found, payments.values("entry_id"), "entry_id", "voucher__batch__number", "voucher_id", payments)
    debits = OpenDebit.objects.filter(entry_id__in=ids, voucher__isnull=False)
    _collect(found, debits.values("entry_id"), "entry_id", "voucher__batch__number", "voucher_id", debits)
    _collect_facts(found, ids)
    for row in rows:
        own = row.voucher_id
        row.booked = found.get(row.linked_to_id or row.pk) or (Booked(1, own) if own else None)  # type: ignore[attr-defined]


def _collect(
    found: dict[UUID, Booked], grouped: QuerySet[object], entry: str, batch: str, voucher: str, rows: QuerySet[object]
) -> None:
    many = grouped.order_by().annotate(many=Count("pk"), batch=Min(batch))  # type: ignore[misc]
    counted = {row[entry]: (row["many"], row["batch"]) for row in many}  # type: ignore[index]
    single = [key for key, (count, _batch) in counted.items() if count == 1]
    vouchers = dict(rows.filter(**{f"{entry}__in": single}).values_list(entry, voucher))
    for key, (count, number) in counted.items():
        found[key] = Booked(count, vouchers.get(key), number)


def _collect_facts(found: dict[UUID, Booked], ids: Iterable[UUID]) -> None:
    """Our own payments: a settlement fact and its voucher share their source key."""
    own = Voucher.objects.filter(company_id=OuterRef("company_id"), source_key=OuterRef("source_key"))
    facts = SettlementFact.objects.filter(bank_entry_id__in=list(ids), batch__isnull=False)
    grouped = facts.order_by().values("bank_entry_id").annotate(many=Count("pk"), batch=Min("batch__number"))
    counted = {row["bank_entry_id"]: (row["many"], row["batch"]) for row in grouped}
    single = [key for key, (count, _batch) in counted.items() if count == 1]
    rows = facts.filter(bank_entry_id__in=single).annotate(voucher=Subquery(own.values("id")[:1]))
    vouchers = dict(rows.values_list("bank_entry_id", "voucher"))
    for key, (count, number) in counted.items():
        if key is not None:
            found[key] = Booked(count, vouchers.get(key), number)
