"""What payments on their way have taken of an open entry: `SupplierEntry.in_payment` and the mark Remitted.

An invoice must never be paid twice, so taking is one guarded UPDATE, and a database CHECK is the last guard behind it
(0 ≤ in payment ≤ rest, by sign). A part payment leaves the rest payable and the mark off. A line holds its amount
and its cash discount; a line that was posted has used what it held. Source: decisions §2, domain facts 1.6.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.db import transaction
from django.db.models import BooleanField, Case, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from autopay_console.kernel import amounts
from autopay_console.kernel.money import NOTHING, ZERO, MoneyField
from autopay_console.kernel.money import amount as money
from autopay_console.kernel.sets import chunks
from payments.choices import LineStatus
from payments.models import LineChange, PaymentLine, SupplierEntry

_SLICE = 900  # the list stands twice in one statement, and SQL Server takes 2 100 values
FREE = Q(remitted=False, held=False, in_payment=ZERO) & ~Q(rest=ZERO)


class NotFree(Exception):
    """The entry has less left to pay than was asked for: another payment holds it, or it was settled."""

    def __init__(self, entry_id: int, asked: Decimal, free: Decimal) -> None:
        self.entry_id, self.asked, self.free = entry_id, asked, free
        super().__init__(
            _("%(asked)s cannot be taken of this entry: %(free)s of it is free, the rest is in payment or paid.")
            % {"asked": amounts.shown(asked), "free": amounts.shown(free)}
        )


class _TakenMeanwhile(Exception):
    """Another suggestion took some of the slice between reading and writing."""


def reserve(entry_id: int, part: Decimal) -> None:
    """Take a part of an entry (positive of an invoice, negative of a credit note); raises NotFree."""
    after = F("in_payment") + money(part)
    fits = Q(rest__gte=after) if part > 0 else Q(rest__lte=after)
    whole = Case(When(rest=after, then=Value(True)), default=Value(False), output_field=BooleanField())
    entry = SupplierEntry.objects.filter(pk=entry_id)
    if not part or not entry.filter(fits).update(in_payment=after, remitted=whole):
        row = entry.values_list("rest", "in_payment").first() or (ZERO, ZERO)
        raise NotFree(entry_id, part, row[0] - row[1])


def release(entry_id: int, part: Decimal) -> None:
    """Give a part back; the entry can be suggested again. Raises NotFree when so much was never taken."""
    after = F("in_payment") - money(part)
    fits = Q(in_payment__gte=money(part)) if part > 0 else Q(in_payment__lte=money(part))
    entry = SupplierEntry.objects.filter(pk=entry_id)
    if not entry.filter(fits).update(in_payment=after, remitted=False):
        held = entry.values_list("in_payment", flat=True).first() or ZERO
        raise NotFree(entry_id, part, held)


def change(entry_id: int, before: Decimal, after: Decimal) -> None:
    """A line's hold goes from one amount to another, of the same sign."""
    more = after - before
    if not more:
        return
    if (more > 0) == (after > 0):
        reserve(entry_id, more)
    else:
        release(entry_id, -more)


def reserve_whole(entry_ids: Iterable[int]) -> dict[int, Decimal]:
    """Take all of these entries that are untouched; answers what was taken of each. Others are left as they are.

    Two suggestions side by side never get the same entry: the UPDATE decides, and what it did not change is not taken.
    """
    taken: dict[int, Decimal] = {}
    for ids in chunks(entry_ids, _SLICE):
        taken |= _take_slice(ids)
    return taken


def _take_slice(ids: list[int]) -> dict[int, Decimal]:
    free = SupplierEntry.objects.filter(FREE)
    while ids := list(free.filter(pk__in=ids).order_by("pk").values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                if free.filter(pk__in=ids).update(in_payment=F("rest"), remitted=True) != len(ids):
                    raise _TakenMeanwhile
                return dict(SupplierEntry.objects.filter(pk__in=ids).values_list("pk", "in_payment"))
        except _TakenMeanwhile:
            continue
    return {}


def release_lines(line_ids: Iterable[int]) -> None:
    """Give back what these lines held (amount and cash discount); lines that were posted have nothing left to give.

    Called once per line: by payments.lifecycle when a line ends at 4, 7 or 10, and when a line at 1 is deleted.
    """
    for ids in chunks(line_ids, _SLICE):
        posted = LineChange.objects.filter(line_id__in=ids, after=LineStatus.POSTED)
        used = set(posted.values_list("line_id", flat=True))
        _release_slice([pk for pk in ids if pk not in used])


def _release_slice(ids: list[int]) -> None:
    if not ids:
        return
    _give_back(PaymentLine.objects.filter(pk__in=ids), F("amount") + F("discount"))


def release_discounts(lines: QuerySet[PaymentLine]) -> None:
    """Lines that pay too late for the cash discount hold what they pay and no more: the discount is open again."""
    _give_back(lines, F("discount"))
    lines.update(discount=ZERO)


def _give_back(lines: QuerySet[PaymentLine], part: Combinable) -> None:
    held = (
        lines.filter(entry_id=OuterRef("pk"))
        .order_by()
        .values("entry_id")
        .annotate(held=Sum(part, output_field=MoneyField()))
        .values("held")
    )
    SupplierEntry.objects.filter(pk__in=lines.order_by().values("entry_id")).update(
        in_payment=F("in_payment") - Coalesce(Subquery(held, output_field=MoneyField()), NOTHING),
        remitted=False,
    )
