"""Tables for the imports, written as the programs of the trade write them."""

from __future__ import annotations

import xlsxwriter

from companies.choices import Role
from payments.models import ImportRow
from payments.table_import import acts, running
from payments.table_import.tables import TABLES
from tests import build

ENTRY_HEAD = ["Supplier no.", "Invoice no.", "Invoice date", "Due date", "Amount", "KID code"]


def a_csv(rows, separator=";", encoding="utf-8"):
    """The bytes of a CSV."""
    return "\r\n".join(separator.join(str(cell) for cell in row) for row in rows).encode(encoding)


def an_xlsx(path, rows):
    """A workbook, written in constant memory."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for line, row in enumerate(rows):
            for place, cell in enumerate(row):
                if hasattr(cell, "year"):
                    sheet.write_datetime(line, place, cell, day)
                else:
                    sheet.write(line, place, cell)
    return path


def previewed(company, table, content, by=None, name="table.csv", mapping=None):
    """The import as far as the preview."""
    by = by or build.a_person(Role.ADMINISTRATOR, Role.ACCOUNTANT, company=company)
    job = acts.start(company, TABLES[table], content, name, by)
    found = {int(place): one for place, one in job.parameters["mapping"].items()}
    acts.choose_columns(job, mapping or found)
    while not running.run(job.pk):
        pass
    job.refresh_from_db()
    return job


def imported(company, table, content, choice=running.ALL, **facts):
    """The import to its end."""
    job = previewed(company, table, content, **facts)
    acts.decide(job, choice)
    while not running.run(job.pk):
        pass
    job.refresh_from_db()
    return job


def problems(job):
    """Row number -> column and text of every fault."""
    return {
        row.row_no: [tuple(one) for one in row.problems]
        for row in ImportRow.objects.filter(job=job, outcome="refused").order_by("row_no")
    }


def counts(job):
    """New, changed, unchanged, refused."""
    return tuple(job.report[name] for name in ("created", "changed", "unchanged", "refused"))
