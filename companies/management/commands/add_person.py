"""`manage.py add_person USERNAME`: the first person of an installation, and everybody after (sign-up is closed)."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, transaction
from django.db.models import Q

from companies.choices import InstanceRoleKind
from companies.models import InstanceRole, Person
from companies.reference_data import ensure_reference_data


class Command(BaseCommand):
    """Makes the person, and the reference rows (countries, currencies, banks) that every company needs."""

    help = "Add a person who may log in; roles in companies are given under People."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who it is, and what they may do with the installation."""
        parser.add_argument("username")
        parser.add_argument("--email", required=True)
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")
        parser.add_argument("--language", default="en", choices=["en", "nb"])
        parser.add_argument("--instance", choices=InstanceRoleKind.values, help="right over the installation itself")
        parser.add_argument("--password-file", type=Path, help="file with the password; otherwise it is asked for")

    def handle(self, *args: Any, **options: Any) -> None:
        """Add, or say why not."""
        name, email = options["username"].strip(), options["email"].strip().lower()
        person = Person(
            username=name,
            email=email,
            first_name=options["first_name"],
            last_name=options["last_name"],
            language=options["language"],
        )
        _check(person)
        password = _password(options["password_file"])
        try:
            validate_password(password, person)
        except ValidationError as error:
            raise CommandError("The password will not do: " + " ".join(error.messages)) from error
        person.set_password(password)
        ensure_reference_data()
        with transaction.atomic():
            person.save()
            if options["instance"]:
                InstanceRole.objects.create(person=person, role=options["instance"])
        self.stdout.write(f"{person.username} may log in. A second factor is set up under own settings.")


def _check(person: Person) -> None:
    """The name and the address are good and nobody else's: people log in by either, whatever their capitals."""
    try:
        if Person.objects.filter(Q(username__iexact=person.username) | Q(email__iexact=person.username)).exists():
            raise CommandError(f"There is a person {person.username} already.")
        if Person.objects.filter(Q(email__iexact=person.email) | Q(username__iexact=person.email)).exists():
            raise CommandError(f"{person.email} belongs to somebody else.")
    except DatabaseError as error:
        raise CommandError(f"The database cannot be asked; was `manage.py migrate` run? {error}") from error
    try:
        person.clean_fields(exclude={"password"})
    except ValidationError as error:
        found = (f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
        raise CommandError(" ".join(found)) from error


def _password(file: Path | None) -> str:
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise CommandError(f"The password file {file} cannot be read: {error}") from error
    if not sys.stdin.isatty():
        raise CommandError("Nobody is there to be asked for the password: use --password-file.")
    password = getpass.getpass("Password (at least 12 characters): ")
    if getpass.getpass("The same password again: ") != password:
        raise CommandError("The two passwords are not the same; nobody was added.")
    return password
