"""The service person, usually `system`: what the message queue service sends and reads is logged in this name."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from companies.models import Person, SystemInformation

SYSTEM = "system"  # the usual one


def service_person(username: str = SYSTEM) -> Person | None:
    """The person of that name; `system` is made when it is missing, and nobody can log in as it."""
    found = Person.objects.filter(username=username).first()
    if found is None and username == SYSTEM:
        return _system()
    return found


def who_serves() -> Person:
    """The person named under Credentials of the message queue, else `system`."""
    named = SystemInformation.objects.filter(pk=1).select_related("service_person").first()
    return (named and named.service_person) or service_person() or _system()


def _system() -> Person:
    person = Person(username=SYSTEM, first_name="System", is_active=False, wants_mail=False)
    person.set_unusable_password()
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:  # another process made it at the same moment
        return Person.objects.get(username=SYSTEM)
    return person
