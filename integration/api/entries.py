"""Open entries in: the same checks, plans and writes as an import of a table."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import translation

from autopay_console.kernel.nudging import nudge
from integration.api.errors import Refused
from integration.api.once import Answer
from integration.models import ApiKey
from payments.choices import RowOutcome
from payments.table_import import applying, planning
from payments.table_import.context import Context, Planned
from payments.table_import.tables import Table

AMOUNTS = ("amount", "amount_booked", "discount_amount")
ATTEMPTS = 3


def take_in(key: ApiKey, table: Table, entries: Sequence[Any], *, all_or_nothing: bool) -> Answer:
    """Plan and write the entries; the answer tells of each of them. Inside the caller's transaction."""
    rows = [(index, _raw(entry)) for index, entry in enumerate(entries)]
    with translation.override("en"):
        for _attempt in range(ATTEMPTS):
            context = Context(key.company, table, payroll=key.sees_salary)
            planned = planning.plan(context, rows)
            _refuse_unasked_accounts(key, planned)
            refused = any(one.outcome == RowOutcome.REFUSED for one in planned)
            if refused and all_or_nothing:
                return 422, _answer(entries, planned, applied=False)
            try:
                with transaction.atomic():
                    applying.apply(context, planned, key.created_by, f"API key {key.name}")
            except applying.ChangedMeanwhile:
                continue
            if table.name == "customer_entry":
                nudge("payments.tasks.match_parked")  # invoices may be what parked payments were for
            return 200, _answer(entries, planned, applied=True)
    raise Refused(409, "changed_meanwhile", "Other calls change the same entries. Try again.")


def _refuse_unasked_accounts(key: ApiKey, planned: Sequence[Planned]) -> None:
    """A new account is asked for in the name of whoever made the key; another person must accept it."""
    if key.created_by is not None:
        return
    for one in planned:
        if one.accounts:
            one.outcome = RowOutcome.REFUSED
            one.problems.append(("account", "Nobody stands behind this key any more: make a new key."))


def _raw(entry: Any) -> dict[str, Any]:
    values = {name: value for name, value in entry.dict().items() if value is not None}
    return values | {name: Decimal(values[name]) for name in AMOUNTS if name in values}


def _answer(entries: Sequence[Any], planned: Sequence[Planned], *, applied: bool) -> dict[str, Any]:
    counts = {one: sum(1 for row in planned if row.outcome == one) for one in RowOutcome.values}
    rows = [
        {
            "index": one.row_no,
            "invoice_no": entries[one.row_no].invoice_no,
            "outcome": str(one.outcome),
            "planned_date": _planned_date(one),
            "errors": [{"entry": one.row_no, "field": name, "text": text} for name, text in one.problems],
        }
        for one in planned
    ]
    return {"applied": applied, **counts, "entries": rows}


def _planned_date(one: Planned) -> str | None:
    if one.row is not None:
        day = getattr(one.row, "planned_date", None)
        return day.isoformat() if day else None
    return one.changes["planned_date"][1] if "planned_date" in one.changes else None
