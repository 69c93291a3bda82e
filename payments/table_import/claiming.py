"""Who works on an import: one worker at a time, by a lease on the job; a dead worker's job is taken over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from companies import jobs
from companies.choices import JobState
from companies.models import Job

KIND = "table_import"
LEASE = timedelta(seconds=120)  # of a slice that is read; each slice renews it
APPLYING_LEASE = timedelta(seconds=300)  # of the one transaction: longer than the task may run
MOST_ATTEMPTS = 4


class ClaimLost(Exception):
    """Another worker took the job over, or a person dropped it: this one stops without a trace."""


@dataclass(slots=True)
class Claim:
    """The right to work on one job until a moment, which is also how it is recognised."""

    job: Job
    until: datetime


def claim(job_id: UUID) -> Claim | None:
    """Take a job; None when it is done, waits for a person, or somebody works on it."""
    known = Job.objects.filter(pk=job_id, kind=KIND).values_list("parameters", flat=True).first()
    if known is None:
        return None
    until = jobs.take(job_id, KIND, _lease(known))
    if until is None:
        return None
    job = Job.objects.select_related("company", "started_by").get(pk=job_id)
    return Claim(job, until)


def hold(claim: Claim, **values: Any) -> None:
    """Write progress and renew the lease; ClaimLost undoes what stands in the same transaction."""
    until = timezone.now() + _lease(values.get("parameters", claim.job.parameters))
    if not jobs.held(claim.job, claim.until).update(leased_until=until, attempts=0, **values):
        raise ClaimLost
    claim.until = until
    for name, value in values.items():
        setattr(claim.job, name, value)


def finish(claim: Claim, state: JobState, **values: Any) -> None:
    """The work ends, or waits for a person; ClaimLost as in `hold`."""
    if not jobs.held(claim.job, claim.until).update(state=state, leased_until=None, attempts=0, **values):
        raise ClaimLost


def give_back(claim: Claim) -> None:
    """The time is up but the work is not."""
    Job.objects.filter(pk=claim.job.pk, leased_until=claim.until).update(leased_until=None)


def failed(claim: Claim, error: str) -> None:
    """Something that should not happen did: tried again after a while, given up after some times."""
    mine = Job.objects.filter(pk=claim.job.pk, leased_until=claim.until)
    if claim.job.attempts >= MOST_ATTEMPTS:
        mine.update(state=JobState.FAILED, leased_until=None, error=error[:1000], finished_at=timezone.now())
    else:
        mine.update(leased_until=timezone.now() + timedelta(seconds=20 * claim.job.attempts), error=error[:1000])


def due(limit: int) -> list[UUID]:
    """Imports nobody works on."""
    return jobs.left(KIND, limit)


def _lease(parameters: dict[str, Any]) -> timedelta:
    return APPLYING_LEASE if parameters.get("phase") == "applying" else LEASE
