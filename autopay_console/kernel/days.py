"""Days in prose, as each language writes them; tables use ISO dates. The patterns stand in autopay_console/formats."""

from __future__ import annotations

from datetime import date

from django.utils.formats import date_format
from django.utils.timezone import localdate


def long_day(day: date) -> str:
    """Thursday 26 November 2026."""
    return date_format(day, "LONG_DAY")


def short_day(day: date) -> str:
    """Thu 26 Nov, with the year when it is not this one."""
    return date_format(day, "SHORT_DAY" if day.year == localdate().year else "SHORT_DAY_AND_YEAR")


def day_and_month(day: date) -> str:
    """26 November."""
    return date_format(day, "DAY_AND_MONTH")
