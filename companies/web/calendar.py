"""A month as payments see it: days without payments, bank holidays, and where a due date is moved to."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from autopay_console.kernel.numbers import as_keys, as_number
from companies.access import ConsoleRequest, company_view
from companies.calendars import (
    TARGET,
    WEEKDAYS,
    FreeDays,
    bank_holidays,
    calendars_for,
    planned_payment_date,
)
from companies.choices import MOVE_EARLIER
from companies.clock import business_date
from companies.models import Company, Country

FIRST, LAST = 2000, 2099


@dataclass(frozen=True, slots=True)
class Cell:
    """One day: why no payment is planned on it, and the day it is moved to."""

    day: date
    free: bool
    holidays: tuple[str, ...]
    moved_to: date | None
    today: bool

    @property
    def closed(self) -> bool:
        """A due date on this day is moved."""
        return self.moved_to is not None


@require_GET
@company_view()
def days_preview(request: ConsoleRequest, company: Company) -> HttpResponse:
    """The month by what stands in the form now, before anything is saved."""
    ticked = set(as_keys(request.GET.getlist("days_without_payments")))
    free = FreeDays.from_bits(sum(ticked & {1 << bit for bit in range(8)}))
    today = business_date(company)
    month = _month(request.GET.get("month") or request.GET.get("shown") or "", today)
    country, euro = _debit_country(company), bool(request.GET.get("euro"))
    calendars = calendars_for(country.code, "EUR" if euro else "") if request.GET.get("use_bank_holidays") else ()
    cells = [_cell(day, free, calendars, today) for day in _days(month)]
    context = {
        "month": month,
        "weekdays": [_(name) for name in WEEKDAYS],
        "weeks": [cells[start : start + 7] for start in range(0, len(cells), 7)],
        "before": month - timedelta(days=1),
        "after": month + timedelta(days=31),
        "country": country,
        "calendars": calendars,
        "euro": euro,
        "earlier": bool(ticked & {MOVE_EARLIER}),
        "moves": [cell for cell in cells if cell.closed and cell.holidays and cell.day.month == month.month],
    }
    return render(request, "companies/_calendar.html", context)


def _debit_country(company: Company) -> Country:
    """Where the account is that payments leave from."""
    partner = company.bank_partners.filter(active=True).select_related("country").order_by("number").first()
    return partner.country if partner else company.country


def _month(text: str, today: date) -> date:
    """The first of the month asked for, like 2026-12; anything else is this month."""
    year, month = (as_number(part, 0) for part in text.partition("-")[::2])
    if FIRST <= year <= LAST and 1 <= month <= 12:
        return date(year, month, 1)
    return today.replace(day=1)


def _days(month: date) -> list[date]:
    return list(calendar.Calendar().itermonthdates(month.year, month.month))


def _cell(day: date, free: FreeDays, calendars: tuple[str, ...], today: date) -> Cell:
    planned = planned_payment_date(day, free, calendars)
    names = [
        f"{name} ({calendar_name})" if calendar_name == TARGET else name
        for calendar_name in calendars
        if (name := bank_holidays(calendar_name, day.year).get(day))
    ]
    moved = planned.day if planned.day != day else None
    return Cell(day, day.weekday() in free.weekdays, tuple(dict.fromkeys(names)), moved, day == today)
