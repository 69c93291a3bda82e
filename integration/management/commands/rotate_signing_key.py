"""`manage.py rotate_signing_key COMPANY`: a new signing key with Visma.net, proven by a signed call."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from companies.management.arguments import named_company
from integration import rotation
from integration.gateway.errors import GatewayError


class Command(BaseCommand):
    """For a company whose key may have been seen by somebody, and for the yearly change."""

    help = "Change the signing key of a company with Visma.net. Payments go on being signed throughout."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which company."""
        parser.add_argument("company", type=int, help="company number")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        company = named_company(options["company"])
        try:
            done = rotation.rotate_signing_key(company)
        except GatewayError as error:
            raise CommandError(f"The key was not changed: {error.text} Run it again; nothing is lost.") from error
        self.stdout.write(f"Signing key changed: {done.before} before, {done.after} now.")
