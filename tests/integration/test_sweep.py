"""The sweep finds what a lost nudge or a killed worker left, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from companies import mails
from integration.queue import envelope, inbox
from integration.sweep import sweep
from payments.bank_files import importing
from payments.choices import FileState, TransferState
from payments.models import BankFile, Transfer
from tests import build
from tests.integration.queue.messages import a_body

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(hours=1)


@pytest.fixture
def company(db, settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"
    return build.a_company()


def test_nothing_is_due_in_a_quiet_installation(company):
    found = sweep()
    assert (found.messages, found.transfers, found.files, found.booking, found.mails) == (0, 0, 0, 0, 0)


def test_messages_nobody_worked_on_are_found(company):
    inbox.hear([envelope.read(a_body(company.visma_company_id))])
    assert sweep().messages == 1


def test_released_transfers_are_found_when_their_hold_is_over(company):
    transfer = build.an_uploaded_payment(company).transfers.get()
    mine = Transfer.objects.filter(pk=transfer.pk)
    mine.update(state=TransferState.RELEASED, not_before=timezone.now() + LONG_AGO)
    assert sweep().transfers == 0
    mine.update(not_before=timezone.now())
    assert sweep().transfers == 1


def test_a_transfer_whose_worker_died_while_sending_becomes_unknown_and_is_asked_about(company):
    transfer = build.an_uploaded_payment(company).transfers.get()
    mine = Transfer.objects.filter(pk=transfer.pk)
    mine.update(state=TransferState.SENDING, claimed_until=timezone.now() - LONG_AGO, claim="gone")
    assert sweep().transfers == 1
    assert mine.get().state == TransferState.UNKNOWN


def test_files_nobody_imported_are_found_and_finished_ones_are_not(company):
    file = importing.receive(company, b"<nothing/>", "a.xml")
    mine = BankFile.objects.filter(pk=file.pk)
    assert sweep().files == 0  # its nudge is a moment old
    mine.update(received_at=timezone.now() - LONG_AGO)
    assert sweep().files == 1
    mine.update(state=FileState.IMPORTING, claimed_until=timezone.now() + LONG_AGO)
    assert sweep().files == 0
    mine.update(claimed_until=timezone.now() - LONG_AGO)
    assert sweep().files == 1
    mine.update(state=FileState.IMPORTED)
    assert sweep().files == 0


def test_mails_are_found(company):
    mails.post("k", ["anna@example.com"], "Payments wait", "…")
    assert sweep().mails == 1


def test_a_sweep_asks_few_questions_however_much_is_due(company, django_assert_max_num_queries):
    others = [build.a_company() for _company in range(3)]
    inbox.hear([envelope.read(a_body(one.visma_company_id)) for one in others for _message in range(20)])
    with django_assert_max_num_queries(20):
        assert sweep().messages == 3
