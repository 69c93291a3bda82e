"""Spreadsheets as they come: encodings, separators, titles above the headers, broken files."""

import zipfile

import pytest
import xlsxwriter

from payments.table_import import reading
from payments.table_import.tables import SUPPLIERS
from tests.payments.table_import.tables import a_csv, an_xlsx

ROWS = [["Leverandørnr.", "Navn", "Land"], ["50001", "Blåbær & Sønn; AS".replace(";", ""), "NO"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_csv_is_read_whatever_its_letters_and_separator(tmp_path, encoding, separator):
    path = tmp_path / "t"
    path.write_bytes(a_csv(ROWS, separator, encoding))
    assert list(reading.rows(path)) == [(1, ROWS[0]), (2, ROWS[1])]


def test_rows_keep_the_number_the_spreadsheet_shows(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('No;Name\n\n1;"two\nlines"\n;;\n2;next\n', encoding="utf-8")
    assert list(reading.rows(path)) == [(1, ["No", "Name"]), (3, ["1", "two\nlines"]), (6, ["2", "next"])]


def test_rows_of_a_workbook_keep_their_number_after_empty_ones(tmp_path):
    path = an_xlsx(tmp_path / "t.xlsx", [[], ["No", "Name"], [], [1, "x"]])
    assert [number for number, _row in reading.rows(path)] == [2, 4]
    assert [number for number, _row in reading.rows(path, after=2)] == [4]


def test_a_title_above_the_headers_is_passed_over(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(a_csv([["Suppliers of November", "", ""], *ROWS]))
    found = reading.layout(path, SUPPLIERS)
    assert (found.header_row, found.headers, found.rows) == (2, ROWS[0], 1)
    assert found.samples == [ROWS[1]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no rows"),
        (b"\n\n", "no rows"),
        (b"No;Name\n", "nothing below"),
        (b"%PDF-1.7 xx", "neither CSV nor XLSX"),
        (b"\xd0\xcf\x11\xe0xxxx", "neither CSV nor XLSX"),
        (b"PK\x05\x06" + b"\0" * 18, "cannot be opened"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path, content, said):
    path = tmp_path / "t"
    path.write_bytes(content)
    with pytest.raises(reading.NotReadable, match=said):
        reading.layout(path, SUPPLIERS)


def a_far_cell(path, row, column):
    """A small table and one cell away from it."""
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for line, cells in enumerate([["No", "Name"], [50001, "x"]]):
            sheet.write_row(line, 0, cells)
        sheet.write(row, column, "far")
    return path


@pytest.mark.parametrize(
    ("row", "column"), [(1_048_575, 16_383), (2, 200), (2, 700), (500_000, 1), (1_048_575, 0), (60_000, 60)]
)
def test_one_cell_far_away_is_refused_before_the_sheet_is_opened(tmp_path, row, column):
    with pytest.raises(reading.NotReadable, match="far away"):
        list(reading.rows(a_far_cell(tmp_path / "t.xlsx", row, column)))


@pytest.mark.parametrize(("row", "column"), [(49_000, 150), (60_000, 51), (2, 199)])
def test_a_table_may_be_deep_or_wide(tmp_path, row, column):
    assert [number for number, _cells in reading.rows(a_far_cell(tmp_path / "t.xlsx", row, column))] == [
        1,
        2,
        row + 1,
    ]


def rewritten(path, change):
    """The workbook with one of its parts, or what its index says, changed."""
    with zipfile.ZipFile(path) as packed:
        parts = {one.filename: packed.read(one) for one in packed.infolist()}
    change(parts)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return path


def test_a_workbook_that_unpacks_to_more_than_it_says_is_refused(tmp_path):
    path = an_xlsx(tmp_path / "t.xlsx", ROWS)
    rewritten(path, lambda parts: parts.update({"xl/media/bomb.bin": b"\0" * 5_000_000}))
    raw = bytearray(path.read_bytes())
    size = (5_000_000).to_bytes(4, "little")
    while (place := raw.find(size)) >= 0:
        raw[place : place + 4] = (5).to_bytes(4, "little")
    path.write_bytes(raw)
    with pytest.raises(reading.NotReadable, match="damaged"):
        list(reading.rows(path))


@pytest.mark.parametrize("name", ["content.xml", "xl/workbook.bin"])
def test_other_kinds_of_workbooks_are_refused(tmp_path, name):
    path = an_xlsx(tmp_path / "t.xlsx", ROWS)
    rewritten(path, lambda parts: parts.update({name: b"<x/>"}))
    with pytest.raises(reading.NotReadable, match="neither CSV nor XLSX"):
        list(reading.rows(path))
