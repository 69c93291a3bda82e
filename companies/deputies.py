"""Deputies: who approves for whom, between which dates and up to which amount. Approval asks this table.

With an uploaded payment a deputy does what the approver may do: approve, lower an amount, move a date, cancel.
Approving an invoice in advance and appointing a deputy stay with the approver.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from companies.choices import Role
from companies.clock import business_date
from companies.models import Company, Deputy, Membership, Person

MOST_AHEAD = timedelta(days=731)  # two years: a mandate over money is looked at again, and a mistyped year is found


@dataclass(frozen=True, slots=True)
class Wish:
    """Who stands in for whom; `limit` in company currency, None: without limit."""

    person: Person
    deputy: Person
    starts_on: date
    ends_on: date
    limit: Decimal | None = None


class NotPossible(Exception):
    """The wish does not fit; `field` says which field to mend."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def appoint(company: Company, wish: Wish, by: Person) -> Deputy:
    """Let somebody approve for an approver who is away; an administrator cannot make themself the second person."""
    _check(company, wish)
    if wish.deputy == by:
        raise NotPossible("deputy", _("Nobody gives a role to themself. Another administrator must give it."))
    with transaction.atomic():
        return Deputy.objects.create(
            company=company,
            person=wish.person,
            deputy=wish.deputy,
            starts_on=wish.starts_on,
            ends_on=wish.ends_on,
            limit=wish.limit,
        )


def end(row: Deputy) -> None:
    """From now on nobody stands in: a row that has begun ends yesterday, one that has not is taken away."""
    today = business_date(row.company)
    if row.starts_on >= today:
        row.delete()
        return
    row.ends_on = min(row.ends_on, today - timedelta(days=1))
    row.save(update_fields=["ends_on"])


def current(company: Company) -> QuerySet[Deputy]:
    """Deputies of today and later, and those of the last month, newest first."""
    since = business_date(company) - timedelta(days=31)
    rows = Deputy.objects.filter(company=company, ends_on__gte=since)
    return rows.select_related("person", "deputy").order_by("-ends_on", "-pk")


def approvers(company: Company) -> QuerySet[Person]:
    """People who may be stood in for."""
    held = Membership.objects.filter(company=company, role=Role.APPROVER).values("person_id")
    return Person.objects.filter(is_active=True, pk__in=held).order_by("first_name", "username")


def members(company: Company) -> QuerySet[Person]:
    """People who may stand in: anybody active of the company."""
    held = Membership.objects.filter(company=company).values("person_id")
    return Person.objects.filter(is_active=True, pk__in=held).order_by("first_name", "username")


def _check(company: Company, wish: Wish) -> None:
    if wish.person == wish.deputy:
        raise NotPossible("deputy", _("Nobody stands in for themselves."))
    if wish.ends_on < wish.starts_on:
        raise NotPossible("ends_on", _("The last day is before the first."))
    today = business_date(company)
    if wish.ends_on < today:
        raise NotPossible("ends_on", _("These days are over."))
    if wish.ends_on > today + MOST_AHEAD:
        text = _("A deputy is appointed for at most two years. The last day may be %(day)s.")
        raise NotPossible("ends_on", text % {"day": (today + MOST_AHEAD).isoformat()})
    if wish.limit is not None and wish.limit <= 0:
        raise NotPossible("limit", _("Write an amount above zero, or leave it empty."))
    if not Membership.objects.filter(company=company, person=wish.person, role=Role.APPROVER).exists():
        raise NotPossible("person", _("%(name)s may not approve here.") % {"name": wish.person.shown})
    same = Q(person=wish.person, deputy=wish.deputy, starts_on__lte=wish.ends_on, ends_on__gte=wish.starts_on)
    if Deputy.objects.filter(same, company=company).exists():
        raise NotPossible(
            "deputy", _("%(name)s stands in on some of these days already.") % {"name": wish.deputy.shown}
        )
