"""Account numbers, BICs, organisation numbers and countries: good ones pass, bad ones are named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companies import national_accounts as national
from companies.accounts import (
    AccountKind,
    account_key,
    check_account,
    check_bic,
    check_country,
    check_iban,
    check_organisation_number,
    classify,
    country_has_iban,
    display,
    iban_from_norwegian,
    in_eea,
    in_sepa,
    normalise,
    norwegian_from_iban,
)


def code(problem):
    return problem.code if problem else None


@pytest.mark.parametrize(
    "iban",
    [
        "NO9386011117947",
        "NO93 8601 1117 947",
        "DE89370400440532013000",
        "GB29NWBK60161331926819",
        "SE4550000000058398257466",
        "FI2112345600000785",
        "DK5000400440116243",
    ],
)
def test_a_good_iban_passes(iban):
    assert check_iban(iban) is None


@pytest.mark.parametrize(
    ("iban", "what"),
    [
        ("NO9386011117948", "iban_check"),
        ("NO938601111794", "iban_length"),
        ("XX1234567890123456", "iban_country"),
        ("hello", "iban_shape"),
        (iban_from_norwegian("86011117948"), "no_account_check"),
    ],
)
def test_a_bad_iban_says_what_is_wrong(iban, what):
    assert code(check_iban(iban)) == what


def test_a_norwegian_account_has_eleven_digits_and_a_check_digit():
    assert national.check_norwegian("86011117947") is None
    assert code(national.check_norwegian("86011117948")) == "no_account_check"
    assert code(national.check_norwegian("8601111794")) == "no_account_length"


@pytest.mark.parametrize("number", ["9912346", "50501055"])
def test_a_good_bankgiro_passes(number):
    assert national.check_bankgiro(number) is None


def test_a_bad_giro_is_stopped():
    assert code(national.check_bankgiro("50501056")) == "bankgiro_check"
    assert code(national.check_bankgiro("505010")) == "bankgiro_length"
    assert code(national.check_plusgiro("12345675")) == "plusgiro_check"


def test_a_swedish_account_is_checked_by_the_rule_of_its_clearing_range():
    assert national.check_swedish("58398257466") is None  # inside the IBAN registry's SE example
    assert national.check_swedish("810349783242") is None
    assert code(national.check_swedish("12001234567")) == "se_account_check"
    assert code(national.check_swedish("1200123456")) == "se_account_length"
    assert code(national.check_swedish("99991234567")) == "se_clearing_unknown"


def test_the_fifth_digit_of_a_swedbank_clearing_falls_away():
    assert national.split_swedish("81059123456") == ("8105", "123456")
    assert national.split_swedish("60001234") == ("6000", "1234")


def test_a_danish_account_is_padded_and_a_creditor_begins_with_eight():
    assert national.danish_account("0040116243") == "00400000116243"
    assert national.check_danish_creditor("81234567") is None
    assert code(national.check_danish_creditor("71234567")) == "dk_creditor"


@pytest.mark.parametrize("number", ["021000021", "FW021000021", "0210 0002 1"])
def test_a_good_routing_number_passes(number):
    assert national.check_routing_number(number) is None


@pytest.mark.parametrize(
    ("number", "what"), [("021000022", "aba_check"), ("21000021", "aba_length"), ("", "aba_length")]
)
def test_a_bad_routing_number_is_stopped(number, what):
    assert code(national.check_routing_number(number)) == what


@pytest.mark.parametrize("bic", ["DNBANOKK", "DNBANOKKXXX", "dnbanokk"])
def test_a_good_bic_passes(bic):
    assert check_bic(bic) is None


@pytest.mark.parametrize(("bic", "what"), [("DNBANOK", "bic_form"), ("DNBAZZKK", "bic_form"), ("", "bic_missing")])
def test_a_bad_bic_is_stopped(bic, what):
    assert code(check_bic(bic)) == what


@pytest.mark.parametrize(
    ("number", "country"), [("923609016", "NO"), ("5560360793", "SE"), ("13585628", "DK"), ("20774740", "FI")]
)
def test_a_registered_organisation_number_passes(number, country):
    assert check_organisation_number(number, country) is None
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert code(check_organisation_number(wrong, country)) == "organisation_check"


def test_a_country_has_two_letters():
    assert check_country("NO") is None
    assert code(check_country("NOR")) == "country_length"
    assert code(check_country("XX")) == "country_unknown"


def test_sepa_is_wider_than_the_eea():
    assert in_sepa("CH")
    assert not in_eea("CH")
    assert in_eea("NO")
    assert not in_sepa("US")


def test_which_countries_name_accounts_by_iban():
    assert country_has_iban("DE")
    assert not country_has_iban("US")


@pytest.mark.parametrize(
    ("number", "kind", "shown"),
    [
        ("NO9386011117947", None, "NO93 8601 1117 947"),
        ("86011117947", None, "8601.11.17947"),
        ("9912346", AccountKind.SE_BANKGIRO, "991-2346"),
        ("50501055", AccountKind.SE_BANKGIRO, "5050-1055"),
        ("1234567", AccountKind.SE_PLUSGIRO, "12 34 56-7"),
        ("00400440116243", AccountKind.DK_ACCOUNT, "0040 0440116243"),
    ],
)
def test_numbers_are_shown_as_people_write_them(number, kind, shown):
    assert display(number, kind) == shown
    assert normalise(shown) == number


@pytest.mark.parametrize(
    ("number", "country", "kind"),
    [
        ("NO93 8601 1117 947", "NO", AccountKind.IBAN),
        ("8601.11.17947", "NO", AccountKind.NO_ACCOUNT),
        ("991-2346", "SE", AccountKind.SE_BANKGIRO),
        ("12 34 56-7", "SE", AccountKind.SE_PLUSGIRO),
        ("6000-123 456 789", "SE", AccountKind.SE_ACCOUNT),
        ("81234567", "DK", AccountKind.DK_CREDITOR),
        ("0040 0440116243", "DK", AccountKind.DK_ACCOUNT),
        ("000123456789", "US", AccountKind.US_ACCOUNT),
    ],
)
def test_a_number_is_read_as_what_its_country_writes(number, country, kind):
    assert classify(number, country) is kind


def test_an_empty_account_is_a_problem_that_says_where_to_enter_it():
    assert "supplier" in check_account(" ", AccountKind.OTHER).text


@settings(deadline=None)
@given(st.integers(0, 10**10 - 1))
def test_norwegian_account_and_iban_are_one_account(body):
    digits = f"{body:010d}"
    for check in "0123456789":
        if national.check_norwegian(digits + check) is None:
            iban = iban_from_norwegian(digits + check)
            assert check_iban(iban) is None
            assert norwegian_from_iban(iban) == digits + check
            assert account_key(iban) == account_key(digits + check)


@settings(deadline=None)
@given(st.integers(0, 10**10 - 1))
def test_at_most_one_check_digit_fits_a_norwegian_account(body):
    fits = [c for c in "0123456789" if national.check_norwegian(f"{body:010d}{c}") is None]
    assert len(fits) <= 1


@settings(deadline=None)
@given(st.from_regex(r"[0-9]{8}", fullmatch=True))
def test_exactly_one_check_digit_fits_a_routing_number(body):
    fits = [c for c in "0123456789" if national.check_routing_number(body + c) is None]
    assert len(fits) == (0 if body == "00000000" else 1)
