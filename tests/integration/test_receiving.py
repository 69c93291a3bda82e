"""From message to facts: the file is fetched, proven, kept once, and used for the company whose account it names."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from integration import downloading, sending
from integration.choices import MessageState
from integration.models import Exchange, InboxMessage, StoredFile
from integration.queue import dispatch, envelope, inbox, resolving
from payments import files
from payments.choices import FileState, LineStatus
from payments.models import BankFile, IncomingPayment, PaymentLine
from tests import build
from tests.integration.linking import ACCOUNT, a_linked_company, a_released_transfer, fault
from tests.integration.queue.messages import a_body
from tests.waiting import eventually

pytestmark = [pytest.mark.broker, pytest.mark.django_db]


@pytest.fixture
def company(sandbox, settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"
    return a_linked_company(sandbox)


@pytest.fixture
def account(company):
    """The company's account is known here too."""
    partner = build.a_bank_partner(company, account=ACCOUNT)
    build.an_agreement(partner)
    return partner


def a_customer_pays(sandbox, company, kind="camt.054", amount="1500.00"):
    """A customer pays, and the message about it is in the inbox."""
    sandbox.post("/incoming", {"account": ACCOUNT, "format": kind, "payments": [{"amount": amount, "text": "hello"}]})
    before = set(InboxMessage.objects.values_list("pk", flat=True))
    eventually(lambda: downloading.download(company).new)
    return InboxMessage.objects.exclude(pk__in=before).get()


def worked(message):
    """The message after a worker had it."""
    InboxMessage.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    dispatch.work([message.pk])
    message.refresh_from_db()
    return message


@pytest.mark.parametrize("kind", ["camt.054", "vip"])
def test_incoming_payments_are_fetched_kept_and_imported(sandbox, company, account, kind):
    message = worked(a_customer_pays(sandbox, company, kind))
    assert (message.state, message.reason) == (MessageState.HANDLED, "")
    file = message.bank_file
    assert (file.state, file.type, file.digest) == (FileState.IMPORTED, kind, message.file_digest)
    assert files.digest_of(files.full_path(file.path)) == file.digest
    assert IncomingPayment.objects.filter(company=company).count() == 1
    assert Exchange.objects.filter(kind="file", message=message).exists()
    assert StoredFile.objects.filter(company=company, digest=file.digest).exists()


def test_the_same_file_under_another_message_is_not_imported_again(sandbox, company, account):
    first = worked(a_customer_pays(sandbox, company))
    body = a_body(company.visma_company_id, "m-again", fileId=first.file_id, sha256=first.file_digest)
    inbox.hear([envelope.read(body)])
    second = worked(InboxMessage.objects.get(message_id="m-again"))
    assert second.state == MessageState.HANDLED
    assert second.bank_file == first.bank_file
    assert IncomingPayment.objects.count() == 1
    assert Exchange.objects.filter(kind="file").count() == 1


def test_a_file_whose_account_is_unknown_here_is_parked_and_tried_again_when_it_is_known(sandbox, company):
    message = worked(a_customer_pays(sandbox, company))
    assert message.state == MessageState.PARKED
    assert ACCOUNT in message.reason
    assert not IncomingPayment.objects.exists()
    partner = build.a_bank_partner(company, account=ACCOUNT)
    build.an_agreement(partner)
    resolving.try_again(message, build.a_person())
    assert worked(message).state == MessageState.HANDLED
    assert IncomingPayment.objects.count() == 1


def test_a_file_of_another_companys_account_is_parked_and_books_nothing(sandbox, company):
    other = build.a_company()
    build.a_bank_partner(other, account=ACCOUNT)
    message = worked(a_customer_pays(sandbox, company))
    assert message.state == MessageState.PARKED
    assert str(other) in message.reason
    assert not IncomingPayment.objects.exists()


def test_a_file_with_another_digest_than_the_message_says_is_parked(sandbox, company, account):
    real = a_customer_pays(sandbox, company)
    body = a_body(company.visma_company_id, "m-forged", fileId=real.file_id, sha256="cd" * 32)
    inbox.hear([envelope.read(body)])
    InboxMessage.objects.filter(pk=real.pk).delete()
    message = worked(InboxMessage.objects.get(message_id="m-forged"))
    assert message.state == MessageState.PARKED
    assert "digest" in message.reason
    assert not BankFile.objects.exists()


def test_a_file_the_gateway_does_not_have_is_parked(company):
    inbox.hear([envelope.read(a_body(company.visma_company_id, "m-gone"))])
    message = worked(InboxMessage.objects.get())
    assert (message.state, message.reason.partition(":")[0]) == (MessageState.PARKED, "unknown-file")


def test_a_gateway_that_is_down_for_a_moment_costs_a_delay(sandbox, company, account):
    message = a_customer_pays(sandbox, company)
    fault(sandbox, "fetchFile", "down")
    assert worked(message).state == MessageState.FAILED
    assert worked(message).state == MessageState.HANDLED


def test_an_answer_that_is_not_signed_is_not_believed(sandbox, company, account):
    message = a_customer_pays(sandbox, company)
    fault(sandbox, "fetchFile", "wrong-signature")
    assert worked(message).state == MessageState.FAILED
    assert not BankFile.objects.exists()


def test_a_status_report_moves_the_lines_of_its_payment(sandbox, company):
    transfer = a_released_transfer(company)
    sending.send_transfer(transfer.pk)
    eventually(lambda: downloading.download(company).new)
    first = InboxMessage.objects.order_by("received_at").first()
    assert worked(first).state == MessageState.HANDLED, first.reason
    statuses = set(PaymentLine.objects.filter(payment=transfer.payment).values_list("status", flat=True))
    assert statuses <= {LineStatus.TRANSFERRED, LineStatus.ACKNOWLEDGED, LineStatus.SETTLED}


def test_direct_debit_mandates_are_kept_and_shown(sandbox, company):
    sandbox.post("/mandates", {"company": f"NO-{company.organisation_no}", "customers": []})
    eventually(lambda: downloading.download(company).new)
    message = worked(InboxMessage.objects.get())
    assert (message.state, message.reason) == (MessageState.HANDLED, "Direct-debit mandates stored.")
    assert StoredFile.objects.get(kind="mandates").company == company
    assert not BankFile.objects.exists()
