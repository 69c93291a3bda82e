"""What was planned becomes rows, in sets: all of it or nothing in the caller's transaction, or part by part.

Rows that somebody changed since they were planned stop everything (`ChangedMeanwhile`); the caller plans anew.
Accounts are not written: they become changes that wait for a second person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import AutoField, F, Model
from django.utils import timezone

from autopay_console.kernel.rows import insert_rows, store
from autopay_console.kernel.sets import chunks
from companies import pending
from companies.choices import PendingState
from companies.models import Job, PendingChange, Person, Supplier
from payments.choices import RowOutcome
from payments.table_import.context import Context, Planned
from payments.table_import.entries import untouched

SLICE = 1_000


class ChangedMeanwhile(Exception):
    """A row is not what it was when the import was planned."""


@dataclass(slots=True)
class Part:
    """A thousand rows, as far as they can be worked out before the transaction."""

    made: list[Planned] = field(default_factory=list)
    values: list[tuple[Any, ...]] = field(default_factory=list)  # of new entries, in the order of `_columns`
    asked: list[tuple[int, Planned]] = field(default_factory=list)  # accounts on new entries, by supplier
    changed: list[Planned] = field(default_factory=list)
    last: int = 0

    @property
    def rows(self) -> int:
        return len(self.made) + len(self.values) + len(self.changed)


def apply(context: Context, rows: Iterable[Planned], by: Person | None, why: str, job: Job | None = None) -> int:
    """Write the planned rows; those refused or unchanged are passed over. Returns how many rows were written."""
    return sum(write(context, part, by, why, job) for part in parts(context, rows))


def parts(context: Context, rows: Iterable[Planned]) -> Iterator[Part]:
    """The rows in thousands. New entries become plain values here, so that a hundred thousand of them are small and
    their transaction is short."""
    values_of = attrgetter(*_columns(context.table.model)) if context.table.entries else None
    for some in chunks(rows, SLICE):
        part = Part(last=some[-1].row_no)
        part.changed = [one for one in some if one.outcome == RowOutcome.CHANGED]
        made = [one for one in some if one.outcome == RowOutcome.CREATED]
        if values_of is None:
            part.made = made
        else:
            part.values = [values_of(one.row) for one in made]
            part.asked = [(one.row.supplier_id, one) for one in made if one.accounts]
            for one in made:
                one.row = None
        yield part


def write(context: Context, part: Part, by: Person | None, why: str, job: Job | None = None) -> int:
    """Write one part. Raises ChangedMeanwhile when a row is not what it was."""
    try:
        with transaction.atomic():
            if part.values:
                insert_rows(context.table.model, _columns(context.table.model), part.values)
                _ask_for_accounts(part.asked, by, job)
            _create(context, part.made, by, why, job)
            _change(context, part.changed, by, why, job)
    except IntegrityError as error:
        raise ChangedMeanwhile from error
    return part.rows


def _columns(model: type[Model]) -> list[str]:
    """Everything but the key the database counts and moments it sets itself."""
    own = (one for one in model._meta.concrete_fields if not getattr(one, "auto_now_add", False))
    return [one.attname for one in own if not isinstance(one, AutoField)]


def _create(context: Context, made: Sequence[Planned], by: Person | None, why: str, job: Job | None) -> None:
    """New suppliers or customers: with their history, and their accounts asked for."""
    if not made:
        return
    model: Any = context.table.model
    store(model, [one.row for one in made])
    numbers = {one.row.number: one.row for one in made}
    ids = model._default_manager.filter(company=context.company, number__in=list(numbers))
    for number, pk in ids.values_list("number", "pk"):
        numbers[number].pk = pk  # the database gives no keys back
    _remember(model, list(numbers.values()), by, why, changed=False)
    _ask(context, [(one.row.pk, one) for one in made if one.accounts], by, job)


def _change(context: Context, changed: Sequence[Planned], by: Person | None, why: str, job: Job | None) -> None:
    if not changed:
        return
    model: Any = context.table.model
    rows = _held(context, changed)
    names: set[str] = set()
    for one in changed:
        row = rows[one.object_id or 0]
        for name, (_before, after) in one.changes.items():
            if context.table.entries or name not in one.accounts:
                setattr(row, name, value_of(model, name, after))
                names.add(name)
    if names:
        batch = max(1, 1_000 // (2 * len(names) + 1))
        model._default_manager.bulk_update(list(rows.values()), sorted(names), batch_size=batch)
    if context.table.entries:
        _ask_for_accounts([(rows[one.object_id or 0].supplier_id, one) for one in changed if one.accounts], by, job)
    else:
        _remember(model, list(rows.values()), by, why, changed=True)
        _ask(context, [(one.object_id or 0, one) for one in changed if one.accounts], by, job)


def _held(context: Context, changed: Sequence[Planned]) -> dict[int, Any]:
    """Lock the rows by an UPDATE and make sure that they are what the plan was made from."""
    model: Any = context.table.model
    ids = [one.object_id or 0 for one in changed]
    mine = model._default_manager.filter(company=context.company, pk__in=ids)
    if context.table.entries:
        free = mine.filter(untouched(context.table.name), rest=F("amount"))
        if free.update(voucher_no=F("voucher_no")) != len(ids):
            raise ChangedMeanwhile
        return {row.pk: row for row in mine}
    mine.update(version=F("version") + 1)
    rows = {row.pk: row for row in mine}
    if any(one.object_id not in rows or rows[one.object_id].version != one.seen + 1 for one in changed):
        raise ChangedMeanwhile
    return rows


def value_of(model: type[Model], name: str, text: str) -> Any:
    """A field's value from its text; nothing is None where the table allows it."""
    column: Any = _column(model, name)
    if text == "" and column.null:
        return None
    return column.to_python(text)


