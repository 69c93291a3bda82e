"""What goes over the wire. Amounts are text with a decimal point: JSON numbers are binary in most programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

MOST = 1_000
Amount = Annotated[
    str, Field(pattern=r"^-?[0-9]{1,14}(\.[0-9]{1,4})?$", examples=["1250.50"], description="Decimal point, as text")
]
Code = Annotated[str, Field(pattern=r"^[A-Za-z]{3}$", examples=["NOK"], description="ISO 4217")]
Number = Annotated[int, Field(ge=1, le=2_147_483_647)]


class _Strict(Schema):
    """A misspelled field is told, not passed over."""

    model_config = ConfigDict(extra="forbid")


class _EntryIn(_Strict):
    invoice_no: Annotated[str, Field(min_length=1, max_length=35)]
    amount: Amount
    entry_date: date | None = None
    due_date: date | None = None
    kind: Literal["invoice", "credit_note"] | None = None
    currency: Code | None = None
    discount_amount: Amount | None = None
    discount_date: date | None = None
    kid: Annotated[str, Field(max_length=35)] | None = None
    voucher_no: Annotated[str, Field(max_length=20)] | None = None


class SupplierEntryIn(_EntryIn):
    """An invoice or credit note to be paid; found again by supplier, kind and invoice number."""

    supplier_no: Number
    amount_booked: Amount | None = None
    voucher_type: Number | None = None
    extra_text: Annotated[str, Field(max_length=200)] | None = None
    account: Annotated[str, Field(max_length=35)] | None = None
    fee_code: Annotated[int, Field(ge=0, le=4)] | None = None
    declaration_code: Annotated[str, Field(max_length=3)] | None = None
    held: bool | None = None


class CustomerEntryIn(_EntryIn):
    """An invoice or credit note a customer owes; found again by kind and invoice number."""

    customer_no: Number


class SupplierEntriesIn(_Strict):
    """At most 1 000 entries; with `all_or_nothing` one faulty entry stops all of them."""

    entries: Annotated[list[SupplierEntryIn], Field(min_length=1, max_length=MOST)]
    all_or_nothing: bool = True


class CustomerEntriesIn(_Strict):
    """At most 1 000 entries; with `all_or_nothing` one faulty entry stops all of them."""

    entries: Annotated[list[CustomerEntryIn], Field(min_length=1, max_length=MOST)]
    all_or_nothing: bool = True


class FieldError(Schema):
    """What is wrong with a field; `entry` counts from 0 in the array that was sent."""

    entry: int | None = None
    field: str
    text: str


class EntryOut(Schema):
    """What became of one entry."""

    index: int
    invoice_no: str
    outcome: Literal["created", "changed", "unchanged", "refused"]
    planned_date: date | None = None
    errors: list[FieldError]


class EntriesOut(Schema):
    """What became of the call. `applied` false: nothing was written."""

    applied: bool
    created: int
    changed: int
    unchanged: int
    refused: int
    entries: list[EntryOut]


class ErrorBody(Schema):
    """A stable code, a sentence, and the fields it is about."""

    code: str
    text: str
    fields: list[FieldError]


class ErrorOut(Schema):
    """Every refused call."""

    error: ErrorBody


class StatusOut(Schema):
    """One change of a payment line's status. Codes are Visma Business's: 2 transferred, 5 settled, 6 posted, …"""

    change: int
    at: datetime
    payment_no: int
    line_no: int
    supplier_no: int
    invoice_no: str
    kind: str
    currency: str
    amount: Amount
    before: int
    status: int
    status_text: str
    reason_code: str
    reason_text: str
    paid_amount: Amount | None
    paid_on: date | None
    bank_reference: str


class StatusesOut(Schema):
    """Changes in the order they happened. Keep `next_cursor` and ask with it next time."""

    items: list[StatusOut]
    next_cursor: str
    more: bool


class PostingOut(Schema):
    """One side of a voucher in company currency, with the original amount (debit positive)."""

    account: str
    debit: Amount
    credit: Amount
    currency: str
    currency_amount: Amount
    rate: str
    supplier_no: int | None
    customer_no: int | None
    cross_reference: str
    text: str
    department: str


class VoucherOut(Schema):
    """A posted voucher; it never changes, a mistake is reversed by another voucher."""

    id: UUID
    series: str
    number: int
    batch_no: int | None
    posted_at: datetime
    value_date: date
    text: str
    extra_text: str
    bank_reference: str
    autopay_reference: str
    reverses: UUID | None
    postings: list[PostingOut]


class VouchersOut(Schema):
    """Vouchers in the order they were posted. Keep `next_cursor` and ask with it next time."""

    items: list[VoucherOut]
    next_cursor: str
    more: bool
