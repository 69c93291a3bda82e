"""Long work in slices: one worker at a time has a job, by a lease; the job of a worker that died is taken over.

The moment a lease ends is also how its holder is recognised: no two holders of a job have the same one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from companies.choices import JobState
from companies.models import Job

OPEN = (JobState.WAITING, JobState.RUNNING)
PATIENCE = timedelta(seconds=10)  # a nudge is on its way; only then is a job that nobody began left over


def take(job_id: UUID, kind: str, lease: timedelta) -> datetime | None:
    """Take a job until the answered moment; None when it is over, waits for a person, or somebody works on it."""
    now = timezone.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    mine = Job.objects.filter(free, pk=job_id, kind=kind, state__in=OPEN)
    taken = mine.update(state=JobState.RUNNING, leased_until=now + lease, attempts=F("attempts") + 1)
    return now + lease if taken else None


def held(job: Job, until: datetime) -> QuerySet[Job]:
    """The job, while whoever took it until this moment is still at it."""
    return Job.objects.filter(pk=job.pk, leased_until=until, state=JobState.RUNNING)


def left(kind: str, limit: int) -> list[UUID]:
    """Jobs nobody works on: their nudge was lost, or their worker died. For the sweep."""
    now = timezone.now()
    free = Q(leased_until__isnull=True, created_at__lt=now - PATIENCE) | Q(leased_until__lt=now)
    waiting = Job.objects.filter(free, kind=kind, state__in=OPEN)
    return list(waiting.order_by("created_at").values_list("pk", flat=True)[:limit])
