"""A bank file as plain text for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from payments.iso20022.codes import status
from payments.iso20022.currencies import written
from payments.iso20022.messages import Account, Detail, Entry, PaymentStatus, Reason, StatusReport, Survey
from payments.iso20022.reasons import reason


def as_text(survey: Survey, entries: Iterable[tuple[Account, Entry]]) -> Iterator[str]:
    """Head, warnings, then account after account with its entries and details, one line each."""
    head = survey.head
    created = f", created {head.created_at:%Y-%m-%d %H:%M}" if head.created_at else ""
    yield f"{head.name}: {head.type} {head.version}, message {head.message_id or '(no id)'}{created}"
    yield f"  {head.bytes} bytes, {head.encoding}, SHA-256 {head.sha256}"
    if head.page is not None:
        yield f"  page {head.page}{' (last)' if head.last_page else ''}"
    for warning in survey.warnings:
        entry = f"entry {warning.entry}, " if warning.entry else ""
        yield f"  warning {warning.code}: {entry}line {warning.line}: {warning.text}"
    if survey.warnings_left_out:
        yield f"  and {survey.warnings_left_out} more warnings of these kinds"
    if survey.report is not None:
        yield from _report(survey.report)
        return
    current = -1
    for account, found in entries:
        for index in range(current + 1, account.index + 1):
            yield from _account(survey.accounts[index])
        current = account.index
        yield from _entry(found)
    for index in range(current + 1, len(survey.accounts)):
        yield from _account(survey.accounts[index])
    yield f"{survey.entries} entries, {survey.details} details" + (
        f", {survey.not_adding_up} entries do not add up" if survey.not_adding_up else ""
    )


def _account(account: Account) -> Iterator[str]:
    yield f"Account {account.id} {account.currency} {account.owner} statement {account.statement_id}".rstrip()
    for balance in account.balances:
        day = f" {balance.date}" if balance.date else ""
        yield f"  balance {balance.code}{day}: {written(balance.amount, balance.currency)} {balance.currency}"


def _entry(entry: Entry) -> Iterator[str]:
    sign = "+" if entry.direction == "credit" else "-"
    marks = [entry.status or "no status"]
    if entry.reversal:
        marks.append("reversal")
    if not entry.adds_up:
        marks.append("DOES NOT ADD UP")
    amount = f"{sign}{written(entry.amount, entry.currency)} {entry.currency}"
    yield (
        f"  {entry.index:>5}  {entry.booking_date or entry.value_date or ''}  {amount:>20}  {' '.join(marks)}"
        f"  {entry.bank_reference}  (line {entry.line})"
    )
    for detail in entry.details:
        yield _detail(detail)


def _detail(detail: Detail) -> str:
    amount = f"{written(detail.amount, detail.currency)} {detail.currency}" if detail.amount_known else "no amount"
    other = detail.debtor if detail.direction == "credit" else detail.creditor
    told = [f"{reference.kind} {reference.value}" for reference in detail.references]
    told += [f"{paper.kind} {paper.number}".strip() for paper in detail.documents if paper.number]
    if not told:
        told = [detail.message]
    if detail.returned:
        meaning = reason(detail.returned.code, "return")
        told.append(f"returned {detail.returned.code}: {detail.returned.text or meaning.text}")
    return f"         {amount:>20}  {other.name} {other.account}  {'; '.join(told)}".rstrip()


def _report(report: StatusReport) -> Iterator[str]:
    yield f"Answer to {report.original_message_id}: {_status(report.group_status)}"
    yield from _reasons(report.group_reasons, "  ")
    for payment in report.payments:
        yield from _payment(payment)


def _payment(payment: PaymentStatus) -> Iterator[str]:
    yield f"  Payment {payment.id or '(not named)'}: {_status(payment.status)}"
    yield from _reasons(payment.reasons, "    ")
    for transaction in payment.transactions:
        name = transaction.end_to_end_id or transaction.instruction_id or transaction.creditor.account
        paid = f", paid {transaction.paid.amount} {transaction.paid.currency}" if transaction.paid else ""
        yield f"    {name or '(not named)'}: {_status(transaction.status)}{paid}"
        yield from _reasons(transaction.reasons, "      ")


def _reasons(reasons: tuple[Reason, ...], indent: str) -> Iterator[str]:
    for given in reasons:
        meaning = reason(given.code)
        yield f"{indent}{given.code}: {given.text or meaning.text}; next: {meaning.advice}"


def _status(code: str) -> str:
    if not code:
        return "no status at this level"
    meaning = status(code) or status(code, report=True)
    return f"{code} ({meaning.text})" if meaning else f"{code} (not known)"
