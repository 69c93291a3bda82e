"""The business day as the first page says it: bank day or not, and how long same-day payments still leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from autopay_console.kernel.days import long_day
from companies.calendars import calendars_for, closed_because
from companies.choices import AgreementState
from companies.clock import business_now
from companies.models import BankAgreement, Company


@dataclass(frozen=True, slots=True)
class Clock:
    """Now in the company's time zone, why banks are closed today (if they are), and the first cut-off."""

    now: datetime
    closed: str
    cut_off: time | None
    currency: str

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def is_closed(self) -> bool:
        return bool(self.closed)

    @property
    def left(self) -> timedelta | None:
        """Time until cut-off; None on a closed day, without cut-off, or after it."""
        if self.cut_off is None or self.closed or self.now.time() >= self.cut_off:
            return None
        return datetime.combine(self.today, self.cut_off) - self.now.replace(tzinfo=None)

    @property
    def cut_off_shown(self) -> str:
        return f"{self.cut_off:%H:%M}" if self.cut_off and self.left is not None else ""

    @property
    def day_shown(self) -> str:
        return long_day(self.today)

    @property
    def bank_day_shown(self) -> str:
        return _("banks are closed: %(why)s") % {"why": self.closed} if self.closed else _("bank day")

    @property
    def left_shown(self) -> str:
        """in 4 h 12 min."""
        if self.left is None:
            return ""
        minutes = int(self.left.total_seconds() // 60)
        if minutes < 60:
            return _("in %(m)s min") % {"m": minutes}
        return _("in %(h)s h %(m)s min") % {"h": minutes // 60, "m": minutes % 60}


def clock_of(company: Company) -> Clock:
    """The company's business clock with the earliest cut-off of its active agreements in its own currency."""
    now = business_now(company)
    agreements = BankAgreement.objects.filter(
        company=company,
        state=AgreementState.ACTIVE,
        active_outgoing=True,
        currency=company.currency_id,
        cutoff__isnull=False,
    )
    cut_off = agreements.order_by("cutoff").values_list("cutoff", flat=True).first()
    closed = closed_because(now.date(), calendars_for(company.country_id, company.currency_id))
    return Clock(now, closed or "", cut_off, company.currency_id)
