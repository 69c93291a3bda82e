"""Thousands of messages, one in a hundred poisoned, while people use the pages: all handled or parked, in order.

Among them come the answers to payments, day by day: each payment hears its own in the order its bank said them.

AUTOPAY_MANY_MESSAGES (a number) makes it larger: docs/reliability.md has the figures of 10 000.
"""

from __future__ import annotations

import os
import random
import time
from itertools import pairwise

import pytest
from django.test import Client
from django.urls import reverse

from integration.choices import MessageState, MessageType
from integration.models import Exchange, InboxMessage
from integration.queue import registration
from payments import files
from payments.choices import LineStatus
from payments.models import LineChange, PaymentNote, Transfer
from tests.integration.linking import a_linked_company
from tests.integration.queue.messages import a_body, put
from tests.stories.place import UNDER_WAY, a_place
from tests.waiting import eventually

pytestmark = [
    pytest.mark.broker,
    pytest.mark.story,
    pytest.mark.xdist_group("stories"),
    pytest.mark.django_db(transaction=True),
]
MANY = int(os.environ.get("AUTOPAY_MANY_MESSAGES", "1000"))
OVER = (MessageState.HANDLED, MessageState.PARKED)
PAYMENTS, STATIONS = 8, 3  # of the bank: each says something about every payment


def poison(number, company):
    """Bytes that can never be handled: no JSON, another's company, an unknown type, a file that is not there."""
    return (
        b"\xff\x00 not json %d" % number,
        a_body("somebody-else"),
        a_body(company.visma_company_id, message_type="Weather"),
        a_body(company.visma_company_id, fileId=f"nothing-{number}"),
    )[number % 4]


def answers_of(payment):
    """The messages that brought answers to a payment's file, in the order they came; read with no code of ours."""
    wanted = payment.transfers.get().msg_id.encode()
    rows = InboxMessage.objects.filter(message_type=MessageType.STATUS, bank_file__isnull=False)
    rows = rows.select_related("bank_file").order_by("received_at", "pk")
    return [row for row in rows if wanted in files.full_path(row.bank_file.path).read_bytes()]


def in_order_of_payment(payment):
    """Its answers were handled as they came, and every line went the one way forward to posted."""
    answers = answers_of(payment)
    assert len(answers) >= STATIONS
    moments = [row.handled_at for row in answers]
    assert moments == sorted(moments)
    ways = set()
    for line in payment.lines.all():
        steps = list(LineChange.objects.filter(line=line).order_by("pk").values_list("before", "after"))
        assert all(one[1] == next_one[0] for one, next_one in pairwise(steps))
        ways.add(tuple(after for _before, after in steps))
    assert len(ways) == 1
    assert ways.pop()[-1] == LineStatus.POSTED


def test_all_good_ones_are_handled_in_order_and_every_poisoned_one_is_parked(
    sandbox, process_env, run_worker, run_consumer
):
    other = a_linked_company(sandbox, organisation_no="923609016", number=4711)
    place = a_place(sandbox)
    companies = [place.company, other]
    payments = [place.paid("100.00", "200.00") for _payment in range(PAYMENTS)]
    poisoned, draw = MANY // 100, random.Random(MANY)
    places = set(draw.sample(range(MANY), poisoned))
    bank_works = {MANY * station // (STATIONS + 1) for station in range(1, STATIONS + 1)}
    registration.register()
    workers = [run_worker(beat=True, SWEEP_SECONDS="2"), run_worker()]
    consumer = run_consumer()
    client = Client()
    client.force_login(place.clerk)
    began, bad, written = time.monotonic(), 0, 0
    for number in range(MANY):
        company = companies[number % 2]
        if number in places:
            put(poison(bad, company))
            bad += 1
        else:
            sandbox.post("/mandates", {"company": f"NO-{company.organisation_no}", "customers": []})
        if number in bank_works:  # its answers come amid the flood
            eventually(lambda: not Transfer.objects.filter(state__in=UNDER_WAY).exists())
            sandbox.post("/clock", {"until": "next"})
        if number % 20 == 0:
            client.post(reverse("payment_note", args=[payments[0].number]), {"text": f"note {number}"})
            written += 1
    place.days(seconds=MANY * 0.3 + 60)
    took = time.monotonic() - began
    handled = InboxMessage.objects.filter(message_type=MessageType.MANDATES, state=MessageState.HANDLED).count()
    parked = InboxMessage.objects.filter(state=MessageState.PARKED).count()
    assert (handled, parked) == (MANY - poisoned, poisoned)
    assert not InboxMessage.objects.exclude(state__in=OVER).exists()
    assert PaymentNote.objects.count() == written
    for company in companies:
        done = InboxMessage.objects.filter(company=company, state=MessageState.HANDLED).order_by("received_at", "pk")
        moments = list(done.values_list("handled_at", flat=True))
        assert moments == sorted(moments)
    for payment in payments:
        in_order_of_payment(payment)
    assert Exchange.objects.filter(kind="mandates").count() == MANY - poisoned
    for running in (*workers, consumer):
        assert "database is locked" not in running.log.read_text()
    print(f"\n{MANY} messages, {poisoned} poisoned, {PAYMENTS} payments among them: {took:.0f} s")
