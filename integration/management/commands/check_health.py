"""Measure every part from the command line, for monitoring from outside: it works when worker and broker do not."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from integration import health, selftest


class Command(BaseCommand):
    """Exit code 0: everything works; 1: at least one part is in trouble."""

    help = "Measures database, broker, gateway, queue, consumer, workers, schedule and what waits for a person."

    def add_arguments(self, parser: CommandParser) -> None:
        """How to say it, and whether to run the self-test as well."""
        parser.add_argument("--json", action="store_true", help="one JSON object")
        parser.add_argument("--self-test", action="store_true", help="send a test message the whole way")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the parts; the exit code is the answer."""
        parts = health.measure()
        steps = list(selftest.run()) if options["self_test"] else []
        good = all(part.good for part in parts) and all(step.good for step in steps)
        if options["json"]:
            said = {"good": good, "parts": [asdict(one) for one in parts], "steps": [asdict(one) for one in steps]}
            self.stdout.write(json.dumps(said, ensure_ascii=False))
        else:
            for part in parts:
                self.stdout.write(f"{part.level.upper():<10} {part.code:<13} {part.words}")
                if part.level != health.Level.GOOD and part.remedy:
                    self.stdout.write(f"{'':<25}{part.remedy}")
            for step in steps:
                word = "not tried" if step.good is None else ("good" if step.good else "broken")
                self.stdout.write(f"{word:<10} {step.milliseconds:>6} ms  {step.title}: {step.text} {step.remedy}")
        sys.exit(0 if good else 1)
