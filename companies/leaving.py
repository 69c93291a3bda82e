"""A person leaves: what waits for them is shown first, then they are out at once. What they did stays as it was.

The apps above register what may wait for a person when they start, so that this module knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from companies.choices import Role
from companies.models import Company, Membership, Person
from companies.roles import NotGiven, end_sessions


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for the person; `stops` when nobody else can do it."""

    company: Company
    text: str
    stops: bool = False


Look = Callable[[Person], Iterable[Waiting]]
_LOOKS: list[Look] = []


def register(look: Look) -> Look:
    """Add a look at what waits for a person (once). Called from `AppConfig.ready`."""
    if look not in _LOOKS:
        _LOOKS.append(look)
    return look


def waits_for(person: Person) -> list[Waiting]:
    """Everything that waits for the person, what nobody else can do first."""
    found = [*_only_administrator(person), *(one for look in _LOOKS for one in look(person))]
    return sorted(found, key=lambda one: (not one.stops, one.company.number))


def deactivate(person: Person, by: Person, why: str) -> int:
    """Close the door: no login, all sessions ended at once (their number). Roles and everything done are kept.

    Raises NotGiven for oneself, and when the person is out already.
    """
    if person == by:
        raise NotGiven(_("Nobody deactivates themself. Another instance administrator must do it."))
    changed = Person.objects.filter(pk=person.pk, is_active=True).update(
        is_active=False, deactivated_at=timezone.now(), deactivated_by=by, deactivated_why=why[:200]
    )
    if not changed:
        raise NotGiven(_("%(name)s is deactivated already.") % {"name": person.shown})
    return end_sessions(person)


def reactivate(person: Person, by: Person) -> None:
    """Open the door again; the roles held before count again. Raises NotGiven for oneself or who is not out."""
    rows = Person.objects.filter(pk=person.pk, is_active=False).exclude(pk=by.pk)
    if not rows.update(is_active=True, deactivated_at=None, deactivated_by=None, deactivated_why=""):
        raise NotGiven(_("%(name)s is not deactivated.") % {"name": person.shown})


def _only_administrator(person: Person) -> list[Waiting]:
    mine = Company.objects.filter(memberships__person=person, memberships__role=Role.ADMINISTRATOR)
    others = Membership.objects.filter(role=Role.ADMINISTRATOR, person__is_active=True).exclude(person=person)
    alone = mine.exclude(pk__in=others.values("company_id")).distinct().order_by("number")
    return [Waiting(company, _("The company has no other administrator."), stops=True) for company in alone]
