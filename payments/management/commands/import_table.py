"""manage.py import_table TABLE FILE --company N: suppliers, customers or open entries from CSV or XLSX."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from django.utils.translation import gettext as _

from companies.choices import JobState
from companies.management.arguments import named_company, named_file
from companies.models import Job, Person
from payments.choices import RowOutcome
from payments.models import ImportRow
from payments.table_import import acts, running
from payments.table_import.reading import NotReadable
from payments.table_import.tables import TABLES

REFUSED = 1
SHOWN = 50
PAUSE = 0.5  # seconds between looks at a job that another process holds
ACCOUNTS = {"account", "iban", "giro", "bic", "bank_branch"}  # wait for a second person


def _finish(job: Job) -> None:
    """Work on it here, or wait for the worker that took it: on a running installation one may be faster."""
    while not running.run(job.pk):
        job.refresh_from_db()
        if job.state not in (JobState.WAITING, JobState.RUNNING):
            break
        time.sleep(PAUSE)
    job.refresh_from_db()


class Command(BaseCommand):
    help = "Import suppliers, customers, supplier entries or customer entries from a CSV or XLSX file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("table", choices=sorted(TABLES), metavar="TABLE", help=", ".join(sorted(TABLES)))
        parser.add_argument("file", metavar="FILE", help="the CSV or XLSX file")
        parser.add_argument("--company", type=int, required=True, metavar="NUMBER", help="company number")
        parser.add_argument("--by", metavar="USER", default="", help="user name or e-mail of who imports")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")
        either = parser.add_mutually_exclusive_group()
        either.add_argument("--all-or-nothing", action="store_true", help="one faulty row stops all (default)")
        either.add_argument("--skip-faulty", action="store_true", help="import the rows that are right")

    def handle(self, *args: Any, **options: Any) -> None:
        path, company = named_file(options["file"]), named_company(options["company"])
        by = self._person(options["by"])
        choice = running.GOOD if options["skip_faulty"] else running.ALL
        try:
            job = acts.start(company, TABLES[options["table"]], path, path.name, by)
            mapping = {int(place): name for place, name in job.parameters["mapping"].items()}
            if by is None and not options["dry_run"] and ACCOUNTS & set(mapping.values()):
                raise CommandError(_("Say with --by who imports: a second person must accept the accounts."))
            acts.choose_columns(job, mapping, choice="" if options["dry_run"] else choice, unasked=True)
        except (NotReadable, acts.NotPossible) as refusal:
            raise CommandError(str(refusal)) from refusal
        _finish(job)
        self._tell(job, options["dry_run"])

    def _person(self, name: str) -> Person | None:
        if not name:
            return None
        found = Person.objects.filter(Q(username=name) | Q(email__iexact=name), is_active=True).first()
        if found is None:
            raise CommandError(_("There is no user %(name)s.") % {"name": name})
        return found

    def _tell(self, job: Job, dry_run: bool) -> None:
        if job.state == JobState.FAILED:
            raise CommandError(job.error)
        report = job.report
        words = {name: report.get(name, 0) for name in ("created", "changed", "unchanged", "refused", "waits")}
        self.stdout.write(
            _("%(created)s new, %(changed)s changed, %(unchanged)s unchanged, %(refused)s refused.") % words
        )
        if words["waits"]:
            self.stdout.write(_("%(waits)s rows hold accounts that wait for a second person.") % words)
        refused = ImportRow.objects.filter(job=job, outcome=RowOutcome.REFUSED).order_by("row_no")
        for row in refused[:SHOWN]:
            for column, text in row.problems:
                self.stderr.write(f"{row.row_no:>7}  {column}: {text}")
        if words["refused"] > SHOWN:
            self.stderr.write(_("… and %(more)s rows more.") % {"more": words["refused"] - SHOWN})
        if dry_run:
            acts.drop(job)
            self.stdout.write(_("Nothing was written."))
        elif not report.get("applied"):
            self.stderr.write(_("Nothing was imported, because rows are refused."))
            sys.exit(REFUSED)
