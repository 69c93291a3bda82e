"""The page *Test with 1.00*: who sees it, what it makes, and when it stops asking."""

import pytest
from django.urls import reverse
from django.utils import timezone

from companies.choices import InstanceRoleKind, Role
from companies.models import InstanceRole
from integration.sending import send_transfer
from payments.choices import RoundState, TransferState
from payments.models import Payment
from tests import build
from tests.integration.linking import a_linked_company, a_released_transfer

pytestmark = pytest.mark.django_db
PART = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "test-steps"}


@pytest.fixture
def company(settings, tmp_path):
    settings.DATA_AREA = tmp_path
    return build.a_company()


@pytest.fixture
def anna(client, company):
    person = build.an_accountant(company)
    client.force_login(person)
    return person


def test_the_accountant_makes_the_payment_and_follows_it(client, anna, company):
    partner, supplier = build.a_bank(company), build.a_supplier(company)
    facts = {"supplier": supplier.number, "bank_partner": partner.pk}
    page = client.post(reverse("guided_test_make"), facts, follow=True).content.decode()
    payment = Payment.objects.get()
    assert f"Payment {payment.number}: 1.00 NOK to {supplier.name}." in page
    assert reverse("draft", args=[payment.number]) in page
    assert f'href="{reverse("guided_test_of", args=[payment.number])}"' in client.get(reverse("guided_test")).text


@pytest.mark.parametrize("number", [0, 999_999])
def test_an_unknown_supplier_is_named_and_what_was_typed_stays(client, anna, company, number):
    build.a_bank(company)
    answer = client.post(reverse("guided_test_make"), {"supplier": number})
    assert answer.status_code == 422
    assert f'value="{number}"' in answer.content.decode()
    assert not Payment.objects.exists()


def test_a_blocked_supplier_is_refused(client, anna, company):
    partner, supplier = build.a_bank(company), build.a_supplier(company, blocked=True)
    answer = client.post(reverse("guided_test_make"), {"supplier": supplier.number, "bank_partner": partner.pk})
    assert "is blocked" in answer.content.decode()


def test_an_approver_looks_but_makes_none(client, company):
    client.force_login(build.an_approver(company))
    assert "An accountant of the company makes it." in client.get(reverse("guided_test")).content.decode()
    assert client.post(reverse("guided_test_make"), {}).status_code == 403


def test_a_reader_does_not_see_it(client, company):
    client.force_login(build.a_person(Role.READER, company=company))
    assert client.get(reverse("guided_test")).status_code == 403
    assert reverse("guided_test") not in client.get(reverse("sending")).content.decode()


def test_a_salary_payment_is_never_shown(client, anna, company):
    payment = build.an_estimate(company, 1, salary=True)
    assert client.get(reverse("guided_test_of", args=[payment.number])).status_code == 404


def at_central(company):
    payment = build.an_uploaded_payment(company, 1)
    Payment.objects.filter(pk=payment.pk).update(round_state=RoundState.RELEASED)
    payment.transfers.update(state=TransferState.ACCEPTED, sent_at=timezone.now(), accepted_at=timezone.now())
    return payment


def test_at_central_the_page_opens_the_cancel_and_keeps_asking(client, anna, company):
    payment = at_central(company)
    part = client.get(reverse("guided_test_of", args=[payment.number]), **PART).content.decode()
    assert reverse("guided_test_cancel", args=[payment.number]) in part
    assert "every 3s" in part
    assert "<html" not in part


def held_at_central(sandbox):
    company = a_linked_company(sandbox)
    sandbox.post("/rules", {"stage": "file", "when": {}, "then": {"outcome": "hold"}, "first": True})
    transfer = a_released_transfer(company, lines=1)
    send_transfer(transfer.pk)
    return company, transfer.payment


@pytest.mark.broker
def test_the_cancel_is_made_without_leaving_the_test(client, sandbox, settings, tmp_path):
    settings.DATA_AREA = tmp_path
    company, payment = held_at_central(sandbox)
    client.force_login(build.an_accountant(company))
    address = reverse("guided_test_cancel", args=[payment.number])
    assert "Cancel file" in client.get(address).content.decode()
    assert client.post(address, {"why": "no"}).status_code == 422
    answer = client.post(address, {"why": "The test of the way back"}, HTTP_HX_REQUEST="true")
    assert answer.status_code == 204
    assert "refresh-test-steps" in answer["HX-Trigger"]
    assert payment.transfers.get().state == TransferState.CANCELLED
    part = client.get(reverse("guided_test_of", args=[payment.number]), **PART).content.decode()
    assert "the status report of AutoPay central is not here yet" in part


@pytest.mark.broker
def test_without_script_the_cancel_leads_back_to_the_test(client, sandbox, settings, tmp_path):
    settings.DATA_AREA = tmp_path
    company, payment = held_at_central(sandbox)
    client.force_login(build.an_accountant(company))
    answer = client.post(reverse("guided_test_cancel", args=[payment.number]), {"why": "The test of the way back"})
    assert answer.headers["Location"] == reverse("guided_test_of", args=[payment.number])


def test_before_there_is_a_file_there_is_nothing_to_cancel(client, anna, company):
    payment = build.an_estimate(company, 1)
    assert client.get(reverse("guided_test_cancel", args=[payment.number])).status_code == 404


def test_a_payment_that_cannot_pass_stops_asking(client, anna, company):
    payment = at_central(company)
    payment.transfers.update(state=TransferState.REFUSED)
    assert "every 3s" not in client.get(reverse("guided_test_of", args=[payment.number]), **PART).content.decode()


def test_the_part_is_cheap(client, anna, company, django_assert_max_num_queries):
    payment = at_central(company)
    address = reverse("guided_test_of", args=[payment.number])
    client.get(address, **PART)
    with django_assert_max_num_queries(12):
        client.get(address, **PART)


def test_sending_and_operations_lead_there(client, anna, company):
    InstanceRole.objects.create(person=anna, role=InstanceRoleKind.OPERATIONS)
    for page in ("sending", "operations"):
        assert reverse("guided_test") in client.get(reverse(page)).content.decode()
