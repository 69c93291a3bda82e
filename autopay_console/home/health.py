"""Is money moving? The last measurements in one line; the operations page has the whole of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from autopay_console.kernel.once import once
from companies import installation
from companies.models import Company
from integration.health_parts import OLD_SECONDS, Fact, Verdict, verdict
from integration.models import HealthSample
from payments.models import BankFile


@dataclass(frozen=True, slots=True)
class Health:
    """What the strip says, by the same rule as the operations page; `verdict` None: not measured lately."""

    verdict: Verdict | None
    queue: int | None
    gateway_ms: int | None
    workers: int | None
    last_answer: datetime | None
    certificate_days: int | None
    stopped: str


def latest_files(company: Company) -> list[BankFile]:
    """What banks sent last, newest first; asked once a page."""
    rows = BankFile.objects.filter(company=company).order_by("-received_at")
    return once(("latest files", company.pk), lambda: list(rows[:5]))


def health_of(company: Company | None) -> Health:
    """Latest sample per part, last bank file, certificate and stop marks: three queries."""
    now = timezone.now()
    rows = HealthSample.objects.filter(at__gte=now - timedelta(seconds=OLD_SECONDS)).order_by("at")
    parts = {row.part: row for row in rows}
    measured = any(not row.by_hand for row in rows)  # what a person asked for is one part, and no round of the schedule
    gateway = parts.get("gateway")
    system = installation.row()
    valid_to = system.certificate_valid_to if system else None
    stopped = ""
    if system and system.stopped_at:
        stopped = system.stopped_why
    elif company and company.outgoing_stopped_at:
        stopped = company.outgoing_stopped_why
    return Health(
        verdict=verdict((row.good, row.fact) for row in parts.values()) if measured else None,
        queue=parts["queue"].value if "queue" in parts else None,
        gateway_ms=gateway.value if gateway and gateway.fact == Fact.CONNECTED else None,
        workers=parts["workers"].value if "workers" in parts else None,
        last_answer=next((one.received_at for one in latest_files(company)), None) if company else None,
        certificate_days=(valid_to - now).days if valid_to else None,
        stopped=stopped or ("–" if (system and system.stopped_at) else ""),
    )
