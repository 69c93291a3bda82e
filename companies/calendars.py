"""Bank days, days without payments, and the day a payment is planned for. Pure.

A bank moves or refuses what falls on a closed day, so dates are moved before they are sent, and every move says
why. Holidays come from the package holidays; where banks close on more days than the law says, it is added here
(Sweden's eves; in Denmark 5 June, the day after Ascension, 24 and 31 December).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from companies.problems import Problem, gettext_noop, warning

TARGET = "TARGET"
CALENDARS = ("NO", "SE", "DK", "FI", "DE", "US", TARGET)
WEEKDAYS = (
    gettext_noop("Monday"),
    gettext_noop("Tuesday"),
    gettext_noop("Wednesday"),
    gettext_noop("Thursday"),
    gettext_noop("Friday"),
    gettext_noop("Saturday"),
    gettext_noop("Sunday"),
)
MOVE_EARLIER = 1 << 7
_ONE_DAY = timedelta(days=1)
_DANISH_EXTRA = ((6, 5, "Constitution Day"), (12, 24, "Christmas Eve"), (12, 31, "New Year's Eve"))
_LONGEST_MOVE = 31


@lru_cache(maxsize=256)
def bank_holidays(calendar: str, year: int) -> dict[date, str]:
    """The days banks of a calendar are closed in a year, weekends apart, each with its English name."""
    import holidays  # slow to load, and not needed before somebody plans a day

    if calendar == TARGET:
        return dict(holidays.financial_holidays("XECB", years=year, language="en_US"))
    if calendar == "US":
        return dict(holidays.financial_holidays("XFED", years=year))
    if calendar == "SE":
        categories = ("public", "de_facto")
        return dict(holidays.country_holidays("SE", years=year, categories=categories, language="en_US"))
    if calendar not in CALENDARS:
        return {}
    found = dict(holidays.country_holidays(calendar, years=year, language="en_US"))
    if calendar == "DK":
        found |= {date(year, month, day): name for month, day, name in _DANISH_EXTRA}
        ascension = next(day for day, name in found.items() if "Ascension" in name)
        found[ascension + _ONE_DAY] = "Day after Ascension Day"
    return found


def closed_because(day: date, calendars: Iterable[str]) -> str | None:
    """Why no bank works that day: the weekday's name or the holiday's with its calendar; None on a bank day."""
    if day.weekday() >= 5:
        return WEEKDAYS[day.weekday()]
    for calendar in calendars:
        if name := bank_holidays(calendar, day.year).get(day):
            return f"{name} ({calendar})"
    return None


def is_bank_day(day: date, calendars: Iterable[str]) -> bool:
    """True when the banks of every calendar work."""
    return closed_because(day, calendars) is None


def bank_day_from(day: date, calendars: Sequence[str]) -> date:
    """The day itself when it is a bank day, else the next one."""
    while not is_bank_day(day, calendars):
        day += _ONE_DAY
    return day


def bank_day_until(day: date, calendars: Sequence[str]) -> date:
    """The day itself when it is a bank day, else the one before."""
    while not is_bank_day(day, calendars):
        day -= _ONE_DAY
    return day


def next_bank_day(day: date, calendars: Sequence[str]) -> date:
    """The first bank day after the day."""
    return bank_day_from(day + _ONE_DAY, calendars)


def previous_bank_day(day: date, calendars: Sequence[str]) -> date:
    """The last bank day before the day."""
    return bank_day_until(day - _ONE_DAY, calendars)


def add_bank_days(day: date, count: int, calendars: Sequence[str]) -> date:
    """So many bank days later, or earlier when the count is negative; zero moves nothing."""
    step = next_bank_day if count > 0 else previous_bank_day
    for _ in range(abs(count)):
        day = step(day, calendars)
    return day


@dataclass(frozen=True, slots=True)
class FreeDays:
    """Company data's "days without payments": weekdays (Monday is 0), and which way a date moves off them."""

    weekdays: frozenset[int] = frozenset()
    earlier: bool = False

    @classmethod
    def from_bits(cls, bits: int) -> FreeDays:
        """From the column PmtFree: bit 0 Monday to bit 6 Sunday, bit 7 "move to an earlier date"."""
        return cls(frozenset(d for d in range(7) if bits >> d & 1), bool(bits & MOVE_EARLIER))

    @property
    def bits(self) -> int:
        """As the column PmtFree holds it."""
        return sum(1 << day for day in self.weekdays) | (MOVE_EARLIER if self.earlier else 0)


@dataclass(frozen=True, slots=True)
class Planned:
    """The date a payment is planned for, and why it is not the due date; `reasons` is empty when it is."""

    day: date
    reasons: tuple[Problem, ...] = ()


def planned_payment_date(base: date, free: FreeDays, calendars: Sequence[str] = ()) -> Planned:
    """Due or cash-discount date, moved off the company's days without payments and, with calendars, bank holidays.

    Without calendars only the company's weekdays count, as in Visma Business. A company that pays on no weekday
    at all keeps the date and is told so.
    """
    if len(free.weekdays) == 7:
        message = gettext_noop("All seven weekdays are days without payments: the date is not moved.")
        return Planned(base, (warning("no_payment_day", message),))
    step = -_ONE_DAY if free.earlier else _ONE_DAY
    day = base
    reasons: list[Problem] = []
    for _ in range(_LONGEST_MOVE):
        reason = _not_paid_on(day, free, calendars)
        if reason is None:
            return Planned(day, tuple(reasons))
        reasons.append(reason)
        day += step
    message = gettext_noop("No day to pay on was found near %(day)s: the date is not moved.")
    return Planned(base, (warning("no_payment_day", message, day=base.isoformat()),))


def _not_paid_on(day: date, free: FreeDays, calendars: Sequence[str]) -> Problem | None:
    name = WEEKDAYS[day.weekday()]
    if day.weekday() in free.weekdays:
        message = gettext_noop("%(day)s is a %(name)s, a day without payments.")
        return warning("day_without_payments", message, day=day.isoformat(), name=name)
    if calendars and (name := closed_because(day, calendars) or ""):
        message = gettext_noop("%(day)s is no bank day: %(name)s.")
        return warning("no_bank_day", message, day=day.isoformat(), name=name)
    return None


def execution_date(due: date, lead_days: int, calendars: Sequence[str]) -> date:
    """When our account must be debited for the payee to have the money on the due date: so many bank days before."""
    return add_bank_days(bank_day_until(due, calendars), -lead_days, calendars)


def after_cut_off(now: datetime, cut_off: time, zone: str) -> bool:
    """True when the bank's cut-off of today has passed on the company's own clock; `now` knows its time zone."""
    return now.astimezone(ZoneInfo(zone)).time() >= cut_off


def earliest_execution(now: datetime, cut_off: time, zone: str, calendars: Sequence[str]) -> date:
    """The first day a file released now can still be executed."""
    today = now.astimezone(ZoneInfo(zone)).date()
    if after_cut_off(now, cut_off, zone):
        return next_bank_day(today, calendars)
    return bank_day_from(today, calendars)


def calendars_for(debtor_country: str, currency: str) -> tuple[str, ...]:
    """The calendars that must be open: the debit country's, and TARGET for euro."""
    own = (debtor_country,) if debtor_country in CALENDARS else ()
    return (*own, TARGET) if currency == "EUR" else own
