"""The pages that close a month, what came late, and lines nothing answers."""

from decimal import Decimal

import pytest
from django.urls import reverse

from companies import periods
from companies.choices import PeriodState, Role
from companies.models import AccountingPeriod
from companies.periods import Month
from payments.books import ledger
from payments.lists import statements
from payments.lists.period_queries import MonthOfBooks, next_to_close
from payments.models import BankEntry, ClosingPoint, IncomingPayment
from tests import build
from tests.payments.incoming import bank_files
from tests.payments.incoming.test_closing import OCTOBER, a_month_in_order, a_waiting_batch

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_data_area(tmp_path, settings):
    settings.DATA_AREA = tmp_path / "files"


@pytest.fixture
def company(db):
    return bank_files.a_receiving_company()


def a_line(company, amount="12.00", text="interest"):
    credit = bank_files.a_credit(bank_files.a_payment(amount, text=text), ref="E9")
    bank_files.loaded(company, bank_files.camt053(credit, opening="0.00", closing=amount))
    return statements.waiting_lines(company).get()


def test_the_list_says_what_is_left_and_leads_to_where_it_is_done(company, anna, browse):
    bank_files.loaded(company, bank_files.camt054(bank_files.a_credit(bank_files.a_payment(), day="2026-10-30")))
    page = browse(anna).get(reverse("close_period", args=OCTOBER))
    assert page.context["list"].left == 1
    assert reverse("incoming") in page.content.decode()


def test_somebody_is_asked_to_look_after_a_point(company, anna, browse):
    colleague = build.a_person(Role.ACCOUNTANT, company=company, first_name="Kari")
    url = reverse("closing_point", args=[*OCTOBER, "parked"])
    browse(anna).post(url, {"owner": colleague.pk, "note": "asks the bank"})
    assert ClosingPoint.objects.get().owner == colleague
    page = browse(anna).get(reverse("close_period", args=OCTOBER)).content.decode()
    assert "asks the bank" in page
    assert "Kari" in page


def test_a_stranger_cannot_be_asked(company, anna, browse):
    stranger = build.a_person()
    answer = browse(anna).post(reverse("closing_point", args=[*OCTOBER, "parked"]), {"owner": stranger.pk})
    assert (answer.status_code, ClosingPoint.objects.exists()) == (422, False)


def test_a_point_that_does_not_exist_is_not_there(company, anna, browse):
    assert browse(anna).get(reverse("closing_point", args=[*OCTOBER, "nothing"])).status_code == 404


def test_a_month_with_something_left_asks_why_it_is_locked(company, anna, browse):
    a_waiting_batch(company)
    url = reverse("lock_period", args=OCTOBER)
    assert browse(anna).post(url, {}).status_code == 422
    browse(anna).post(url, {"reason": "The auditor asked for it"})
    assert "The auditor asked for it" in browse(anna).get(reverse("close_period", args=OCTOBER)).content.decode()


def test_a_month_in_order_is_locked_at_once(company, anna, browse):
    a_month_in_order(company)
    browse(anna).post(reverse("lock_period", args=OCTOBER))
    assert ledger.locked(company.pk, build.TODAY.replace(month=10))


def test_only_the_oldest_open_month_with_something_in_it_asks_to_be_closed():
    months = [Month(2026, number, None) for number in (9, 8, 7, 6)]
    locked = Month(2026, 5, AccountingPeriod(state=PeriodState.LOCKED))
    rows = [MonthOfBooks(months[0], 3), MonthOfBooks(months[1], 0), MonthOfBooks(months[2], 0, waiting=1)]
    rows += [MonthOfBooks(months[3]), MonthOfBooks(locked, 12)]
    assert next_to_close(rows) is rows[2]
    assert next_to_close(rows[3:]) is None


def test_a_reader_sees_the_list_and_changes_nothing(company, frida, browse):
    client = browse(frida)
    assert client.get(reverse("close_period", args=OCTOBER)).status_code == 200
    assert client.post(reverse("closing_point", args=[*OCTOBER, "parked"]), {}).status_code == 403


def test_a_late_batch_is_posted_in_an_open_month(company, anna, browse):
    batch = a_waiting_batch(company)
    periods.lock(company, *OCTOBER, anna)
    client = browse(anna)
    assert list(client.get(reverse("reception")).context["listing"]) == [batch]
    assert client.post(reverse("take_late", args=[batch.number]), {"day": "2026-10-31"}).status_code == 422
    client.post(reverse("take_late", args=[batch.number]), {"day": "2026-11-25"})
    assert not client.get(reverse("reception")).context["listing"].rows


def test_a_line_is_booked_from_the_statement(company, anna, browse):
    line = a_line(company, text="who knows")
    client = browse(anna)
    assert b"Book from the statement" in client.get(reverse("book_line", args=[line.pk])).content
    client.post(reverse("book_line", args=[line.pk]))
    assert IncomingPayment.objects.get().entry == line
    assert client.get(reverse("unanswered_lines") + "?show=done").context["listing"].rows == [line]


def test_a_line_is_posted_to_an_account(company, anna, browse):
    line = a_line(company)
    assert browse(anna).post(reverse("post_line", args=[line.pk]), {"gl_account": ""}).status_code == 422
    browse(anna).post(reverse("post_line", args=[line.pk]), {"gl_account": "8050", "text": "Interest"})
    line.refresh_from_db()
    assert line.voucher.postings.get(account="8050").credit == Decimal("12.00")


def test_a_voucher_that_is_not_there_is_named(company, anna, browse):
    answer = browse(anna).post(reverse("tie_line", args=[a_line(company).pk]), {"series": "bank", "number": "77"})
    assert answer.status_code == 422
    assert b"There is no posted voucher bank 77" in answer.content


def test_a_line_known_elsewhere_can_wait_again(company, anna, browse):
    line = a_line(company)
    browse(anna).post(reverse("known_line", args=[line.pk]), {"how": "payroll"})
    browse(anna).post(reverse("reopen_line", args=[line.pk]))
    assert BankEntry.objects.get(pk=line.pk).decided_at is None


def test_a_reader_decides_about_no_line(company, frida, browse):
    assert browse(frida).get(reverse("book_line", args=[a_line(company).pk])).status_code == 403


def test_a_line_of_another_company_is_not_there(company, browse):
    line = a_line(company)
    other = build.a_person(Role.ACCOUNTANT, company=build.a_company())
    assert browse(other).get(reverse("book_line", args=[line.pk])).status_code == 404


@pytest.mark.parametrize("name", ["unanswered_lines", "reception"])
def test_the_lists_ask_few_questions(company, anna, browse, name, django_assert_max_num_queries):
    a_line(company)
    a_waiting_batch(company)
    periods.lock(company, *OCTOBER, anna)
    client = browse(anna)
    client.get(reverse(name))
    with django_assert_max_num_queries(12):
        client.get(reverse(name))
