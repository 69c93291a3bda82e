"""Links what only proves (camt.053 beside camt.054, or the other way round) to the entry that booked the money.

First by the booking key (account, day, amount, direction, bank reference), the n-th with the n-th; then, without a
common reference, only where exactly one candidate stands on either side (mapping 5).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable
from datetime import date
from typing import Any

from django.db import transaction

from autopay_console.kernel.sets import chunks
from payments.choices import ImportPhase
from payments.models import BankEntry, BankFile

_ROWS = 200
PROVING = ("camt.053", "camt.054", "vip")


def link(file: BankFile) -> int:
    """Link entries of the file, and older ones that waited for it, on the file's accounts and days; how many."""
    days = BankEntry.objects.filter(file=file).order_by().values_list("account", "booking_date").distinct()
    by_account: dict[str, list[date]] = defaultdict(list)
    for account, day in days:
        by_account[account].append(day)
    return sum(
        _link_days(file.company_id, account, part) for account, own in by_account.items() for part in chunks(own, 31)
    )


def _link_days(company_id: int, account: str, days: list[date]) -> int:
    rows = list(
        BankEntry.objects.filter(
            company_id=company_id,
            account=account,
            booking_date__in=days,
            status="BOOK",
            message_type__in=PROVING,
            file__phase__gt=ImportPhase.STAGING,
        )
        .order_by("booking_date", "occurrence", "id")
        .values_list("id", "books", "booking_key", "booking_date", "amount", "currency_code", "linked_to_id")
    )
    proofs = [row for row in rows if not row[1] and row[6] is None]
    taken = {row[6] for row in rows if row[6] is not None}
    booked = [row for row in rows if row[1] and row[0] not in taken]
    pairs = _pair(proofs, booked, lambda row: row[2], lone=False)
    met = {proof for proof, _entry in pairs}
    used = {entry for _proof, entry in pairs}
    pairs += _pair(
        [row for row in proofs if row[0] not in met],
        [row for row in booked if row[0] not in used],
        lambda row: (row[3], row[4], row[5]),
        lone=True,
    )
    _write(pairs)
    return len(pairs)


def _pair(
    proofs: list[tuple[Any, ...]],
    booked: list[tuple[Any, ...]],
    by: Callable[[tuple[Any, ...]], Hashable],
    *,
    lone: bool,
) -> list[tuple[Any, Any]]:
    waiting: dict[Hashable, list[Any]] = defaultdict(list)
    for row in booked:
        waiting[by(row)].append(row[0])
    asking: dict[Hashable, list[Any]] = defaultdict(list)
    for row in proofs:
        asking[by(row)].append(row[0])
    pairs: list[tuple[Any, Any]] = []
    for key, ids in asking.items():
        candidates = waiting.get(key, [])
        if not lone or (len(ids) == 1 and len(candidates) == 1):
            pairs += list(zip(ids, candidates, strict=False))
    return pairs


def _write(pairs: list[tuple[Any, Any]]) -> None:
    for part in chunks(pairs):
        rows = [BankEntry(id=proof, linked_to_id=entry) for proof, entry in part]
        with transaction.atomic():
            BankEntry.objects.bulk_update(rows, ["linked_to"], batch_size=_ROWS)
