"""`manage.py purge_files [--dry-run] [--orphans]`: files whose time is over, and files that belong to nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from integration import retention


class Command(BaseCommand):
    """Deletes files past their retention; never within the bookkeeping term of the company's country."""

    help = "Delete stored files whose retention is over; --dry-run lists them, --orphans lists files without a row."

    def add_arguments(self, parser: CommandParser) -> None:
        """Two switches."""
        parser.add_argument("--dry-run", action="store_true", help="say what would go, delete nothing")
        parser.add_argument("--orphans", action="store_true", help="list files no row names and rows without file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        if options["orphans"]:
            self._orphans()
            return
        found = list(retention.may_go()) if options["dry_run"] else retention.purge()
        for old in found:
            self.stdout.write(f"{old.path}  {old.size} bytes  kept until {old.kept_until}")
        done = "would be deleted" if options["dry_run"] else "deleted"
        self.stdout.write(f"{len(found)} files, {sum(old.size for old in found)} bytes {done}.")

    def _orphans(self) -> None:
        lost = list(retention.orphans())
        gone = list(retention.missing())
        for path in lost:
            self.stdout.write(f"no row: {path}")
        for row in gone:
            self.stdout.write(f"no file: {row.path}")
        self.stdout.write(f"{len(lost)} files without a row, {len(gone)} rows without a file.")
