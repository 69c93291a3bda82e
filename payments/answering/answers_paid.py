"""What an answer says about money: a lowered amount to expect, and settlements where the bank partner takes the status
report for the booking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from autopay_console.kernel.money import ZERO
from companies.clock import business_date
from payments.answering.answers_levels import Levels
from payments.iso20022.adding_up import cost
from payments.iso20022.messages import StatusReport, TransactionStatus
from payments.models import PaymentLine, Transfer, TransferItem
from payments.settling.settlement_accounts import Books
from payments.settling.settlement_facts import SettledFact
from payments.settling.settlement_keeping import BOOKED, spread_over_lines


def write_paid(transfer: Transfer, report: StatusReport, named: Mapping[UUID, TransactionStatus]) -> None:
    """AutoPay central lowered an amount before it sent: the lines expect the lower debit, the rest stays open."""
    lowered = {pk: tx.paid for pk, tx in named.items() if tx.paid}
    if not lowered:
        return
    lines: dict[UUID, list[PaymentLine]] = {pk: [] for pk in lowered}
    rows = PaymentLine.objects.filter(item__transfer=transfer).exclude(status__in=BOOKED)
    for line in rows.select_related("item").order_by("line_no"):
        if line.item_id in lines:
            lines[line.item_id].append(line)
    changed: list[PaymentLine] = []
    for pk, of_item in lines.items():
        item, paid = (of_item[0].item, lowered[pk]) if of_item else (None, None)
        if item is None or paid is None or paid.currency != item.currency_id or not ZERO < paid.amount < item.amount:
            continue
        for line, part in zip(of_item, spread_over_lines(item.amount, paid.amount, of_item), strict=True):
            line.paid_amount = part
            changed.append(line)
    PaymentLine.objects.bulk_update(changed, ["paid_amount"], batch_size=300)


def paid_facts(
    transfer: Transfer, report: StatusReport, items: Sequence[TransferItem], levels: Levels, source: str
) -> list[SettledFact]:
    """Settlements told by a status report alone, for a bank partner that is set so."""
    books = Books(transfer.company, transfer.payment.bank_partner)
    return [_fact(item, levels.named.get(item.pk), transfer, report, books, source) for item in items]


def _fact(
    item: TransferItem,
    tx: TransactionStatus | None,
    transfer: Transfer,
    report: StatusReport,
    books: Books,
    source: str,
) -> SettledFact:
    on = _paid_on(tx, transfer, report)
    currency = books.partner.currency_id
    paid = tx.paid if tx else None
    amount = min(paid.amount, item.amount) if paid and paid.currency == item.currency_id else item.amount
    return SettledFact(
        item_id=item.pk,
        amount=amount,
        account_amount=_on_account(item, amount, tx, on, books),
        account_currency=currency,
        value_date=on,
        booking_date=on,
        source=source,
        fee=max(cost(tx.fees, currency), ZERO) if tx else ZERO,
        bank_reference=tx.bank_reference if tx else "",
    )


def _paid_on(tx: TransactionStatus | None, transfer: Transfer, report: StatusReport) -> date:
    told = (tx.paid_date or tx.accepted_at) if tx else None
    created = report.head.created_at
    return told or (created.date() if created else business_date(transfer.company))


def _on_account(item: TransferItem, amount: Decimal, tx: TransactionStatus | None, on: date, books: Books) -> Decimal:
    """What the account paid: as ordered, as told, or by the rates entered."""
    currency = books.partner.currency_id
    if item.currency_id != currency and tx and tx.paid and tx.paid.currency == currency:
        return tx.paid.amount
    return books.on_account(amount, item.currency_id, on)
