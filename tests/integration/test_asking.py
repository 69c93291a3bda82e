"""What people ask the bank side and decided about names goes out through a real gateway."""

import pytest
from django.utils import timezone

from companies import stopping
from integration import asking, sending
from payments.choices import PayeeAct, TransferState
from payments.models import PayeeDecision, Transfer
from tests import build
from tests.integration.linking import a_linked_company, a_released_transfer

pytestmark = [pytest.mark.django_db, pytest.mark.broker]


@pytest.fixture(autouse=True)
def _area(settings, tmp_path):
    settings.GATEWAY_READ_SECONDS, settings.DATA_AREA = 5, tmp_path / "files"


@pytest.fixture
def company(sandbox):
    return a_linked_company(sandbox)


def a_decision(company, transfer, act):
    return PayeeDecision.objects.create(
        company=company,
        transfer=transfer,
        act=act,
        reason="Called them",
        state="confirmed",
        asked_by=build.an_accountant(company),
        decided_by=build.an_approver(company),
        decided_at=timezone.now(),
    )


def test_asking_about_a_delivered_file_fetches_what_central_said_and_sends_nothing(company):
    transfer = a_released_transfer(company)
    sending.send_transfer(transfer.pk)
    anna = build.an_accountant(company)
    assert asking.ask_about([transfer.pk], anna.pk) == 1
    transfer.refresh_from_db()
    assert (transfer.state, transfer.attempts) == (TransferState.ACCEPTED, 1)
    assert transfer.payment.events.filter(kind="asked", person=anna).exists()


def test_asking_about_a_doubtful_file_settles_the_doubt(company):
    transfer = a_released_transfer(company)
    sending.send_transfer(transfer.pk)
    Transfer.objects.filter(pk=transfer.pk).update(state=TransferState.UNKNOWN, claimed_until=None)
    assert asking.ask_about([transfer.pk], build.an_accountant(company).pk) == 1
    transfer.refresh_from_db()
    assert transfer.state == TransferState.ACCEPTED


def test_a_decision_the_bank_side_does_not_take_is_kept_with_its_error_and_tried_again(company):
    transfer = a_released_transfer(company)  # central never got the file
    decision = a_decision(company, transfer, PayeeAct.RELEASE)
    assert asking.tell_payee_decisions([decision.pk]) == 0
    decision.refresh_from_db()
    assert decision.told_at is None
    assert decision.last_error


def test_a_cancellation_is_told_once(company):
    transfer = a_released_transfer(company)
    sending.send_transfer(transfer.pk)
    decision = a_decision(company, transfer, PayeeAct.CANCEL)
    told = asking.tell_payee_decisions([decision.pk])
    decision.refresh_from_db()
    assert bool(told) == (decision.told_at is not None)
    assert asking.tell_payee_decisions([decision.pk]) in (0, 1 - told)


def test_a_release_is_not_told_while_sending_is_stopped(company, monkeypatch):
    transfer = a_released_transfer(company)
    sending.send_transfer(transfer.pk)
    decision = a_decision(company, transfer, PayeeAct.RELEASE)
    stopping.stop(company, decision.decided_by, "Something is wrong")
    monkeypatch.setattr(asking.client, "connect", lambda: pytest.fail("the bank side was told"))
    assert asking.tell_payee_decisions([decision.pk]) == 0
    decision.refresh_from_db()
    assert decision.told_at is None
    assert decision.last_error
