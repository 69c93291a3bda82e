"""`manage.py evidence_pack OUT.zip --company N --payment M`, or `--from 2026-01-01 --to 2026-03-31`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from companies.management.arguments import named_company
from integration.evidence import pack
from payments.models import Payment


class Command(BaseCommand):
    """For the auditor. Whoever can run this reads the database anyway; salaries still need to be asked for."""

    help = "Write the evidence pack of a payment or of a period as a zip archive."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which company, what, and where to."""
        parser.add_argument("out", type=Path, help="the archive to write; not there yet")
        parser.add_argument("--company", type=int, required=True, help="company number")
        parser.add_argument("--payment", type=int, help="payment number")
        parser.add_argument("--from", dest="first", type=date.fromisoformat, help="first day of the period")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, help="last day of the period")
        parser.add_argument("--with-salaries", action="store_true", help="salary payments too")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it in pieces, under another name until it is whole."""
        company = named_company(options["company"])
        person, payroll = "the command line", bool(options["with_salaries"])
        if options["payment"]:
            payment = Payment.objects.filter(company=company, number=options["payment"]).first()
            if payment is None or (payment.salary and not options["with_salaries"]):
                raise CommandError(f"There is no payment {options['payment']}, or it needs --with-salaries.")
            pieces = pack.of_payment(payment, person=person, payroll=payroll)
        elif options["first"] and options["last"]:
            pieces = pack.of_period(company, options["first"], options["last"], person=person, payroll=payroll)
        else:
            raise CommandError("Name a payment, or a period by --from and --to.")
        out: Path = options["out"]
        if out.exists():
            raise CommandError(f"{out} is there already.")
        unfinished = out.with_name(f".{out.name}.part")
        with unfinished.open("wb") as archive:
            archive.writelines(pieces)
        unfinished.rename(out)
        self.stdout.write(f"{out}: {out.stat().st_size} bytes")
