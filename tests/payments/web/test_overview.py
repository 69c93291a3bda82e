"""Overview: found again by anything, summed per currency, fast, and silent about salaries."""

import pytest
from django.urls import reverse

from companies.choices import Role
from companies.models import SavedView
from payments.choices import LineStatus
from payments.models import Payment, PaymentLine
from tests import build

pytestmark = pytest.mark.django_db


def numbers(response):
    return [payment.number for payment in response.context["listing"]]


def test_a_stranger_gets_404(browse):
    build.a_company()
    assert browse(build.a_person()).get(reverse("overview")).status_code == 404


def test_only_payments_of_the_company_in_force_are_listed(company, anna, browse):
    mine, _theirs = build.an_estimate(company), build.an_estimate(build.a_company())
    assert numbers(browse(anna).get(reverse("overview"))) == [mine.number]


@pytest.mark.parametrize(
    "query",
    [
        "receiver:kontor",
        "amount>=1000",
        "currency:NOK",
        "status:1",
        "line:1",
        "state:new",
        "due:2026-11-25",
        "due<2026-12",
        "due>=2026-11-25",
        "transactions:1",
        "lines:2",
        "kontor",
        "-currency:EUR",
        "returned:no",
    ],
)
def test_a_payment_is_found_by_what_is_known_about_it(company, anna, browse, query):
    payment = build.an_estimate(company, lines=2)
    Payment.objects.filter(pk=payment.pk).update(first_date=build.TODAY, last_date=build.TODAY, item_count=1)
    response = browse(anna).get(reverse("overview"), {"q": query})
    assert response.context["listing"].search.error is None
    assert numbers(response) == [payment.number]


def test_transactions_are_those_of_the_sealed_files_not_the_lines(company, anna, browse):
    payment = build.an_estimate(company, lines=3)
    assert "–<span" in browse(anna).get(reverse("overview")).content.decode()
    Payment.objects.filter(pk=payment.pk).update(item_count=2)
    page = browse(anna).get(reverse("overview")).content.decode()
    assert '2<span class="sub">3 lines</span>' in page


@pytest.mark.parametrize("few", [0, 10_000])
def test_sums_are_found_alike_whether_few_or_many_payments_have_them(few, company, anna, browse, monkeypatch):
    monkeypatch.setattr("payments.lists.queries.COUNT_LIMIT", few)
    small, large = (build.an_estimate(company, 1, amount) for amount in ("20.00", "1000.00"))
    build.an_estimate(build.a_company(), 1, "1000.00")
    page = browse(anna).get
    assert numbers(page(reverse("overview"), {"q": "amount>=1000"})) == [large.number]
    assert numbers(page(reverse("overview"), {"q": "-amount>=1000"})) == [small.number]


def test_a_word_finds_payments_by_the_beginning_of_their_description(company, anna, browse):
    named, _other = build.an_estimate(company), build.an_estimate(company)
    Payment.objects.filter(pk=named.pk).update(description="Freight of week 48")
    assert numbers(browse(anna).get(reverse("overview"), {"q": "freight"})) == [named.number]


@pytest.mark.parametrize("query", ["receiver:nobody", "amount>5000", "currency:EUR", "line:4", "-line:1", "due<2026"])
def test_a_payment_is_not_found_by_what_is_not_so(company, anna, browse, query):
    payment = build.an_estimate(company)
    Payment.objects.filter(pk=payment.pk).update(first_date=build.TODAY, last_date=build.TODAY)
    assert numbers(browse(anna).get(reverse("overview"), {"q": query})) == []


def test_a_payment_is_found_by_the_kid_and_invoice_of_a_line(company, anna, browse):
    payment = build.an_estimate(company)
    build.an_estimate(company, bank_partner=payment.bank_partner)
    line = payment.lines.select_related("entry").first()
    for query in (f"kid:{line.kid}", f"invoice:{line.entry.invoice_no}", line.kid, line.entry.invoice_no):
        assert numbers(browse(anna).get(reverse("overview"), {"q": query})) == [payment.number]


def test_a_query_that_is_not_understood_says_where_and_shows_nothing(company, anna, browse):
    build.an_estimate(company)
    response = browse(anna).get(reverse("overview"), {"q": "recever:x"})
    assert numbers(response) == []
    assert "recever" in response.content.decode()


def test_not_settled_shows_payments_with_a_line_at_1_8_2_or_3(company, anna, browse):
    open_, done = build.an_estimate(company), build.an_estimate(company, bank_partner=None)
    PaymentLine.objects.filter(payment=done).update(status=LineStatus.POSTED)
    assert numbers(browse(anna).get(reverse("overview"), {"q": "line:1,8,2,3"})) == [open_.number]


def test_sums_are_one_per_currency(company, anna, browse):
    partner = build.a_bank(company)
    payment = build.an_estimate(company, lines=1, bank_partner=partner)
    build.a_line(payment, build.a_supplier_entry(build.a_supplier(company), "70.00", currency="EUR"))
    totals = browse(anna).get(reverse("overview")).context["listing"].totals
    assert {one.currency: str(one.amount) for one in totals} == {"NOK": "1000.00", "EUR": "70.00"}


def test_receivers_of_a_salary_payment_are_found_only_by_payroll(company, anna, browse):
    payment = build.an_estimate(company)
    Payment.objects.filter(pk=payment.pk).update(salary=True)
    payroll = build.a_person(Role.PAYROLL, company=company)
    address = reverse("overview")
    assert numbers(browse(anna).get(address, {"q": "receiver:kontor"})) == []
    assert numbers(browse(anna).get(address, {"q": "kontor"})) == []
    assert numbers(browse(payroll).get(address, {"q": "receiver:kontor"})) == [payment.number]
    assert numbers(browse(anna).get(address)) == [payment.number]


def test_the_page_asks_the_same_number_of_questions_for_many_payments(
    company, anna, browse, django_assert_max_num_queries
):
    partner = build.a_bank(company)
    for _ in range(5):
        build.an_estimate(company, lines=1, bank_partner=partner)
    client = browse(anna)
    with django_assert_max_num_queries(12):
        client.get(reverse("overview"))


def test_the_list_alone_answers_htmx(company, anna, browse):
    build.an_estimate(company)
    response = browse(anna).get(reverse("overview"), headers={"HX-Request": "true", "HX-Target": "listing"})
    assert response.content.decode().lstrip().startswith('<div id="listing"')


def test_the_export_holds_one_row_per_payment_and_currency(company, anna, browse):
    payment = build.an_estimate(company, lines=1)
    build.a_line(payment, build.a_supplier_entry(build.a_supplier(company), "70.00", currency="EUR"))
    text = b"".join(browse(anna).get(reverse("overview"), {"export": "csv"}).streaming_content).decode()
    rows = [row for row in text.splitlines() if row.startswith(f"{payment.number};")]
    assert len(rows) == 2
    assert any("70" in row and "EUR" in row for row in rows)


def test_a_search_is_kept_as_a_tab_of_its_person_only(company, anna, bjorn, browse):
    browse(anna).post(reverse("overview_save"), {"name": "Big ones", "q": "amount>100000"})
    assert SavedView.objects.get(person=anna).query == "amount>100000"
    assert "Big ones" in browse(anna).get(reverse("overview")).content.decode()
    assert "Big ones" not in browse(bjorn).get(reverse("overview")).content.decode()


def test_nobody_removes_the_view_of_another(company, anna, bjorn, browse):
    view = SavedView.objects.create(company=company, person=anna, page="overview", name="Mine", query="line:4")
    assert browse(bjorn).post(reverse("overview_forget", args=[view.pk])).status_code == 404
