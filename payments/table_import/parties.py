"""Suppliers and customers of an import: known by number, changed field by field, accounts to a second person."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

from django.utils.translation import gettext as _

from autopay_console.kernel.sets import chunks
from companies import pending, row_checks
from companies.accounts import normalise
from companies.choices import PendingState
from companies.models import PendingChange
from payments.choices import RowOutcome
from payments.preparing.planning import said
from payments.table_import.checking import Values, check_numbers, missing_for_new, read_row
from payments.table_import.context import Context, Planned, Raw, numbers_in


def plan(context: Context, rows: Sequence[tuple[int, Raw]]) -> list[Planned]:
    """What would become of these rows; two questions to the database for all of them."""
    read = [(row_no, *read_row(context, raw)) for row_no, raw in rows]
    known = _known(context, numbers_in(((row_no, values) for row_no, values, _p in read), "number"))
    waiting = _waiting(context, [party.pk for party in known.values()])
    found = []
    for row_no, values, problems in read:
        number = values.get("number")
        planned = Planned(row_no, key=str(number or ""), label=f"{number or ''} {values.get('name', '')}".strip())
        before = known.get(number) if number else None
        country = values.get("country") or getattr(before, "country_id", "") or context.company.country_id
        planned.problems = problems + check_numbers(values, country)
        if before is None:
            planned.problems += missing_for_new(context.table, values, planned.problems)
        if not planned.problems:
            _decide(context, planned, values, before, waiting)
        found.append(planned)
    return found


def _decide(
    context: Context, planned: Planned, values: Values, before: Any, waiting: dict[tuple[int, str], str]
) -> None:
    model = context.table.model
    row: Any = before or model(company=context.company)
    guarded = pending.guarded_fields(row)
    if before is not None:
        planned.object_id, planned.seen = before.pk, before.version
        planned.label = f"{before.number} {values.get('name', before.name)}"
        if getattr(before, "is_payroll", False) and not context.payroll:
            planned.problems = [("number", _("This is an employee: only people with the payroll role may change it."))]
            return
    as_it_would_be = copy(row)
    for column in context.table.columns:
        if column.name not in values:
            continue
        attribute, value = column.attribute, values[column.name]
        if column.name == "bank_partner":
            value = context.bank_partners[value]
        setattr(as_it_would_be, attribute, value)
        old = getattr(before, attribute, None) if before is not None else None
        if before is not None and _same(column.kind, old, value):
            continue
        if attribute in guarded:
            if before is None or normalise(waiting.get((before.pk, attribute), "")) != normalise(value):
                planned.accounts[attribute] = value
                planned.changes[attribute] = (_text(old), _text(value))
        elif before is None:
            setattr(row, attribute, value)
        else:
            planned.changes[attribute] = (_text(old), _text(value))
    names = {column.attribute: column.name for column in context.table.columns}
    found = row_checks.findings(as_it_would_be) if before is None or planned.changes else []
    planned.problems = [(names.get(name, name), said(problem)) for name, problem in found if problem.stops]
    if before is None:
        planned.outcome, planned.row, planned.changes = RowOutcome.CREATED, row, {}
    else:
        planned.outcome = RowOutcome.CHANGED if planned.changes else RowOutcome.UNCHANGED


def _known(context: Context, numbers: set[int]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for part in chunks(sorted(numbers)):
        rows: Any = context.table.model._default_manager.filter(company=context.company, number__in=part)
        found.update({row.number: row for row in rows})
    return found


def _waiting(context: Context, ids: Sequence[int]) -> dict[tuple[int, str], str]:
    """Accounts that wait already: asking for them again changes nothing."""
    table = context.table.model._meta.model_name or ""
    if table not in pending.GUARDED:
        return {}
    found: dict[tuple[int, str], str] = {}
    for part in chunks(ids):
        rows = PendingChange.objects.filter(table=table, object_id__in=part, state=PendingState.WAITING)
        found.update({(one.object_id, one.field): one.after for one in rows})
    return found


def _same(kind: str, old: Any, new: Any) -> bool:
    if kind in ("account", "organisation"):
        return normalise(str(old or "")) == normalise(str(new))
    return bool(old == new)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
