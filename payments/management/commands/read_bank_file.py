"""manage.py read_bank_file FILE [--json]: what is in a bank file, without importing anything."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from payments.iso20022.json_view import as_json
from payments.iso20022.messages import Refused
from payments.iso20022.reading import entries, survey
from payments.iso20022.text_view import as_text

READ, REFUSED, WRONG_USE = 0, 1, 2


class Command(BaseCommand):
    """Exit code 0: read (also with warnings); 1: refused, the reason with its line on stderr; 2: wrong
    use.
    """

    help = "Read a bank file (camt.052/.053/.054, pain.001, pain.002, VIP, status report) and show its facts."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the bank file")
        parser.add_argument("--json", action="store_true", help="as JSON (docs/read_bank_file.schema.json)")

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Wrong use always ends with exit code 2, also when called from a program."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.called_from_command_line = True
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        if not path.is_file():
            self.stderr.write(_("%(file)s is not a file that can be read.") % {"file": path})
            sys.exit(WRONG_USE)
        try:
            found = survey(path)
            stream = entries(path, found)
            pieces = as_json(found, stream) if options["json"] else as_text(found, stream)
            for piece in pieces:
                self.stdout.write(piece, ending="" if options["json"] else "\n")
        except Refused as refusal:
            self.stderr.write(_("Refused: %(reason)s") % {"reason": refusal})
            sys.exit(REFUSED)
        except BrokenPipeError:  # the reader of our output has seen enough
            sys.stderr.close()
        except OSError as error:
            self.stderr.write(_("%(file)s cannot be read: %(reason)s") % {"file": path, "reason": error.strerror})
            sys.exit(WRONG_USE)
        if options["json"]:
            self.stdout.write("")
