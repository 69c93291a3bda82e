"""The same as `write`, with all transactions in one file: a bank that sets no limit."""

from __future__ import annotations

from bench.jobs import write
from bench.measure import Measured
from bench.place import Place
from companies.models import BankProfile

TITLE = "Write, one file: as above, for a bank that takes any number of payments in a file"
UNIT = write.UNIT
TARGET = write.TARGET
SIZES = (10_000, 100_000)
_NO_LIMIT = 1_000_000


def prepare(place: Place, items: int) -> None:
    """An estimate of so many lines at such a bank."""
    write.prepare(place, items)
    BankProfile.objects.update(items_per_file=_NO_LIMIT)


def product(place: Place, items: int) -> Measured:
    """Seal it."""
    return write.product(place, items)


def floor(place: Place, items: int) -> Measured:
    """The same bytes, their digest and the check."""
    return write.floor(place, items)
