"""Spreadsheets as they come: encodings, separators, titles above the headers, broken files."""

import pytest

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
