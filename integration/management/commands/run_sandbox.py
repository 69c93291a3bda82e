"""Run AutoPay central, gateway and banks of the demo (`python -m integration.sandbox`)."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from autopay_console.kernel.broker import plain_url


class Command(BaseCommand):
    """Becomes the sandbox: it shares no code and no settings with the console, so it is a program of its own."""

    help = "Runs the sandbox: AutoPay central, a gateway and banks. Further arguments are the sandbox's own (--help)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Only what the settings know; the rest goes to the sandbox as it is."""
        parser.add_argument("--data", default=str(settings.VAR / "sandbox"), help="folder of the sandbox's state")
        parser.add_argument("--port", default="8090", help="port; 0 takes a free one")
        parser.add_argument("further", nargs="*", help="arguments of the sandbox, after --")

    def handle(self, *args: Any, **options: Any) -> None:
        """Never returns."""
        if settings.PRODUCTION:
            raise CommandError("The sandbox is for trying and testing; it does not run in production mode.")
        if not settings.REDIS_URL:
            raise CommandError("REDIS_URL is not set: the sandbox has no queue to write to.")
        command = [sys.executable, "-m", "integration.sandbox", "--data", options["data"], "--port", options["port"]]
        self.stdout.flush()
        os.chdir(settings.BASE_DIR)
        os.execv(sys.executable, [*command, "--redis", plain_url(settings.REDIS_URL), *options["further"]])  # noqa: S606
