"""Lines of an estimate and the upload: findings in the row, changes, warnings taken on by name, the answer."""

from datetime import time

import pytest
from django.urls import reverse

from companies.choices import Role
from payments import headers
from payments.choices import RoundState
from payments.models import AcceptedFinding, Payment, PaymentLine, SupplierEntry
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_area(settings, tmp_path):
    settings.DATA_AREA = tmp_path


@pytest.fixture(autouse=True)
def approvers(company):
    return [build.an_approver(company), build.an_approver(company)]


def lines_page(client, payment, **query):
    return client.get(reverse("draft", args=[payment.number]), query)


def test_a_line_that_stops_the_upload_says_why_and_where_it_is_mended(company, anna, browse):
    payment = build.an_estimate(company, lines=2)
    line = payment.lines.select_related("supplier").first()
    PaymentLine.objects.filter(pk=line.pk).update(kid="1234567890")
    response = lines_page(browse(anna), payment)
    text = response.content.decode()
    assert response.context["stopping"] == 1
    assert not response.context["can_upload"]
    assert "wrong check digit" in text
    assert reverse("draft_line", args=[payment.number, 1]) in text


def test_the_stopping_lines_are_taken_out_at_once_and_their_entries_are_free(company, anna, browse):
    payment = build.an_estimate(company, lines=3)
    line = payment.lines.first()
    PaymentLine.objects.filter(pk=line.pk).update(kid="1234567890")
    browse(anna).post(reverse("draft_take_out", args=[payment.number]), {"stopping": "1"})
    assert payment.lines.count() == 2
    assert not SupplierEntry.objects.get(pk=line.entry_id).remitted


def test_ticked_lines_are_taken_out(company, anna, browse):
    payment = build.an_estimate(company, lines=3)
    browse(anna).post(reverse("draft_take_out", args=[payment.number]), {"pick": ["1", "3"]})
    assert list(payment.lines.values_list("line_no", flat=True)) == [2]


def test_a_lower_amount_leaves_the_rest_payable(company, anna, browse):
    payment = build.an_estimate(company, lines=1)
    line = payment.lines.get()
    values = {"amount": "400.00", "pay_date": line.pay_date.isoformat(), "account": line.account, "fee_code": "0"}
    browse(anna).post(reverse("draft_line", args=[payment.number, 1]), values)
    line.refresh_from_db()
    entry = SupplierEntry.objects.get(pk=line.entry_id)
    assert str(line.amount) == "400.00"
    assert str(entry.payable) == "600.00"


def test_an_amount_over_the_rest_is_refused_and_stays_typed(company, anna, browse):
    payment = build.an_estimate(company, lines=1)
    line = payment.lines.get()
    values = {"amount": "4000.00", "pay_date": line.pay_date.isoformat(), "account": line.account, "fee_code": "0"}
    response = browse(anna).post(reverse("draft_line", args=[payment.number, 1]), values)
    assert response.status_code == 422
    assert 'value="4000.00"' in response.content.decode()


def test_too_high_an_amount_says_how_much_is_open_at_most(company, anna, browse):
    payment = build.an_estimate(company, 1, "16919.82")
    line = payment.lines.select_related("entry").get()
    values = {"amount": "99999", "pay_date": line.pay_date.isoformat(), "account": line.account, "fee_code": "0"}
    response = browse(anna).post(reverse("draft_line", args=[payment.number, 1]), values)
    (said,) = response.context["form"].errors["amount"]
    assert said == f"At most 16\u202f919.82 NOK is open of invoice {line.entry.invoice_no}."


def test_after_a_change_one_is_back_in_the_search_one_was_in(company, anna, browse):
    payment = build.an_estimate(company, lines=2)
    line = payment.lines.first()
    values = {"amount": "1.00", "pay_date": line.pay_date.isoformat(), "account": line.account, "fee_code": "0"}
    here = reverse("draft", args=[payment.number])
    for query in ("", "?only=stop&q=kontor"):
        asked_from = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{here}{query}"}
        done = browse(anna).post(reverse("draft_line", args=[payment.number, 1]), values, headers=asked_from)
        assert done["HX-Redirect"] == f"{here}{query}"


