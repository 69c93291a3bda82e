"""Money is exact in Python and in the database."""

from decimal import Decimal

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Sum
from hypothesis import given
from hypothesis import strategies as st

from autopay_console.kernel import money
from autopay_console.kernel.money import CurrencyMismatch, Money, MoneyField
from companies.models import Company, Country, Currency


@pytest.fixture
def company(db):
    nok, _ = Currency.objects.get_or_create(code="NOK", defaults={"name": "Norske kroner"})
    norway, _ = Country.objects.get_or_create(code="NO", defaults={"name": "Norway"})
    return Company.objects.create(
        number=900, name="Fjordvik", organisation_no="999999999", country=norway, currency=nok
    )


def limit(company: Company) -> Decimal:
    return Company.objects.values_list("write_off_limit", flat=True).get(pk=company.pk)


def test_two_currencies_cannot_be_added():
    with pytest.raises(CurrencyMismatch):
        Money(Decimal(1), "NOK") + Money(Decimal(1), "EUR")


def test_money_refuses_floats():
    with pytest.raises(TypeError):
        Money(0.1, "NOK")  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        MoneyField().to_python(0.1)


@pytest.mark.parametrize("text", ["0", "0.01", "-12.50", "999999999999.9999", "123456789012345.6789", "0.0001"])
def test_an_amount_comes_back_from_the_database_exactly(company, text):
    wanted = abs(Decimal(text))
    Company.objects.filter(pk=company.pk).update(write_off_limit=wanted)
    assert limit(company) == wanted


def test_more_than_four_decimals_are_refused_not_rounded(company):
    with pytest.raises(ValidationError):
        Company.objects.filter(pk=company.pk).update(write_off_limit=Decimal("0.00001"))


def test_a_constraint_on_money_is_exact(company):
    Company.objects.filter(pk=company.pk).update(write_off_limit=Decimal("0.30"))
    for _ in range(3):
        Company.objects.filter(pk=company.pk).update(
            write_off_limit=F("write_off_limit") - money.amount(Decimal("0.10"))
        )
    assert limit(company) == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        Company.objects.filter(pk=company.pk).update(
            write_off_limit=F("write_off_limit") - money.amount(Decimal("0.0001"))
        )


def test_a_bare_decimal_beside_a_column_is_refused(company):
    with pytest.raises((TypeError, FieldError)):
        Company.objects.filter(pk=company.pk).update(write_off_limit=F("write_off_limit") + Decimal("0.10"))


def test_sums_are_exact(company):
    rows = [
        Company(
            number=1000 + n,
            name=f"C{n}",
            organisation_no=str(n),
            country_id="NO",
            currency_id="NOK",
            write_off_limit=Decimal("0.10"),
        )
        for n in range(300)
    ]
    Company.objects.bulk_create(rows)
    total = Company.objects.filter(number__gte=1000).aggregate(total=Sum("write_off_limit"))["total"]
    assert total == Decimal("30.00")


@given(st.decimals(min_value=-(10**14), max_value=10**14, places=4, allow_nan=False, allow_infinity=False))
def test_every_amount_with_four_decimals_survives_the_sqlite_form(amount):
    stored = MoneyField().get_db_prep_value(amount, connection)
    shown = money._from_ten_thousandths(stored, None, None) if connection.vendor == "sqlite" else stored
    assert shown == amount
