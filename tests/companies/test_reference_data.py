"""Every installation starts with the rows that payments need."""

import pytest

from companies.models import BankProfile, Country, Currency, TextRow, VoucherSeries
from companies.reference_data import ensure_company_rows, ensure_reference_data, profile_for
from tests import build

pytestmark = pytest.mark.django_db


def test_reference_data_can_be_ensured_twice_and_keeps_what_was_changed():
    ensure_reference_data()
    Country.objects.filter(code="NO").update(exempt_cid_check=True)
    before = (Country.objects.count(), Currency.objects.count(), BankProfile.objects.count())
    ensure_reference_data()
    assert before == (Country.objects.count(), Currency.objects.count(), BankProfile.objects.count())
    assert Country.objects.get(code="NO").exempt_cid_check


def test_countries_know_their_iban_length():
    ensure_reference_data()
    lengths = dict(Country.objects.filter(code__in=["NO", "SE", "DE", "US"]).values_list("code", "iban_length"))
    assert lengths == {"NO": 15, "SE": 24, "DE": 22, "US": None}


@pytest.mark.parametrize(
    ("bic", "code"), [("DNBANOKK", "dnb"), ("NDEASESS", "nordea-se"), ("DABAFIHH", "danske"), ("CHASUS33", "cgi")]
)
def test_the_profile_follows_the_bic(bic, code):
    ensure_reference_data()
    assert profile_for(bic).code == code


def test_a_new_company_gets_series_and_fee_texts():
    ensure_reference_data()
    company = build.a_company()
    ensure_company_rows(company)
    ensure_company_rows(company)
    assert {"pay", "in", "bank"} <= set(VoucherSeries.objects.filter(company=company).values_list("code", flat=True))
    assert TextRow.objects.filter(company=company, type=130).count() >= 4
