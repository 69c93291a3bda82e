"""Close the month: a list of what must be done first, each point with somebody who looks after it, then the lock.

The points are counted, never ticked. A month is locked when everything is green, or with a reason that is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from companies import periods
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company, PeriodTurn, Person
from payments.choices import ClosingCheck
from payments.models import ClosingPoint
from payments.month_end import closing_counts
from payments.month_end.closing_counts import Counted
from payments.preparing.refusals import Refusal

ORDER = tuple(ClosingCheck)
OWNERS = (Role.ACCOUNTANT, Role.ADMINISTRATOR, Role.APPROVER)


class NotClosed(Refusal):
    """The month cannot be locked like this; the text says what is missing."""

    code = "not_closed"


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the list: what was counted, who looks after it, what was noted."""

    counted: Counted
    owner: Person | None = None
    note: str = ""

    @property
    def check(self) -> ClosingCheck:
        return self.counted.check

    @property
    def label(self) -> str:
        return str(self.counted.check.label)

    @property
    def green(self) -> bool:
        return self.counted.green


@dataclass(frozen=True, slots=True)
class Checklist:
    """A month's list. `over`: the month has ended, so that nothing more of it is expected."""

    points: tuple[Point, ...]
    over: bool

    @property
    def green(self) -> bool:
        return self.over and all(point.green for point in self.points)

    @property
    def left(self) -> int:
        """How many points are not done."""
        return sum(1 for point in self.points if not point.green)


def checklist(company: Company, year: int, month: int) -> Checklist:
    """Everything counted as it is now."""
    days = closing_counts.span(year, month)
    counted = {one.check: one for one in [*closing_counts.rows(company, days), *closing_counts.accounts(company, days)]}
    kept = ClosingPoint.objects.filter(company=company, year=year, month=month).select_related("owner")
    owners = {row.check_code: row for row in kept}
    points = tuple(
        Point(counted[check], owners[check].owner, owners[check].note) if check in owners else Point(counted[check])
        for check in ORDER
    )
    return Checklist(points, business_date(company) > days.last)


def assign(
    company: Company, year: int, month: int, check: ClosingCheck, by: Person, *, owner: Person | None, note: str = ""
) -> ClosingPoint:
    """Say who looks after a point, with a note for the colleagues."""
    facts: dict[str, Any] = {"owner": owner, "note": note.strip()[:200], "changed_by": by}
    keys: dict[str, Any] = {"company": company, "year": year, "month": month, "check_code": check}
    try:
        with transaction.atomic():
            return ClosingPoint.objects.update_or_create(defaults=facts, **keys)[0]
    except IntegrityError:  # another person did the same at this moment
        return ClosingPoint.objects.update_or_create(defaults=facts, **keys)[0]


def lock(company: Company, year: int, month: int, by: Person, reason: str = "") -> Checklist:
    """Lock the month. Raises NotClosed when a point is open and no reason is given."""
    found = checklist(company, year, month)
    if not found.green and not reason.strip():
        raise NotClosed(_("Not everything is done. Mend what is left, or write why the month is locked all the same."))
    periods.lock(company, year, month, by, reason.strip())
    return found


def colleagues(company: Company) -> QuerySet[Person]:
    """Who may look after a point: everybody who works in the company's books."""
    rows = Person.objects.filter(is_active=True, memberships__company=company, memberships__role__in=OWNERS)
    return rows.distinct().order_by("first_name", "username")


def turns(company: Company, year: int, month: int) -> QuerySet[PeriodTurn]:
    """When the month was locked and opened, newest first."""
    rows = PeriodTurn.objects.filter(company=company, year=year, month=month).select_related("by")
    return rows.order_by("-id")
