"""What was ticked and cannot be signed is never left out in silence; the sums are those of what is signed."""

import pytest
from django.urls import reverse

from companies.models import BankAgreement
from payments.models import Payment
from payments.releasing import approval, uploading
from payments.web import approving
from tests import build

pytestmark = pytest.mark.django_db
CONFIRM = "approval_confirm"


@pytest.fixture(autouse=True)
def data_area(settings, tmp_path):
    settings.DATA_AREA = tmp_path


@pytest.fixture
def partner(company):
    return build.a_bank(company)


def uploaded(company, by, partner, lines=2):
    payment = build.an_estimate(company, lines=lines, bank_partner=partner)
    payment = Payment.objects.select_related("company", "agreement", "bank_partner").get(pk=payment.pk)
    uploading.upload(payment, by, frozenset({"approvers_missing"}))
    return Payment.objects.get(pk=payment.pk)


@pytest.fixture
def two(company, anna, partner):
    return [uploaded(company, anna, partner), uploaded(company, anna, partner, lines=3)]


def ticked(*payments, **more):
    return {"pick": [one.number for one in payments], **{f"seen-{one.number}": one.digest for one in payments}, **more}


def test_a_payment_cancelled_meanwhile_is_named_beside_those_that_were_signed(anna, bjorn, two, browse):
    gone, stays = two
    approval.cancel(gone, anna, "Wrong account")
    response = browse(bjorn).post(reverse(CONFIRM), ticked(*two, signed="1"))
    assert {one.payment.number: one.good for one in response.context["results"]} == {
        stays.number: True,
        gone.number: False,
    }
    assert "was cancelled: Wrong account" in response.content.decode()


def test_signing_only_what_was_cancelled_meanwhile_says_so(anna, bjorn, two, browse):
    approval.cancel(two[0], anna, "Wrong account")
    text = browse(bjorn).post(reverse(CONFIRM), ticked(two[0], signed="1")).content.decode()
    assert "Nothing was done" in text
    assert "was cancelled: Wrong account" in text


def test_the_dialog_names_what_it_leaves_out(company, anna, bjorn, partner, two, browse):
    own = uploaded(company, bjorn, partner)
    approval.cancel(two[0], anna, "Wrong account")
    text = browse(bjorn).post(reverse(CONFIRM), ticked(*two, own)).content.decode()
    assert "Approve 1 payment" in text
    assert f"Payment {own.number} is left out" in text
    assert "you uploaded it" in text
    assert f"Payment {two[0].number} is left out" in text
    assert f'name="pick" value="{own.number}"' not in text


def test_select_all_takes_only_what_one_can_sign(company, bjorn, partner, two, browse):
    own = uploaded(company, bjorn, partner)
    response = browse(bjorn).post(reverse(CONFIRM), {"all": "1", "q": ""})
    assert [one.number for one in response.context["payments"]] == [one.number for one in two]
    assert [one.payment.number for one in response.context["apart"]] == [own.number]


def test_more_than_are_signed_in_one_go_are_neither_listed_nor_summed(bjorn, two, browse, monkeypatch):
    monkeypatch.setattr(approving, "SEVERAL", 1)
    response = browse(bjorn).post(reverse(CONFIRM), {"all": "1", "q": ""})
    text = response.content.decode()
    assert "Approve 1 payment" in text
    assert "the others stay in the list" in text
    assert "2\u202f000.00" in text
    assert "5\u202f000.00" not in text


def test_somebody_without_a_second_factor_is_told_so_before_the_signature(bjorn, two, browse):
    BankAgreement.objects.update(two_factor=1)
    text = browse(bjorn).post(reverse(CONFIRM), ticked(*two)).content.decode()
    assert "You have no second factor yet:" in text
    assert reverse("mfa_index") in text


def test_a_cancelled_payment_is_not_said_to_leave_today(anna, bjorn, two, browse):
    client, address = browse(bjorn), reverse("approval_one", args=[two[0].number])
    assert "Leaves</dt><dd>" in client.get(address).content.decode()
    approval.cancel(two[0], anna, "Wrong account")
    text = client.get(address).content.decode()
    assert "Leaves</dt><dd>" not in text
    assert "Cancelled</span>" in text


def test_the_drawer_follows_what_became_of_the_payment(anna, bjorn, two, browse):
    address = reverse("approval_one", args=[two[0].number])
    text = browse(bjorn).get(address).content.decode()
    assert f'hx-get="{address}" hx-trigger="refresh-listing from:body"' in text
