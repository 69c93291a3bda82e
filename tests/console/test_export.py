"""Lists as files."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import openpyxl
import pytest
from django.test import RequestFactory

from autopay_console.kernel import export

ROWS = [
    SimpleNamespace(
        supplier=SimpleNamespace(name='=HYPERLINK("http://x")'),
        amount=Decimal("-1250.50"),
        due=date(2026, 11, 30),
        at=datetime(2026, 11, 25, 9, 0, tzinfo=UTC),
        kid="00012345674",
        lines=3,
    ),
    SimpleNamespace(supplier=None, amount=None, due=None, at=None, kid="", lines=0),
]
COLUMNS = [
    export.Column("Supplier", "supplier.name"),
    export.Column("Amount", "amount", "amount"),
    export.Column("Due", "due", "day"),
    export.Column("At", "at", "moment"),
    export.Column("KID", "kid"),
    export.Column("Lines", lambda row: row.lines, "number"),
]


def csv_text():
    answer = export.answer(RequestFactory().get("/?export=csv"), "Payments", COLUMNS, iter(ROWS), "status:8")
    return b"".join(answer.streaming_content).decode("utf-8")


def sheet():
    answer = export.answer(RequestFactory().get("/?export=xlsx"), "Payments", COLUMNS, iter(ROWS), "status:8")
    return openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active


def test_the_csv_opens_rightly_in_excel():
    assert csv_text().startswith("\ufeff")
    assert csv_text().splitlines()[1] == "Supplier;Amount;Due;At;KID;Lines"


def test_the_first_row_says_what_was_asked_for():
    assert "status:8" in csv_text().splitlines()[0]
    assert "status:8" in sheet()["A1"].value


def test_amounts_and_dates_are_plain():
    assert "-1250.50;2026-11-30;2026-11-25 10:00:00;00012345674;3" in csv_text()


def test_a_name_that_looks_like_a_formula_is_only_a_name():
    assert "\"'=HYPERLINK" in csv_text()
    cell = sheet()["A3"]
    assert cell.data_type == "s"
    assert cell.value.startswith("=HYPERLINK")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_every_start_of_a_formula_is_disarmed(start):
    assert export.safe(f"{start}cmd") == f"'{start}cmd"


def test_the_sheet_has_real_numbers_and_dates():
    row = sheet()[3]
    assert row[1].value == -1250.5
    assert row[2].value == datetime(2026, 11, 30)
    assert row[4].value == "00012345674"


def test_what_is_not_known_stays_empty():
    assert csv_text().splitlines()[3] == ";;;;;0"
