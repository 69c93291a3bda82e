"""Rows read, planned and kept in slices; the position is committed with them, so that a crash costs one slice.

Nothing of a staged row counts: it is what the preview shows and what is applied later, in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import transaction

from autopay_console.kernel.sets import chunks
from payments import files
from payments.choices import RowOutcome
from payments.models import ImportRow
from payments.table_import import planning, reading
from payments.table_import.applying import value_of
from payments.table_import.claiming import Claim, hold
from payments.table_import.context import Context, Planned, Raw

SLICE = 1_000
KEPT = ("created", "changed", "unchanged", "refused", "waits")


def stage(claim: Claim, context: Context, may_go_on: Callable[[], bool]) -> bool:
    """Stage from the last committed row on. False when the time is up."""
    job = claim.job
    mapping = {int(place): name for place, name in job.parameters["mapping"].items()}
    after = job.position or int(job.parameters["header_row"])
    source = reading.rows(files.full_path(job.parameters["path"]), after)
    counts = {name: int(job.report.get(name, 0)) for name in KEPT}
    done = int(job.report.get("read", 0))
    while cells := list(islice(source, SLICE)):
        taken = [(number, row, _raw(row, mapping)) for number, row in cells]
        rows = [(number, raw) for number, _row, raw in taken if not _is_example(context, raw)]
        planned = planning.plan(context, rows)
        _refuse_earlier_keys(claim, context, planned)
        done += len(cells)
        as_read = {number: row for number, row, _raw in taken}
        for one in planned:
            counts[one.outcome] += 1
            counts["waits"] += bool(one.accounts) and one.outcome != RowOutcome.REFUSED
        with transaction.atomic():
            ImportRow.objects.bulk_create([_kept(claim, one, as_read[one.row_no]) for one in planned], batch_size=180)
            hold(claim, position=cells[-1][0], report={**job.report, **counts, "read": done})
        if not may_go_on():
            return False
    return True


def staged(claim_or_job: Any, context: Context, after: int = 0) -> Iterator[Planned]:
    """The staged rows that change something, in the order of the sheet from the one after `after`, read in slices."""
    job = getattr(claim_or_job, "job", claim_or_job)
    wanted = ImportRow.objects.filter(job=job, outcome__in=(RowOutcome.CREATED, RowOutcome.CHANGED))
    while part := list(wanted.filter(row_no__gt=after).order_by("row_no")[:SLICE]):
        for row in part:
            yield _planned(context, row)
        after = part[-1].row_no


def forget(job: Any) -> None:
    """Take the staged rows away, slice by slice."""
    while ids := list(ImportRow.objects.filter(job=job).values_list("pk", flat=True)[:SLICE]):
        ImportRow.objects.filter(pk__in=ids).delete()


def _raw(cells: Sequence[Any], mapping: Mapping[int, str]) -> Raw:
    return {name: cells[place] for place, name in mapping.items() if place < len(cells)}


def _is_example(context: Context, raw: Raw) -> bool:
    """The template's own example row, left in by mistake."""
    cells = {name: reading.shown(cell) for name, cell in raw.items() if reading.shown(cell)}
    examples = {one.name: one.example for one in context.table.columns if one.example}
    return len(cells) > 2 and all(examples.get(name) == text for name, text in cells.items())


def _refuse_earlier_keys(claim: Claim, context: Context, planned: Sequence[Planned]) -> None:
    """The same key in an earlier slice of this file."""
    keys = [one.key for one in planned if one.key and one.outcome != RowOutcome.REFUSED]
    earlier: dict[str, int] = {}
    for part in chunks(keys):
        rows = ImportRow.objects.filter(job=claim.job, key__in=part).exclude(outcome=RowOutcome.REFUSED)
        earlier.update(rows.values_list("key", "row_no"))
    if earlier:
        planning.refuse_twice(context, planned, earlier)


def _kept(claim: Claim, one: Planned, cells: Sequence[Any]) -> ImportRow:
    facts: dict[str, Any] = {}
    refused = one.outcome == RowOutcome.REFUSED
    if refused:
        facts["cells"] = [reading.shown(cell)[:200] for cell in cells]
    elif one.row is not None:
        facts["row"] = {
            field.attname: field.value_to_string(one.row)
            for field in one.row._meta.concrete_fields
            if getattr(one.row, field.attname) not in (None, "")
        }
    if one.accounts:
        facts["accounts"] = one.accounts
    if one.seen:
        facts["seen"] = one.seen
    return ImportRow(
        job=claim.job,
        row_no=one.row_no,
        outcome=one.outcome,
        key=one.key[:120],
        label=one.label[:160],
        object_id=one.object_id,
        facts=facts,
        changes=[] if refused else [[name, *values] for name, values in one.changes.items()],
        problems=[list(problem) for problem in one.problems],
        waits=bool(one.accounts) and not refused,
    )


def _planned(context: Context, row: ImportRow) -> Planned:
    model = context.table.model
    made: Any = None
    if row.outcome == RowOutcome.CREATED:
        made = model(**{name: value_of(model, name, text) for name, text in row.facts["row"].items()})
    return Planned(
        row.row_no,
        RowOutcome(row.outcome),
        row.key,
        row.label,
        row.object_id,
        made,
        {name: (before, after) for name, before, after in row.changes},
        int(row.facts.get("seen", 0)),
        accounts=row.facts.get("accounts", {}),
    )
