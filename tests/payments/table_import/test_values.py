"""What cells mean, however a spreadsheet wrote them."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from payments.choices import EntryKind
from payments.table_import import headers, values
from payments.table_import.tables import SUPPLIER_ENTRIES, SUPPLIERS


@pytest.mark.parametrize(
    ("raw", "amount"),
    [
        ("1 234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("-99", "-99"),
        ("99,50-", "-99.50"),
        (1250.5, "1250.5"),
        (0.1, "0.1"),
        (100.0, "100"),
        (7, "7"),
    ],
)
def test_an_amount_is_read_exactly(raw, amount):
    assert values.as_amount(raw) == Decimal(amount)


def test_what_a_spreadsheet_computed_is_read_as_it_shows_it():
    assert (values.as_amount(0.1 + 0.2), values.as_amount(100 + 6513 / 100)) == (Decimal("0.3"), Decimal("165.13"))
    assert values.as_amount(9_999_999_999_999.99) == Decimal("9999999999999.99")


@pytest.mark.parametrize("raw", ["1.234", "1,234", "ten", True, 1e300, float("inf"), "12:00"])
def test_what_may_mean_two_amounts_or_none_is_refused(raw):
    with pytest.raises(values.NotRead):
        values.as_amount(raw)


@pytest.mark.parametrize(
    "raw",
    [
        *("2026-11-25", "25.11.2026", "25.11.26", "25/11/2026", "20261125", "2026-11-25T00:00:00"),
        *("46351", 46351.0, 46351, date(2026, 11, 25), datetime(2026, 11, 25, 12, 30)),
    ],
)
def test_a_day_is_read_as_iso_nordic_or_the_spreadsheets_number(raw):
    assert values.as_day(raw) == date(2026, 11, 25)


@pytest.mark.parametrize("raw", ["31.02.2026", "25 Nov", "1926-11-25", "11/25/2026", "2026", True])
def test_what_is_no_day_is_refused(raw):
    with pytest.raises(values.NotRead):
        values.as_day(raw)


def test_a_number_the_spreadsheet_rounded_is_refused():
    with pytest.raises(values.NotRead, match="rounded"):
        values.as_text(1.234567890123457e18)
    assert values.as_text(86011117947.0) == "86011117947"


@pytest.mark.parametrize("raw", ["0", "-5", "12a", "99999999999", "", 1.5])
def test_a_number_has_digits_only(raw):
    with pytest.raises(values.NotRead):
        values.as_number(raw)


@pytest.mark.parametrize(("raw", "yes"), [("Ja", True), ("no", False), (True, True), (1.0, True), ("x", True)])
def test_yes_and_no_in_both_languages(raw, yes):
    assert values.as_yes(raw) is yes


@pytest.mark.parametrize("raw", ["Kreditnota", "credit note", "CREDIT_NOTE"])
def test_a_credit_note_in_both_languages(raw):
    assert values.read(SUPPLIER_ENTRIES.column("kind"), raw) == EntryKind.CREDIT_NOTE


def test_headers_are_understood_in_english_and_norwegian_whatever_their_dots():
    english = headers.understand(SUPPLIER_ENTRIES, ["Supplier no.", "Invoice no.", "AMOUNT", "due date", "nonsense"])
    norwegian = headers.understand(SUPPLIER_ENTRIES, ["Leverandørnr", "Fakturanr.", "Beløp", "Forfallsdato", "tull"])
    assert english == norwegian == {0: "supplier_no", 1: "invoice_no", 2: "amount", 3: "due_date"}


def test_every_column_is_understood_by_its_own_headers():
    for table in (SUPPLIERS, SUPPLIER_ENTRIES):
        for own in ([str(one.label) for one in table.columns], [one.norwegian for one in table.columns]):
            assert list(headers.understand(table, own).values()) == [one.name for one in table.columns]


def test_what_was_chosen_last_time_wins():
    remembered = {headers.folded("Our ref"): "kid", headers.folded("KID"): ""}
    assert headers.understand(SUPPLIER_ENTRIES, ["Our ref", "KID"], remembered) == {0: "kid"}


@pytest.mark.parametrize(
    ("cells", "data"),
    [
        (["1001", "Kaffe AS", "NO", "15032030405"], True),
        (["Leverandørnr.", "Navn", "2026"], False),
        (["Foo", "Bar", "Baz"], False),
    ],
)
def test_a_row_of_the_table_is_not_taken_for_its_headers_without_a_word(cells, data):
    assert headers.looks_like_data(SUPPLIERS, cells) is data


def test_nought_is_no_number_of_anybody_and_the_sentence_says_why():
    with pytest.raises(values.NotRead, match="begin at 1"):
        values.as_number("0")
