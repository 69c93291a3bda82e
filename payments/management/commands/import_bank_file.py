"""manage.py import_bank_file FILE --company NUMBER [--try]: import a bank file, or say what importing it would do."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from companies.management.arguments import named_company, named_file
from payments.bank_files import importing, trying
from payments.choices import FileState
from payments.models import BankFile, IncomingPayment, RepeatedEntry

REFUSED = 1


class Command(BaseCommand):
    help = "Import a bank file (camt.052/.053/.054, VIP, pain.002, status report) into a company's books."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the bank file")
        parser.add_argument("--company", type=int, required=True, metavar="NUMBER", help="company number")
        parser.add_argument("--try", action="store_true", dest="only_try", help="say what would happen, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        path, company = named_file(options["file"]), named_company(options["company"])
        if options["only_try"]:
            self._tell_trial(trying.try_file(company, path))
            return
        file = importing.receive(company, path, path.name)
        if file.delivered_again and file.state in (FileState.IMPORTED, FileState.IGNORED):
            self.stdout.write(_("This file was imported before; nothing was done again."))
            return
        while not importing.import_file(file.pk):
            file.refresh_from_db()
            if file.not_before or file.claimed_until:
                raise CommandError(
                    file.error or _("Another process is importing this company's files. Try again soon.")
                )
        file.refresh_from_db()
        self._tell(file)

    def _tell(self, file: BankFile) -> None:
        if file.state == FileState.ERROR:
            self.stderr.write(_("Refused: %(reason)s") % {"reason": file.error})
            sys.exit(REFUSED)
        if file.state == FileState.IGNORED:
            self.stdout.write(file.error)
            return
        payments = IncomingPayment.objects.filter(file=file)
        self.stdout.write(
            _("%(entries)s entries, %(repeats)s of them known; %(payments)s incoming payments: %(parked)s parked.")
            % {
                "entries": file.entry_count,
                "repeats": RepeatedEntry.objects.filter(file=file).count(),
                "payments": payments.count(),
                "parked": payments.filter(state="parked").count(),
            }
        )

    def _tell_trial(self, trial: trying.Trial) -> None:
        if trial.refused:
            self.stderr.write(_("Would be refused: %(reason)s") % {"reason": trial.refused})
            sys.exit(REFUSED)
        for line in trial.lines:
            self.stdout.write(
                f"{line.number:>6}  {line.amount:>14} {line.currency}  {line.outcome_name:<28}  {line.payer[:30]:<30}  "
                f"{line.why}"
            )
        for outcome, currency, count, amount in trial.totals:
            self.stdout.write(f"{outcome}: {count}, {amount} {currency}")
