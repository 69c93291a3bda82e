"""A list as a file: CSV that opens rightly in Excel, XLSX with real numbers and dates.

Text that begins like a formula is disarmed in CSV, and written as text in XLSX: a supplier named `=HYPERLINK(…)`
must not run on an accountant's machine. The first row says what was asked for.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import Any, Literal

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

Kind = Literal["text", "amount", "number", "day", "moment"]
BOM = "\ufeff"
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSX_ROWS = 1_000_000
WIDTHS: dict[str, int] = {"text": 26, "amount": 16, "number": 12, "day": 12, "moment": 18}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the file: its head, where a row keeps the value, and what kind it is."""

    label: Any
    value: str | Callable[[Any], Any]
    kind: Kind = "text"

    def of(self, row: Any) -> Any:
        """The value of this row: an attribute path (`supplier.name`, `get_status_display`) or a function of the row."""
        if callable(self.value):
            return self.value(row)
        found = row
        for name in self.value.split("."):
            found = getattr(found, name, None)
            if found is None:
                return None
        return found() if callable(found) else found


def wanted(request: HttpRequest) -> str:
    """Whether the list is asked for as a file: csv, xlsx or nothing."""
    kind = request.GET.get("export", "")
    return kind if kind in ("csv", "xlsx") else ""


def answer(
    request: HttpRequest, name: str, columns: Sequence[Column], rows: Iterable[Any], query: str = ""
) -> HttpResponseBase:
    """The rows as the file `?export=` asks for. `rows` may be an iterator over any number of rows."""
    if wanted(request) == "xlsx":
        return xlsx(name, columns, rows, query)
    return csv_stream(name, columns, rows, query)


def csv_stream(name: str, columns: Sequence[Column], rows: Iterable[Any], query: str = "") -> StreamingHttpResponse:
    """Stream a CSV with semicolons (what Nordic Excel splits by), UTF-8 with BOM, plain digits and ISO dates."""
    response = StreamingHttpResponse(_lines(columns, rows, query), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_file_name(name)}.csv"'
    return response


def xlsx(name: str, columns: Sequence[Column], rows: Iterable[Any], query: str = "") -> FileResponse:
    """Write an XLSX row by row in constant memory."""
    file = TemporaryFile()  # noqa: SIM115  (the response closes it)
    with NamedTemporaryFile(suffix=".xlsx") as scratch:
        _write_xlsx(scratch.name, columns, rows, query)
        while chunk := scratch.read(1 << 20):
            file.write(chunk)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=f"{_file_name(name)}.xlsx", content_type=XLSX)


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(RISKY) else text


def _lines(columns: Sequence[Column], rows: Iterable[Any], query: str) -> Iterator[str]:
    writer = csv.writer(_Echo(), delimiter=";")
    yield BOM + writer.writerow([safe(_head(query))])
    yield writer.writerow([safe(str(column.label)) for column in columns])
    for row in rows:
        yield writer.writerow([_plain(column, column.of(row)) for column in columns])


def _plain(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return _local(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int) and column.kind in ("number", "amount"):
        return str(value)
    return safe(str(value))


def _write_xlsx(path: str, columns: Sequence[Column], rows: Iterable[Any], query: str) -> None:
    import xlsxwriter  # not before somebody wants a workbook: every process would load it at its start

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        formats = {
            "text": None,
            "number": book.add_format({"num_format": "0"}),
            "amount": book.add_format({"num_format": "#,##0.00"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet()
        for place, column in enumerate(columns):
            sheet.set_column(place, place, WIDTHS[column.kind])
        sheet.write_string(0, 0, _head(query))
        for place, column in enumerate(columns):
            sheet.write_string(1, place, str(column.label), bold)
        sheet.freeze_panes(2, 0)
        for line, row in enumerate(rows, 2):
            if line > XLSX_ROWS:
                sheet.write_string(line, 0, _("More rows than a sheet holds; take the CSV for all of them."))
                break
            for place, column in enumerate(columns):
                _cell(sheet, line, place, column, column.of(row), formats[column.kind])


def _cell(sheet: Any, line: int, place: int, column: Column, value: Any, style: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(line, place, _local(value).replace(tzinfo=None), style)
    elif isinstance(value, date):
        sheet.write_datetime(line, place, datetime(value.year, value.month, value.day), style)  # noqa: DTZ001
    elif column.kind in ("amount", "number") and isinstance(value, Decimal | int):
        sheet.write_number(line, place, value, style)
    else:
        sheet.write_string(line, place, str(value), style)


def _head(query: str) -> str:
    made = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    words = query or _("everything")
    return _("Made %(moment)s, showing: %(query)s") % {"moment": made, "query": words}


def _local(value: datetime) -> datetime:
    return timezone.localtime(value) if timezone.is_aware(value) else value


def _file_name(name: str) -> str:
    return f"{slugify(name) or 'list'}-{timezone.localdate().isoformat()}"


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text
