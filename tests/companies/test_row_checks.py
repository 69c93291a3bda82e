"""Rules of whole rows: what two fields say together, for forms and imports alike."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from autopay_console.kernel.forms import RateField
from companies import row_checks
from companies.models import BankAgreement, BankPartner, Company, CurrencyRate, Customer, FactoringCompany, Supplier
from integration.conditions import host_key

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPbHTt3Zb2dhs8ZxLqpsJ8GpUYbPlwJ4hmwPBjTdpYsN"


def stops(row):
    return [(name, problem.code) for name, problem in row_checks.findings(row) if problem.stops]


def a_partner(**facts):
    facts = {"number": 1, "name": "Drift", "account": "15032030405", "bic": "DNBANOKK", "country_id": "NO"} | facts
    return BankPartner(currency_id="NOK", **facts)


def an_agreement(**facts):
    return BankAgreement(bank_partner=a_partner(pk=1), **{"currency_id": "NOK", **facts})


@pytest.mark.parametrize("model", [Company, Supplier, Customer])
def test_numbers_begin_at_one_because_nought_means_none(model):
    assert ("number", "number_zero") in stops(model(number=0))
    assert ("number", "number_zero") not in stops(model(number=1))


def test_a_bank_partner_whose_account_and_bank_are_in_its_country_is_good():
    assert stops(a_partner()) == []
    assert stops(a_partner(account="NO9386011117947")) == []


def test_a_swedish_iban_is_not_kept_in_norway():
    assert stops(a_partner(account="SE4550000000058398257466")) == [("country", "account_country")]


def test_a_swedish_bank_keeps_no_norwegian_account():
    assert stops(a_partner(bic="NDEASESS")) == [("bic", "bic_country")]


@pytest.mark.parametrize(
    ("country", "account", "bic"),
    [("AX", "FI2112345600000785", "NDEAFIHH"), ("JE", "GB29NWBK60161331926819", "NWBKGB2L")],
)
def test_banks_of_a_territory_carry_the_codes_of_its_country(country, account, bic):
    assert stops(a_partner(country_id=country, account=account, bic=bic)) == []


@pytest.mark.parametrize(("bic", "found"), [("COBADEFFXXX", []), ("", []), ("NDEASESS", [("bic", "bic_country")])])
def test_a_suppliers_swift_code_and_iban_name_one_country(bic, found):
    assert stops(Supplier(number=1, country_id="DE", iban="DE89370400440532013000", bic=bic)) == found


def test_an_agreement_is_in_the_currency_of_its_account():
    assert stops(an_agreement()) == []
    assert stops(an_agreement(currency_id="SEK")) == [("currency", "currency")]


def test_an_approved_payment_is_held_a_day_at_most():
    assert stops(an_agreement(hold_seconds=86401)) == [("hold_seconds", "hold_seconds")]


@pytest.mark.parametrize(
    ("channel", "place", "found"),
    [
        ("folder", "/srv/bank", []),
        ("folder", "bank", ["folder"]),
        ("sftp", "sftp://fjord@sftp.bank.example:2222/in", []),
        ("sftp", "ftp://bank.example", ["sftp"]),
        ("sftp", "sftp://bank.example/in", ["sftp"]),
        ("gateway", "", []),
    ],
)
def test_the_place_of_files_is_written_so_that_it_can_be_found(channel, place, found):
    row = an_agreement(channel=channel, channel_address=place, channel_host_key=KEY if channel == "sftp" else "")
    assert stops(row) == [("channel_address", code) for code in found]


def test_what_is_no_public_key_is_said_on_its_field():
    row = an_agreement(channel="sftp", channel_address="sftp://a@b/c", channel_host_key="abc")
    assert [name for name, _problem in host_key(row)] == ["channel_host_key"]
    row.channel_host_key = KEY
    assert list(host_key(row)) == []


@pytest.mark.parametrize(
    ("account", "found"),
    [
        ("15032030405", []),
        ("NO7715032030405", []),
        ("86011117947", [("bank_partner", "partner_account")]),
        ("50501055", []),
    ],
)
def test_a_receiving_account_names_a_bank_partner_with_that_account(account, found):
    row = FactoringCompany(number=1, bank_account=account, bank_partner=a_partner(), factoring_id="0;0")
    assert [one for one in stops(row) if one[0] == "bank_partner"] == found


def test_the_companys_own_currency_needs_no_rate():
    company = Company(currency_id="NOK")
    assert stops(CurrencyRate(company=company, currency_id="NOK")) == [("currency", "own_currency")]
    assert stops(CurrencyRate(company=company, currency_id="EUR")) == []


@pytest.mark.parametrize("typed", ["11,4325", "11.4325", " 11,4325 "])
def test_a_rate_is_read_with_point_or_comma(typed):
    assert RateField(max_digits=18, decimal_places=8).clean(typed) == Decimal("11.4325")


@pytest.mark.parametrize("typed", ["0", "-3", "eleven", "1.234,5"])
def test_a_rate_that_is_none_is_refused_in_words(typed):
    with pytest.raises(ValidationError, match="rate"):
        RateField(max_digits=18, decimal_places=8).clean(typed)


def test_a_stored_rate_is_shown_without_the_noughts_of_its_column():
    assert RateField(max_digits=18, decimal_places=8).prepare_value(Decimal("11.50000000")) == "11.5"
