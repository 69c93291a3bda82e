"""manage.py check_books [--company NUMBER] [--without-files]: count the books again and name what does not fit."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from companies.management.arguments import named_company
from companies.models import Company
from payments.month_end.checking import check_books


class Command(BaseCommand):
    """Exit code 0: everything fits; 1: there are findings, one a line."""

    help = "Prove the books of all companies, or of one: sums, numbers, statuses, history, seals, bank balances, files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--company", type=int, metavar="NUMBER", help="only this company")
        parser.add_argument("--without-files", action="store_true", help="do not read the sealed payment files")

    def handle(self, *args: Any, **options: Any) -> None:
        companies = list(Company.objects.order_by("number"))
        if options["company"] is not None:
            companies = [named_company(options["company"], exit_code=2)]
        found = 0
        for company in companies:
            findings = check_books(company, files=not options["without_files"])
            found += len(findings)
            for finding in findings:
                self.stdout.write(f"{company}: {finding}")
        if found:
            raise CommandError(_("%(count)s findings. Nothing was changed.") % {"count": found})
        self.stdout.write(_("The books of %(count)s companies fit.") % {"count": len(companies)})
