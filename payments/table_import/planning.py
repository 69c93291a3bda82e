"""What would become of rows: new, changed, unchanged or refused, with the reason. Nothing is written."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from payments.choices import RowOutcome
from payments.table_import import entries, parties
from payments.table_import.context import Context, Planned, Raw


def plan(context: Context, rows: Sequence[tuple[int, Raw]]) -> list[Planned]:
    """Plan a slice of at most 1 000 rows, in order; a second row with the key of an earlier one is refused."""
    found = entries.plan(context, rows) if context.table.entries else parties.plan(context, rows)
    for planned in found:
        if planned.problems:
            planned.outcome = RowOutcome.REFUSED
    refuse_twice(context, found, {})
    return found


def refuse_twice(context: Context, rows: Sequence[Planned], earlier: dict[str, int]) -> None:
    """`earlier` says which key stands in which row; it grows by these."""
    name = "number" if not context.table.entries else "invoice_no"
    for planned in rows:
        if planned.outcome == RowOutcome.REFUSED or not planned.key:
            continue
        first = earlier.setdefault(planned.key, planned.row_no)
        if first != planned.row_no:
            planned.outcome = RowOutcome.REFUSED
            planned.problems.append((name, _("Row %(row)s says the same number already.") % {"row": first}))
