"""What one click started is found by one id: in the web's log, in the worker's, and on the exchange."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from integration.choices import MessageState
from integration.models import Exchange, InboxMessage
from tests import build
from tests.integration.linking import a_linked_company
from tests.waiting import eventually

pytestmark = [
    pytest.mark.broker,
    pytest.mark.story,
    pytest.mark.xdist_group("stories"),
    pytest.mark.django_db(transaction=True),
]


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
    lines = [json.loads(line) for line in worker.log.read_text().splitlines() if line.startswith("{")]
    [handled] = [line for line in lines if line.get("event") == "message_handled"]
    message = InboxMessage.objects.get()
    assert (handled["request_id"], handled["message"]) == (click, message.message_id)
    assert handled["company"] == str(company.number)
