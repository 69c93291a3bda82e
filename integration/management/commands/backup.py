"""`manage.py backup DIR`: database and data area while the console works; `--verify` checks a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integration.backup import making
from integration.backup.databases import Refused


class Command(BaseCommand):
    """Keys and passwords are not in it: keep the field keys apart, a backup without them has no readable secrets."""

    requires_system_checks = ()
    help = "Copy database and data area into a new folder, with a manifest and the SHA-256 of every file."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, and what."""
        parser.add_argument("folder", type=Path, help="a folder that is not there yet")
        parser.add_argument("--files-only", action="store_true", help="the data area alone (SQL Server)")
        parser.add_argument("--verify", action="store_true", help="check the backup in this folder, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was copied; exit code 1 when something is wrong."""
        folder: Path = options["folder"]
        try:
            if not options["verify"]:
                made = making.backup(folder, files_only=options["files_only"])
                self.stdout.write(f"{made.database or 'no database'}, {made.files} files, {made.bytes} bytes")
                for path in made.changed:
                    self.stdout.write(f"changed on the disk before the backup: {path}")
            faults = list(making.verify(folder))
        except Refused as reason:
            raise CommandError(str(reason)) from reason
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"{folder}: complete, every digest is right")
