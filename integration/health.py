"""Is everything working? One list of measured parts for the operations page, alerts, metrics and the command line.

Each part says what was measured, what is normal, what it means in words and what to do. Nothing here holds amounts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import structlog
from django.utils import timezone

from integration.health_checks import CHECKS
from integration.health_parts import SCHEDULE, Level, Part, failed
from integration.models import HealthSample, WorkerBeat

__all__ = ["SCHEDULE", "Level", "Part", "measure", "note_schedule", "sample"]
KEEP = timedelta(days=31)
log = structlog.get_logger(__name__)


def measure(only: Iterable[str] = ()) -> list[Part]:
    """Measure every part now. A check that fails is itself a part in trouble; the others are still measured."""
    found: list[Part] = []
    wanted = set(only) or set(CHECKS)
    for code, check in CHECKS.items():
        if code not in wanted:
            continue
        try:
            found.extend(check())
        except Exception as error:
            log.warning("health_check_failed", part=code, error=str(error)[:200])
            found.append(failed(code, error))
    return found


def sample() -> list[Part]:
    """Measure and keep the figures for the curves of the operations page."""
    parts = measure()
    now = timezone.now()
    HealthSample.objects.bulk_create(
        HealthSample(at=now, part=one.code, good=one.good, value=one.value, text=one.words[:300]) for one in parts
    )
    if now.minute == 0:
        for one in parts:
            HealthSample.objects.filter(part=one.code, at__lt=now - KEEP).delete()
    return parts


def note_schedule() -> None:
    """The schedule's heartbeat: written by the sweep task, so it proves schedule, broker and a worker at once."""
    now = timezone.now()
    if not WorkerBeat.objects.filter(name=SCHEDULE).update(beat_at=now):
        WorkerBeat.objects.update_or_create(
            name=SCHEDULE, defaults={"kind": SCHEDULE, "started_at": now, "beat_at": now}
        )
