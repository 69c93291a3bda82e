"""When the sandbox's banks are open, by country of the account."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache


def easter(year: int) -> date:
    """Easter Sunday (Gregorian, Butcher's rule)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def _midsummer_eve(year: int) -> date:
    return next(day for n in range(19, 26) if (day := date(year, 6, n)).weekday() == 4)


@lru_cache(maxsize=256)
def holidays(country: str, year: int) -> frozenset[date]:
    """Days other than weekends on which no bank of the country books."""
    sunday = easter(year)
    days = {date(year, 1, 1), date(year, 5, 1), date(year, 12, 25), date(year, 12, 26)}
    days |= {sunday - timedelta(2), sunday + timedelta(1)}
    ascension = sunday + timedelta(39)
    extra: dict[str, set[date]] = {
        "NO": {sunday - timedelta(3), date(year, 5, 17), ascension, sunday + timedelta(50)},
        "SE": {date(year, 1, 6), date(year, 6, 6), ascension, _midsummer_eve(year), date(year, 12, 24),
               date(year, 12, 31)},
        "DK": {sunday - timedelta(3), ascension, ascension + timedelta(1), date(year, 6, 5), sunday + timedelta(50),
               date(year, 12, 24), date(year, 12, 31)},
        "FI": {date(year, 1, 6), date(year, 12, 6), ascension, _midsummer_eve(year)},
    }  # fmt: skip
    return frozenset(days | extra.get(country, set()))


def is_bank_day(day: date, country: str) -> bool:
    """Whether banks in the country book on this day."""
    return day.weekday() < 5 and day not in holidays(country, day.year)


def bank_day(day: date, country: str) -> date:
    """The day itself when banks are open, else the next one on which they are."""
    while not is_bank_day(day, country):
        day += timedelta(1)
    return day


def later(day: date, days: int, country: str) -> date:
    """`days` bank days after `day`."""
    for _ in range(days):
        day = bank_day(day + timedelta(1), country)
    return day
