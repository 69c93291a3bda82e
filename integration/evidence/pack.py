"""One payment, or everything of a period, as an archive for the auditor.

Salary names people and their pay. Whoever lacks the payroll role gets no salary payment, voucher or file; a period's
pack names what was left out as counts, so that nobody takes it for the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from companies.models import Company
from integration.evidence import rows
from integration.evidence.packing import Packer
from integration.models import Exchange
from payments import files
from payments.choices import RoundState
from payments.lists import bank_file_queries
from payments.models import BankFile, LineChange, Payment, SettlementFact, Transfer, Voucher

NOTE = """Evidence pack of AutoPay Console
{title}
Made {made} for {person}.

manifest.json names every file with its SHA-256 and size, and what was left out and why. SHA256SUMS says the same for
`sha256sum -c SHA256SUMS`. `python3 verify.py` checks the digests, that each approval signed exactly the sealed files of
its round, and the chain of status changes; it needs neither this console nor its database.

In each payment's folder: sealed/ the files as they were approved and sent; answers/ what AutoPay and the banks
answered, byte for byte; approvals.csv who signed which digest when; changes.csv every status change of every line;
vouchers.csv and postings.csv what was booked; traffic.csv the calls between console and bank side; events.csv the
story in words.
A voucher's seal is the SHA-256 over its source key, value date, text, bank reference and every posting's account,
debit, credit, currency, currency amount and cross reference (console: `manage.py check_books` counts all of it again).
Amounts have a decimal point; moments are UTC. A text that begins with one of = + - @ ' has one more ' before it, so
that no spreadsheet runs it; take it away before counting a seal.
"""


@dataclass(slots=True)
class _Asked:
    """What is packed, for whom, and what was left out on the way."""

    company: Company
    title: str
    person: str
    payroll: bool
    left_out: list[dict[str, str]] = field(default_factory=list)

    def leave_out(self, what: str, why: str) -> None:
        self.left_out.append({"what": what, "why": why})


def of_payment(payment: Payment, *, person: str, payroll: bool) -> Iterator[bytes]:
    """The archive of one payment, piece by piece."""
    title = f"{payment.company.number} {payment.company.name}, payment {payment.number}"
    yield from _packed(_Asked(payment.company, title, person, payroll), [payment], None)


def of_period(company: Company, first: date, last: date, *, person: str, payroll: bool) -> Iterator[bytes]:
    """The archive of a period, both days included: payments uploaded, vouchers valued, bank files received in it."""
    title = f"{company.number} {company.name}, {first} to {last}"
    yield from _packed(_Asked(company, title, person, payroll), payments_of(company, first, last), (first, last))


def payments_of(company: Company, first: date, last: date) -> QuerySet[Payment]:
    """Payments that were uploaded in a period, drafts never."""
    found = Payment.objects.filter(company=company, uploaded_at__date__range=(first, last))
    return found.exclude(round_state=RoundState.DRAFT).order_by("number")


def _packed(asked: _Asked, found: Any, period: tuple[date, date] | None) -> Iterator[bytes]:
    packer, hidden = Packer(), 0
    for payment in found.iterator() if isinstance(found, QuerySet) else found:
        if payment.salary and not asked.payroll:
            hidden += 1
            continue
        yield from _payment(packer, asked, payment)
    if period:
        yield from _period(packer, asked, *period)
    if hidden:
        asked.leave_out(f"{hidden} salary payments", "role payroll is needed")
    made = timezone.now()
    yield from packer.text("README.txt", NOTE.format(title=asked.title, made=rows.moment(made), person=asked.person))
    yield from packer.text("verify.py", (Path(__file__).parent / "verify.py").read_text())
    facts = {"title": asked.title, "made": rows.moment(made), "for": asked.person, "left_out": asked.left_out}
    yield from packer.facts("manifest.json", facts | {"files": list(packer.listed)})
    yield from packer.text("SHA256SUMS", "".join(f"{one['sha256']}  {one['path']}\n" for one in packer.listed))
    yield from packer.close()


def _payment(packer: Packer, asked: _Asked, payment: Payment) -> Iterator[bytes]:
    folder = f"payment-{payment.number}"
    yield from packer.facts(f"{folder}/payment.json", _head(payment))
    for name, columns, found in rows.of_payment(payment):
        yield from packer.table(f"{folder}/{name}", columns, found)
    for transfer in Transfer.objects.filter(payment=payment).order_by("round", "sequence"):
        yield from _file(packer, asked, f"{folder}/sealed/{transfer.msg_id}.xml", transfer.path)
    for answer in answers_to(payment):
        yield from _bank_file(packer, asked, f"{folder}/answers", answer)


def _head(payment: Payment) -> dict[str, Any]:
    names = ("number", "description", "status", "word", "salary", "transfer_date", "created_at", "uploaded_at")
    facts = {name: getattr(payment, name) for name in (*names, "round", "digest", "needed", "given", "released_at")}
    facts["uploaded_by"] = payment.uploaded_by.shown if payment.uploaded_by else ""
    facts["bank_partner"], facts["account"] = str(payment.bank_partner), payment.bank_partner.account
    facts["totals"] = {str(one.currency_id): str(one.amount) for one in payment.totals.all()}
    return facts


def _period(packer: Packer, asked: _Asked, first: date, last: date) -> Iterator[bytes]:
    booked = Voucher.objects.filter(company=asked.company, value_date__range=(first, last))
    if not asked.payroll:
        hidden = booked.filter(batch__payment__salary=True).count()
        booked = booked.filter(Q(batch__payment__isnull=True) | Q(batch__payment__salary=False))
        if hidden:
            asked.leave_out(f"{hidden} salary vouchers", "role payroll is needed")
    yield from packer.table("period/vouchers.csv", rows.VOUCHERS, rows.vouchers(booked))
    yield from packer.table("period/postings.csv", rows.POSTINGS, rows.postings(booked))
    calls = Exchange.objects.filter(company=asked.company, at__date__range=(first, last))
    if not asked.payroll:
        calls = calls.exclude(payment__salary=True)
    yield from packer.table("period/traffic.csv", rows.TRAFFIC, rows.traffic(calls))
    received = BankFile.objects.filter(company=asked.company, received_at__date__range=(first, last))
    for one in received.order_by("received_at").iterator(chunk_size=200):
        yield from _bank_file(packer, asked, "period/bank-files", one)


def answers_to(payment: Payment) -> list[BankFile]:
    """The files that said something about a payment: status reports, debits and their vouchers' files."""
    told = SettlementFact.objects.filter(payment=payment, bank_entry__isnull=False).values("bank_entry__file")
    wanted = Q(pk__in=told) | Q(batches__payment=payment)
    for source in LineChange.objects.filter(payment=payment).order_by().values_list("source", flat=True).distinct():
        kind, _blank, name = source.partition(" ")
        if name:
            wanted |= Q(type=kind, name__startswith=name)
    return list(BankFile.objects.filter(wanted, company=payment.company_id).distinct().order_by("received_at", "pk"))


def _bank_file(packer: Packer, asked: _Asked, folder: str, file: BankFile) -> Iterator[bytes]:
    name = f"{folder}/{file.digest[:12]}-{Path(file.name or file.path).name}"
    if not asked.payroll and bank_file_queries.holds_salary(file):
        asked.leave_out(name, "holds salaries; role payroll is needed")
        return
    yield from _file(packer, asked, name, file.path)


def _file(packer: Packer, asked: _Asked, name: str, path: str) -> Iterator[bytes]:
    if packer.has(name):
        return
    try:
        yield from packer.stored(name, path)
    except files.FileGone:
        asked.leave_out(name, "the file is no longer in the data area (retention, or a fault: see check_books)")
