"""What a second payment of the same debt is recognised by, and whether one is paid or on its way.

Same supplier, invoice number and amount; or same account, amount and reference. Lines that ended at 4, 7 or 10 never
count: nothing was paid by them. Source: system §5, decisions §6.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from autopay_console.kernel.sets import chunks
from companies.accounts import account_key
from payments.choices import RELEASES_ENTRY, LineStatus
from payments.models import Payment, PaymentLine

WINDOW = timedelta(days=60)
_SLICE = 900


@dataclass(frozen=True, slots=True)
class Earlier:
    """A line that looks like the same payment."""

    line_id: int
    payment_no: int
    line_no: int
    supplier_id: int
    invoice_no: str
    amount: Decimal
    pay_date: date
    status: LineStatus
    payee_key: str

    @property
    def shown(self) -> str:
        """As it stands in a sentence."""
        return f"{self.payment_no}/{self.line_no}, {self.pay_date:%Y-%m-%d}, {self.status.value} {self.status.label}"


_COLUMNS = (
    "pk", "payment__number", "line_no", "supplier_id", "entry__invoice_no", "amount", "pay_date", "status", "payee_key",
    "entry_id",
)  # fmt: skip


def payee_key(account: str, amount: Decimal, currency: str, kid: str) -> str:
    """One key for "same account, amount and reference"; empty when there is no account to compare."""
    plain = account_key(account)
    if not plain:
        return ""
    return f"{plain}:{amount.normalize():f}:{currency}:{kid.strip()}"[:100]


def doubles(payment: Payment, lines: Sequence[PaymentLine]) -> dict[int, list[Earlier]]:
    """For each of these lines of one payment the others that look like the same payment, within 60 days.

    Without a reference the same account and amount may well be next month's rent: it counts only when it is another
    supplier's line.
    """
    if not lines:
        return {}
    by_key: dict[str, list[Earlier]] = {}
    by_invoice: dict[tuple[int, str], list[Earlier]] = {}
    others = _others(lines)
    entries = {line.entry_id for line in lines}
    for entry_id, earlier in _read(others.filter(company_id=payment.company_id), lines):
        by_key.setdefault(earlier.payee_key, []).append(earlier)
        if entry_id in entries:
            by_invoice.setdefault((earlier.supplier_id, earlier.invoice_no), []).append(earlier)
    found: dict[int, list[Earlier]] = {}
    for line in lines:
        same_payee = by_key.get(line.payee_key, []) if line.payee_key else []
        same_invoice = by_invoice.get((line.supplier_id, line.entry.invoice_no), [])
        same = {one.line_id: one for one in same_payee if line.kid or one.supplier_id != line.supplier_id}
        same |= {one.line_id: one for one in same_invoice if one.amount == line.amount}
        near = [one for one in same.values() if one.line_id != line.pk and abs(one.pay_date - line.pay_date) <= WINDOW]
        if near:
            found[line.pk] = sorted(near, key=lambda one: one.line_id)
    return found


def _others(lines: Sequence[PaymentLine]) -> QuerySet[PaymentLine]:
    days = [line.pay_date for line in lines]
    return PaymentLine.objects.filter(
        amount__gt=Decimal(0),
        pay_date__gte=min(days) - WINDOW,
        pay_date__lte=max(days) + WINDOW,
    ).exclude(status__in=RELEASES_ENTRY)


def _read(others: QuerySet[PaymentLine], lines: Sequence[PaymentLine]) -> Iterator[tuple[int, Earlier]]:
    """Lines with the payee key or on the entry of one of these, with their entry; a line may come twice."""
    for some in chunks(lines, _SLICE):
        same_payee = others.filter(payee_key__in={line.payee_key for line in some if line.payee_key})
        same_entry = others.filter(entry__in={line.entry_id for line in some})
        for row in same_payee.values_list(*_COLUMNS).union(same_entry.values_list(*_COLUMNS), all=True):
            pk, payment_no, line_no, supplier_id, invoice_no, amount, pay_date, status, key, entry_id = row
            place = (pk, payment_no, line_no, supplier_id, invoice_no)
            yield entry_id, Earlier(*place, amount, pay_date, LineStatus(status), key)
