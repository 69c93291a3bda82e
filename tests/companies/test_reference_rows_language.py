"""A new company's ready rows speak the company's language."""

import pytest

from companies.models import TextRow, VoucherType
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
