"""The same messages with two workers, beside the same with one: they may not stand in each other's way."""

from __future__ import annotations

from bench.jobs import queue
from bench.measure import Measured
from bench.place import Place

TITLE = "Queue, two workers (floor: the same with one; SQLite has one writer, PostgreSQL gains)"
UNIT = queue.UNIT
TARGET = 1.15
SIZES = (10_000,)


def prepare(place: Place, items: int) -> None:
    """As for one."""
    queue.prepare(place, items)


def product(place: Place, items: int) -> Measured:
    """Two workers."""
    return queue.product(place, items, workers=2)


def floor(place: Place, items: int) -> Measured:
    """One worker."""
    return queue.product(place, items)
