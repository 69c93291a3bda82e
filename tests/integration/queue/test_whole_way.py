"""From the bank's file to rows, through gateway, queue, consumer and worker as real processes."""

from __future__ import annotations

import pytest

from integration.choices import MessageState
from integration.models import InboxMessage
from integration.queue import registration
from payments.models import IncomingPayment
from tests import build
from tests.integration.linking import ACCOUNT, a_linked_company
from tests.waiting import eventually

pytestmark = [pytest.mark.broker, pytest.mark.story, pytest.mark.django_db(transaction=True)]


def test_a_customer_payment_reaches_the_console_once_though_the_queue_delivers_it_twice(
    run_consumer, run_worker, sandbox
):
    company = a_linked_company(sandbox)
    build.an_agreement(build.a_bank_partner(company, account=ACCOUNT))
    sandbox.post("/rules", {"stage": "delivery", "when": {}, "then": {"deliver": "twice"}})
    registration.register()
    run_worker()
    run_consumer()
    sandbox.post("/incoming", {"account": ACCOUNT, "format": "camt.054", "payments": [{"amount": "1500.00"}]})
    message = eventually(lambda: InboxMessage.objects.filter(state=MessageState.HANDLED, heard=2).first())
    assert message.company == company
    assert not message.by_download
    assert IncomingPayment.objects.filter(company=company).count() == 1
