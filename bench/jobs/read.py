"""A bank's notification becomes facts: camt.054.001.08, both passes."""

from __future__ import annotations

from bench import bank_files, floors, seeding
from bench.measure import Measured, measured
from bench.place import Place
from payments.iso20022 import reading
from tests import build

TITLE = "Read: camt.054.001.08 to facts"
UNIT = "entries"
TARGET = 1.5
SIZES = (1_000, 10_000, 100_000)
_FILE = "read.xml"


def prepare(place: Place, items: int) -> None:
    """The file alone."""
    paid = ((build.a_kid(f"{number:019d}"), seeding.amount_of(number)) for number in range(items))
    bank_files.write_credits(place.folder / _FILE, paid)


def product(place: Place, items: int) -> Measured:
    """Survey (nothing may be booked before it), then every entry."""
    path = place.folder / _FILE

    def work(meter: object) -> None:
        found = reading.survey(path)
        count = sum(len(entry.details) for _account, entry in reading.entries(path, found))
        if count != items:
            raise AssertionError(f"{count} of {items} payments were read")

    return measured(items, work)


def floor(place: Place, items: int) -> Measured:
    """lxml's iterparse of the same fields, and one pass for well-formedness."""
    return measured(items, lambda meter: floors.bare_read(place.folder / _FILE))
