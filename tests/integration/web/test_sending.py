"""The page *Sending*: the switch on the screen, and the bar that says so on every page."""

import pytest
from django.test import Client
from django.urls import reverse

from companies import stopping
from companies.choices import InstanceRoleKind, Role
from companies.models import InstanceRole, Membership, SendingStop
from integration.sending import send_transfer
from payments.choices import TransferState
from tests import build
from tests.integration.linking import a_linked_company, a_released_transfer

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return build.a_company(name="Nordic Foods AS")


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


def test_stop_ask_and_agree_on_the_screen(company):
    anna, bjorn = build.an_accountant(company), build.an_approver(company)
    first, second = client_of(anna), client_of(bjorn)
    first.post(reverse("sending_stop"), {"why": "A supplier account looks wrong"})
    page = second.get(reverse("overview")).content.decode()
    assert "Nothing leaves: sending is stopped for Nordic Foods AS." in page
    assert "A supplier account looks wrong" in page
    assert anna.shown in page
    first.post(reverse("sending_resume"), {"why": "The supplier confirmed it"})
    answer = first.post(reverse("sending_resume"), follow=True).content.decode()
    assert "Another person must agree" in answer
    assert stopping.in_force(company)
    second.post(reverse("sending_resume"))
    assert not stopping.in_force(company)
    assert "Nothing leaves" not in second.get(reverse("overview")).content.decode()
    assert "The supplier confirmed it" in second.get(reverse("sending")).content.decode()


def test_the_dialog_keeps_what_was_typed_and_says_what_is_missing(company):
    answer = client_of(build.an_accountant(company)).post(
        reverse("sending_stop"), {"why": "no"}, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="dialog"
    )
    assert answer.status_code == 422
    assert 'value="no"' in answer.content.decode()
    assert not SendingStop.objects.exists()


def test_the_wish_is_refused_on_the_screen(company):
    anna, bjorn = build.an_accountant(company), build.an_approver(company)
    row = stopping.stop(company, anna, "a reason")
    stopping.ask_resume(row, anna, "another reason")
    client_of(bjorn).post(reverse("sending_stay"))
    row.refresh_from_db()
    assert row.resume_asked_by is None
    assert stopping.in_force(company)


def test_a_reader_sees_the_switch_and_cannot_move_it(company):
    reader = client_of(build.a_person(Role.READER, company=company))
    assert reverse("sending_stop") not in reader.get(reverse("sending")).content.decode()
    assert reader.post(reverse("sending_stop"), {"why": "a good reason"}).status_code == 403


def test_operations_stops_all_companies_and_everybody_sees_it(company):
    eva = build.a_person()
    InstanceRole.objects.create(person=eva, role=InstanceRoleKind.OPERATIONS)
    client_of(eva).post(reverse("sending_stop_all"), {"why": "The bank called"})
    page = client_of(build.a_person(Role.READER, company=company)).get(reverse("home")).content.decode()
    assert "Nothing leaves: sending is stopped for all companies." in page
    assert "The bank called" in client_of(eva).get(reverse("sending_all")).content.decode()


def test_operations_sees_which_companies_are_stopped(company):
    stopping.stop(company, build.an_accountant(company), "a reason of theirs")
    eva = build.a_person()
    InstanceRole.objects.create(person=eva, role=InstanceRoleKind.OPERATIONS)
    page = client_of(eva).get(reverse("sending_all")).content.decode()
    assert "Nordic Foods AS" in page
    assert "a reason of theirs" in page


def test_another_company_is_not_touched(company):
    stopping.stop(company, build.an_accountant(company), "a reason")
    other = client_of(build.an_accountant(build.a_company()))
    assert "Nothing leaves" not in other.get(reverse("home")).content.decode()


def test_members_find_traffic_log_and_switch_in_the_side_bar(company):
    page = client_of(build.a_person(Role.READER, company=company)).get(reverse("home")).content.decode()
    assert f'href="{reverse("sending")}"' in page
    assert f'href="{reverse("exchanges")}"' in page


def test_a_file_held_at_central_is_approved_there_on_the_screen_but_not_by_its_uploader(sandbox, settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"
    company = a_linked_company(sandbox)
    sandbox.post("/rules", {"stage": "file", "when": {}, "then": {"outcome": "hold"}, "first": True})
    transfer = a_released_transfer(company)
    send_transfer(transfer.pk)
    uploader = transfer.payment.uploaded_by
    Membership.objects.create(company=company, person=uploader, role=Role.APPROVER)
    url = reverse("transfer_approve", args=[transfer.pk])
    assert "you uploaded" in client_of(uploader).post(url, follow=True).content.decode()
    bjorn = client_of(build.an_approver(company))
    assert transfer.msg_id in bjorn.get(reverse("sending")).content.decode()
    assert "Approved at AutoPay central" in bjorn.post(url, follow=True).content.decode()


def test_a_file_held_at_central_is_cancelled_there_with_a_reason(sandbox, settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"
    company = a_linked_company(sandbox)
    sandbox.post("/rules", {"stage": "file", "when": {}, "then": {"outcome": "hold"}, "first": True})
    transfer = a_released_transfer(company)
    send_transfer(transfer.pk)
    anna = client_of(build.an_accountant(company))
    url = reverse("transfer_cancel", args=[transfer.pk])
    assert anna.post(url, {"why": "no"}).status_code == 422
    anna.post(url, {"why": "Wrong supplier"})
    transfer.refresh_from_db()
    assert transfer.state == TransferState.CANCELLED
