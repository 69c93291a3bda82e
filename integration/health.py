"""Is everything working? One list of measured parts for the operations page, alerts, metrics and the command line.

Each part says what was measured, what is normal, what it means in words and what to do. Nothing here holds amounts.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import datetime, timedelta

import structlog
from django.utils import timezone

from companies.models import Person
from integration import health_gateway, traffic
from integration.health_checks import CHECKS, SCHEDULE_SECONDS
from integration.health_gateway import GATEWAY
from integration.health_parts import SCHEDULE, Check, Fact, Level, Part, failed
from integration.models import HealthSample, WorkerBeat

__all__ = ["SCHEDULE", "SCHEDULE_SECONDS", "Level", "Part", "check_now", "measure", "note_schedule", "sample", "watch"]
KEEP = timedelta(days=31)
log = structlog.get_logger(__name__)


def measure(only: Iterable[str] = ()) -> list[Part]:
    """Measure every part now. A check that fails is itself a part in trouble; the others are still measured."""
    return _measured(CHECKS, set(only) or CHECKS)


def watch() -> list[Part]:
    """Every part for a page that is asked for every few seconds: the gateway as the probe last found it."""
    return _measured({**CHECKS, GATEWAY: health_gateway.as_last_asked}, CHECKS)


def check_now(by: Person) -> list[Part]:
    """Ask the gateway at once, for a person, and keep the answer for everybody's page."""
    with traffic.on_occasion(person=by):
        parts = measure((GATEWAY,))
    _keep(parts, timezone.now(), by_hand=True)
    return parts


def sample() -> list[Part]:
    """The probe: measure every part and keep the figures for the operations page, its curves and the alerts.

    What could not be seen is no measurement: it neither ends a trouble nor begins one.
    """
    parts = [one for one in measure() if one.fact != Fact.UNSEEN]
    now = timezone.now()
    _keep(parts, now)
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


def _measured(checks: Mapping[str, Check], wanted: Container[str]) -> list[Part]:
    found: list[Part] = []
    for code, check in checks.items():
        if code not in wanted:
            continue
        try:
            found.extend(check())
        except Exception as error:
            log.warning("health_check_failed", part=code, error=str(error)[:200])
            found.append(failed(code, error))
    return found


def _keep(parts: list[Part], at: datetime, *, by_hand: bool = False) -> None:
    HealthSample.objects.bulk_create(
        HealthSample(
            at=at,
            part=one.code,
            good=one.good,
            value=one.value,
            fact=one.fact,
            facts=dict(one.facts),
            by_hand=by_hand,
        )
        for one in parts
    )
