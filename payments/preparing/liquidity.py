"""Will the account hold it? Balance, what leaves, what waits and what customers owe, bank day by bank day.

The balance is the bank's own: the latest statement or intraday report, and what notifications booked after it. Where
the bank has told no balance there is none, and nothing is guessed. Amounts stand in the account's currency; a currency
without a rate is named, not added. Five queries, however many accounts and lines there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import Q, Sum

from autopay_console.kernel.money import ZERO, rounded
from autopay_console.kernel.once import once
from companies.calendars import bank_day_from, calendars_for, next_bank_day
from companies.clock import business_date
from companies.models import BankPartner, Company
from payments.choices import LineStatus, RoundState
from payments.models import CustomerEntry, Payment, PaymentLine
from payments.preparing import rates
from payments.preparing.balances import Balance, of_accounts, our_accounts

BANK_DAYS = 10
SENT = (LineStatus.TRANSFERRED, LineStatus.ACKNOWLEDGED)
Sums = dict[tuple[int, date], Decimal]


@dataclass(slots=True)
class Day:
    """One bank day: what moves, and what is left at its end. `sure` counts neither what waits nor what is expected,
    `unaided` what waits but no customer's money, `left` both."""

    day: date
    on_its_way: Decimal = ZERO
    waiting: Decimal = ZERO
    expected: Decimal = ZERO
    sure: Decimal | None = None
    unaided: Decimal | None = None
    left: Decimal | None = None
    below: bool = False


@dataclass(slots=True)
class Forecast:
    """One account over the next bank days. `balance` is None while the bank has told none."""

    partner: BankPartner
    balance: Balance | None
    days: list[Day] = field(default_factory=list)
    overdue: Decimal = ZERO  # customers' invoices that should have been paid: nobody knows when they will be
    receives: bool = False  # customers are expected to pay to this account
    unknown: list[str] = field(default_factory=list)  # currencies without a rate

    @property
    def floor(self) -> Decimal:
        """How low the account may go."""
        return -self.partner.credit_line

    @property
    def lowest(self) -> Day | None:
        """The day on which least is left when everything that waits is approved and no customer pays before."""
        told = (one for one in self.days if one.unaided is not None)
        return min(told, key=lambda one: one.unaided or ZERO, default=None)

    @property
    def on_its_way(self) -> Decimal:
        return sum((one.on_its_way for one in self.days), ZERO)

    @property
    def waiting(self) -> Decimal:
        return sum((one.waiting for one in self.days), ZERO)

    @property
    def expected(self) -> Decimal:
        return sum((one.expected for one in self.days), ZERO)


@dataclass(frozen=True, slots=True)
class Short:
    """An account that does not hold payments: what is missing on which day, and whether customers might cover it."""

    partner: BankPartner
    day: date
    missing: Decimal
    left: Decimal
    balance: Balance
    covered_by_customers: bool


def forecasts(company: Company, partners: Sequence[BankPartner], *, days: int = BANK_DAYS) -> list[Forecast]:
    """One forecast for each of our accounts."""
    return _table(company, partners, days).forecasts


def shortfalls(company: Company, payments: Iterable[Payment]) -> list[Short]:
    """Accounts that would go below what the bank allows when these payments are approved together.

    Counted is what is on its way and these payments; not what others still have to approve, and no customer's money
    before it is there.
    """
    some = [one for one in payments if one.round_state in (RoundState.DRAFT, RoundState.WAITING)]
    partners = {one.bank_partner_id: one.bank_partner for one in some}
    if not partners:
        return []
    table = _table(company, list(partners.values()), BANK_DAYS)
    if not table.balances:
        return []
    asked = table.of_payments(some)
    if not any(table.lacks(one, asked) for one in partners.values()):
        return []  # without a look at what customers owe
    return [short for one in table.forecasts if (short := _short(one, asked))]


def _table(company: Company, partners: Sequence[BankPartner], days: int) -> _Table:
    """A page that shows the forecast and what is missing reads the accounts once."""
    question = ("cash", company.pk, tuple(one.pk for one in partners), days)
    return once(question, lambda: _Table(company, partners, days))


def _short(one: Forecast, asked: Sums) -> Short | None:
    if one.balance is None:
        return None
    running, with_customers, worst = ZERO, ZERO, None
    touched = False
    for day in one.days:
        more = asked.get((one.partner.pk, day.day), ZERO)
        touched = touched or more > 0
        running += more
        with_customers += day.expected
        left = (day.sure or ZERO) - running
        if touched and left < one.floor and (worst is None or left < worst[1]):
            worst = (day.day, left, left + with_customers >= one.floor)
    if worst is None:
        return None
    return Short(one.partner, worst[0], one.floor - worst[1], worst[1], one.balance, worst[2])


