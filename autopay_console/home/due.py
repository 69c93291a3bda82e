"""Money due in the next 14 days: on its way, to approve, not uploaded; and who has what is on its way."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import Q, Sum
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from autopay_console.home.clock import Clock
from autopay_console.kernel import charts
from autopay_console.kernel.days import day_and_month
from companies.calendars import calendars_for, closed_because
from companies.models import Company
from payments.choices import BatchWord, LineStatus, RoundState
from payments.models import Payment, PaymentLine, SupplierEntry
from payments.preparing.rates import in_home_currency, rates_on

DAYS = 14
SERIES = ("s1", "s2", "s3")
LIVE = (LineStatus.ESTIMATE, LineStatus.AT_EFT, LineStatus.TRANSFERRED, LineStatus.ACKNOWLEDGED)
UNDER_WAY = (LineStatus.AT_EFT, LineStatus.TRANSFERRED, LineStatus.ACKNOWLEDGED)
LOOKED_AT = 50
ON_THE_WAY = (BatchWord.APPROVED, BatchWord.SENT, BatchWord.RECEIVED, BatchWord.PARTLY)


@dataclass(slots=True)
class Day:
    """One day's sums in company currency."""

    day: date
    closed: bool
    sums: list[Decimal] = field(default_factory=lambda: [Decimal(0)] * 3)

    @property
    def total(self) -> Decimal:
        return sum(self.sums, Decimal(0))


@dataclass(frozen=True, slots=True)
class Due:
    """The chart, its table and its sums."""

    chart: charts.Chart
    days: list[Day]
    sums: list[Decimal]
    unknown: list[str]

    @property
    def total(self) -> Decimal:
        return sum(self.sums, Decimal(0))


def money_due(company: Company, clock: Clock) -> Due:
    """Sums per day, overdue ones on today. Currencies without a rate are named, not guessed. Three queries."""
    calendars = calendars_for(company.country_id, company.currency_id)
    days = [clock.today + timedelta(days=n) for n in range(DAYS)]
    by_day = {day: Day(day, closed_because(day, calendars) is not None) for day in days}
    rates = rates_on(company, clock.today)
    unknown: set[str] = set()
    for day, currency, place, amount in _facts(company, days[0], days[-1]):
        value = in_home_currency(amount, currency, rates)
        if value is None:
            unknown.add(currency)
        else:
            by_day[max(day, days[0])].sums[place] += value
    rows = list(by_day.values())
    sums = [sum((row.sums[n] for row in rows), Decimal(0)) for n in range(3)]
    return Due(_chart(rows, company.currency_id), rows, sums, sorted(unknown))


def _facts(company: Company, first: date, last: date) -> list[tuple[date, str, int, Decimal]]:
    lines = PaymentLine.objects.filter(company=company, status__in=LIVE, pay_date__lte=last).order_by()
    found = []
    for day, currency, status, round_state, amount in lines.values_list(
        "pay_date", "currency", "status", "payment__round_state"
    ).annotate(total=Sum("amount")):
        place = 2 if status == LineStatus.ESTIMATE else 1 if round_state == RoundState.WAITING else 0
        found.append((day, currency, place, amount))
    entries = SupplierEntry.objects.filter(
        company=company, status__in=(1, 2), planned_date__lte=last, remitted=False, held=False
    )
    for day, currency, rest, taken in (
        entries.order_by().values_list("planned_date", "currency").annotate(rest=Sum("rest"), taken=Sum("in_payment"))
    ):
        found.append((day, currency, 2, rest - taken))
    return found


def _chart(rows: list[Day], currency: str) -> charts.Chart:
    columns = [
        charts.Column(
            str(row.day.day),
            [max(value, Decimal(0)) / 1000 for value in row.sums],
            date_format(row.day, "D")[:1],
            now=index == 0,
            off=row.closed,
        )
        for index, row in enumerate(rows)
    ]
    first, last = day_and_month(rows[0].day), day_and_month(rows[-1].day)
    said = _(
        "Money due per day, %(first)s to %(last)s, in thousand %(currency)s. The table below has the same numbers."
    )
    return charts.bars(columns, SERIES, said % {"first": first, "last": last, "currency": currency})


def on_its_way(company: Company) -> list[Payment]:
    """The latest payments that left us of which some lines have not landed: rejected ones are on their way no more."""
    payments = Payment.objects.filter(company=company)
    # the latest of each word by its index: nearly all payments landed, and a walk back from the newest could meet all
    by_word = [payments.filter(word=word).order_by("-pk").values("pk")[:LOOKED_AT] for word in ON_THE_WAY]
    found = payments.filter(reduce(or_, (Q(pk__in=some) for some in by_word)))
    rows = {one.pk: one for one in sorted(found, key=lambda one: -one.pk)[:LOOKED_AT]}
    going = PaymentLine.objects.filter(payment_id__in=list(rows), status__in=UNDER_WAY).order_by()
    still = set(going.values_list("payment_id", flat=True).distinct())
    return [one for pk, one in rows.items() if pk in still][:6]
