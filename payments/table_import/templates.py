"""Empty tables to fill in: the headers in the person's language, one example row, and notes on every column."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import Any

from django.utils.translation import gettext as _

from payments.table_import.tables import Column, Table

BOM = "\ufeff"


def as_csv(table: Table) -> bytes:
    """Headers and the example row, as Excel in the Nordic countries opens it."""
    text = StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow([column.header for column in table.columns])
    writer.writerow([column.example for column in table.columns])
    return (BOM + text.getvalue()).encode()


def as_xlsx(table: Table) -> bytes:
    """The same as a workbook: account numbers are text, so that no zero is lost; notes stand on a second sheet."""
    import xlsxwriter  # slow to load for a page that is seldom asked for

    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False}) as book:
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(str(table.one)[:31])
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, max(14, len(column.header) + 2), text)
            sheet.write_string(0, place, column.header, bold)
            sheet.write_string(1, place, column.example, text)
        sheet.freeze_panes(1, 0)
        _notes(book.add_worksheet(_("Notes")), table, bold)
    return content.getvalue()


def note(column: Column) -> str:
    """What a column holds, in a few words."""
    needs = {"key": _("always"), "new": _("for a new row"), "": _("may be left out")}
    return ", ".join(part for part in (needs[column.need], str(column.note)) if part)


def _notes(sheet: Any, table: Table, bold: Any) -> None:
    sheet.set_column(0, 2, 30)
    heads = (_("Column"), _("Also understood as"), _("Notes"))
    for place, head in enumerate(heads):
        sheet.write_string(0, place, head, bold)
    for line, column in enumerate(table.columns, 1):
        sheet.write_string(line, 0, column.header)
        sheet.write_string(line, 1, f"{column.label} / {column.norwegian} / {column.name}")
        sheet.write_string(line, 2, note(column))
    rules = (
        _("The example row is passed over. An empty cell leaves the field as it is."),
        _("Dates: 2026-11-25 or 25.11.2026. Amounts: 1234.50 or 1 234,50."),
    )
    for line, rule in enumerate(rules, len(table.columns) + 2):
        sheet.write_string(line, 0, rule)
