"""Approval: what waits for you, the digest that was seen, one result per payment, reasons, undo, changes."""

from decimal import Decimal

import pytest
from django.urls import reverse

from companies.choices import Role
from companies.models import BankAgreement
from payments.choices import LineStatus, RoundState
from payments.models import Payment
from payments.releasing import uploading
from payments.suggesting import estimates
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_area(settings, tmp_path):
    settings.DATA_AREA = tmp_path


@pytest.fixture
def waiting(company, anna):
    """A payment Anna uploaded, with real files."""
    return uploaded(company, anna)


def uploaded(company, by, lines=2, partner=None):
    payment = build.an_estimate(company, lines=lines, bank_partner=partner or build.a_bank(company))
    payment = Payment.objects.select_related("company", "agreement", "bank_partner").get(pk=payment.pk)
    uploading.upload(payment, by, frozenset({"approvers_missing"}))
    payment.refresh_from_db()
    return payment


def groups(client):
    found = client.get(reverse("approval")).context["groups"]
    return {str(label): [one.number for one in some] for label, some in found}


def sign(client, *payments, **more):
    seen = {f"seen-{one.number}": one.digest for one in payments}
    return client.post(
        reverse("approval_confirm"), {"pick": [one.number for one in payments], "signed": "1", **seen, **more}
    )


def results(response):
    return {one.payment.number: one.good for one in response.context["results"]}


def test_what_waits_for_you_stands_apart_from_what_waits_for_others(company, anna, bjorn, waiting, browse):
    assert groups(browse(bjorn)) == {"You can approve": [waiting.number]}
    assert groups(browse(anna)) == {"Waits for somebody else": [waiting.number]}
    sign(browse(bjorn), waiting)
    text = browse(bjorn).get(reverse("approval")).content.decode()
    assert "you signed it" in text
    assert "1 of 2" in text


def test_the_dialog_repeats_count_amount_account_and_digest(company, bjorn, waiting, browse):
    text = browse(bjorn).post(reverse("approval_confirm"), {"pick": [waiting.number]}).content.decode()
    assert "Approve 1 payment" in text
    assert "2\u202f000.00" in text
    assert f"…{waiting.bank_partner.account[-4:]}" in text
    assert f"{waiting.digest[:4]}…{waiting.digest[-4:]}" in text
    waiting.refresh_from_db()
    assert waiting.given == 0


def test_several_are_signed_at_once_with_one_result_each(company, anna, bjorn, waiting, browse):
    own = uploaded(company, bjorn)
    response = sign(browse(bjorn), waiting, own)
    assert results(response) == {waiting.number: True, own.number: False}
    assert "refresh-listing" in response["HX-Trigger"]


def test_another_digest_than_the_one_seen_is_not_signed(company, bjorn, waiting, browse):
    response = browse(bjorn).post(
        reverse("approval_confirm"),
        {"pick": [waiting.number], "signed": "1", f"seen-{waiting.number}": "0" * 64},
    )
    assert results(response) == {waiting.number: False}
    waiting.refresh_from_db()
    assert waiting.given == 0


def test_the_second_approver_releases_the_payment(company, bjorn, waiting, browse):
    cecilie = build.an_approver(company)
    sign(browse(bjorn), waiting)
    sign(browse(cecilie), waiting)
    waiting.refresh_from_db()
    assert waiting.round_state == RoundState.RELEASED


def test_the_release_is_undone_while_it_is_held(company, anna, bjorn, browse):
    partner = build.a_bank(company, approvers=1, hold_seconds=120)
    payment = uploaded(company, anna, partner=partner)
    client = browse(bjorn)
    assert reverse("approval_undo", args=[payment.number]) in sign(client, payment).content.decode()
    client.post(reverse("approval_undo", args=[payment.number]))
    payment.refresh_from_db()
    assert payment.round_state == RoundState.WAITING
    assert payment.given == 0


def test_a_first_payment_to_an_account_must_be_ticked_as_checked(company, anna, bjorn, browse):
    payment = build.an_estimate(company, lines=0)
    build.a_line(payment, build.a_supplier_entry(build.a_supplier(company, new_account=True, name="Ny AS")))
    payment = Payment.objects.select_related("company", "agreement", "bank_partner").get(pk=payment.pk)
    uploading.upload(payment, anna, frozenset({"approvers_missing", "account_first_payment"}))
    payment.refresh_from_db()
    client = browse(bjorn)
    text = client.get(reverse("approval_one", args=[payment.number])).content.decode()
    assert "Ny AS" in text
    assert "First payment to account" in text
    assert sign(client, payment).status_code == 422
    assert results(sign(client, payment, checked="on")) == {payment.number: True}


