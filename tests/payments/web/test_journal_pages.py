"""Journal: batches, vouchers, postings and where they come from; posting, reversing, locking months."""

from decimal import Decimal

import pytest
from django.urls import reverse

from companies import periods
from companies.choices import Role
from payments.books import ledger, sie
from payments.books.ledger_specs import BatchSpec, PostingSpec, VoucherSpec
from payments.choices import BatchKind, BatchState
from payments.clearing import resolving, resolving_undo
from payments.lists import journal_queries
from payments.models import Batch, Voucher
from tests import build
from tests.payments.incoming import bank_files
from tests.payments.web.incoming_world import KID, a_company, parked

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_data_area(tmp_path, settings):
    settings.DATA_AREA = tmp_path / "files"


def a_batch(company, vouchers=1, kind=BatchKind.MANUAL, payment=None):
    key = f"batch {build.a_number()}"
    specs = [
        VoucherSpec(
            f"{key}:{n}",
            build.TODAY,
            f"Voucher {n}",
            (PostingSpec("7770", Decimal(100)), PostingSpec("1920", Decimal(-100))),
        )
        for n in range(vouchers)
    ]
    spec = BatchSpec(kind, key, "bank", "By hand", build.TODAY, payment_id=payment.pk if payment else None)
    return ledger.build(company, spec, specs)


@pytest.fixture
def dag(company):
    return build.a_person(Role.ADMINISTRATOR, Role.ACCOUNTANT, company=company, first_name="Dag")


def test_batches_are_listed_newest_first(company, anna, browse):
    numbers = [a_batch(company).number for _ in range(3)]
    page = browse(anna).get(reverse("journal"))
    assert [one.number for one in page.context["listing"]] == numbers[::-1]


def test_a_batch_that_is_being_built_is_nobodys_business(company, anna, browse):
    batch = a_batch(company)
    Batch.objects.filter(pk=batch.pk).update(state=BatchState.BUILDING)
    assert browse(anna).get(reverse("batch", args=[batch.number])).status_code == 404


def test_the_page_of_a_batch_says_that_debits_equal_credits(company, anna, browse):
    batch = a_batch(company, 2)
    page = browse(anna).get(reverse("batch", args=[batch.number])).content.decode()
    assert page.count("balanced") == 2
    assert "200.00" in page


def test_a_waiting_batch_is_posted_by_an_accountant(company, anna, browse):
    batch = a_batch(company)
    browse(anna).post(reverse("post_batch", args=[batch.number]))
    batch.refresh_from_db()
    assert (batch.state, batch.posted_by) == (BatchState.POSTED, anna)


def test_an_approver_may_not_post(company, bjorn, browse):
    assert browse(bjorn).post(reverse("post_batch", args=[a_batch(company).number])).status_code == 403


def test_a_batch_of_a_locked_month_says_so_in_the_dialog(company, anna, browse):
    batch = a_batch(company)
    periods.lock(company, 2026, 11, anna)
    answer = browse(anna).post(reverse("post_batch", args=[batch.number]))
    assert (answer.status_code, "2026-11 is locked" in answer.content.decode()) == (422, True)


def test_salary_vouchers_are_a_total_for_those_without_the_payroll_role(company, anna, browse):
    payment = build.an_estimate(company, lines=1, salary=True)
    batch = ledger.post(a_batch(company, payment=payment), anna)
    page = browse(anna).get(reverse("batch", args=[batch.number])).content.decode()
    assert "Voucher 0" not in page
    assert browse(anna).get(reverse("voucher", args=[batch.vouchers.get().pk])).status_code == 404
    exported = browse(anna).get(reverse("vouchers"), {"export": "csv"})
    assert b"Voucher 0" not in b"".join(exported.streaming_content)
    cecilie = build.a_person(Role.PAYROLL, company=company)
    assert "Voucher 0" in browse(cecilie).get(reverse("batch", args=[batch.number])).content.decode()


def test_a_voucher_leads_back_to_the_entry_the_bank_sent(anna, browse):
    company = a_company()
    lena = build.an_accountant(company)
    bank_files.loaded(company, bank_files.camt054(bank_files.a_credit(bank_files.a_payment("1012.50", kid=KID))))
    voucher = Voucher.objects.get(company=company)
    page = browse(lena).get(reverse("voucher", args=[voucher.pk]))
    assert "&lt;Ntry" in page.content.decode()
    assert page.context["source"].incoming.reference == KID


def test_vouchers_of_every_round_and_of_what_was_undone_lead_back_to_the_entry(browse):
    company = a_company()
    lena = build.an_accountant(company)
    payment = parked(company, "500.00")
    for account in ("3600", "3610"):
        done = resolving.post_to_account(payment, lena, account, version=payment.version)
        payment = resolving_undo.undo(done.payment, lena, version=done.payment.version).payment
    vouchers = Voucher.objects.filter(company=company)
    assert vouchers.count() == 4
    for voucher in vouchers:
        page = browse(lena).get(reverse("voucher", args=[voucher.pk]))
        assert page.context["source"].incoming == payment
        assert "&lt;Ntry" in page.content.decode()


