"""What pages read of the traffic log. Exact or by beginning, never in the middle of a text: the log grows for years."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from autopay_console.kernel.numbers import as_number
from companies.accounts import normalise
from companies.models import Company
from integration.models import Exchange
from payments.lists import bank_file_queries
from payments.models import BankFile, IncomingPayment, Payment, PaymentLine

DIGEST_SIGNS = 8  # so many hex digits are taken for the beginning of a digest
MOST = 500  # rows one word may lead to


def visible(company: Company | None, *, installation: bool) -> QuerySet[Exchange]:
    """The company's own for its members; those that concern no company for people of the installation."""
    wanted = Q(company=company) if company else Q(pk__in=())
    if installation:
        wanted |= Q(company__isnull=True)
    return Exchange.objects.filter(wanted).select_related("file", "payment", "person", "company", "bank_file")


def found(company: Company | None, word: str, *, payroll: bool) -> Q:
    """Exchanges a word leads to: message id or file by its beginning; payment number, KID and account exactly.

    KID and account are looked up in the payments and bank files the exchanges carried; salaries only for payroll.
    """
    wanted = Q(reference__startswith=word)
    if len(word) >= DIGEST_SIGNS and not set(word.lower()) - set("0123456789abcdef"):
        wanted |= Q(file__digest__startswith=word.lower())
    if company is None:
        return wanted
    if (number := as_number(word, None)) is not None:
        wanted |= Q(payment__company=company, payment__number=number)
    return wanted | _carried(company, word, payroll)


def _carried(company: Company, word: str, payroll: bool) -> Q:
    account = normalise(word)
    if len(account) < 4 or not any(sign.isdecimal() for sign in account):
        return Q()
    lines = PaymentLine.objects.filter(Q(kid=word) | Q(account__in={account, word}), company=company)
    if not payroll:
        lines = lines.filter(payment__salary=False)
    payments = list(lines.order_by().values_list("payment_id", flat=True).distinct()[:MOST])
    incoming = IncomingPayment.objects.filter(company=company)
    paid = incoming.filter(Q(reference=word) | Q(payer_account__in={account, word}))
    files = list(paid.order_by().values_list("file_id", flat=True).distinct()[:MOST])
    return Q(payment__in=payments) | Q(bank_file__in=files)


def of_payment(payment: Payment) -> QuerySet[Exchange]:
    """Everything that went or came for one payment, oldest first."""
    rows = Exchange.objects.filter(Q(payment=payment) | Q(transfer__payment=payment), company=payment.company_id)
    return rows.select_related("file", "person").order_by("at")


def bank_file_of(row: Exchange) -> BankFile | None:
    """The bank file an exchange carried, whether it is linked or was fetched before it was imported."""
    if row.bank_file is not None or row.file is None or row.company_id is None:
        return row.bank_file
    return BankFile.objects.filter(company=row.company_id, digest=row.file.digest).first()


def holds_salary(row: Exchange) -> bool:
    """Whether the exchange's file names people and their pay."""
    if row.payment is not None and row.payment.salary:
        return True
    file = bank_file_of(row)
    return file is not None and bank_file_queries.holds_salary(file)
