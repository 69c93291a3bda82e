"""`manage.py restore DIR [--replace]`: a backup in place of an empty installation, or of one put aside for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integration.backup import restoring
from integration.backup.databases import Refused


class Command(BaseCommand):
    """Never onto a running installation; never over an existing one without being told to."""

    requires_system_checks = ()
    help = "Check a backup and put database and data area in place."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where from, and what may be replaced."""
        parser.add_argument("folder", type=Path, help="a folder `manage.py backup` made")
        parser.add_argument("--replace", action="store_true", help="put the existing database and files aside first")
        parser.add_argument("--files-only", action="store_true", help="the data area alone (SQL Server)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what came back and what to look at."""
        try:
            done = restoring.restore(
                options["folder"].absolute(), replace=options["replace"], files_only=options["files_only"]
            )
        except Refused as reason:
            raise CommandError(str(reason)) from reason
        self.stdout.write(f"Restored the backup of {done.manifest.made_at}: {done.files} files.")
        if done.aside:
            self.stdout.write(f"What was here before is kept in {done.aside}")
        for warning in done.warnings:
            self.stdout.write(f"Look: {warning}")
        self.stdout.write("Now: manage.py migrate, manage.py check_books, manage.py purge_files --orphans.")
