"""Rows out of a spreadsheet: CSV in any of the encodings and separators Nordic programs write, and XLSX.

Rows come one by one with the number the spreadsheet shows beside them, so that an error can be found there.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import python_calamine
from django.utils.translation import gettext as _

from payments.table_import import workbooks
from payments.table_import.headers import likeness
from payments.table_import.tables import Table
from payments.table_import.workbooks import NotReadable as NotReadable

LARGEST = 100 * 1024 * 1024
MOST_ROWS, MOST_COLUMNS = 500_000, 200
_LOOK = 15  # rows in which the headers are looked for
_ENCODINGS = ("utf-8-sig", "cp1252")
_PIECE = 1 << 20
csv.field_size_limit(1 << 20)

Row = tuple[int, list[Any]]


@dataclass(frozen=True, slots=True)
class Layout:
    """What was found out about a file: its headers, the row they stand in, how many rows follow."""

    headers: list[str]
    header_row: int
    rows: int
    samples: list[list[str]]


def layout(path: Path, table: Table) -> Layout:
    """Read the file once: the headers, three rows to look at, and how many there are."""
    first: list[Row] = []
    last, count = 0, 0
    samples: list[list[str]] = []
    for number, cells in rows(path):
        count += 1
        last = number
        if len(first) < _LOOK:
            first.append((number, cells))
        if count > MOST_ROWS + _LOOK:
            raise NotReadable(_("The table has more than %(most)s rows. Divide it.") % {"most": MOST_ROWS})
    if not first:
        raise NotReadable(_("The file has no rows."))
    place = max(range(len(first)), key=lambda one: (likeness(table, map(shown, first[one][1])), -one))
    number, cells = first[place]
    if len(cells) > MOST_COLUMNS:
        raise NotReadable(_("The table has more than %(most)s columns.") % {"most": MOST_COLUMNS})
    headers = [shown(cell) for cell in cells]
    while headers and not headers[-1]:
        headers.pop()
    samples = [[shown(cell) for cell in row][: len(headers)] for _number, row in first[place + 1 : place + 4]]
    rows_after = count - place - 1
    if rows_after < 1:
        raise NotReadable(_("Row %(row)s holds the headers, and there is nothing below it.") % {"row": last})
    return Layout(headers, number, rows_after, samples)


def rows(path: Path, after: int = 0) -> Iterator[Row]:
    """The rows that are not empty and come after this row number; text is trimmed, numbers and dates stay."""
    source = _xlsx(path) if zipfile.is_zipfile(path) else _csv(path)
    for number, cells in source:
        if number > after and any(cell not in ("", None) for cell in cells):
            yield number, cells


def shown(cell: Any) -> str:
    """A cell as text, for headers and samples."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _xlsx(path: Path) -> Iterator[Row]:
    workbooks.check(path)
    try:
        book = python_calamine.load_workbook(path)
        sheet = book.get_sheet_by_index(0)
    except (python_calamine.CalamineError, IndexError, ValueError, OSError) as error:
        text = _("The workbook cannot be opened (%(error)s). Save it as XLSX or CSV and try again.")
        raise NotReadable(text % {"error": str(error)[:120]}) from error
    for number, cells in enumerate(sheet.iter_rows(), 1):
        yield number, [cell.strip() if isinstance(cell, str) else cell for cell in cells]


def _csv(path: Path) -> Iterator[Row]:
    encoding = _encoding(path)
    with path.open(encoding=encoding, newline="") as lines:
        separator = _separator(list(islice(lines, _LOOK)))
        lines.seek(0)
        reader = csv.reader(lines, delimiter=separator, strict=False)
        number = 1
        while True:
            try:
                cells = next(reader, None)
            except csv.Error as error:
                text = _("Line %(line)s cannot be read as CSV: %(error)s")
                raise NotReadable(text % {"line": reader.line_num, "error": error}) from error
            if cells is None:
                return
            yield number, [cell.strip() for cell in cells]
            number = reader.line_num + 1


def _encoding(path: Path) -> str:
    """UTF-8 when every byte fits, else what older Windows programs write; UTF-16 says so in its first bytes."""
    with path.open("rb") as source:
        start = source.read(4)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in start or start.startswith((b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise NotReadable(_("This is neither CSV nor XLSX. Save the table as one of them."))
    for encoding in _ENCODINGS:
        try:
            with path.open(encoding=encoding) as text:
                while text.read(_PIECE):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise NotReadable(_("The letters of the file cannot be read. Save it as CSV UTF-8."))


def _separator(lines: Sequence[str]) -> str:
    """Semicolon, tab or comma: whichever cuts the lines into the most columns, quotes respected."""
    best, most = ";", 0
    for separator in (";", "\t", ","):
        widths = [len(cells) for cells in csv.reader(lines, delimiter=separator)]
        width = max(set(widths), key=lambda one: (widths.count(one), one)) if widths else 0
        if width > most:
            best, most = separator, width
    return best