def test_giving_up_a_payment_frees_its_entries(company, anna, browse):
    payment = build.an_estimate(company, lines=2)
    browse(anna).post(reverse("draft_delete", args=[payment.number]))
    assert not Payment.objects.filter(pk=payment.pk).exists()
    assert not SupplierEntry.objects.filter(company=company, remitted=True).exists()


def test_what_leaves_today_says_until_when_it_must_be_approved(company, anna, browse):
    payment = build.an_estimate(company, lines=2)
    payment.agreement.cutoff = time(14, 0)
    payment.agreement.save()
    headers.refresh_totals({payment.pk})
    text = browse(anna).get(reverse("upload", args=[payment.number])).content.decode()
    assert "today only when it is approved before 14:00" in text


def test_an_upload_leads_to_an_answer_with_number_counts_sums_and_files(company, anna, browse):
    payment = build.an_estimate(company, lines=3)
    client = browse(anna)
    response = client.post(reverse("upload", args=[payment.number]), {})
    assert response.url == reverse("uploaded", args=[payment.number])
    text = client.get(response.url).content.decode()
    transfer = payment.transfers.get()
    assert transfer.msg_id in text
    assert "3\u202f000.00" in text
    assert "0 of 2" in text


def test_the_answer_names_who_can_approve(company, anna, browse, approvers):
    payment = build.an_uploaded_payment(company)
    text = browse(anna).get(reverse("uploaded", args=[payment.number])).content.decode()
    assert f"can still approve: {approvers[0].shown}, {approvers[1].shown}" in text


def test_the_upload_of_an_uploaded_payment_leads_to_its_answer(company, anna, browse):
    payment = build.an_uploaded_payment(company)
    response = browse(anna).get(reverse("upload", args=[payment.number]))
    assert response.url == reverse("uploaded", args=[payment.number])


def test_the_answer_asks_again_until_the_bank_side_has_the_files(company, anna, browse):
    waiting, sent = build.an_uploaded_payment(company), build.a_transferred_payment(company)
    client, part = browse(anna), {"HX-Request": "true", "HX-Target": "answer"}
    asking = client.get(reverse("uploaded", args=[waiting.number]), headers=part)
    over = client.get(reverse("uploaded", args=[sent.number]), headers=part)
    assert asking.status_code == 200
    assert "every 4s" in asking.content.decode()
    assert over.status_code == 286
    assert "every 4s" not in over.content.decode()


def test_a_warning_must_be_taken_on_by_name(company, anna, browse):
    payment = build.an_estimate(company, lines=0)
    supplier = build.a_supplier(company, new_account=True)
    build.a_line(payment, build.a_supplier_entry(supplier, kid=build.a_kid("100012345678")))
    client, address = browse(anna), reverse("upload", args=[payment.number])
    refused = client.post(address, {})
    assert refused.status_code == 422
    assert "Warnings must be accepted" in refused.content.decode()
    codes = [one.code for one in refused.context["form"].warned]
    client.post(address, {"accepted": codes})
    assert set(AcceptedFinding.objects.values_list("code", "person")) == {(code, anna.pk) for code in codes}


def test_the_second_factor_is_asked_where_the_agreement_wants_it_on_upload(company, anna, browse):
    payment = build.an_estimate(company, bank_partner=build.a_bank(company, two_factor=2))
    response = browse(anna).post(reverse("upload", args=[payment.number]), {"code": "123456"})
    payment.refresh_from_db()
    assert response.status_code == 422
    assert "no second factor yet" in response.content.decode()
    assert payment.round_state == RoundState.DRAFT


@pytest.mark.parametrize("name", ["upload", "draft_take_out", "draft_delete"])
@pytest.mark.parametrize("role", [Role.READER, Role.APPROVER])
def test_who_is_no_accountant_changes_no_payment(company, browse, name, role):
    payment = build.an_estimate(company)
    client = browse(build.a_person(role, company=company))
    assert client.post(reverse(name, args=[payment.number])).status_code == 403


def test_an_accountant_without_payroll_sees_a_salary_estimate_as_count_and_total(company, anna, browse):
    payment = build.an_estimate(company)
    Payment.objects.filter(pk=payment.pk).update(salary=True)
    client = browse(anna)
    assert payment.lines.first().supplier.name not in lines_page(client, payment).content.decode()
    assert client.get(reverse("draft_line", args=[payment.number, 1])).status_code == 403
    assert client.post(reverse("upload", args=[payment.number])).status_code == 403
