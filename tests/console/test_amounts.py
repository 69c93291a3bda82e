"""Amounts as people write and read them."""

from decimal import Decimal

import pytest
from django.utils import translation

from autopay_console.kernel import amounts


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234.5", "1234.5"),
        ("1234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1\u202f234,50", "1234.50"),
        ("1\u00a0234.50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1.234.567,89", "1234567.89"),
        ("1,234,567", "1234567"),
        ("-12,5", "-12.5"),
        ("\u2212 12.50", "-12.50"),
        ("0.125", "0.125"),
        ("0", "0"),
    ],
)
def test_an_amount_is_read_as_norwegians_and_others_write_it(text, amount):
    assert amounts.read_amount(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["1,234", "1.234", "-12.345"])
def test_an_amount_with_two_readings_is_refused_with_both(text):
    with pytest.raises(amounts.NotAnAmount, match="two ways") as caught:
        amounts.read_amount(text)
    assert Decimal(caught.value.meant)


@pytest.mark.parametrize("text", ["", "kr 10", "1.2.3", "12.34,5", "1,23.45.6", "1e5", "--1", "1.23456", "٣"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(amounts.NotAnAmount):
        amounts.read_amount(text)


def test_figures_have_thin_spaces_and_a_true_minus():
    assert amounts.shown(Decimal("-48250")) == "\u221248\u202f250.00"


def test_more_decimals_show_only_when_they_carry_something():
    assert amounts.shown(Decimal("18.1500")) == "18.15"
    assert amounts.shown(Decimal("18.1505")) == "18.1505"


def test_figures_have_the_decimal_mark_of_the_language():
    with translation.override("nb"):
        assert amounts.shown(Decimal("-1234.5")) == "\u22121\u202f234,50"
    with translation.override("en"):
        assert amounts.shown(Decimal("-1234.5")) == "\u22121\u202f234.50"


def test_what_is_shown_is_read_again_in_both_languages():
    for language in ("nb", "en"):
        with translation.override(language):
            assert amounts.read_amount(amounts.shown(Decimal("1234567.89"))) == Decimal("1234567.89")
