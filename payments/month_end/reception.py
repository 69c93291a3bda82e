"""The reception list: batches with vouchers whose month was locked before they came.

They wait here until an accountant takes them into an open month, or an administrator opens the old one.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from companies.choices import PeriodState
from companies.clock import business_date
from companies.models import AccountingPeriod, Company, Person
from payments.books import ledger_moving
from payments.books.ledger_posting import post
from payments.books.ledger_specs import BookingRefused
from payments.choices import BatchState
from payments.models import Batch, Voucher
from payments.preparing.refusals import Refusal
from payments.receiving import posting_incoming


class NotTaken(Refusal):
    """The batch cannot be taken over; the text says why."""

    code = "not_taken"


def waiting(company: Company) -> QuerySet[Batch]:
    """Batches that wait only because a month is locked, oldest first."""
    months = locked_months(company)
    if not months:
        return Batch.objects.none()
    late = Voucher.objects.filter(_in(months), company=company).order_by().values("batch_id")
    rows = Batch.objects.filter(company=company, state=BatchState.WAITING, pk__in=late)
    return rows.select_related("payment", "file").order_by("number")


def late_months(batch: Batch) -> list[tuple[int, int]]:
    """Locked months the batch has vouchers in."""
    months = locked_months(batch.company)
    if not months:
        return []
    days = Voucher.objects.filter(_in(months), batch=batch).order_by().values_list("value_date", flat=True).distinct()
    return sorted({(day.year, day.month) for day in days})


def first_open_day(company: Company) -> date:
    """Where late vouchers go: today, or the first day of the next month that is open."""
    day, locked = business_date(company), set(locked_months(company))
    while (day.year, day.month) in locked:
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return day


def take_over(batch: Batch, by: Person, day: date) -> Batch:
    """Give the late vouchers this day and post the batch: both or neither. Raises NotTaken when the day is in a locked
    month too, or when the batch cannot be posted."""
    if (day.year, day.month) in set(locked_months(batch.company)):
        raise NotTaken(_("%(period)s is locked as well. Choose another day.") % {"period": f"{day:%Y-%m}"})
    months = late_months(batch)
    if not months:
        raise NotTaken(_("Nothing of this batch falls into a locked month."))
    last = max(date(year, month, 1) for year, month in months)
    if day < last:
        raise NotTaken(_("Choose a day after the locked month."))
    try:
        with transaction.atomic():
            ledger_moving.move(batch, months, day)
            posted = post(batch, by)
            if posted.state != BatchState.POSTED:
                raise NotTaken(posted.waits_for)
            posting_incoming.note_posted(posted)
    except BookingRefused as refusal:
        raise NotTaken(str(refusal)) from refusal
    return posted


def locked_months(company: Company) -> list[tuple[int, int]]:
    """Years and months nothing is posted into."""
    rows = AccountingPeriod.objects.filter(company=company, state=PeriodState.LOCKED)
    return list(rows.order_by("year", "month").values_list("year", "month"))


def _in(months: list[tuple[int, int]]) -> Q:
    wanted = Q(pk__in=())
    for year, month in months:
        wanted |= Q(value_date__year=year, value_date__month=month)
    return wanted
