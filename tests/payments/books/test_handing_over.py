"""Vouchers to another ledger: each once, nothing missed, the same file however often it is fetched."""

from datetime import timedelta

import pytest
from django.urls import reverse

from companies.choices import Role
from payments.books import ledger_exporting
from payments.models import ExportRun, Voucher
from tests import build
from tests.integration.api.vouchers import posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    company = build.a_company(country=build.a_country("SE"), currency=build.a_currency("SEK"))
    build.a_bank(company)
    return company


@pytest.fixture
def anna(client, company):
    client.force_login(build.an_accountant(company))
    return client


def hand_over(company, **facts):
    return ledger_exporting.hand_over(company, build.an_accountant(company), **({"payroll": False} | facts))


def content(client, run, kind):
    answer = client.get(reverse("export_file", args=[run.pk]), {"export": kind})
    return b"".join(answer.streaming_content)


def test_every_posted_voucher_is_handed_over_once(company):
    posted(company, 1, many=3)
    first = hand_over(company)
    assert hand_over(company) is None
    late = posted(company, 2)
    second = hand_over(company)
    assert (first.voucher_count, second.voucher_count) == (3, 1)
    assert list(ledger_exporting.vouchers_of(second)) == [late]
    assert Voucher.objects.filter(export_run__isnull=True).count() == 0


def test_a_run_knows_its_number_ranges_and_its_total(company):
    numbers = [posted(company, n).number for n in range(3)]
    run = hand_over(company)
    assert run.ranges == [["bank", min(numbers), max(numbers), 3]]
    assert run.debit_total == 300


def test_only_the_chosen_period_is_handed_over(company):
    posted(company, 1, day=build.TODAY)
    old = posted(company, 2, day=build.TODAY - timedelta(days=40))
    run = hand_over(company, end=build.TODAY - timedelta(days=20))
    assert list(ledger_exporting.vouchers_of(run)) == [old]
    assert ledger_exporting.waiting(company, payroll=False).count == 1


def test_a_batch_is_marked_when_its_last_voucher_is_handed_over(company):
    batch = posted(company, 1, many=2).batch
    hand_over(company)
    batch.refresh_from_db()
    assert batch.exported_at is not None


def test_what_is_not_posted_waits(company):
    voucher = posted(company, 1)
    Voucher.objects.filter(pk=voucher.pk).update(number=None)
    assert hand_over(company) is None


def test_salary_vouchers_are_left_to_somebody_who_may_see_them(company, client):
    payment = build.an_estimate(company, 1, salary=True)
    posted(company, 1, payment=payment)
    waiting = ledger_exporting.waiting(company, payroll=False)
    assert (waiting.count, waiting.salary, hand_over(company)) == (0, 1, None)
    run = hand_over(company, payroll=True)
    assert run.salary
    client.force_login(build.an_accountant(company))
    assert client.get(reverse("export_file", args=[run.pk]), {"export": "csv"}).status_code == 403
    assert "salary vouchers" in client.get(reverse("export_run", args=[run.pk])).content.decode()
    client.force_login(build.a_person(Role.ACCOUNTANT, Role.PAYROLL, company=company))
    assert client.get(reverse("export_file", args=[run.pk]), {"export": "csv"}).status_code == 200


def test_the_file_is_the_same_again_and_counts_who_fetched_it(anna, company):
    posted(company, 1, many=2)
    run = hand_over(company)
    first = content(anna, run, "sie")
    posted(company, 2)
    assert content(anna, run, "sie") == first
    assert first.count(b"#VER") == 2
    run.refresh_from_db()
    assert (run.fetched, run.fetched_by is not None) == (2, True)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_run_comes_as_a_table_too(anna, company, kind):
    posted(company, 1)
    assert content(anna, hand_over(company), kind)


def test_handing_over_on_the_page(anna, company):
    posted(company, 1, many=2)
    assert "Not handed over yet" in anna.get(reverse("exports")).content.decode()
    answer = anna.post(reverse("export_make"), {"start": "", "end": ""}, follow=True)
    run = ExportRun.objects.get()
    assert "2 vouchers handed over" in answer.content.decode()
    assert f"{reverse('export_file', args=[run.pk])}?export=sie" in answer.content.decode()
    again = anna.post(reverse("export_make"), {}, follow=True)
    assert "Nothing waits in this period" in again.content.decode()


def test_a_period_that_ends_before_it_begins_is_refused(anna):
    answer = anna.post(reverse("export_make"), {"start": "2026-11-30", "end": "2026-11-01"})
    assert answer.status_code == 422
    assert "before the first" in answer.content.decode()


def test_vouchers_not_handed_over_can_be_searched(anna, company):
    posted(company, 1)
    hand_over(company)
    posted(company, 2)
    said = anna.get(reverse("vouchers"), {"q": "waiting:yes"}).content.decode()
    assert "Fee 2" in said
    assert "Fee 1" not in said
