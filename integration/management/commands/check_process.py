"""`manage.py check_process`: do worker and consumer of this machine still beat? For health checks of containers."""

from __future__ import annotations

import socket
import sys
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from integration.health_checks import SCHEDULE_SECONDS
from integration.health_parts import SCHEDULE
from integration.models import WorkerBeat
from integration.queue.registration import ALIVE_SECONDS


class Command(BaseCommand):
    """Exit code 0: it beats; 1: it does not, and a container may be started anew."""

    requires_system_checks = ()
    help = "Ask for the heartbeat of the processes of this machine (by its host name), or of the schedule."

    def add_arguments(self, parser: CommandParser) -> None:
        """The schedule has no process name: its mark is made by the tasks it starts."""
        parser.add_argument("--schedule", action="store_true", help="the schedule (celery beat) instead")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print what was found; the exit code is the answer."""
        if options["schedule"]:
            rows, limit = WorkerBeat.objects.filter(name=SCHEDULE), SCHEDULE_SECONDS
        else:
            rows = WorkerBeat.objects.filter(name__contains=f"@{socket.gethostname()}-", stopping=False)
            limit = ALIVE_SECONDS
        last = rows.order_by("-beat_at").values_list("beat_at", flat=True).first()
        if last is None:
            self.stdout.write("never heard")
            sys.exit(1)
        age = timezone.now() - last
        self.stdout.write(f"last heard {int(age.total_seconds())} s ago")
        sys.exit(0 if age <= timedelta(seconds=limit) else 1)