def test_without_a_second_factor_nothing_is_signed_where_it_is_asked(company, bjorn, waiting, browse):
    BankAgreement.objects.filter(pk=waiting.agreement_id).update(two_factor=1)
    response = sign(browse(bjorn), waiting, code="123456")
    assert response.status_code == 422
    assert "no second factor yet" in response.content.decode()


def test_a_cancellation_needs_a_reason_and_frees_the_entries(company, bjorn, waiting, browse):
    client, address = browse(bjorn), reverse("approval_cancel")
    assert client.post(address, {"pick": [waiting.number], "reason": ""}).status_code == 422
    client.post(address, {"pick": [waiting.number], "reason": "Wrong supplier"})
    waiting.refresh_from_db()
    assert waiting.cancel_reason == "Wrong supplier"
    assert set(waiting.lines.values_list("status", flat=True)) == {LineStatus.CANCELLED}


def test_a_reader_cancels_nothing_and_signs_nothing(company, frida, waiting, browse):
    client = browse(frida)
    assert client.post(reverse("approval_cancel"), {"pick": [waiting.number]}).status_code == 403
    assert results(sign(client, waiting)) == {waiting.number: False}


def test_ticks_are_summed_per_currency_by_the_server(company, anna, bjorn, waiting, browse):
    other = uploaded(company, anna)
    response = browse(bjorn).post(reverse("approval_sum"), {"pick": [waiting.number, other.number]})
    assert "4\u202f000.00" in response.content.decode()


def test_payments_of_another_company_are_never_signed(company, bjorn, browse):
    other = build.a_company()
    foreign = uploaded(other, build.an_accountant(other), lines=1)
    response = browse(bjorn).post(reverse("approval_confirm"), {"pick": [foreign.number], "signed": "1"})
    foreign.refresh_from_db()
    assert response.status_code == 422
    assert foreign.given == 0


def test_an_approver_lowers_an_amount_and_a_new_round_begins(company, bjorn, waiting, browse):
    line = waiting.lines.first()
    values = {"amount": "900.00", "pay_date": line.pay_date.isoformat()}
    browse(bjorn).post(reverse("approval_amend", args=[waiting.number, line.line_no]), values)
    before = waiting.digest
    waiting.refresh_from_db()
    line.refresh_from_db()
    assert line.amount == Decimal(900)
    assert waiting.digest != before
    assert waiting.round == 2


def test_a_date_that_has_passed_is_moved_to_the_next_bank_day(company, bjorn, waiting, browse):
    build.set_business_time(build.NOW.replace(day=27))
    client = browse(bjorn)
    assert "Move to next bank day" in client.get(reverse("approval_one", args=[waiting.number])).content.decode()
    client.post(reverse("approval_move", args=[waiting.number]))
    assert {day.isoformat() for day in waiting.lines.values_list("pay_date", flat=True)} == {"2026-11-27"}


def test_the_drawer_of_a_salary_payment_names_nobody(company, bjorn, waiting, browse):
    Payment.objects.filter(pk=waiting.pk).update(salary=True)
    name = waiting.lines.select_related("supplier").first().supplier.name
    client = browse(bjorn)
    assert name not in client.get(reverse("approval_one", args=[waiting.number])).content.decode()
    assert client.get(reverse("approval_amend", args=[waiting.number, 1])).status_code == 404
    payroll = build.a_person(Role.PAYROLL, Role.APPROVER, company=company)
    assert name in browse(payroll).get(reverse("approval_one", args=[waiting.number])).content.decode()


def test_the_list_asks_the_same_number_of_questions_for_many_payments(
    company, anna, bjorn, browse, django_assert_max_num_queries
):
    for _ in range(4):
        build.an_uploaded_payment(company, lines=1)
    client = browse(bjorn)
    with django_assert_max_num_queries(15):
        client.get(reverse("approval"))


def test_changes_after_the_upload_are_refused_on_the_lines_page(company, anna, waiting, browse):
    response = browse(anna).post(reverse("draft_take_out", args=[waiting.number]), {"pick": ["1"]})
    assert response.status_code == 302
    assert waiting.lines.count() == 2
    with pytest.raises(estimates.NotAnEstimate):
        estimates.take_out(waiting.lines.select_related("payment", "entry").first(), anna)