def test_a_voucher_is_found_by_series_and_number(company, anna, browse):
    voucher = ledger.post(a_batch(company), anna).vouchers.get()
    answer = browse(anna).get(reverse("voucher_numbered", args=["bank", voucher.number]))
    assert answer.url == reverse("voucher", args=[voucher.pk])


def test_a_posted_voucher_is_reversed_by_a_new_one(company, anna, browse):
    voucher = ledger.post(a_batch(company), anna).vouchers.get()
    values = {"value_date": "2026-11-26", "text": "Wrong account"}
    browse(anna).post(reverse("reverse_voucher", args=[voucher.pk]), values)
    reversal = Voucher.objects.get(reverses=voucher)
    assert (reversal.batch.state, reversal.batch.text) == (BatchState.POSTED, "Wrong account")
    assert "Reversed on" in browse(anna).get(reverse("voucher", args=[voucher.pk])).content.decode()


def test_a_voucher_is_not_reversed_twice(company, anna, browse):
    voucher = ledger.post(a_batch(company), anna).vouchers.get()
    url = reverse("reverse_voucher", args=[voucher.pk])
    values = {"value_date": "2026-11-26", "text": "Wrong"}
    browse(anna).post(url, values)
    assert browse(anna).post(url, values).status_code == 422


def test_vouchers_are_found_by_number_amount_and_month(company, anna, browse):
    voucher = ledger.post(a_batch(company), anna).vouchers.get()
    for query in (f"number:{voucher.number}", "amount:100", "value:2026-11", "text:voucher", str(voucher.number)):
        assert list(browse(anna).get(reverse("vouchers"), {"q": query}).context["listing"]) == [voucher]


def test_an_export_has_a_row_for_each_posting(company, anna, browse):
    ledger.post(a_batch(company, 2), anna)
    content = b"".join(browse(anna).get(reverse("vouchers"), {"export": "csv"}).streaming_content).decode()
    assert len(content.strip().splitlines()) == 2 + 4


def test_a_swedish_company_gets_sie(anna, browse):
    company = build.a_company(
        country=build.a_country("SE"), currency=build.a_currency("SEK"), organisation_no="5561234567"
    )
    kalle = build.an_accountant(company)
    voucher = ledger.post(a_batch(company), kalle).vouchers.get()
    content = b"".join(browse(kalle).get(reverse("vouchers"), {"export": "sie"}).streaming_content).decode("cp437")
    assert "#SIETYP 4" in content
    assert f'#VER "bank" {voucher.number} 20261125 "Voucher 0"' in content
    assert "#TRANS 1920 {} -100.00 20261125" in content


def test_an_account_typed_with_other_signs_stays_one_field_of_the_sie_file(anna):
    company = build.a_company(
        country=build.a_country("SE"), currency=build.a_currency("SEK"), organisation_no="5561234567"
    )
    voucher = ledger.post(a_batch(company), anna).vouchers.get()
    voucher.postings.filter(account="1920").update(account='19 20 "{')
    rows = journal_queries.with_postings(Voucher.objects.filter(pk=voucher.pk))
    content = b"".join(sie.export(company, rows, {'19 20 "{': "Bank"}, build.TODAY)).decode("cp437")
    assert '#TRANS "19 20 \\"{" {} -100.00 20261125' in content
    assert '#KONTO "19 20 \\"{" "Bank"' in content


def test_an_accountant_locks_a_month_and_an_administrator_opens_it_with_a_reason(company, anna, dag, browse):
    browse(anna).post(reverse("lock_period", args=[2026, 10]))
    assert ledger.locked(company.pk, build.TODAY.replace(month=10))
    unlock = reverse("unlock_period", args=[2026, 10])
    assert browse(anna).post(unlock, {"reason": "x"}).status_code == 403
    assert browse(dag).post(unlock, {"reason": ""}).status_code == 422
    browse(dag).post(unlock, {"reason": "Late invoice"})
    assert not ledger.locked(company.pk, build.TODAY.replace(month=10))


def test_a_month_that_does_not_exist_is_not_there(company, anna, browse):
    assert browse(anna).get(reverse("lock_period", args=[2026, 13])).status_code == 404


def test_the_dialog_names_the_batches_that_wait_for_the_month(company, anna, browse):
    batch = a_batch(company)
    page = browse(anna).get(reverse("lock_period", args=[2026, 11]))
    assert page.context["waiting"] == [batch]


def test_books_that_fit_say_so_and_others_are_named(company, anna, browse):
    batch = ledger.post(a_batch(company), anna)
    assert "The books fit" in browse(anna).post(reverse("books")).content.decode()
    Voucher.objects.filter(batch=batch).update(text="changed beside the program")
    assert "What does not fit" in browse(anna).post(reverse("books")).content.decode()


def test_a_batch_asks_the_same_number_of_questions_whatever_its_size(
    company, anna, browse, django_assert_max_num_queries
):
    batch = ledger.post(a_batch(company, 60), anna)
    client = browse(anna)
    with django_assert_max_num_queries(12):
        client.get(reverse("batch", args=[batch.number]))
    with django_assert_max_num_queries(12):
        client.get(reverse("vouchers"))
