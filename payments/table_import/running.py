"""The job of a table import: reads in slices, waits for a person's choice, then applies. All rows or none: in one
transaction. The rows that are right: a thousand at a time, with the place kept, so that nobody waits for the database.

`reading` → a person looks (state asking) → `applying` → done. Without somebody to ask (the command line) the choice
is given at the start. The report stays with the job.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone, translation

from autopay_console.kernel.nudging import nudge
from companies.choices import JobState
from companies.models import Job
from payments import files
from payments.table_import import applying, claiming, reading, staging
from payments.table_import.claiming import Claim, ClaimLost
from payments.table_import.context import Context
from payments.table_import.tables import TABLES

TASK = "payments.tasks.import_tables"
SECONDS = 45
READING, CHOOSING, APPLYING = "reading", "choosing", "applying"
ALL, GOOD = "all", "good"  # all rows or none; the rows that are right
log = structlog.get_logger(__name__)


def run(job_id: UUID, *, seconds: float = SECONDS) -> bool:
    """Work on a job until it is done, waits for a person, or the time is up (then it nudges itself)."""
    claim = claiming.claim(job_id)
    if claim is None:
        return False
    until = monotonic() + seconds
    person = claim.job.started_by
    language = getattr(person, "language", "") or context_of(claim.job).company.language
    try:
        with translation.override(language):
            over = _work(claim, lambda: monotonic() < until)
    except ClaimLost:
        log.info("table_import_taken_over", job=str(job_id))
        return False
    except (reading.NotReadable, files.FileGone) as error:
        claiming.finish(claim, JobState.FAILED, error=str(error), finished_at=timezone.now())
        return True
    except Exception as error:
        log.exception("table_import_failed", job=str(job_id))
        claiming.failed(claim, f"{type(error).__name__}: {error}")
        return False
    if not over:
        claiming.give_back(claim)
        nudge(TASK, [job_id])
    return over


def context_of(job: Job) -> Context:
    """What the job's rows are checked against."""
    if job.company is None:
        raise ValueError("an import belongs to a company")
    return Context(job.company, TABLES[job.parameters["table"]], payroll=bool(job.parameters.get("payroll")))


def _work(claim: Claim, may_go_on: Callable[[], bool]) -> bool:
    job = claim.job
    context = context_of(job)
    if job.parameters["phase"] == READING:
        if not staging.stage(claim, context, may_go_on):
            return False
        choice = job.parameters.get("choice")
        if not choice:
            claiming.finish(claim, JobState.ASKING, parameters={**job.parameters, "phase": CHOOSING})
            return True
        claiming.hold(claim, position=0, parameters={**job.parameters, "phase": APPLYING})
    return _apply(claim, context, may_go_on)


def _apply(claim: Claim, context: Context, may_go_on: Callable[[], bool]) -> bool:
    job = claim.job
    choice = job.parameters.get("choice")
    if choice == ALL and job.report.get("refused"):
        before = _before(job)
        _done(claim, applied=before > 0, written=before)
        return True
    try:
        if choice == ALL:
            _all_at_once(claim, context)
        elif not _part_by_part(claim, context, may_go_on):
            return False
    except applying.ChangedMeanwhile:
        _plan_again(claim)
        return False
    if context.table.name == "customer_entry":
        nudge("payments.tasks.match_parked")  # invoices may be what parked payments were for
    return True


def _all_at_once(claim: Claim, context: Context) -> None:
    """All rows or none: what can be worked out before is, so that the one transaction only writes."""
    job = claim.job
    parts = list(applying.parts(context, staging.staged(job, context)))
    with transaction.atomic():
        written = sum(applying.write(context, part, job.started_by, _why(job), job) for part in parts)
        _done(claim, applied=True, written=_before(job) + written)


def _part_by_part(claim: Claim, context: Context, may_go_on: Callable[[], bool]) -> bool:
    """The rows that are right: each thousand in a transaction of its own that keeps how far it came. False when the
    time is up."""
    job = claim.job
    for part in applying.parts(context, staging.staged(job, context, after=job.position)):
        with transaction.atomic():
            written = applying.write(context, part, job.started_by, _why(job), job)
            report = {**job.report, "written": _before(job) + written}
            claiming.hold(claim, position=part.last, report=report)
        if not may_go_on():
            return False
    _done(claim, applied=True, written=_before(job))
    return True


def _before(job: Job) -> int:
    """Rows written so far: parts stay written when the rest is planned anew, whatever is chosen for it then."""
    return int(job.report.get("written", 0))


def _why(job: Job) -> str:
    return f"import {job.subject}"


def _done(claim: Claim, *, applied: bool, written: int) -> None:
    report = {**claim.job.report, "applied": applied, "written": written}
    claiming.finish(claim, JobState.DONE, report=report, error="", finished_at=timezone.now())


def _plan_again(claim: Claim) -> None:
    """Somebody changed rows meanwhile: what was planned is thrown away and made anew, and a person looks again."""
    job = claim.job
    staging.forget(job)
    asked = job.parameters if job.parameters.get("unasked") else {**job.parameters, "choice": ""}
    report = {"again": True, "written": _before(job)}
    claiming.hold(claim, position=0, report=report, parameters={**asked, "phase": READING})
