"""The page of a payment: how far it is, why a line was not paid, the whole way of a line, who may see salaries."""

import pytest
from django.urls import reverse

from companies.choices import Role
from payments import files, lifecycle
from payments.choices import LineStatus
from payments.models import AnswerException, Payment, PaymentNote
from tests import build
from tests.payments.bank_messages import a_sent_payment

pytestmark = pytest.mark.django_db


def page(client, payment, **query):
    return client.get(reverse("payment", args=[payment.number]), query)


def test_a_payment_of_another_company_is_404(company, anna, browse):
    build.an_uploaded_payment(company)
    stranger = build.an_accountant(build.a_company())
    assert browse(stranger).get(reverse("payment", args=[1])).status_code == 404


def test_an_estimate_leads_to_its_lines(company, anna, browse):
    payment = build.an_estimate(company)
    assert page(browse(anna), payment).url == reverse("draft", args=[payment.number])


def test_a_rejected_line_says_why_in_plain_words_and_what_to_do(company, anna, browse):
    payment = build.a_transferred_payment(company, lines=2)
    line = payment.lines.first()
    lifecycle.move(
        [line.pk], LineStatus.REJECTED, source="pain.002", reason=lifecycle.Reason("AC04", "Konto avsluttet")
    )
    text = page(browse(anna), payment).content.decode()
    assert "account closed (AC04)" in text
    assert "Konto avsluttet" in text
    assert "Get a new account from the supplier through a contact you know." in text
    assert f"{reverse('suggestion')}?q=invoice:{line.entry.invoice_no}" in text


def test_the_steps_tell_how_many_lines_the_bank_answered(company, anna, browse):
    payment = build.a_transferred_payment(company, lines=3)
    lines = list(payment.lines.values_list("pk", flat=True))
    lifecycle.move(lines[:1], LineStatus.ACKNOWLEDGED, source="pain.002")
    labels = [step.label for step in page(browse(anna), payment).context["steps"]]
    assert "Bank said 1 of 3" in labels
    assert "Approved 2 of 2" in labels


def test_the_way_of_a_line_goes_from_entry_to_voucher(company, anna, browse):
    payment = build.an_uploaded_payment(company)
    line = payment.lines.first()
    lifecycle.move([line.pk], LineStatus.TRANSFERRED, source="status report")
    events = browse(anna).get(reverse("payment_line", args=[payment.number, 1])).context["events"]
    titles = [event.title for event in events]
    assert titles[0].startswith("Supplier entry")
    assert titles[-1] == "Voucher"
    assert "In pain.001" in titles
    assert "Transferred" in titles


def test_without_payroll_a_salary_payment_is_a_count_and_a_total(company, anna, browse):
    payment = build.an_uploaded_payment(company)
    Payment.objects.filter(pk=payment.pk).update(salary=True)
    name = payment.lines.select_related("supplier").first().supplier.name
    client, transfer = browse(anna), payment.transfers.get()
    for tab in ("lines", "transactions", "sent", "events"):
        response = page(client, payment, tab=tab)
        assert response.status_code == 200
        assert name not in response.content.decode()
    assert client.get(reverse("payment_line", args=[payment.number, 1])).status_code == 403
    assert client.get(reverse("payment_file", args=[payment.number, transfer.pk])).status_code == 403


def test_payroll_sees_the_lines_of_a_salary_payment(company, browse):
    payment = build.an_uploaded_payment(company)
    Payment.objects.filter(pk=payment.pk).update(salary=True)
    person = build.a_person(Role.PAYROLL, company=company)
    assert payment.lines.first().supplier.name in page(browse(person), payment).content.decode()


def test_the_sealed_file_is_handed_out_as_it_is(company, anna, browse, settings, tmp_path):
    settings.DATA_AREA = tmp_path
    payment = build.an_uploaded_payment(company)
    transfer = payment.transfers.get()
    stored = files.store(company, "pain001", b"<Document/>")
    payment.transfers.update(path=stored.path)
    response = browse(anna).get(reverse("payment_file", args=[payment.number, transfer.pk]))
    assert b"".join(response.streaming_content) == b"<Document/>"


def test_a_note_is_kept_with_its_author(company, frida, browse):
    payment = build.an_uploaded_payment(company)
    browse(frida).post(reverse("payment_note", args=[payment.number]), {"text": "Asked the bank."})
    assert PaymentNote.objects.get(payment=payment).person == frida


def test_an_open_exception_stands_on_the_page_until_it_is_done(company, anna, browse):
    payment = build.an_uploaded_payment(company)
    one = AnswerException.objects.create(
        company=company, payment=payment, key="k", kind="late", text="The bank changed its mind.", source="pain.002"
    )
    client = browse(anna)
    assert "changed its mind" in page(client, payment).content.decode()
    client.post(reverse("exception_done", args=[one.pk]), {"how": "Called the bank"})
    one.refresh_from_db()
    assert one.done_by == anna
    assert one.done_how == "Called the bank"
    assert "changed its mind" not in page(client, payment).content.decode()


def test_a_reader_marks_no_exception_as_done(company, frida, browse):
    one = AnswerException.objects.create(company=company, key="k", kind="late", text="x", source="pain.002")
    assert browse(frida).post(reverse("exception_done", args=[one.pk]), {"how": "x"}).status_code == 403


def test_the_page_follows_its_payment_and_changes_only_when_something_happened(
    company, anna, browse, django_assert_max_num_queries
):
    payment = build.a_transferred_payment(company, lines=2)
    client, part = browse(anna), {"HX-Request": "true", "HX-Target": "now"}
    here = reverse("payment", args=[payment.number])
    seen = client.get(here).context["seen"]
    with django_assert_max_num_queries(8):
        assert client.get(here, {"seen": seen}, headers=part).status_code == 204
    payment.lines.filter(line_no=1).update(status=4)
    changed = client.get(here, {"seen": seen}, headers=part)
    assert (changed.status_code, changed["HX-Trigger"]) == (200, '{"refresh-listing": {}}')
    assert 'id="now"' in changed.content.decode()
    payment.lines.update(status=6)
    ended = client.get(here, {"seen": seen}, headers=part)
    assert (ended.status_code, "every 10s" in ended.content.decode()) == (286, False)


def test_the_page_asks_few_questions(company, anna, browse, django_assert_max_num_queries):
    payment = build.an_uploaded_payment(company, lines=6)
    client = browse(anna)
    with django_assert_max_num_queries(13):
        page(client, payment)


@pytest.mark.parametrize("name", ["payment", "payment_line"])
def test_payment_and_line_pages_ask_at_most_12_questions(company, anna, browse, django_assert_max_num_queries, name):
    payment = a_sent_payment(company, 5)
    url = reverse(name, args=[payment.number, 3] if name == "payment_line" else [payment.number])
    browser = browse(anna)
    browser.get(url)
    with django_assert_max_num_queries(12):
        assert browser.get(url).status_code == 200
