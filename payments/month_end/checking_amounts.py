"""Amounts and numbers: debits equal credits, totals are sums, entries are what was matched, numbers have no gaps."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, Min, Model, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from autopay_console.kernel.money import NOTHING, ZERO, MoneyField
from companies.models import Company, VoucherSeries
from payments.books.ledger import BATCH_COUNTER
from payments.choices import ON_THE_WAY, BatchState, LineStatus, PaidStatus
from payments.models import Batch, CustomerEntry, EntryMatch, PaymentLine, Posting, SupplierEntry, Voucher
from payments.month_end.checking_specs import Finding

HOLDS_ENTRY = (LineStatus.ESTIMATE, *ON_THE_WAY, LineStatus.SETTLED)


def check_journal(company: Company) -> Iterator[Finding]:
    """Every voucher balances and says the sum of its postings; every batch says the sum of its vouchers."""
    own = Posting.objects.filter(voucher=OuterRef("pk")).order_by().values("voucher")
    vouchers = Voucher.objects.filter(company=company).annotate(debits=_sum(own, "debit"), credits=_sum(own, "credit"))
    off = vouchers.filter(~Q(debits=F("credits")) | ~Q(debits=F("debit_total")) | ~Q(credits=F("credit_total")))
    for voucher in off.order_by("pk")[:100]:
        said = {
            "debit": _plain(voucher.debits),
            "credit": _plain(voucher.credits),
            "total": _plain(voucher.debit_total),
        }
        text = _("postings are %(debit)s debit and %(credit)s credit, the voucher says %(total)s") % said
        yield Finding("debits = credits", _voucher(voucher), text)
    inside = Voucher.objects.filter(batch=OuterRef("pk")).order_by().values("batch")
    batches = Batch.objects.filter(company=company).annotate(
        sum=_sum(inside, "debit_total"), found=Coalesce(Subquery(inside.annotate(n=Count("pk")).values("n")), 0)
    )
    for batch in batches.filter(~Q(sum=F("debit_total")) | ~Q(found=F("voucher_count"))).order_by("pk")[:100]:
        said = {
            "found": str(batch.found),
            "sum": _plain(batch.sum),
            "count": str(batch.voucher_count),
            "total": _plain(batch.debit_total),
        }
        text = _("%(found)s vouchers of %(sum)s are there, the batch says %(count)s of %(total)s") % said
        yield Finding("batch totals", _("batch %(no)s") % {"no": batch.number}, text)


def check_numbers(company: Company) -> Iterator[Finding]:
    """Posted vouchers are numbered in a row, unposted ones not at all; batch numbers have no gaps either."""
    posted = Q(batch__state=BatchState.POSTED)
    wrong = Voucher.objects.filter(company=company).filter(
        (posted & Q(number__isnull=True)) | (~posted & Q(number__isnull=False))
    )
    for voucher in wrong.order_by("pk")[:100]:
        yield Finding(
            "numbers", _voucher(voucher), _("a number stands on what is not posted, or is missing on what is")
        )
    for series in VoucherSeries.objects.filter(company=company).order_by("code"):
        rows: QuerySet[Any] = (
            Batch.objects.filter(company=company, number__isnull=False)
            if series.code == BATCH_COUNTER
            else Voucher.objects.filter(company=company, series=series.code, number__isnull=False)
        )
        yield from _gaps(rows, series)


def _gaps(rows: QuerySet[Any], series: VoucherSeries) -> Iterator[Finding]:
    found = rows.aggregate(low=Min("number"), high=Max("number"), count=Count("pk"))
    if not found["count"]:
        return
    about = _("series %(code)s") % {"code": series.code}
    if found["high"] >= series.next_number:
        text = _("number %(high)s is used, but the counter stands at %(next)s")
        yield Finding("numbers", about, text % {"high": found["high"], "next": series.next_number})
    if found["count"] == found["high"] - found["low"] + 1 and found["high"] == series.next_number - 1:
        return
    expected = found["low"]
    for number in [*rows.order_by("number").values_list("number", flat=True).iterator(), series.next_number]:
        if number > expected:
            said = {"first": expected, "last": number - 1}
            yield Finding("numbers", about, _("numbers %(first)s to %(last)s are missing") % said)
        expected = number + 1


def check_entries(company: Company) -> Iterator[Finding]:
    """Rest = original - what posted vouchers closed; in payment = what live lines hold; the paid status fits."""
    tables: tuple[tuple[type[Model], str], ...] = ((SupplierEntry, "supplier_entry"), (CustomerEntry, "customer_entry"))
    for table, column in tables:
        posted = EntryMatch.objects.filter(voucher__batch__state=BatchState.POSTED, **{column: OuterRef("pk")})
        entries = table._default_manager.filter(company=company).annotate(
            closed=_sum(posted.order_by().values(column), "amount")
        )
        for entry in entries.filter(~Q(rest=F("amount") - F("closed"))).order_by("pk")[:100]:
            said = {"amount": entry.amount, "closed": _plain(entry.closed), "rest": entry.rest}
            text = _("%(amount)s less %(closed)s matched is not the rest %(rest)s") % said
            yield Finding("rest = original - matches", _invoice(entry), text)
        open_ = Q(rest=F("amount"), status=PaidStatus.OPEN) | Q(status=PaidStatus.PARTLY) & ~Q(rest=ZERO)
        paid = Q(rest=ZERO, status__in=(PaidStatus.LATE, PaidStatus.ON_TIME))
        for entry in entries.exclude(open_ | paid).order_by("pk")[:100]:
            text = _("%(rest)s of %(amount)s is left, but its status is %(status)s")
            said = {"rest": entry.rest, "amount": entry.amount, "status": entry.status}
            yield Finding("paid status", _invoice(entry), text % said)
    yield from _reservations(company)


def _reservations(company: Company) -> Iterator[Finding]:
    lines = PaymentLine.objects.filter(entry=OuterRef("pk"), status__in=HOLDS_ENTRY).order_by().values("entry")
    own = lines.annotate(sum=Sum(F("amount") + F("discount"), output_field=MoneyField())).values("sum")
    taken = Coalesce(Subquery(own, output_field=MoneyField()), NOTHING)
    entries = SupplierEntry.objects.filter(company=company).annotate(taken=taken)
    for entry in entries.filter(~Q(in_payment=F("taken"))).order_by("pk")[:100]:
        text = _("%(said)s is in payment, lines on their way hold %(taken)s")
        yield Finding("in payment", _invoice(entry), text % {"said": entry.in_payment, "taken": _plain(entry.taken)})


def _sum(rows: QuerySet[Any, Any], column: str) -> Coalesce:
    return Coalesce(Subquery(rows.annotate(sum=Sum(column)).values("sum"), output_field=MoneyField()), NOTHING)


def _plain(amount: Decimal) -> str:
    return f"{amount:.2f}"


def _voucher(voucher: Voucher) -> str:
    return _("voucher %(series)s %(no)s (%(key)s)") % {
        "series": voucher.series,
        "no": voucher.number or "–",
        "key": voucher.source_key,
    }


def _invoice(entry: Any) -> str:
    return _("invoice %(no)s") % {"no": entry.invoice_no}
