"""A staged row in words: what would be made, what would change from what to what, what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from payments.choices import RowOutcome
from payments.models import ImportRow
from payments.table_import.tables import Table

TONES = {"created": "good", "changed": "info", "unchanged": "", "refused": "bad"}
MADE_ANEW = {"planned_date": _("Planned payment date")}
HIDDEN = {"rest", "planned_why", "version"}
NEW_PARTY = ("organisation_no", "country_id", "street", "postcode", "town", "email")
NEW_ENTRY = ("entry_date", "due_date", "planned_date", "kid")


@dataclass(slots=True)
class ShownRow:
    """One line of the preview."""

    row: ImportRow
    tone: str
    changes: list[tuple[Any, str, str]] = field(default_factory=list)
    problems: list[tuple[Any, str]] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    accounts: list[tuple[Any, str]] = field(default_factory=list)
    amount: Decimal | None = None
    currency: str = ""


def shown_row(table: Table, row: ImportRow) -> ShownRow:
    """The row with the labels of its fields."""
    shown = ShownRow(row, TONES.get(row.outcome, ""))
    labels = {column.attribute: column.label for column in table.columns} | MADE_ANEW
    names = {column.name: column.label for column in table.columns}
    accounts: dict[str, str] = row.facts.get("accounts", {})
    shown.problems = [(names.get(name, name), text) for name, text in row.problems]
    shown.changes = [
        (labels.get(name, name), before, after)
        for name, before, after in row.changes
        if name not in HIDDEN and name not in accounts
    ]
    shown.accounts = [(labels.get(name, name), account) for name, account in accounts.items()]
    if row.outcome == RowOutcome.CREATED:
        made: dict[str, str] = row.facts.get("row", {})
        wanted = NEW_ENTRY if table.entries else NEW_PARTY
        shown.facts = [f"{labels.get(name, name)} {made[name]}" for name in wanted if made.get(name)]
        if table.entries:
            shown.amount, shown.currency = Decimal(made["amount"]), made["currency_id"]
    return shown
