"""The self-test names the first hop that does not work, and runs the whole way when all do."""

from __future__ import annotations

import pytest

from integration import selftest
from integration.models import InboxMessage, WorkerBeat
from integration.queue import registration
from tests.build import a_person
from tests.integration.linking import the_gateway
from tests.waiting import eventually

pytestmark = [pytest.mark.broker, pytest.mark.django_db(transaction=True)]


def told(**options):
    return {step.code: step for step in selftest.run(**options)}


def a_living_worker(run_worker):
    """A worker that has said that it is alive."""
    run_worker()
    eventually(WorkerBeat.objects.filter(kind="worker").exists)


def test_the_whole_way_is_good_and_every_hop_has_its_time(run_consumer, run_worker, sandbox):
    the_gateway(sandbox)
    a_living_worker(run_worker)
    consumer = run_consumer()
    eventually(lambda: "queue_registered" in consumer.tail(50))
    steps = told()
    assert [step.code for step in steps.values() if not step.good] == [], steps
    assert list(steps) == ["database", "workers", "gateway", "login", "queue", "registered", "consumer", "handled"]
    assert steps["consumer"].milliseconds > 0
    assert not InboxMessage.objects.exists()


def test_what_comes_after_a_broken_hop_is_not_tried(broker):
    steps = told()
    assert steps["workers"].good is False
    assert steps["workers"].remedy
    assert {step.good for code, step in steps.items() if code not in ("database", "workers")} == {None}


def test_a_wrong_password_is_found_at_the_login(run_worker, sandbox):
    the_gateway(sandbox, password="wrong")
    a_living_worker(run_worker)
    steps = told()
    assert (steps["gateway"].good, steps["login"].good) == (True, False)


def test_a_paused_or_missing_consumer_is_found(run_worker, sandbox, broker):
    from autopay_console.kernel import broker as brokers

    the_gateway(sandbox)
    a_living_worker(run_worker)
    with brokers.client() as line:
        registration.ensure_stream(line, registration.queue_name())
    registration.register()
    assert "consume_queue" in told(wait=0.2)["consumer"].remedy
    registration.pause(a_person())
    assert "paused" in told(wait=0.2)["consumer"].text
