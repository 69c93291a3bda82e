"""A bank file as JSON: the contract of docs/read_bank_file.schema.json.

Amounts are strings (a JSON number would be a float in most programs), absent is null, keys never vanish.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from payments.iso20022.currencies import written
from payments.iso20022.messages import (
    Account,
    Batch,
    Charge,
    Codes,
    Detail,
    Entry,
    Exchange,
    Money,
    Party,
    PaymentStatus,
    Reason,
    Survey,
    TransactionStatus,
)


def as_json(survey: Survey, entries: Iterable[tuple[Account, Entry]]) -> Iterator[str]:
    """The whole file as pieces of one JSON document; entries are written as they come, so memory stays
    flat.
    """
    top = document(survey)
    top.pop("accounts")
    yield json.dumps(top, ensure_ascii=False)[:-1] + ', "accounts": ['
    places = {account.index: account for account in survey.accounts}
    current = -1
    for account, entry in entries:
        yield from _open_accounts(places, current, account.index)
        yield ("" if current != account.index else ", ") + json.dumps(entry_view(entry), ensure_ascii=False)
        current = account.index
    yield from _open_accounts(places, current, len(places))
    yield ("]}" if places else "") + "]}"


def _open_accounts(places: dict[int, Account], current: int, wanted: int) -> Iterator[str]:
    """Close the account being written and open the ones up to the wanted one (some have no entries)."""
    for index in range(current + 1, min(wanted + 1, len(places))):
        head = json.dumps(account_view(places[index]), ensure_ascii=False)
        yield ("" if index == 0 else "]}, ") + head[:-1] + ', "entries": ['


def document(survey: Survey) -> dict[str, Any]:
    """The top of the document, with the accounts but without their entries."""
    head, report = survey.head, survey.report
    return {
        "file": {"name": head.name, "sha256": head.sha256, "bytes": head.bytes, "encoding": head.encoding},
        "type": head.type,
        "version": head.version or None,
        "message_id": head.message_id or None,
        "created_at": _moment(head.created_at),
        "page": {"number": head.page, "last": head.last_page},
        "warnings": [
            {"code": warning.code, "text": warning.text, "line": warning.line or None} for warning in survey.warnings
        ],
        "original_message_id": report.original_message_id if report else None,
        "group_status": (report.group_status or None) if report else None,
        "payments": [_payment(payment) for payment in report.payments] if report else [],
        "accounts": [{**account_view(account), "entries": []} for account in survey.accounts],
    }


def account_view(account: Account) -> dict[str, Any]:
    """One account with its balances; entries are added by the caller."""
    return {
        "id": account.id,
        "iban": account.iban or None,
        "bban": account.bban or None,
        "currency": account.currency or None,
        "statement_id": account.statement_id or None,
        "balances": [
            {
                "code": balance.code,
                "amount": written(balance.amount, balance.currency),
                "date": _day(balance.date),
            }
            for balance in account.balances
        ],
    }


def entry_view(entry: Entry) -> dict[str, Any]:
    """One entry with its details."""
    return {
        "index": entry.index,
        "line": entry.line,
        "amount": written(entry.amount, entry.currency),
        "currency": entry.currency or None,
        "direction": entry.direction,
        "reversal": entry.reversal,
        "status": entry.status or None,
        "booking_date": _day(entry.booking_date),
        "value_date": _day(entry.value_date),
        "bank_reference": entry.bank_reference or None,
        "entry_reference": entry.entry_reference or None,
        "codes": _codes(entry.codes),
        "batch": _batch(entry.batch),
        "charges": [_charge(charge) for charge in entry.charges],
        "adds_up": entry.adds_up,
        "details": [_detail(detail) for detail in entry.details],
    }


def _detail(detail: Detail) -> dict[str, Any]:
    back = detail.returned
    return {
        "amount": written(detail.amount, detail.currency) if detail.amount_known else None,
        "currency": detail.currency or None,
        "direction": detail.direction,
        "end_to_end_id": detail.end_to_end_id or None,
        "instruction_id": detail.instruction_id or None,
        "uetr": detail.uetr or None,
        "references": [
            {"kind": reference.kind, "value": reference.value, "valid": reference.valid}
            for reference in detail.references
        ],
        "documents": [
            {
                "kind": paper.kind or None,
                "number": paper.number or None,
                "amount": written(paper.amount, paper.currency) if paper.amount is not None else None,
            }
            for paper in detail.documents
        ],
        "text": list(detail.text),
        "debtor": _party(detail.debtor),
        "creditor": _party(detail.creditor),
        "charges": [_charge(charge) for charge in detail.charges],
        "exchange": _exchange(detail.exchange),
        "return": {"code": back.code or None, "text": back.text or None} if back else None,
    }


def _party(party: Party) -> dict[str, Any]:
    return {"name": party.name or None, "account": party.account or None}


def _codes(codes: Codes) -> dict[str, Any]:
    return {
        "domain": codes.domain or None,
        "family": codes.family or None,
        "sub_family": codes.sub_family or None,
        "proprietary": codes.proprietary or None,
        "issuer": codes.issuer or None,
    }


def _batch(batch: Batch | None) -> dict[str, Any] | None:
    if batch is None:
        return None
    return {
        "message_id": batch.message_id or None,
        "payment_id": batch.payment_id or None,
        "count": batch.count,
        "total": written(batch.total, batch.currency) if batch.total is not None else None,
    }


def _charge(charge: Charge) -> dict[str, Any]:
    return {
        "amount": written(charge.amount, charge.currency),
        "currency": charge.currency or None,
        "direction": charge.direction,
        "kind": charge.kind or None,
        "bearer": charge.bearer or None,
        "included": charge.included,
    }


def _exchange(exchange: Exchange | None) -> dict[str, Any] | None:
    if exchange is None:
        return None
    return {
        "booked": _money(exchange.booked),
        "instructed": _money(exchange.instructed),
        "counter": _money(exchange.counter),
        "source": exchange.source or None,
        "target": exchange.target or None,
        "unit": exchange.unit or None,
        "rate": _plain(exchange.rate),
        "effective": _plain(exchange.effective),
    }


def _money(money: Money | None) -> dict[str, str] | None:
    return {"amount": written(money.amount, money.currency), "currency": money.currency} if money else None


def _plain(number: Decimal | None) -> str | None:
    return f"{number:f}" if number is not None else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _payment(payment: PaymentStatus) -> dict[str, Any]:
    return {
        "id": payment.id or None,
        "status": payment.status or None,
        "reasons": [_reason(reason) for reason in payment.reasons],
        "transactions": [_transaction(transaction) for transaction in payment.transactions],
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code or None, "text": reason.text or None}


def _transaction(transaction: TransactionStatus) -> dict[str, Any]:
    fees = [_charge(fee) for fee in transaction.fees]
    return {
        "end_to_end_id": transaction.end_to_end_id or None,
        "instruction_id": transaction.instruction_id or None,
        "uetr": transaction.uetr or None,
        "status": transaction.status or None,
        "reasons": [_reason(reason) for reason in transaction.reasons],
        "amount": _money(transaction.amount),
        "creditor": _party(transaction.creditor),
        "bank_reference": transaction.bank_reference or None,
        "paid": _money(transaction.paid),
        "paid_date": _day(transaction.paid_date),
        "fees": fees,
    }
