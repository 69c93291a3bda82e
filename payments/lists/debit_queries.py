"""What the screen of debits nobody here made reads."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from companies.models import Company
from payments.choices import STILL_OPEN
from payments.lists import incoming_queries
from payments.models import OpenDebit, SupplierEntry


def debits(company: Company, *, done: bool) -> QuerySet[OpenDebit]:
    """Those that wait, or those somebody decided about."""
    if not done:
        return incoming_queries.waiting_debits(company)
    rows = OpenDebit.objects.filter(company=company, done_at__isnull=False)
    return rows.select_related("entry__file", "done_by", "voucher")


def debit(company: Company, pk: int) -> OpenDebit | None:
    """One debit of the company."""
    rows = OpenDebit.objects.filter(company=company).select_related("entry__file", "company")
    return rows.filter(pk=pk).first()


def by_word(word: str) -> Q:
    """A plain word is an account, a bank reference, or how the receiver's name begins."""
    return Q(counterparty_account=word) | Q(entry__bank_reference=word) | Q(counterparty__istartswith=word)


def supplier_entries(company: Company, invoice_no: str, supplier_no: int | None) -> list[SupplierEntry]:
    """Open supplier invoices with this number, none of them wholly in a payment."""
    rows = SupplierEntry.objects.filter(company=company, invoice_no=invoice_no.strip(), status__in=STILL_OPEN)
    rows = rows.exclude(rest=F("in_payment")).select_related("supplier")
    if supplier_no is not None:
        rows = rows.filter(supplier__number=supplier_no)
    return list(rows.order_by("id")[:5])
