"""Takes what fell into a locked month into an open one: the voucher gets another value date before it is posted.

When the money moved stays on the matches (and so whether an invoice was paid on time); the old value date stands in
Extra text. Vouchers that are posted are never moved.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from autopay_console.kernel.sets import chunks
from payments.books.ledger_building import seal_of
from payments.books.ledger_specs import BookingRefused
from payments.choices import BatchState
from payments.models import Batch, Voucher

_ROWS = 100


def move(batch: Batch, months: Iterable[tuple[int, int]], day: date) -> int:
    """Give the batch's vouchers of these months (year, month) this value date; how many were moved.

    Raises BookingRefused when the batch does not wait any more.
    """
    moved = 0
    with transaction.atomic():
        if not Batch.objects.filter(pk=batch.pk, state=BatchState.WAITING).update(waits_for=""):
            raise BookingRefused(_("Batch %(number)s does not wait any more.") % {"number": batch.number})
        rows = list(vouchers_of(batch, months).order_by("position").values_list("pk", flat=True))
        for part in chunks(rows, 500):
            vouchers = list(Voucher.objects.filter(pk__in=part).prefetch_related("postings"))
            for voucher in vouchers:
                was = _("value date %(day)s") % {"day": voucher.value_date.isoformat()}
                voucher.extra_text = f"{was}; {voucher.extra_text}"[:200] if voucher.extra_text else was
                voucher.value_date = day
                voucher.seal = seal_of(voucher, sorted(voucher.postings.all(), key=lambda one: one.position))
            Voucher.objects.bulk_update(vouchers, ["value_date", "extra_text", "seal"], batch_size=_ROWS)
            moved += len(vouchers)
    return moved


def vouchers_of(batch: Batch, months: Iterable[tuple[int, int]]) -> QuerySet[Voucher]:
    """Vouchers of the batch with a value date in one of the months."""
    wanted = Q(pk__in=())
    for year, month in months:
        wanted |= Q(value_date__year=year, value_date__month=month)
    return Voucher.objects.filter(wanted, batch=batch)
