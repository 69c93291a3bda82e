"""What the journal is asked to book, as plain records; payments.books.ledger turns them into vouchers.

Amounts are in company currency unless they say otherwise: debit positive, credit negative. Every record is frozen
and names its own source, so that asking twice books once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from autopay_console.kernel.money import ZERO
from payments.choices import BatchKind

# Voucher series: settlements of outgoing payments, incoming payments, everything else of the bank.
OUTGOING_SERIES = "pay"
INCOMING_SERIES = "in"
BANK_SERIES = "bank"
LARGEST_BATCH = 20_000  # vouchers: a batch is posted whole, and meanwhile nobody else writes to SQLite


@dataclass(frozen=True, slots=True)
class PostingSpec:
    """One side of a voucher. Without `currency` the posting is in company currency and `amount` says all.

    `currency_amount` is signed like `amount`; `rate` is company currency for one unit of `currency`.
    """

    account: str
    amount: Decimal
    currency: str = ""
    currency_amount: Decimal | None = None
    rate: Decimal = Decimal(1)
    supplier_id: int | None = None
    customer_id: int | None = None
    cross_reference: str = ""
    text: str = ""
    department: str = ""


@dataclass(frozen=True, slots=True)
class MatchSpec:
    """How much of one open entry the voucher closes, in the entry's currency and by the entry's sign.

    A negative part of an invoice (positive of a credit note) opens it again. `reserved` is what of the supplier
    entry's *in payment* ends with it: all that the payment line had taken, also when less was paid.
    """

    amount: Decimal
    supplier_entry_id: int | None = None
    customer_entry_id: int | None = None
    reserved: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class VoucherSpec:
    """One money fact to be booked. `source_key` is unique in the company for ever: the fact is booked once.

    The postings must add up to zero. `matched_on` is when the money moved, if that is not the value date.
    """

    source_key: str
    value_date: date
    text: str
    postings: tuple[PostingSpec, ...]
    matches: tuple[MatchSpec, ...] = ()
    extra_text: str = ""
    bank_reference: str = ""
    autopay_reference: str = ""
    reverses_id: UUID | None = None
    matched_on: date | None = None


@dataclass(frozen=True, slots=True)
class BatchSpec:
    """Vouchers that belong together. `source_key` is unique for ever: the same batch is built once, and building
    it again goes on where it stopped.
    """

    kind: BatchKind
    source_key: str
    series: str
    text: str
    value_date: date
    payment_id: int | None = None
    file_id: UUID | None = None
    automatic: bool = False


class BookingRefused(Exception):
    """The books cannot take this; the text says which voucher or entry and what to do."""


class Unbalanced(BookingRefused):
    """Debits and credits of a voucher differ: a fault of the program, never of a person."""


class NoRate(BookingRefused):
    """There is no rate for a currency on a date; Currencies is where it is entered."""

    def __init__(self, text: str, currency: str, on: date) -> None:
        super().__init__(text)
        self.currency = currency
        self.on = on
