"""What people do with an import: bring a file, choose its columns, decide, drop it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from autopay_console.kernel.nudging import nudge
from companies.choices import JobState, Role
from companies.models import Company, Job, Membership, Person
from payments import files
from payments.table_import import headers, reading, staging
from payments.table_import.claiming import KIND
from payments.table_import.reading import NotReadable
from payments.table_import.running import ALL, APPLYING, CHOOSING, GOOD, READING, TASK
from payments.table_import.tables import TABLES, Table

MAPPING = "mapping"
KEPT = timedelta(days=90)  # rows of a finished import, for the report and the file of faulty rows
OPEN = (JobState.WAITING, JobState.RUNNING, JobState.ASKING)


class NotPossible(Exception):
    """What was asked cannot be done now; the text says why."""


def jobs(company: Company, table: str = "") -> QuerySet[Job]:
    """The company's imports, newest first."""
    rows = Job.objects.filter(company=company, kind=KIND).select_related("started_by").order_by("-created_at", "pk")
    return rows.filter(subject__startswith=f"{table}:") if table else rows


def start(company: Company, table: Table, content: bytes | Path, name: str, by: Person | None) -> Job:
    """Keep the file and read its headers. Raises NotReadable when it is no table."""
    size = content.stat().st_size if isinstance(content, Path) else len(content)
    if size > reading.LARGEST:
        raise NotReadable(_("The file is larger than 100 MB. Divide it."))
    stored = files.store(company, "table", content, extension="dat")
    found = reading.layout(files.full_path(stored.path), table)
    mapping = headers.understand(table, found.headers, headers.remembered(company, table))
    return Job.objects.create(
        company=company,
        kind=KIND,
        subject=f"{table.name}:{Path(name).name}"[:100],
        state=JobState.ASKING,
        total=found.rows,
        started_by=by,
        parameters={
            "table": table.name,
            "name": Path(name).name[:200],
            "path": stored.path,
            "digest": stored.digest,
            "header_row": found.header_row,
            "headers": found.headers,
            "samples": found.samples,
            "mapping": {str(place): column for place, column in mapping.items()},
            "phase": MAPPING,
            "payroll": by is not None and _sees_salary(company, by),
        },
    )


def choose_columns(job: Job, mapping: Mapping[int, str], *, choice: str = "", unasked: bool = False) -> None:
    """The columns are settled: remember them and start reading. With `choice` nobody is asked afterwards."""
    table = TABLES[job.parameters["table"]]
    if missing := headers.missing(table, mapping.values())[0]:
        names = ", ".join(column.header for column in missing).rstrip(".")
        raise NotPossible(_("Say which column holds: %(names)s.") % {"names": names})
    if len(set(mapping.values())) < len(mapping):
        raise NotPossible(_("Two columns lead to the same field. Leave one of them out."))
    chosen = {str(place): name for place, name in mapping.items()}
    facts = {"mapping": chosen, "phase": READING, "choice": choice, "unasked": unasked}
    _move(job, MAPPING, facts, position=0, report=_written(job))
    if job.company is not None:
        headers.remember(job.company, table, job.parameters["headers"], mapping)
    nudge(TASK, [job.pk])


def decide(job: Job, choice: str) -> None:
    """The preview was seen: all rows or none, or the rows that are right."""
    if choice not in (ALL, GOOD):
        raise NotPossible(_("Choose what happens to the rows that are right."))
    _move(job, CHOOSING, {"phase": APPLYING, "choice": choice}, position=0)
    nudge(TASK, [job.pk])


def change_columns(job: Job) -> None:
    """Back from the preview to the columns; what was staged is thrown away."""
    _move(job, CHOOSING, {"phase": MAPPING}, state=JobState.ASKING, position=0, report=_written(job))
    staging.forget(job)


def _written(job: Job) -> dict[str, int]:
    """What a new reading keeps of the report: rows that were written before stay written."""
    return {"written": job.report["written"]} if job.report.get("written") else {}


def drop(job: Job) -> None:
    """The import ends here. What it wrote by then of the rows that are right stays; the report says how much."""
    changed = Job.objects.filter(pk=job.pk, state__in=OPEN)
    if not changed.update(state=JobState.STOPPED, leased_until=None, finished_at=timezone.now()):
        raise NotPossible(_("The import is over."))
    staging.forget(job)


def forget_old() -> int:
    """Rows of imports that ended long ago and of those nobody decided; reports stay. Returns how many imports."""
    ended = timezone.now() - KEPT
    old = Job.objects.filter(kind=KIND, created_at__lt=ended, import_rows__isnull=False)
    found = 0
    for job in old.exclude(state__in=(JobState.WAITING, JobState.RUNNING)).distinct()[:50]:
        asking = Job.objects.filter(pk=job.pk, state=JobState.ASKING)
        stopped = asking.update(state=JobState.STOPPED, finished_at=timezone.now())
        if job.state == JobState.ASKING and not stopped:
            continue  # somebody decided it just now
        staging.forget(job)
        found += 1
    return found


def find(company: Company, job_id: UUID) -> Job | None:
    """One import of the company."""
    return jobs(company).filter(pk=job_id).first()


def _move(
    job: Job, phase: str, facts: Mapping[str, object], state: JobState = JobState.WAITING, **values: object
) -> None:
    """On from this phase, whoever is first. The UPDATE holds the row, so that the phase read after it is the true one;
    a row somebody else moved on is left as it is."""
    rows = Job.objects.filter(pk=job.pk)
    with transaction.atomic():
        held = rows.filter(state=JobState.ASKING).update(state=state)
        now = rows.values_list("parameters", flat=True).first() if held else None
        if now is None or now["phase"] != phase:
            raise NotPossible(_("The import goes on already."))
        rows.update(parameters={**now, **facts}, **values)
    job.refresh_from_db()


def _sees_salary(company: Company, by: Person) -> bool:
    return Membership.objects.filter(company=company, person=by, role=Role.PAYROLL).exists()
