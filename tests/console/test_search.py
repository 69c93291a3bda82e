"""The search box: what was typed becomes a condition, chips, or an honest error."""

from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Q
from hypothesis import given
from hypothesis import strategies as st

from autopay_console.kernel.search import Field, parse

TODAY = date(2026, 11, 25)
FIELDS = (
    Field("status", "choice", "status", "Status", ((4, "Rejected"), (8, "Transferred to EFT system"), (1, "Estimate"))),
    Field("due", "day", "pay_date", example="due<2026-12-01"),
    Field("amount", "amount", "amount", example="amount>1000"),
    Field("supplier", "text", "supplier__name"),
    Field("number", "number", "number"),
    Field("held", "yes", "held"),
)


def read(text):
    return parse(text, FIELDS, free=lambda word: Q(name__istartswith=word), today=TODAY)


def test_the_whole_language_in_one_query():
    found = read('status:8 due<2026-02-01 amount>=1000 supplier:nordlys -cancelled "free text"')
    assert found.error is None
    assert found.q == (
        Q(status=8)
        & Q(pay_date__lt=date(2026, 2, 1))
        & Q(amount__gte=Decimal(1000))
        & Q(supplier__name__istartswith="nordlys")
        & ~Q(name__istartswith="cancelled")
        & Q(name__istartswith="free text")
    )


def test_the_understood_fields_are_form_data_too():
    found = read("status:8,4 due<2026-02-01 amount>=1000 -status:1 word")
    assert found.data == {"status": [8, 4], "due__lt": date(2026, 2, 1), "amount__gte": Decimal(1000)}


def test_several_codes_are_either_of_them():
    assert read("status:4,8").q == Q(status=4) | Q(status=8)


def test_a_code_may_be_given_by_its_word_or_the_beginning_of_it():
    assert read("status:rejected").q == read("status:rej").q == Q(status=4)


def test_a_month_is_all_its_days():
    assert read("due:2026-02").q == Q(pay_date__gte=date(2026, 2, 1), pay_date__lte=date(2026, 2, 28))
    assert read("due>2026-02").q == Q(pay_date__gt=date(2026, 2, 28))
    assert read("due<=2026-q1").q == Q(pay_date__lte=date(2026, 3, 31))


def test_today_is_the_business_date():
    assert read("due:today").q == Q(pay_date__gte=TODAY, pay_date__lte=TODAY)


def test_quotes_keep_a_name_together():
    assert read('supplier:"Nordlys Regnskap"').q == Q(supplier__name__istartswith="Nordlys Regnskap")


def test_an_unknown_field_names_its_place_and_what_was_meant():
    error = read("status:8 amout>1000").error
    assert (error.position, error.word, error.suggestion) == (10, "amout", "amount>1000")


@pytest.mark.parametrize(
    ("text", "position", "suggestion"),
    [
        ("due<soon", 5, ""),
        ("status:rejcted", 8, "status:4"),
        ("amount>1.234", 8, "amount>1234"),
        ("supplier>a", 1, "supplier:a"),
        ("due:", 1, "due<2026-12-01"),
        ("number:12a", 8, ""),
        ("held:perhaps", 6, "held:yes"),
        ("due<2026-13-01", 5, ""),
        ("-", 2, ""),
    ],
)
def test_a_wrong_value_names_its_place_and_what_was_meant(text, position, suggestion):
    error = read(text).error
    assert (error.position, error.suggestion) == (position, suggestion)


def test_a_query_that_was_not_understood_finds_nothing_rather_than_everything():
    assert read("amout>1000").q == Q(pk__in=())


def test_each_chip_knows_the_query_without_it():
    found = read("status:4 due<2026-02-01 nordlys")
    assert found.chips == [
        ("Status: 4 Rejected", "due<2026-02-01 nordlys"),
        ("due < 2026-02-01", "status:4 nordlys"),
        ("nordlys", "status:4 due<2026-02-01"),
    ]


@given(st.text(max_size=80))
def test_nothing_one_can_type_breaks_the_search(text):
    found = read(text)
    assert found.error or isinstance(found.q, Q)
