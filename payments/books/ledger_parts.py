"""What a part of an open entry stands for in company currency: the parts of an entry add up to what it was booked with.

A part is what the sum up to it is worth, less what the sum before it was worth. Vouchers that are not posted yet have
not lowered the entry's rest, so what they close is counted here: parts booked beside each other lose no øre either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Sum

from autopay_console.kernel.money import ZERO, rounded
from autopay_console.kernel.sets import chunks
from payments.choices import BatchState
from payments.models import CustomerEntry, EntryMatch, SupplierEntry

Entry = SupplierEntry | CustomerEntry


@dataclass(slots=True)
class Parts:
    """The entries of a batch that is being built; `decimals` are those of the company's currency."""

    decimals: int
    _closing: dict[tuple[bool, int], Decimal] = field(default_factory=dict)  # of what no voucher has posted yet

    def look_up(self, entries: Iterable[Entry]) -> None:
        """Read what waiting vouchers close of these; only where a rate could make a difference."""
        wanted = {_key(one) for one in entries if one.amount != one.amount_booked} - self._closing.keys()
        self._closing |= dict.fromkeys(wanted, ZERO)
        for supplier, column in ((True, "supplier_entry_id"), (False, "customer_entry_id")):
            for ids in chunks(pk for of_supplier, pk in wanted if of_supplier == supplier):
                waiting = EntryMatch.objects.filter(**{f"{column}__in": ids}).exclude(
                    voucher__batch__state=BatchState.POSTED
                )
                for pk, closing in waiting.order_by().values_list(column).annotate(sum=Sum("amount")):
                    self._closing[supplier, pk] = closing

    def worth(self, entry: Entry, amount: Decimal) -> Decimal:
        """The next part of an entry, in company currency."""
        before = entry.amount - entry.rest + self._closing.get(_key(entry), ZERO)
        rate = entry.amount_booked / entry.amount
        return rounded((before + amount) * rate, self.decimals) - rounded(before * rate, self.decimals)

    def take(self, entry: Entry, amount: Decimal) -> None:
        """A voucher closes this part: the next part comes behind it."""
        if (key := _key(entry)) in self._closing:
            self._closing[key] += amount


def _key(entry: Entry) -> tuple[bool, int]:
    return isinstance(entry, SupplierEntry), entry.pk
