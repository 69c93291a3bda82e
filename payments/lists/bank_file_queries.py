"""What the bank file screens read: the inbox, one file with its accounts, and the rows it repeated."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from autopay_console.kernel.listing import HowMany
from companies.models import Company
from payments.choices import IncomingState
from payments.models import (
    BankEntry,
    BankFile,
    Batch,
    IncomingPayment,
    LineChange,
    OpenDebit,
    SettlementFact,
    Statement,
)


def bank_files(company: Company) -> QuerySet[BankFile]:
    """Every file the bank sent, or a person loaded."""
    return BankFile.objects.filter(company=company).select_related("received_by", "repeat_of")


def bank_file(company: Company, file_id: UUID) -> BankFile | None:
    """One file, or None when it is not this company's."""
    told, proven = _of_salaries(OuterRef("pk"), OuterRef(OuterRef("pk")))
    return bank_files(company).annotate(salary_facts=Exists(told) | Exists(proven)).filter(pk=file_id).first()


def _of_salaries(file: Any, inside: Any) -> tuple[QuerySet[SettlementFact], QuerySet[SettlementFact]]:
    """Salaries a file told, and those its lines prove: a statement names the same people as the notification."""
    facts = SettlementFact.objects.filter(payment__salary=True)
    lines = BankEntry.objects.filter(file=inside, linked_to__isnull=False)
    return facts.filter(bank_entry__file=file), facts.filter(bank_entry__in=lines.values("linked_to"))


def holds_salary(file: BankFile) -> bool:
    """Whether the file names people and their pay: its contents are then for the payroll role alone."""
    if file.entry_count:
        known: bool | None = getattr(file, "salary_facts", None)
        if known is not None:
            return known
        return any(found.exists() for found in _of_salaries(file, file))
    told = f"{file.type} {file.name}"[:60]
    return LineChange.objects.filter(payment__company_id=file.company_id, payment__salary=True, source=told).exists()


def statements_of(file: BankFile) -> list[Statement]:
    """The account blocks of a file in file order."""
    return list(Statement.objects.filter(file=file).select_related("bank_partner").order_by("number", "page")[:200])


def batches_of(file: BankFile) -> list[Batch]:
    """Batches that were made from the file."""
    return list(Batch.objects.filter(file=file, number__isnull=False).order_by("number")[:50])


def entries_of(file: BankFile) -> QuerySet[BankEntry]:
    """The rows the file brought, in file order."""
    return BankEntry.objects.filter(file=file).select_related("voucher", "linked_to__file")


def outcome(file: BankFile) -> dict[str, int]:
    """What became of the file's rows: payments matched, parked, posted, repeated; debits that wait for a person."""
    payments = IncomingPayment.objects.filter(file=file)
    done = (IncomingState.MATCHED, IncomingState.POSTED)
    counted = BankFile.objects.filter(pk=file.pk).values(
        incoming=HowMany(payments),
        parked=HowMany(payments.filter(state=IncomingState.PARKED)),
        matched=HowMany(payments.filter(state__in=done)),
        debits=HowMany(OpenDebit.objects.filter(entry__file=file)),
        facts=HowMany(SettlementFact.objects.filter(bank_entry__file=file)),
    )
    found: dict[str, Any] = dict(counted.get())
    return found


def sums_of(file: BankFile) -> list[dict[str, Any]]:
    """Credits and debits of the file's rows, per currency."""
    rows = BankEntry.objects.filter(file=file).order_by().values("currency_code")
    credit, debit = Q(amount__gt=0), Q(amount__lt=0)
    found = rows.annotate(credits=Sum("amount", filter=credit), debits=Sum("amount", filter=debit), many=Count("pk"))
    return [dict(row) for row in found.order_by("currency_code")]
