"""The two clocks. Wall time for signatures and sessions; the business date for everything about money."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from autopay_console.kernel.once import once
from companies.models import BusinessClock, Company


class ClockIsReal(Exception):
    """Only demo and tests may set the business date."""


def business_now(company: Company | None = None) -> datetime:
    """Now for business, in the company's time zone."""
    moment = None
    if not settings.PRODUCTION:
        moment = once("business clock", _set_to)
    zone = ZoneInfo(company.time_zone if company else settings.TIME_ZONE)
    return (moment or timezone.now()).astimezone(zone)


def _set_to() -> datetime | None:
    return BusinessClock.objects.filter(pk=1).values_list("moment", flat=True).first()


def business_date(company: Company | None = None) -> date:
    """Today for business: due dates, execution, value dates, periods."""
    return business_now(company).date()


def set_business_time(moment: datetime | None) -> None:
    """Put the business clock somewhere (demo and tests), or back to wall time with None."""
    if settings.PRODUCTION:
        raise ClockIsReal("The business date follows the wall clock in production.")
    BusinessClock.objects.update_or_create(pk=1, defaults={"moment": moment})


def soon(seconds: float) -> datetime:
    """Wall time some seconds from now."""
    return timezone.now() + timedelta(seconds=seconds)
