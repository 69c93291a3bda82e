"""Lists: page by key, whitelist of sorts, capped counts, ticks."""

import base64
import json
from decimal import Decimal

import pytest
from django.contrib.sessions.backends.cache import SessionStore
from django.db.models import Q
from django.http import QueryDict
from django.test import RequestFactory

from autopay_console.kernel import listing as lists
from autopay_console.kernel.search import Field, parse
from payments.models import SupplierEntry
from tests import build

pytestmark = pytest.mark.django_db
SORTS = {"amount": "amount", "due": "planned_date", "supplier": "supplier__name", "number": "pk"}


@pytest.fixture
def entries():
    """Seventy open entries of one supplier, three of each amount."""
    supplier = build.a_supplier(build.a_company())
    for n in range(70):
        build.a_supplier_entry(supplier, f"{100 + n // 3}.00", currency="NOK" if n % 7 else "EUR")
    return SupplierEntry.objects.filter(company=supplier.company).select_related("supplier")


def request_for(url="/list/"):
    request = RequestFactory().get(url)
    request.session = SessionStore()
    return request


def page(rows, url="/list/", default="amount", **options):
    return lists.list_rows(request_for(url), rows, sorts=SORTS, default=default, **options)


@pytest.mark.parametrize("sort", ["amount", "-amount", "due", "supplier", "-number"])
def test_turning_pages_shows_every_row_once_and_in_order(entries, sort):
    seen, url = [], f"/list/?sort={sort}&per=25"
    while url:
        one = page(entries, url)
        seen += one.rows
        url = one.next_url
    assert len(seen) == len({row.pk for row in seen}) == 70
    column, down = SORTS[sort.lstrip("-")], sort.startswith("-")
    order = [f"-{column}", "-pk"] if down else [column, "pk"]
    assert seen == list(entries.order_by(*order))


def test_turning_back_shows_the_page_before(entries):
    first = page(entries, "/list/?per=25")
    second = page(entries, first.next_url)
    third = page(entries, second.next_url)
    assert (second.first, second.last, third.first, third.last) == (26, 50, 51, 70)
    back = page(entries, third.previous_url)
    assert back.rows == second.rows
    assert (back.first, back.last) == (26, 50)
    assert page(entries, back.previous_url).rows == first.rows
    assert page(entries, back.previous_url).previous_url == ""


def test_a_later_page_costs_no_more_queries_than_the_first(entries, django_assert_num_queries):
    url = page(entries, "/list/?per=25").next_url
    with django_assert_num_queries(2):
        page(entries, url)


def test_a_sort_that_is_not_offered_is_ignored(entries):
    assert page(entries, "/list/?sort=supplier__company__signing_key").sort == "amount"


def test_a_page_mark_somebody_made_up_leads_to_the_first_page(entries):
    for mark in ("x", "bm90IGpzb24", "WyJhIiwiYiIsImMiXQ", "W10"):
        assert page(entries, f"/list/?after={mark}").first == 1


def test_the_count_stops_one_beyond_the_limit(entries):
    assert lists.count_up_to(entries, 20) == 21
    assert lists.count_up_to(entries, 100) == 70


def test_sums_are_per_currency_and_left_out_beyond_the_limit(entries):
    totals = lists.sums(entries, "currency", "amount")
    assert [(one.currency, one.count) for one in totals] == [("NOK", 60), ("EUR", 10)]
    assert sum(one.amount for one in totals) == sum((row.amount for row in entries), Decimal(0))
    assert lists.sums(entries, "currency", "amount", limit=69) is None


def test_a_long_list_is_added_up_when_somebody_asks_for_it(entries, monkeypatch):
    monkeypatch.setattr(lists, "COUNT_LIMIT", 69)
    long = page(entries, "/list/?per=25&q=nordlys")
    lists.add_sums(long, entries, "currency", "amount")
    assert (long.totals_left_out, long.totals) == (True, ())
    asked = page(entries, long.sums_url)
    lists.add_sums(asked, entries, "currency", "amount")
    assert [one.count for one in asked.totals] == [60, 10]
    assert "sums=" not in asked.next_url  # the next page does not add a million rows up again


def test_the_page_size_is_remembered(entries):
    request = request_for("/list/?per=25")
    lists.list_rows(request, entries, sorts=SORTS, default="amount")
    again = request_for()
    again.session = request.session
    assert len(lists.list_rows(again, entries, sorts=SORTS, default="amount")) == 25


def test_another_search_or_sort_leads_back_to_the_first_page(entries):
    second = page(entries, page(entries, "/list/?per=25&tab=all").next_url)
    assert "after=" not in second.sort_url("due")
    assert "tab=all" in second.sort_url("due")


def test_the_search_narrows_and_its_chips_are_addresses(entries):
    fields = (Field("currency", "choice", "currency", "Currency", (("EUR", "EUR"), ("NOK", "NOK"))),)
    found = page(entries, "/list/?q=currency:EUR", search=parse("currency:EUR amount", fields[:1]))
    assert found.count == 0  # the free word has no search behind it, so nothing matches
    found = page(entries, "/list/?q=currency:EUR", search=parse("currency:EUR", fields))
    assert found.count == 10
    assert found.chips == [("Currency: EUR", "/list/")]
    label, options = found.filters[0]
    assert label == "Currency"
    assert options[0] == ("EUR", "/list/", True)


def test_the_misread_word_is_put_right_in_the_suggested_address(entries):
    fields = (Field("amount", "amount", "amount"),)
    found = page(entries, search=parse("nordlys amout>1000 -x", fields))
    assert QueryDict(found.meant_url.partition("?")[2])["q"] == "nordlys amount>1000 -x"


def test_ticks_choose_rows_and_all_means_all_that_match(entries):
    some = list(entries[:3])
    request = RequestFactory().post("/bulk/", {"pick": [str(row.pk) for row in some]})
    assert set(lists.picked(request, entries)) == set(some)
    request = RequestFactory().post("/bulk/", {"pick": ["1"], "all": "1"})
    assert lists.picked(request, entries).count() == 70


def test_ticks_of_rows_one_may_not_see_choose_nothing(entries):
    stranger = build.a_supplier_entry(build.a_supplier(build.a_company()))
    request = RequestFactory().post("/bulk/", {"pick": [str(stranger.pk), "nonsense"]})
    assert list(lists.picked(request, entries)) == []


@pytest.mark.parametrize(
    "text",
    [
        "number:999999999999999999",
        "number:1,999999999999999999",
        "amount>99999999999999",
        "a\0b",
        'name:"%_\\"',
        "due:9999",
    ],
)
def test_no_value_one_can_search_for_breaks_the_database(entries, text):
    fields = (
        Field("number", "number", "supplier__number"),
        Field("amount", "amount", "amount"),
        Field("name", "text", "supplier__name"),
        Field("due", "day", "planned_date"),
    )
    found = parse(text, fields, free=lambda word: Q(invoice_no__istartswith=word))
    assert page(entries, search=found).count == 0


def test_a_page_mark_with_a_zero_byte_or_a_giant_number_is_harmless(entries):
    for values in (["\0", "1", 1], ["1.00", "9" * 40, 1], ["1.00", "1", 10**40], ["NaN", "1", 1], ["1e400", "1", 1]):
        mark = base64.urlsafe_b64encode(json.dumps(values).encode()).decode()
        assert page(entries, f"/list/?after={mark}").rows is not None
