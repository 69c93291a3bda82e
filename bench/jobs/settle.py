"""A debit notification settles the lines of a sent payment: posted vouchers and closed supplier entries."""

from __future__ import annotations

from bench import bank_files, floors, seeding
from bench.jobs.imports import load
from bench.measure import Measured, Meter, measured
from bench.place import Place
from payments.choices import LineStatus, PaidStatus
from payments.models import (
    BankEntry,
    BankFile,
    Batch,
    EntryMatch,
    LineChange,
    PaymentEvent,
    PaymentLine,
    Posting,
    SettlementFact,
    Statement,
    SupplierEntry,
    TransferItem,
    Voucher,
)
from payments.settling import settlement

TITLE = "Settle: debit notification to posted vouchers"
UNIT = "lines"
TARGET = 2.5
SIZES = (1_000, 10_000, 100_000)
ROWS = (
    BankFile, Statement, Batch, Voucher, BankEntry, LineChange, SettlementFact, Posting, EntryMatch, PaymentEvent,
)  # fmt: skip
_FILE = "debits.xml"


def prepare(place: Place, items: int) -> None:
    """A payment the bank has, and the file that tells its debits in sums of a hundred."""
    company, partner = seeding.a_company()
    payment = seeding.a_sent_payment(company, partner, items)
    rows = TransferItem.objects.filter(payment=payment).order_by("position")
    bank_files.write_debits(place.folder / _FILE, rows.values_list("end_to_end_id", "amount").iterator(1_000))


def product(place: Place, items: int) -> Measured:
    """Import the file, then book what it settled."""

    def work(meter: Meter) -> None:
        load(place, _FILE)
        for payment_id, day in settlement.due(quiet=0):
            settlement.collect(payment_id, day)

    found = measured(items, work)
    settled = PaymentLine.objects.filter(status__in=(LineStatus.SETTLED, LineStatus.POSTED)).count()
    closed = SupplierEntry.objects.filter(status__in=(PaidStatus.LATE, PaidStatus.ON_TIME)).count()
    if (settled, closed) != (items, items):
        raise AssertionError(f"of {items} lines {settled} were settled and {closed} entries closed")
    return found


def floor(place: Place, items: int) -> Measured:
    """A bare streaming read and a bulk insert of the same rows."""

    def work(meter: Meter) -> None:
        floors.bare_read(place.folder / _FILE)
        floors.insert_same_rows(meter, ROWS, {LineChange: {"after__in": (LineStatus.SETTLED, LineStatus.POSTED)}})

    return measured(items, work)
