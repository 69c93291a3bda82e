"""A bank's notification of customer payments is read, de-duplicated, matched to invoices, posted and committed."""

from __future__ import annotations

from bench import bank_files, floors, seeding
from bench.measure import Measured, Meter, measured
from bench.place import Place
from companies.models import Company
from payments.bank_files import importing
from payments.choices import FileState, PaidStatus
from payments.models import (
    BankEntry,
    BankFile,
    Batch,
    CustomerEntry,
    EntryMatch,
    IncomingPayment,
    Match,
    Posting,
    Statement,
    Voucher,
)

TITLE = "Import: customer payments to posted vouchers"
UNIT = "payments"
TARGET = 2.5
SIZES = (1_000, 10_000, 100_000)
ROWS = (BankFile, Statement, Batch, Voucher, BankEntry, IncomingPayment, Match, Posting, EntryMatch)
_FILE = "credits.xml"


def prepare(place: Place, items: int) -> None:
    """Ten times as many open invoices (at most a million), and a file that pays so many of them by KID."""
    company, _partner = seeding.a_company()
    paid = seeding.customer_entries(company, seeding.among(items), items)
    bank_files.write_credits(place.folder / _FILE, paid)


def load(place: Place, name: str, company: Company | None = None) -> None:
    """Receive and import as a worker does, slice of time after slice of time, for the only company or this one."""
    file = importing.receive(company or Company.objects.get(), place.folder / name, name)
    while not importing.import_file(file.pk):
        pass
    file.refresh_from_db()
    if file.state != FileState.IMPORTED:
        raise AssertionError(f"the file was not imported: {file.error}")


def product(place: Place, items: int) -> Measured:
    """From the file to closed invoices."""
    found = measured(items, lambda meter: load(place, _FILE))
    closed = CustomerEntry.objects.filter(status__in=(PaidStatus.LATE, PaidStatus.ON_TIME)).count()
    if closed != items:
        raise AssertionError(f"{closed} of {items} invoices were closed")
    return found


def floor(place: Place, items: int) -> Measured:
    """A bare streaming read and a bulk insert of the same rows."""

    def work(meter: Meter) -> None:
        floors.bare_read(place.folder / _FILE)
        floors.insert_same_rows(meter, ROWS)

    return measured(items, work)
