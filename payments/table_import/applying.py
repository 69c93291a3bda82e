"""What was planned becomes rows, in sets: all of it or nothing in the caller's transaction, or part by part.

Rows that somebody changed since they were planned stop everything (`ChangedMeanwhile`); the caller plans anew.
Accounts are not written: they become changes that wait for a second person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import AutoField, F, Model
from django.utils import timezone

from autopay_console.kernel.rows import insert_rows, update_rows
from autopay_console.kernel.sets import chunks
from companies import pending
from companies.choices import PendingState
from companies.models import Job, PendingChange, Person, Supplier
from payments.choices import RowOutcome
from payments.models import PreApproval
from payments.table_import.context import Context, Planned
from payments.table_import.entries import untouched

SLICE = 1_000
_WISH = ("company_id", "table", "object_id", "field", "before", "after", "asked_by_id", "job_id")
Accounts = Mapping[str, str]  # guarded attribute -> account that must be accepted


class ChangedMeanwhile(Exception):
    """A row is not what it was when the import was planned."""


@dataclass(slots=True)
class Part:
    """A thousand rows, as far as they can be worked out before the transaction."""

    values: list[tuple[Any, ...]] = field(default_factory=list)  # of new rows, in the order of `_columns`
    asked: list[tuple[int, Accounts]] = field(default_factory=list)  # accounts on them, by supplier or by own number
    changed: list[Planned] = field(default_factory=list)
    last: int = 0


def apply(context: Context, rows: Iterable[Planned], by: Person | None, why: str, job: Job | None = None) -> int:
    """Write the planned rows; those refused or unchanged are passed over. Returns how many rows were written."""
    return sum(write(context, part, by, why, job) for part in parts(context, rows))


def parts(context: Context, rows: Iterable[Planned]) -> Iterator[Part]:
    """The rows in thousands. New ones become plain values here, so that a hundred thousand of them are small and their
    transaction only writes."""
    values_of = attrgetter(*_columns(context.table.model))
    owner_of = attrgetter("supplier_id" if context.table.entries else "number")
    for some in chunks(rows, SLICE):
        made = [one for one in some if one.outcome == RowOutcome.CREATED]
        part = Part(last=some[-1].row_no)
        part.changed = [one for one in some if one.outcome == RowOutcome.CHANGED]
        part.values = [values_of(one.row) for one in made]
        part.asked = [(owner_of(one.row), one.accounts) for one in made if one.accounts]
        yield part


def write(context: Context, part: Part, by: Person | None, why: str, job: Job | None = None) -> int:
    """Write one part. Raises ChangedMeanwhile when a row is not what it was."""
    try:
        with transaction.atomic():
            _create(context, part, by, why, job)
            _change(context, part.changed, by, why, job)
    except IntegrityError as error:
        raise ChangedMeanwhile from error
    return len(part.values) + len(part.changed)


def _columns(model: type[Model]) -> list[str]:
    """Everything but the key the database counts and moments it sets itself."""
    own = (one for one in model._meta.concrete_fields if not getattr(one, "auto_now_add", False))
    return [one.attname for one in own if not isinstance(one, AutoField)]


def _create(context: Context, part: Part, by: Person | None, why: str, job: Job | None) -> None:
    """New rows; suppliers and customers with their history, and accounts asked for."""
    if not part.values:
        return
    model: Any = context.table.model
    columns = _columns(model)
    insert_rows(model, columns, part.values)
    if context.table.entries:
        _ask_for_accounts(part.asked, by, job)
        return
    place = columns.index("number")
    known = model._default_manager.filter(company=context.company, number__in=[one[place] for one in part.values])
    keys = dict(known.values_list("number", "pk"))  # the database gives no keys back
    _remember(model, [(keys[one[place]], *one) for one in part.values], by, why, kind="+")
    _ask(context, [(keys[number], {}, accounts) for number, accounts in part.asked], by, job, new=True)


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
        changes = attrgetter(*sorted(names), "pk")
        update_rows(model, sorted(names), map(changes, rows.values()))
    if context.table.entries:
        _withdraw_what_was_approved(context, changed)
        asked = [(rows[one.object_id or 0].supplier_id, one.accounts) for one in changed if one.accounts]
        _ask_for_accounts(asked, by, job)
    else:
        as_now = attrgetter("pk", *_columns(model))
        _remember(model, map(as_now, rows.values()), by, why, kind="~")
        wishes = [(rows[one.object_id or 0], one.accounts) for one in changed if one.accounts]
        _ask(context, [(row.pk, {name: getattr(row, name) for name in some}, some) for row, some in wishes], by, job)


def _withdraw_what_was_approved(context: Context, changed: Sequence[Planned]) -> None:
    """A yes given in advance names an amount and an account; in another currency the amount is another one."""
    if context.table.name == "supplier_entry" and (
        ids := [one.object_id for one in changed if "currency_id" in one.changes]
    ):
        given = PreApproval.objects.filter(company=context.company, entry_id__in=ids, withdrawn_at=None)
        given.update(withdrawn_at=timezone.now())


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


def _remember(model: Any, rows: Iterable[tuple[Any, ...]], by: Person | None, why: str, *, kind: str) -> None:
    """The history of these rows (key, then `_columns`), as if each had been saved by itself."""
    history, now = model.history.model, timezone.now()
    facts = ["history_date", "history_type", "history_user_id", "history_change_reason"]
    told = (now, kind, by.pk if by else None, why[:100])
    insert_rows(history, [model._meta.pk.attname, *_columns(model), *facts], ((*row, *told) for row in rows))


def _ask(
    context: Context,
    asked: Sequence[tuple[int, Mapping[str, Any], Accounts]],
    by: Person | None,
    job: Job | None,
    *,
    new: bool = False,
) -> None:
    """Accounts wait for a second person (key of the row, accounts it has, the wish); a newer wish for the same field
    replaces the one that waited. A row that is `new` has none."""
    if not asked:
        return
    if by is None:
        raise ValueError("an account needs a person who asks for it")
    table = context.table.model._meta.model_name or ""
    for name in () if new else pending.guarded_fields(context.table.model()):
        wanted = [pk for pk, _has, accounts in asked if name in accounts]
        waiting = PendingChange.objects.filter(
            table=table, object_id__in=wanted, field=name, state=PendingState.WAITING
        )
        waiting.update(state=PendingState.WITHDRAWN, decided_by=by, decided_at=timezone.now())
    of, told = context.company.pk, (by.pk, job.pk if job else None)
    wishes = (
        (of, table, pk, name, str(has.get(name) or ""), account, *told)
        for pk, has, accounts in asked
        for name, account in accounts.items()
    )
    insert_rows(PendingChange, _WISH, wishes)


def _ask_for_accounts(asked: Sequence[tuple[int, Accounts]], by: Person | None, job: Job | None) -> None:
    """Accounts typed on single invoices wait for a second person too, each once."""
    if not asked:
        return
    if by is None:
        raise ValueError("an account needs a person who asks for it")
    suppliers = Supplier.objects.in_bulk([pk for pk, _accounts in asked])
    for supplier_id, account in sorted({(pk, accounts["account"]) for pk, accounts in asked}):
        pending.ask_for_account(suppliers[supplier_id], account, by, job)
