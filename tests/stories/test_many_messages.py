"""Thousands of messages, one in a hundred poisoned, while people use the pages: all handled or parked, in order.

AUTOPAY_MANY_MESSAGES (a number) makes it larger: docs/reliability.md has the figures of 10 000.
"""

from __future__ import annotations

import os
import random
import time

import pytest
from django.test import Client
from django.urls import reverse

from integration.choices import MessageState
from integration.models import Exchange, InboxMessage
from integration.queue import registration
from payments.models import PaymentNote
from tests import build
from tests.integration.linking import a_linked_company
from tests.integration.queue.messages import a_body, put

pytestmark = [
    pytest.mark.broker,
    pytest.mark.story,
    pytest.mark.xdist_group("stories"),
    pytest.mark.django_db(transaction=True),
]
MANY = int(os.environ.get("AUTOPAY_MANY_MESSAGES", "1000"))
OVER = (MessageState.HANDLED, MessageState.PARKED)


def poison(number, company):
    """Bytes that can never be handled: no JSON, another's company, an unknown type, a file that is not there."""
    return (
        b"\xff\x00 not json %d" % number,
        a_body("somebody-else"),
        a_body(company.visma_company_id, message_type="Weather"),
        a_body(company.visma_company_id, fileId=f"nothing-{number}"),
    )[number % 4]


def test_all_good_ones_are_handled_in_order_and_every_poisoned_one_is_parked(
    sandbox, process_env, run_worker, run_consumer
):
    companies = [a_linked_company(sandbox)]
    companies.append(a_linked_company(sandbox, organisation_no="923609016", number=4711))
    payment = build.an_uploaded_payment(companies[0])
    poisoned, draw = MANY // 100, random.Random(MANY)
    places = set(draw.sample(range(MANY), poisoned))
    registration.register()
    workers = [run_worker(beat=True, SWEEP_SECONDS="2"), run_worker()]
    consumer = run_consumer()
    client = Client()
    client.force_login(build.an_accountant(companies[0]))
    began, bad, written = time.monotonic(), 0, 0
    for number in range(MANY):
        company = companies[number % 2]
        if number in places:
            put(poison(bad, company))
            bad += 1
        else:
            sandbox.post("/mandates", {"company": f"NO-{company.organisation_no}", "customers": []})
        if number % 20 == 0:
            client.post(reverse("payment_note", args=[payment.number]), {"text": f"note {number}"})
            written += 1
    end = time.monotonic() + MANY * 0.3 + 60
    while InboxMessage.objects.filter(state__in=OVER).count() < MANY and time.monotonic() < end:
        time.sleep(0.2)
    took = time.monotonic() - began
    states = {state: InboxMessage.objects.filter(state=state).count() for state in MessageState.values}
    assert (states[MessageState.HANDLED], states[MessageState.PARKED]) == (MANY - poisoned, poisoned), states
    assert PaymentNote.objects.count() == written
    for company in companies:
        done = InboxMessage.objects.filter(company=company, state=MessageState.HANDLED).order_by("received_at", "pk")
        moments = list(done.values_list("handled_at", flat=True))
        assert moments == sorted(moments)
    assert Exchange.objects.filter(kind="mandates").count() == MANY - poisoned
    for running in (*workers, consumer):
        assert "database is locked" not in running.log.read_text()
    print(f"\n{MANY} messages, {poisoned} poisoned: {took:.0f} s")