class _Table:
    """Everything read at once for some accounts of a company."""

    def __init__(self, company: Company, partners: Sequence[BankPartner], days: int) -> None:
        self.company, self.partners = company, partners
        self.today = business_date(company)
        self.rates = rates.rates_on(company, self.today)
        self.unknown: dict[int, set[str]] = defaultdict(set)
        self.days = {one.pk: list(self._days(one, days)) for one in partners}
        self.by_pk = {one.pk: one for one in partners}

    @cached_property
    def balances(self) -> dict[int, Balance]:
        """What the bank told, account by account."""
        return of_accounts(self.company, self.partners)

    @cached_property
    def forecasts(self) -> list[Forecast]:
        balances = self.balances
        on_its_way, waiting = self.moves
        expected, overdue, receivers = self._customers()
        found = []
        for one in self.partners:
            days = [
                Day(day, on_its_way[one.pk, day], waiting[one.pk, day], expected[one.pk, day])
                for day in self.days[one.pk]
            ]
            forecast = Forecast(one, balances.get(one.pk), days, overdue[one.pk], one.pk in receivers)
            forecast.unknown = sorted(self.unknown[one.pk])
            _run(forecast)
            found.append(forecast)
        return found

    def lacks(self, partner: BankPartner, asked: Sums) -> bool:
        """Whether the account goes below its floor on or after a day on which these payments take something."""
        balance, touched = self.balances.get(partner.pk), False
        if balance is None:
            return False
        left = balance.now
        for day in self.days[partner.pk]:
            more = asked.get((partner.pk, day), ZERO)
            touched = touched or more > 0
            left -= self.moves[0][partner.pk, day] + more
            if touched and left < -partner.credit_line:
                return True
        return False

    def of_payments(self, payments: Sequence[Payment]) -> Sums:
        """What these payments take, by account and bank day."""
        found: Sums = defaultdict(lambda: ZERO)
        partner_of = {one.pk: one.bank_partner_id for one in payments}
        rows = PaymentLine.objects.filter(
            payment_id__in=list(partner_of), status__in=(LineStatus.ESTIMATE, LineStatus.AT_EFT)
        )
        for payment_id, day, code, total in (
            rows.order_by().values_list("payment_id", "pay_date", "currency_id").annotate(total=Sum("amount"))
        ):
            self._add(found, partner_of[payment_id], day, total, code)
        return found

    def _days(self, partner: BankPartner, many: int) -> Iterator[date]:
        calendars = calendars_for(partner.country_id, partner.currency_id)
        day = bank_day_from(self.today, calendars)
        for _number in range(many):
            yield day
            day = next_bank_day(day, calendars)

    @cached_property
    def moves(self) -> tuple[Sums, Sums]:
        """What left us and is not booked yet, and what waits for approval. Dates that are past count as today."""
        on_its_way: Sums = defaultdict(lambda: ZERO)
        waiting: Sums = defaultdict(lambda: ZERO)
        rows = PaymentLine.objects.filter(
            Q(status__in=SENT) | Q(status=LineStatus.AT_EFT, payment__round_state__in=_OPEN),
            company=self.company,
            payment__bank_partner__in=self.partners,
        ).order_by()
        keys = ("payment__bank_partner_id", "pay_date", "currency_id", "status", "payment__round_state")
        for partner, day, code, status, state, total in rows.values_list(*keys).annotate(total=Sum("amount")):
            waits = status == LineStatus.AT_EFT and state == RoundState.WAITING
            self._add(waiting if waits else on_its_way, partner, day, total, code)
        return on_its_way, waiting

    def _customers(self) -> tuple[Sums, dict[int, Decimal], set[int]]:
        """Customers' open invoices by due date, on the account where the company receives their currency."""
        expected: Sums = defaultdict(lambda: ZERO)
        overdue: dict[int, Decimal] = defaultdict(lambda: ZERO)
        receiver = self._receivers()
        if not receiver:
            return expected, overdue, set()
        last = max(days[-1] for days in self.days.values())
        rows = CustomerEntry.objects.filter(
            company=self.company, status__in=(1, 2), due_date__lte=last, currency_id__in=list(receiver)
        ).order_by()
        for day, code, total in rows.values_list("due_date", "currency_id").annotate(total=Sum("rest")):
            if day < self.today:
                overdue[receiver[code]] += total
            else:
                self._add(expected, receiver[code], day, total, code)
        return expected, overdue, set(receiver.values())

    def _receivers(self) -> dict[str, int]:
        """For each currency our account that customers pay to: one with a factoring company, else the lowest number."""
        found: dict[str, int] = {}
        for one in sorted(our_accounts(self.company), key=lambda one: not one.has_factoring):
            if one.active:
                found.setdefault(one.currency, one.pk)
        return {code: pk for code, pk in found.items() if pk in self.by_pk}

    def _add(self, sums: Sums, partner_id: int, day: date, amount: Decimal, currency: str) -> None:
        partner, days = self.by_pk[partner_id], self.days[partner_id]
        worth = self._in_account_currency(amount, currency, partner)
        if worth is None:
            self.unknown[partner_id].add(currency)
        elif day <= days[-1]:
            sums[partner_id, next(one for one in days if one >= max(day, days[0]))] += worth

    def _in_account_currency(self, amount: Decimal, currency: str, partner: BankPartner) -> Decimal | None:
        if currency == partner.currency_id:
            return amount
        home, rate = rates.in_home_currency(amount, currency, self.rates), self.rates.get(partner.currency_id)
        return None if home is None or not rate else rounded(home / rate)


_OPEN = (RoundState.WAITING, RoundState.RELEASED)


def _run(forecast: Forecast) -> None:
    """What is left at the end of each day: surely, and when what waits is approved and customers pay in time."""
    if forecast.balance is None:
        return
    sure = unaided = left = forecast.balance.now
    for one in forecast.days:
        sure -= one.on_its_way
        unaided -= one.on_its_way + one.waiting
        left += one.expected - one.on_its_way - one.waiting
        one.sure, one.unaided, one.left = sure, unaided, left
        one.below = left < forecast.floor
