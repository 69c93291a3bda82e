"""Do the details of an entry say the same as the entry? Otherwise nothing of it is matched without a person.

Charges may stand inside or outside the booked amount and no bank says which, so arithmetic decides: the
details alone, or the details with the charges. The bank's own counts and totals of a batch must agree as
well.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from payments.iso20022.messages import Batch, Charge, Detail, Direction
from payments.iso20022.notes import Notes


def cost(charges: Sequence[Charge], currency: str) -> Decimal:
    """The charges in a currency, a refunded charge (CRDT) counted against."""
    return sum(
        (-fee.amount if fee.direction == "credit" else fee.amount for fee in charges if fee.currency == currency),
        Decimal(0),
    )


def adds_up(
    amount: Decimal,
    currency: str,
    way: Direction,
    details: Sequence[Detail],
    charges: Sequence[Charge],
    notes: Notes,
    line: int,
) -> tuple[bool, bool | None]:
    """Whether the details give the amount, and whether the charges are inside it (None: there are none)."""
    total = Decimal(0)
    detail_charges: list[Charge] = []
    for part in details:
        total += part.amount if part.direction == way else -part.amount
        if part.charges:
            detail_charges.extend(part.charges)
    if not details:
        return True, None
    if total == amount:
        return True, False if charges or detail_charges else None
    sign = 1 if way == "debit" else -1
    for taken in (charges, detail_charges, [*charges, *detail_charges]):
        fee = cost(taken, currency)
        if fee and total + sign * fee == amount:
            return True, True
    notes.note("details_do_not_add_up", line, amount=amount, currency=currency, details=total)
    return False, None


def batch_agrees(
    batch: Batch, amount: Decimal, currency: str, found: int, included: Decimal, notes: Notes, line: int
) -> bool:
    """Whether the bank's count and total of the batch fit; `included` are charges inside the amount.

    A batch without details is common: then only its total can be compared.
    """
    fine = True
    if batch.count is not None and found and batch.count != found:
        notes.note("batch_count", line, count=batch.count, found=found)
        fine = False
    if batch.total is not None and batch.currency == currency:
        close = {amount, amount - included, amount + included}
        if batch.total not in close:
            notes.note("batch_total", line, total=batch.total, amount=amount)
            fine = False
    return fine
