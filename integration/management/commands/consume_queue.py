"""Read the private queue until SIGTERM. One or many may run at once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from autopay_console.kernel.nudging import application
from integration.queue import consumer


class Command(BaseCommand):
    """The consumer as a Celery worker of its own."""

    requires_system_checks = ()  # pages and forms are checked where they are served; the queue is read in any case
    help = "Reads the message queue (vbus-…), keeps every message as a row and lets the workers handle it."

    def add_arguments(self, parser: CommandParser) -> None:
        """A name tells several consumers on one machine apart."""
        parser.add_argument("--name", default="consumer", help="name of this consumer (default: consumer)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until told to stop."""
        if not settings.REDIS_URL:
            raise CommandError("REDIS_URL is not set: there is no broker to read from.")
        consumer.run(application(), options["name"], settings.LOG_LEVEL)
