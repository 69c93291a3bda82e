"""References read and made: whose invoice it is, and why we think so."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companies.problems import Problem
from payments.interpretation import Definition, Role, check_rule, make, numbers_in, read_definition, split
from payments.iso20022.order_kinds import ReferenceKind
from payments.iso20022.references import finnish, luhn, mod11, rf
from payments.reference_rules import (
    Card,
    check_card,
    check_finnish,
    check_kid,
    check_ocr,
    check_rf,
    classify,
    inside_rf,
    make_card_id,
    make_finnish,
    make_ocr,
    make_rf,
    mod10_digit,
    mod11_digit,
    read_card,
)

GUIDE = Definition(10, 1, 10, 9)
CID = "00001234500000100011"
DIGITS = st.from_regex(r"[0-9]{1,20}", fullmatch=True)


def code(problem):
    return problem.code if problem else None


def test_the_guides_setting_reads_invoice_and_customer():
    read = split(CID, GUIDE)
    assert (read.invoice, read.customer, read.check, read.check_rule) == ("12345", "10001", "1", "mod10")
    assert read.problem is None


def test_a_split_proves_which_digits_it_took():
    segments = [(s.role, s.text, s.start) for s in split(CID, GUIDE).segments]
    assert segments == [
        (Role.INVOICE, "000012345", 1),
        (Role.CUSTOMER, "0000010001", 10),
        (Role.CHECK, "1", 20),
    ]


def test_a_factoring_id_is_two_starts():
    assert read_definition("10;1", 10, 9) == GUIDE
    assert read_definition(" 6 ; 8 ", 2, 4) == Definition(6, 8, 2, 4)


def test_an_empty_factoring_id_means_customer_first_and_invoice_right_after():
    assert read_definition("", 6, 5) == Definition(1, 7, 6, 5)


def test_zero_zero_compares_the_whole_reference():
    definition = read_definition("0;0", 10, 9)
    assert definition.whole
    read = split(CID, definition)
    assert (read.customer, read.invoice) == ("", "")
    assert [s.text for s in read.segments] == [CID]


def test_a_part_with_start_zero_is_not_in_the_reference():
    read = split("0001234" + mod10_digit("0001234"), read_definition("0;1", 10, 7))
    assert (read.customer, read.invoice) == ("", "1234")


@pytest.mark.parametrize(
    ("factoring_id", "customer", "invoice", "what"),
    [
        ("ten;one", 10, 9, "factoring_id"),
        ("1;5", 10, 9, "cid_overlap"),
        ("1;5", 0, 9, "cid_length_missing"),
        ("1;12", 11, 9, "cid_length"),
    ],
)
def test_a_definition_that_cannot_be_says_why(factoring_id, customer, invoice, what):
    problem = read_definition(factoring_id, customer, invoice)
    assert isinstance(problem, Problem)
    assert problem.code == what


def test_a_reference_shorter_than_described_is_not_split():
    read = split("12345", GUIDE)
    assert (read.customer, read.invoice, code(read.problem)) == ("", "", "cid_short")


def test_a_wrong_check_digit_is_split_with_a_warning():
    read = split(CID[:-1] + "2", GUIDE)
    assert (read.invoice, code(read.problem)) == ("12345", "cid_check")


def test_digits_between_the_parts_are_shown_as_other():
    definition = Definition(1, 8, 4, 4)
    read = split("123499956781", definition)
    assert [s.role for s in read.segments] == [Role.CUSTOMER, Role.OTHER, Role.INVOICE, Role.CHECK]


@settings(deadline=None)
@given(st.integers(1, 10**10 - 1), st.integers(1, 10**9 - 1), st.sampled_from([10, 11]))
def test_what_was_made_is_read_again(customer, invoice, modulus):
    cid = make(str(customer), str(invoice), GUIDE, modulus=modulus)
    read = split(cid, GUIDE)
    assert (read.customer, read.invoice, read.problem) == (str(customer), str(invoice), None)
    assert check_rule(cid)


def test_a_number_too_long_for_its_part_is_taken_from_the_right():
    assert split(make("123456", "7", Definition(1, 5, 4, 2)), Definition(1, 5, 4, 2)).customer == "3456"


@pytest.mark.parametrize(("body", "digit"), [("60224", "3"), ("12345678", "2"), ("1", "8"), ("2", "6")])
def test_modulus_10(body, digit):
    assert mod10_digit(body) == digit


@pytest.mark.parametrize(("body", "digit"), [("12345678", "5"), ("0006", "-")])
def test_modulus_11(body, digit):
    assert mod11_digit(body) == digit


@settings(deadline=None)
@given(DIGITS)
def test_made_check_digits_fit(body):
    assert luhn(body + mod10_digit(body))
    assert mod11(body + mod11_digit(body))
    assert finnish(make_finnish(body))
    assert rf(make_rf(body))
    assert check_rf(make_rf(body)) is None


@settings(deadline=None)
@given(DIGITS, st.integers(1, 9))
def test_one_wrong_digit_is_always_found(body, change):
    good = body + mod10_digit(body)
    wrong = str((int(good[0]) + change) % 10) + good[1:]
    assert not luhn(wrong)


@pytest.mark.parametrize("kid", ["000506701000172", "9123400005067009", CID, "0006-"])
def test_a_good_kid_passes(kid):
    assert check_kid(kid) is None


@pytest.mark.parametrize(("kid", "what"), [("123", "kid_form"), ("1" * 26, "kid_form"), ("00012340", "kid_check")])
def test_a_bad_kid_is_stopped(kid, what):
    assert code(check_kid(kid)) == what


def test_an_ocr_carries_its_length():
    assert make_ocr("12345") == "1234574"
    assert check_ocr("1234574", length_digit=True) is None
    assert code(check_ocr(make_ocr("12345", length_digit=False), length_digit=True)) == "ocr_length"
    assert code(check_ocr("1234575")) == "ocr_check"


def test_a_danish_card_line_is_read():
    assert read_card("+71<000000000000018+81234567<") == Card("71", "000000000000018", "81234567")
    assert read_card("+73<+81234567<") == Card("73", "", "81234567")
    assert read_card("Faktura 71") is None


def test_a_card_71_has_fifteen_digits_and_75_sixteen():
    assert make_card_id("1", "71") == "000000000000018"
    assert check_card(Card("75", make_card_id("2", "75"))) is None
    assert code(check_card(Card("71", "0" * 16))) == "card_length"
    assert code(check_card(Card("71", "000000000000019"))) == "card_check"


def test_a_card_73_has_no_id():
    assert check_card(Card("73", "")) is None
    assert code(check_card(Card("73", "18"))) == "card_id"


def test_a_finnish_reference_may_be_padded():
    assert check_finnish("1234561") is None
    assert check_finnish("00000000000001234561") is None
    assert code(check_finnish("1234562")) == "fi_check"


def test_an_rf_reference_holds_the_national_one():
    assert check_rf("RF798101642") is None
    assert inside_rf(make_rf("1234561")) == "1234561"
    assert code(check_rf("RF808101642")) == "rf_check"


@pytest.mark.parametrize(
    ("text", "country", "kind", "value"),
    [
        ("RF79 8101 642", "NO", ReferenceKind.RF, "RF798101642"),
        ("0000 1234 5000 0010 0011", "NO", ReferenceKind.KID, CID),
        ("1234574", "SE", ReferenceKind.OCR, "1234574"),
        ("+71<18+81234567<", "DK", ReferenceKind.FIK, "71/000000000000018"),
        ("12 34561", "FI", ReferenceKind.FI, "1234561"),
    ],
)
def test_a_reference_is_known_by_its_country(text, country, kind, value):
    found = classify(text, country)
    assert (found.kind, found.value, found.problem) == (kind, value, None)


def test_words_are_no_reference():
    assert classify("Invoice 12345", "NO") is None


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Faktura 12345 og 12346", ("12345", "12346")),
        ("Inv. F-10023, thank you", ("F-10023", "10023")),
        ("Ref RF79 8101 642 takk", ("RF798101642", "8101", "642")),
        ("12345 forfall 25.11.2026 kr 1 012,50", ("12345",)),
        ("KID 0000 1234 5000 0010 0011", (CID, "0000", "1234", "5000", "0010", "0011")),
        ("takk for sist", ()),
    ],
)
def test_numbers_are_found_in_messages(text, numbers):
    assert numbers_in(text) == numbers


@settings(deadline=None)
@given(st.text())
def test_any_message_can_be_searched(text):
    assert all(number.strip() for number in numbers_in(text))
