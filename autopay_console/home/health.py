"""Is money moving? The last measurements in one line; the operations page has the whole of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from companies.models import Company, SystemInformation
from integration.models import HealthSample
from payments.models import BankFile

FRESH = timedelta(minutes=10)
MOVING = ("gateway", "queue", "consumer", "workers", "broker", "database", "schedule")


@dataclass(frozen=True, slots=True)
class Health:
    """What the strip says; a part that was not measured lately says nothing."""

    measured: bool
    moving: bool
    queue: int | None
    gateway_ms: int | None
    workers: int | None
    last_answer: datetime | None
    certificate_days: int | None
    stopped: str


def health_of(company: Company | None) -> Health:
    """Latest sample per part, last bank file, certificate and stop marks: three queries."""
    now = timezone.now()
    rows = HealthSample.objects.filter(at__gte=now - FRESH).order_by("at").values_list("part", "good", "value")
    parts = {part: (good, value) for part, good, value in rows}
    known = [parts[name][0] for name in MOVING if name in parts]
    system = SystemInformation.objects.filter(pk=1).first()
    valid_to = system.certificate_valid_to if system else None
    answered = BankFile.objects.filter(company=company).order_by("-received_at").values_list("received_at", flat=True)
    stopped = ""
    if system and system.stopped_at:
        stopped = system.stopped_why
    elif company and company.outgoing_stopped_at:
        stopped = company.outgoing_stopped_why
    return Health(
        measured=bool(known),
        moving=bool(known) and all(known),
        queue=parts["queue"][1] if "queue" in parts else None,
        gateway_ms=parts["gateway"][1] if "gateway" in parts else None,
        workers=parts["workers"][1] if "workers" in parts else None,
        last_answer=answered.first() if company else None,
        certificate_days=(valid_to - now).days if valid_to else None,
        stopped=stopped or ("–" if (system and system.stopped_at) else ""),
    )
