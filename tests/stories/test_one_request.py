"""What one click started is found by one id, a message and a payment by theirs: in the logs of web, consumer and
worker, and on the exchanges."""

from __future__ import annotations

import json
import logging

import pytest
from django.test import Client
from django.urls import reverse

from autopay_console.kernel.nudging import nudge
from integration.choices import MessageState
from integration.models import Exchange, InboxMessage
from integration.queue import registration
from payments.choices import TransferState
from tests import build
from tests.integration.linking import a_linked_company, a_released_transfer
from tests.waiting import eventually

pytestmark = [
    pytest.mark.broker,
    pytest.mark.story,
    pytest.mark.xdist_group("stories"),
    pytest.mark.django_db(transaction=True),
]


def said(process, event):
    """The lines of one event in a process's log."""
    lines = [json.loads(line) for line in process.log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("event") == event]


def test_the_worker_logs_and_records_under_the_id_of_the_click(sandbox, process_env, run_worker):
    company = a_linked_company(sandbox)
    sandbox.post("/mandates", {"company": f"NO-{company.organisation_no}", "customers": []})
    worker = run_worker(LOG_JSON="1")
    client = Client()
    client.force_login(build.an_accountant(company))
    client.post(reverse("download"))
    eventually(lambda: InboxMessage.objects.filter(state=MessageState.HANDLED).exists())
    click = Exchange.objects.get(kind="messages").request_id  # asked by the web
    assert click
    kinds = set(Exchange.objects.filter(request_id=click).values_list("kind", flat=True))
    assert {"file", "mandates"} <= kinds  # fetched and kept by the worker
    [handled] = eventually(lambda: said(worker, "message_handled"))
    message = InboxMessage.objects.get()
    assert (handled["request_id"], handled["message"]) == (click, message.message_id)
    assert handled["company"] == str(company.number)


def test_request_message_and_payment_are_named_by_web_consumer_and_worker(
    sandbox, process_env, run_worker, run_consumer, caplog
):
    company = a_linked_company(sandbox)
    sandbox.post("/rules", {"stage": "file", "when": {}, "then": {"outcome": "hold"}, "first": True})
    transfer = a_released_transfer(company, lines=1)
    payment = transfer.payment
    registration.register()
    worker, consumer = run_worker(LOG_JSON="1"), run_consumer(LOG_JSON="1", LOG_LEVEL="DEBUG")
    nudge("integration.tasks.send_transfers", [transfer.pk])
    eventually(lambda: payment.transfers.get().state == TransferState.ACCEPTED)
    [sent] = said(worker, "transfer_answered")
    assert (sent["payment_id"], sent["transfer_id"]) == (payment.pk, transfer.pk)
    eventually(lambda: sandbox.get("/uploads")["uploads"][0]["state"] == "waiting")

    client = Client()
    client.force_login(build.an_approver(company))
    with caplog.at_level(logging.INFO):
        client.post(reverse("transfer_approve", args=[transfer.pk]))
    [clicked] = [one.msg for one in caplog.records if "approval_answered" in str(one.msg)]
    call = Exchange.objects.get(kind="approve")
    assert (clicked["payment_id"], clicked["request_id"]) == (payment.pk, call.request_id)
    assert call.payment_id == payment.pk

    message = eventually(lambda: InboxMessage.objects.filter(state=MessageState.HANDLED).first())
    readings = said(consumer, "queue_read")
    assert [one for one in readings if message.message_id in (one.get("message"), *one.get("messages", ()))]
    [kept] = [one for one in said(consumer, "message_kept") if one["message"] == message.message_id]
    [handled] = [one for one in said(worker, "message_handled") if one["message"] == message.message_id]
    [moved] = [one for one in said(worker, "lines_moved") if one.get("message") == message.message_id]
    assert kept["request_id"] == handled["request_id"] == moved["request_id"] == f"m-{message.pk.hex[:30]}"
    assert moved["payment_ids"] == [payment.pk]
    assert Exchange.objects.get(kind="file", message=message).request_id == kept["request_id"]
