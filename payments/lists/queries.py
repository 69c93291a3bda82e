"""What the outgoing screens read: payments by their header, narrowed by what lines, sums and files say.

A list of a million payments is read from the header; words about lines become one set of payment ids, so no row
shows twice. Lines of a salary payment are found only by people with the payroll role.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from autopay_console.kernel.listing import COUNT_LIMIT, Total, count_up_to, sums
from autopay_console.kernel.numbers import as_number
from autopay_console.kernel.search import Field, Search, Term
from companies.models import Company
from payments.choices import BatchWord, FactKind, LineStatus, PaymentStatus
from payments.models import Payment, PaymentLine, PaymentTotal, SettlementFact, SupplierEntry, Transfer

FIELDS = (
    Field("payment", "number", "number", _("Payment"), example="payment:20412"),
    Field("status", "choice", "status", _("Status"), PaymentStatus.choices),
    Field("state", "choice", "word", _("Batch"), BatchWord.choices),
    Field("line", "choice", "lines.status", _("Lines with status"), LineStatus.choices),
    Field("receiver", "text", "lines.supplier__name", _("Receiver"), example="receiver:nordlys"),
    Field("account", "exact", "lines.account", _("Account"), example="account:86011117947"),
    Field("kid", "exact", "lines.kid", _("KID"), example="kid:00012345674"),
    Field("invoice", "exact", "lines.entry__invoice_no", _("Invoice"), example="invoice:10233"),
    Field("reason", "exact", "lines.reason_code", _("Reason"), example="reason:AC04"),
    Field("amount", "amount", "totals.amount", _("Amount"), example="amount>=100000"),
    Field("currency", "exact", "totals.currency_id", _("Currency"), example="currency:EUR"),
    Field("transactions", "number", "item_count", _("Transactions"), example="transactions>100"),
    Field("lines", "number", "line_count", _("Lines"), example="lines>100"),
    Field("due", "day", "due", _("Due"), example="due<2026-12-01"),
    Field("created", "day", "created_at__date", _("Created"), example="created:2026-11"),
    Field("bank", "number", "bank_partner__number", _("Bank partner no."), example="bank:1"),
    Field("file", "exact", "files.msg_id", _("Message id"), example="file:AP1-20261125-000001"),
    Field("returned", "yes", "returned", _("Returned"), example="returned:yes"),
)


def payments(company: Company) -> QuerySet[Payment]:
    """The company's payments with what a row shows."""
    rows = Payment.objects.filter(company=company)
    totals = Prefetch("totals", PaymentTotal.objects.order_by("-lines", "currency_id"))
    return rows.select_related("bank_partner", "created_by", "uploaded_by").prefetch_related(totals)


def payment(company: Company, number: int) -> Payment | None:
    """One payment with its bank, agreement and people."""
    rows = Payment.objects.filter(company=company, number=number)
    bank = ("bank_partner__profile", "bank_partner__country")
    found = rows.select_related("company", *bank, "agreement", "created_by", "uploaded_by").first()
    if found is not None:
        found.bank_partner.company = found.company
    return found


def with_neighbours(company: Company, number: int, **more: Exists) -> Payment | None:
    """The same, with the numbers of the older and the newer payment (`older`, `newer`), and what else is asked."""
    others = Payment.objects.filter(company=company).values("number")
    rows = Payment.objects.filter(company=company, number=number).annotate(
        older=Subquery(others.filter(number__lt=number).order_by("-number")[:1]),
        newer=Subquery(others.filter(number__gt=number).order_by("number")[:1]),
        **more,
    )
    return rows.select_related("company", "bank_partner", "agreement", "created_by", "uploaded_by").first()


def narrowed(rows: QuerySet[Payment], search: Search, company: Company, *, payroll: bool) -> QuerySet[Payment]:
    """The payments that match a query in FIELDS; salary lines count only for payroll."""
    if search.error:
        return rows.none()
    for term in search.terms:
        found = _matching(term, search, company, payroll=payroll)
        rows = rows.exclude(found) if term.negative else rows.filter(found)
    return rows


def _matching(term: Term, search: Search, company: Company, *, payroll: bool) -> Q:
    if term.field is None:
        return free_words(company, str(term.values[0]), payroll=payroll)
    table, _dot, path = term.field.path.partition(".")
    inner = Search(terms=(replace(term, negative=False, field=replace(term.field, path=path or table)),)).q
    if table == "lines":
        return Q(pk__in=_lines(company, payroll=payroll).filter(inner).values("payment_id"))
    if table == "totals":
        return _with_sum(inner, company)
    if table == "files":
        return Q(pk__in=Transfer.objects.filter(inner, company=company).values("payment_id"))
    if table == "returned":
        facts = SettlementFact.objects.filter(company=company, kind=FactKind.RETURNED).values("payment_id")
        return Q(pk__in=facts) if term.values[0] else ~Q(pk__in=facts)
    return _due(term.operator, *term.values) if table == "due" else inner


def _lines(company: Company, *, payroll: bool) -> QuerySet[PaymentLine]:
    rows = PaymentLine.objects.filter(company=company)
    return rows if payroll else rows.filter(payment__salary=False)


def _with_sum(wanted: Q, company: Company) -> Q:
    """Payments with such a sum: few are looked up by it, many are met soon on the way through the list."""
    totals = PaymentTotal.objects.filter(wanted)
    few = totals.filter(payment__company=company)
    if count_up_to(few) <= COUNT_LIMIT:
        return Q(pk__in=few.values("payment_id"))
    return Q(Exists(totals.filter(payment=OuterRef("pk"))))


def _due(operator: str, first: date, last: date) -> Q:
    """A payment may leave on several days: it matches when one of its days can."""
    return {
        "<": Q(first_date__lt=first),
        "<=": Q(first_date__lte=last),
        ">": Q(last_date__gt=last),
        ">=": Q(last_date__gte=first),
    }.get(operator, Q(first_date__lte=last, last_date__gte=first))


def free_words(company: Company, text: str, *, payroll: bool) -> Q:
    """A word without a field: payment number, invoice or KID exactly, receiver and description by their beginning."""
    lines = _lines(company, payroll=payroll)
    described = Payment.objects.filter(company=company, description__gt="", description__istartswith=text)
    found = Q(pk__in=described.values("pk"))  # of its own, so that an index answers: most payments have none
    found |= Q(pk__in=lines.filter(supplier__name__istartswith=text).values("payment_id"))
    found |= Q(pk__in=lines.filter(entry__invoice_no=text).values("payment_id"))
    if text.isdecimal():
        found |= Q(pk__in=lines.filter(kid=text).values("payment_id"))
        found |= Q(number=number) if (number := as_number(text, None)) is not None else Q()
    return found


def sums_of(rows: QuerySet[Payment]) -> list[Total] | None:
    """Sums per currency of these payments; None when there are too many to add at once."""
    return sums(totals_of(rows), "currency_id", "amount")


def totals_of(rows: QuerySet[Payment]) -> QuerySet[PaymentTotal]:
    """The sums on the headers of these payments, one for each currency."""
    return PaymentTotal.objects.filter(payment__in=rows.order_by().values("pk"))


def open_entries(company: Company, *, payroll: bool) -> QuerySet[SupplierEntry]:
    """Supplier entries with what a row shows; salaries only for payroll."""
    rows = SupplierEntry.objects.filter(company=company).select_related("supplier", "voucher_type", "held_by")
    return rows if payroll else rows.filter(supplier__is_payroll=False)
