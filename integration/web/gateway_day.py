"""The gateway's last 24 hours as a strip of quarters and as a table of stretches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from autopay_console.kernel import charts
from integration.health_gateway import GATEWAY
from integration.models import HealthSample

HOURS, MINUTES = 24, 15
NONE, UP, DOWN = "none", "ok", "down"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Quarters in a row that were alike."""

    start: datetime
    end: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Day:
    """The strip and its table twin."""

    chart: charts.Chart
    stretches: list[Stretch]


def gateway_day(now: datetime) -> Day:
    """A bar for each quarter: up, in trouble at least once, or nothing measured."""
    start = now - timedelta(hours=HOURS)
    slots = HOURS * 60 // MINUTES
    states = [NONE] * slots
    samples = HealthSample.objects.filter(part=GATEWAY, at__gte=start).order_by("at").values_list("at", "good")
    for at, good in samples:
        place = min(slots - 1, int((at - start).total_seconds() // (MINUTES * 60)))
        states[place] = DOWN if not good or states[place] == DOWN else UP
    down = states.count(DOWN)
    title = _("Gateway in the last 24 hours: %(down)s of %(all)s quarters with trouble") % {"down": down, "all": slots}
    return Day(charts.strip(states, title), _stretches(states, start))


def _stretches(states: list[str], start: datetime) -> list[Stretch]:
    """The newest first."""
    quarter = timedelta(minutes=MINUTES)
    found: list[Stretch] = []
    for number, state in enumerate(states):
        end = start + quarter * (number + 1)
        if found and found[-1].state == state:
            found[-1] = Stretch(found[-1].start, end, state)
        else:
            found.append(Stretch(start + quarter * number, end, state))
    return found[::-1]
