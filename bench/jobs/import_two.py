"""Bank files of two companies imported side by side, beside the same one after the other: companies share no lock."""

from __future__ import annotations

from bench import bank_files, seeding
from bench.jobs import imports
from bench.measure import Measured, in_own_process, side_by_side
from bench.place import Place
from companies.models import Company
from payments.choices import PaidStatus
from payments.models import CustomerEntry

TITLE = "Import of two companies at once (floor: one after the other; SQLite has one writer, PostgreSQL gains)"
UNIT = imports.UNIT
TARGET = 1.15
SIZES = (10_000,)
_COMPANIES = 2


def prepare(place: Place, items: int) -> None:
    """Each company has its share of the payments, among ten times as many open invoices."""
    share = items // _COMPANIES
    for number in range(_COMPANIES):
        company, _partner = seeding.a_company()
        paid = seeding.customer_entries(company, seeding.among(share), share)
        bank_files.write_credits(place.folder / _file(number), paid)


def product(place: Place, items: int) -> Measured:
    """A worker for each company."""
    found = side_by_side(items, [lambda at=at: _load(place, at) for at in range(_COMPANIES)])
    _all_closed(items)
    return found


def floor(place: Place, items: int) -> Measured:
    """One worker for all."""

    def all_of_them() -> None:
        for number in range(_COMPANIES):
            _load(place, number)

    found = side_by_side(items, [all_of_them])
    _all_closed(items)
    return found


def _load(place: Place, number: int) -> None:
    imports.load(place, _file(number), Company.objects.order_by("pk")[number])


def _all_closed(items: int) -> None:
    def look() -> None:
        closed = CustomerEntry.objects.filter(status__in=(PaidStatus.LATE, PaidStatus.ON_TIME)).count()
        if closed != items:
            raise AssertionError(f"{closed} of {items} invoices were closed")

    in_own_process(look)


def _file(number: int) -> str:
    return f"credits-{number}.xml"
