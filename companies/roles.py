"""Giving and taking roles. Whoever loses one is logged out everywhere at once; nobody gives one to themself."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.choices import InstanceRoleKind, Role
from companies.models import Company, InstanceRole, Membership, Person


class NotGiven(Exception):
    """The roles stay as they are; `text` says why, for the person who asked."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def roles_in(company: Company, person: Person) -> set[str]:
    """Roles the person holds in the company."""
    return set(Membership.objects.filter(company=company, person=person).values_list("role", flat=True))


def set_roles(company: Company, person: Person, wanted: Iterable[str], by: Person) -> None:
    """Give the person exactly these roles in the company.

    Finance cares because roles are the four eyes: one person must not be able to make themself the second one.
    Raises NotGiven when somebody would give a role to themself or the last administrator would go.
    """
    held = roles_in(company, person)
    given = set(wanted) & set(Role.values)
    if person == by and given - held:
        raise NotGiven(_("Nobody gives a role to themself. Another administrator must give it."))
    if person == by and Role.ADMINISTRATOR in held - given:
        raise NotGiven(_("Another administrator must take your own right away."))
    if Role.ADMINISTRATOR in held - given and not _another_administrator(company, person):
        raise NotGiven(_("%(name)s is the only administrator of the company.") % {"name": person.shown})
    with transaction.atomic():
        Membership.objects.filter(company=company, person=person, role__in=held - given).delete()
        add_roles(company, person, given, by)
    if held - given:
        end_sessions(person)


def add_roles(company: Company, person: Person, roles: Iterable[str], by: Person) -> None:
    """Give roles the person does not hold yet; those already held stay as they are."""
    for role in sorted(set(roles) & set(Role.values)):
        Membership.objects.get_or_create(company=company, person=person, role=role, defaults={"given_by": by})


def set_instance_roles(person: Person, wanted: Iterable[str], by: Person) -> None:
    """Give the person exactly these rights over the installation. Nobody changes their own."""
    if person == by:
        raise NotGiven(_("Nobody changes their own rights over the installation. Another one must do it."))
    held = set(InstanceRole.objects.filter(person=person).values_list("role", flat=True))
    given = set(wanted) & set(InstanceRoleKind.values)
    with transaction.atomic():
        InstanceRole.objects.filter(person=person, role__in=held - given).delete()
        for role in sorted(given - held):
            InstanceRole.objects.create(person=person, role=role)
    if held - given:
        end_sessions(person)


def set_email(person: Person, email: str, by: Person) -> None:
    """Change where a person's mail goes. By it passwords are reset and the company login finds the person, so nobody
    changes their own, and no address has two people. Raises NotGiven."""
    address = email.strip().lower()
    if person == by:
        raise NotGiven(_("Nobody changes their own e-mail address. Another administrator must do it."))
    if Person.objects.filter(Q(email__iexact=address) | Q(username__iexact=address)).exclude(pk=person.pk).exists():
        raise NotGiven(_("%(email)s belongs to somebody else.") % {"email": address})
    with transaction.atomic():
        Person.objects.filter(pk=person.pk).update(email=address)
        EmailAddress.objects.filter(user=person).delete()  # kept by the login package; the person's row is the truth


def end_sessions(person: Person) -> int:
    """Log a person out everywhere; the number of sessions ended."""
    ended = 0
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(person.pk):
            session.delete()
            ended += 1
    return ended


def _another_administrator(company: Company, person: Person) -> bool:
    rows = Membership.objects.filter(company=company, role=Role.ADMINISTRATOR, person__is_active=True)
    return rows.exclude(person=person).exists()
