"""The lines of an order as plain rows, supplier by supplier, so that a payment of 100 000 lines is read in slices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import QuerySet

from autopay_console.kernel.money import ZERO
from autopay_console.kernel.sets import chunks
from companies.models import Supplier
from payments.choices import LineStatus
from payments.models import Payment, PaymentLine

LIVE = (LineStatus.ESTIMATE, LineStatus.AT_EFT)
_SLICE = 1_000
_KEPT = 2_000  # values that are one object where they are equal
_SUPPLIER_FIELDS = (
    "number", "name", "country_id", "iban", "account", "giro", "bic", "bank_branch", "swift_address_1",
    "swift_address_2", "street", "building", "postcode", "town", "state", "address_1", "address_2", "is_payroll",
    "fee_code", "company_id", "blocked",
)  # fmt: skip


class LineRow(NamedTuple):
    """What the order needs of a payment line and its entry; a credit note's amount is negative."""

    id: int
    line_no: int
    supplier_id: int
    currency: str
    amount: Decimal
    pay_date: date
    account: str
    kid: str
    message: str
    fee_code: int
    declaration_code: str
    declaration_text: str
    invoice_no: str
    urgent: bool = False


_COLUMNS = (
    "pk", "line_no", "supplier_id", "currency_id", "amount", "pay_date", "account", "kid", "message", "fee_code",
    "declaration_code", "declaration_text", "entry__invoice_no", "urgent",
)  # fmt: skip


def live_lines(payment: Payment) -> QuerySet[PaymentLine]:
    """Lines that are in the order: estimates, and lines of an uploaded payment that wait at 8."""
    return PaymentLine.objects.filter(payment=payment, status__in=LIVE)


def rows_of(payment: Payment) -> Iterator[LineRow]:
    """The lines of an order in the order of its transactions."""
    lines = live_lines(payment).order_by("supplier_id", "currency_id", "pay_date", "line_no")
    return _line_rows(lines.values_list(*_COLUMNS).iterator(chunk_size=_SLICE))


def _line_rows(source: Iterable[tuple[Any, ...]]) -> Iterator[LineRow]:
    """Rows whose supplier, currency, date and account are one object where they are equal: a plan keeps all of them."""
    same: dict[Any, Any] = {}
    one = same.setdefault
    for pk, line_no, supplier, currency, amount, day, account, *rest in source:
        if len(same) > _KEPT:
            same.clear()
        yield LineRow(
            *(pk, line_no, one(supplier, supplier), one(currency, currency), amount, one(day, day)),
            *(one(account, account), *rest),
        )


def whole_suppliers(rows: Iterable[LineRow]) -> Iterator[list[LineRow]]:
    """Slices of about a thousand lines that never cut a supplier in two."""
    part: list[LineRow] = []
    for _supplier, run in groupby(rows, attrgetter("supplier_id")):
        part.extend(run)
        if len(part) >= _SLICE:
            yield part
            part = []
    if part:
        yield part


def leading(rows: tuple[LineRow, ...]) -> LineRow:
    """The line whose account and codes a transaction has: its largest invoice."""
    return rows[0] if len(rows) == 1 else max(rows, key=lambda row: (row.amount, -row.line_no))


def total_of(rows: tuple[LineRow, ...]) -> Decimal:
    """What a transaction pays."""
    return rows[0].amount if len(rows) == 1 else sum((row.amount for row in rows), ZERO)


def suppliers_by_id(ids: Iterable[int]) -> dict[int, Supplier]:
    """Suppliers with what an order needs of them."""
    found: dict[int, Supplier] = {}
    for part in chunks(sorted(ids)):
        found |= Supplier.objects.only(*_SUPPLIER_FIELDS).in_bulk(part)
    return found