def _column(model: type[Model], attribute: str) -> Any:
    return next(one for one in model._meta.concrete_fields if one.attname == attribute)


def _batch(model: type[Model]) -> int:
    return max(1, 2_000 // len(model._meta.concrete_fields))


def _remember(model: Any, rows: Sequence[Any], by: Person | None, why: str, *, changed: bool) -> None:
    model.history.bulk_history_create(
        rows, batch_size=_batch(model), update=changed, default_user=by, default_change_reason=why[:100]
    )


def _ask(context: Context, asked: Sequence[tuple[int, Planned]], by: Person | None, job: Job | None) -> None:
    """Accounts wait for a second person; a newer wish for the same field replaces the one that waited."""
    if not asked:
        return
    if by is None:
        raise ValueError("an account needs a person who asks for it")
    table = context.table.model._meta.model_name or ""
    guarded = pending.guarded_fields(context.table.model())
    ids = [pk for pk, _one in asked]
    for name in guarded:
        wanted = [pk for pk, one in asked if name in one.accounts]
        waiting = PendingChange.objects.filter(
            table=table, object_id__in=wanted, field=name, state=PendingState.WAITING
        )
        waiting.update(state=PendingState.WITHDRAWN, decided_by=by, decided_at=timezone.now())
    standing = context.table.model._default_manager.in_bulk(ids)
    PendingChange.objects.bulk_create(
        [
            PendingChange(
                company=context.company,
                table=table,
                object_id=pk,
                field=name,
                before=str(getattr(standing[pk], name) or ""),
                after=account,
                asked_by=by,
                job=job,
            )
            for pk, one in asked
            for name, account in one.accounts.items()
        ],
        batch_size=100,
    )


def _ask_for_accounts(asked: Sequence[tuple[int, Planned]], by: Person | None, job: Job | None) -> None:
    """Accounts typed on single invoices wait for a second person too, each once."""
    if not asked:
        return
    if by is None:
        raise ValueError("an account needs a person who asks for it")
    suppliers = Supplier.objects.in_bulk([pk for pk, _one in asked])
    for supplier_id, account in sorted({(pk, one.accounts["account"]) for pk, one in asked}):
        pending.ask_for_account(suppliers[supplier_id], account, by, job)
