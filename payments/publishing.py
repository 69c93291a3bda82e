"""The order in which others read on: status changes and posted batches get their place after they are committed.

A key is given out before its transaction ends, so whoever reads on by key or by time jumps over what began earlier and
ended later. A place is given to committed rows only, by one writer at a time (the counter's row is locked until the
places are committed), always above the last one. So nothing appears below a place that somebody has read already,
however long a transaction takes. Places rise; they have gaps.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from payments.choices import BatchState
from payments.models import Batch, LineChange, Publication

CHANGES, BATCHES = "line_change", "batch"
SLICE = 5_000  # places in one short transaction
BATCH_SLICE = 200
MOST_SLICES = 40  # in one call; whoever reads comes again


def publish_changes(most: int = MOST_SLICES) -> int:
    """Give committed status changes their place. Returns the last place given out: up to there one may read."""
    return _publish(CHANGES, _place_changes, most)


def publish_batches(most: int = MOST_SLICES) -> int:
    """Give posted batches their place, in the order of posting. Returns the last place given out."""
    return _publish(BATCHES, _place_batches, most)


def waiting(kind: str) -> bool:
    """Whether something waits for its place: what others read on is more than they see now."""
    return _posted().exists() if kind == BATCHES else LineChange.objects.filter(published__isnull=True).exists()


def _publish(kind: str, place: Callable[[int], int], most: int) -> int:
    for _slice in range(most):
        if not waiting(kind):
            break
        with transaction.atomic():
            last = _locked(kind)
            Publication.objects.filter(kind=kind).update(last=place(last))
    return _last(kind)


def _locked(kind: str) -> int:
    """The last place given out; nobody else gives places until the transaction ends."""
    row = Publication.objects.filter(kind=kind)
    if not row.update(last=F("last")):
        try:
            with transaction.atomic():
                Publication.objects.create(kind=kind)
        except IntegrityError:
            pass  # somebody else made the row just now
        row.update(last=F("last"))
    return _last(kind)


def _last(kind: str) -> int:
    return Publication.objects.filter(kind=kind).values_list("last", flat=True).first() or 0


def _place_changes(last: int) -> int:
    """One UPDATE for a slice: the key moved up by so much that the first one comes after the last place."""
    waits = LineChange.objects.filter(published__isnull=True)
    keys = list(waits.order_by("pk").values_list("pk", flat=True)[:SLICE])
    if not keys:
        return last
    up = max(0, last + 1 - keys[0])
    waits.filter(pk__range=(keys[0], keys[-1])).update(published=F("pk") + up)
    return keys[-1] + up


def _place_batches(last: int) -> int:
    for pk in list(_posted().order_by("posted_at", "pk").values_list("pk", flat=True)[:BATCH_SLICE]):
        last += 1
        Batch.objects.filter(pk=pk, published__isnull=True).update(published=last)
    return last


def _posted() -> QuerySet[Batch]:
    return Batch.objects.filter(state=BatchState.POSTED, published__isnull=True)
