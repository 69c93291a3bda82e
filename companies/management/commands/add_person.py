"""`manage.py add_person USERNAME`: the first person of an installation, and everybody after (sign-up is closed)."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

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
        if Person.objects.filter(username=options["username"]).exists():
            raise CommandError(f"There is a person {options['username']} already.")
        person = Person(
            username=options["username"],
            email=options["email"],
            first_name=options["first_name"],
            last_name=options["last_name"],
            language=options["language"],
        )
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


def _password(file: Path | None) -> str:
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise CommandError(f"The password file {file} cannot be read: {error}") from error
    if not sys.stdin.isatty():
        raise CommandError("Nobody is there to be asked for the password: use --password-file.")
    return getpass.getpass("Password (at least 12 characters): ")
