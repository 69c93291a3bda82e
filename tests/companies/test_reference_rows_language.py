"""A new company's ready rows speak the company's language."""

import pytest
from django.utils import translation

from companies.models import Country, TextRow, VoucherType
from companies.reference_data import ensure_company_rows
from tests import build

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "word", "goods"),
    [("nb", "Leverandørfaktura", "Kjøp av varer"), ("en", "Supplier invoice", "Purchase of goods")],
)
def test_the_ready_rows_speak_the_companys_language(language, word, goods):
    company = build.a_company(language=language)
    ensure_company_rows(company)
    assert VoucherType.objects.get(company=company, number=1).name == word
    assert TextRow.objects.get(company=company, type=131, number=14).text == goods


@pytest.mark.parametrize(
    ("language", "stored", "shown"),
    [("nb", "Germany", "DE Tyskland"), ("en", "Germany", "DE Germany"), ("nb", "Vårt eget navn", "DE Vårt eget navn")],
)
def test_a_country_is_named_in_the_readers_language_unless_somebody_named_it(language, stored, shown):
    with translation.override(language):
        assert str(Country(code="DE", name=stored)) == shown
