"""The consumer as a real process: every entry becomes one row, whatever happens to processes and broker."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest
import redis
from django.db import transaction

from autopay_console.kernel import broker as brokers
from integration.choices import MessageState
from integration.gateway import client
from integration.models import InboxMessage, MessageQueue, WorkerBeat
from integration.queue import registration
from tests.build import a_company, a_person
from tests.integration.linking import the_gateway
from tests.integration.queue.messages import a_body, a_test_body, depth, put
from tests.waiting import eventually

pytestmark = [pytest.mark.broker, pytest.mark.django_db(transaction=True)]


def rows(**facts):
    return InboxMessage.objects.filter(**facts)


def in_all(count, **facts):
    """Whether there are that many rows, waiting for them."""
    return eventually(lambda: rows(**facts).count() == count)


def test_a_message_goes_from_the_queue_to_a_worker_and_is_handled(run_consumer, run_worker):
    run_worker()
    consumer = run_consumer()
    put(a_test_body())
    in_all(1, state=MessageState.HANDLED)
    assert eventually(lambda: depth() == 0)
    assert consumer.stop() == 0
    assert WorkerBeat.objects.get(kind="consumer").stopping


def test_whatever_the_bytes_are_a_row_exists_and_the_queue_is_empty(run_consumer):
    company = a_company()
    run_consumer()
    with brokers.client() as line:
        name = put(b"\x00\xff", b"{}", a_body("c-foreign"), a_body(company.visma_company_id, message_type="AutoReport"))
        line.xadd(name, {b"other": b"field"})
    in_all(5, state=MessageState.PARKED)
    assert all(row.reason and row.raw for row in rows())
    assert eventually(lambda: depth() == 0)


def test_a_consumer_killed_between_commit_and_acknowledgement_leaves_exactly_one_row(run_consumer):
    first = run_consumer()
    with brokers.client() as line:
        line.execute_command("ACL", "SETUSER", "default", "-xack", "-xdel")  # the acknowledgement cannot succeed
        put(a_test_body("selftest-once"))
        in_all(1)
        first.kill()
        assert depth() == 1
        line.execute_command("ACL", "SETUSER", "default", "+@all")
    run_consumer()
    assert eventually(lambda: depth() == 0)
    assert rows().get().heard >= 2


def test_two_consumers_share_the_queue_and_every_message_is_one_row(run_consumer):
    run_consumer()
    run_consumer()
    put(*(a_test_body() for _ in range(400)))
    in_all(400)
    assert eventually(lambda: depth() == 0)
    assert rows(heard=1).count() == 400


def test_a_consumer_that_is_asked_to_end_finishes_what_it_took(run_consumer):
    consumer = run_consumer()
    put(*(a_test_body() for _ in range(300)))
    eventually(lambda: rows().exists())
    assert consumer.stop() == 0
    with brokers.client() as line:
        pending = line.xpending(registration.queue_name(), registration.GROUP)
    assert pending["pending"] == 0
    assert rows().count() + depth() == 300


def test_a_paused_consumer_leaves_messages_in_the_queue_until_it_is_resumed(run_consumer):
    anna = a_person()
    run_consumer()
    registration.pause(anna)
    time.sleep(1.2)  # the reading that was under way ends
    put(a_test_body())
    assert (rows().count(), depth()) == (0, 1)
    registration.resume()
    in_all(1)


def test_a_broker_that_is_gone_for_a_while_is_found_again(run_consumer, broker):
    consumer = run_consumer()
    put(a_test_body("selftest-before"))
    in_all(1)
    broker.running.kill()
    time.sleep(0.5)
    broker.start_again()
    put(a_test_body("selftest-after"))
    in_all(2)
    assert consumer.alive


def test_a_broker_that_lost_its_data_gets_queue_and_group_again(run_consumer):
    run_consumer()
    with brokers.client() as line:
        line.flushall()
        name = registration.queue_name()
        eventually(lambda: line.exists(name))
    put(a_test_body())
    in_all(1)


def test_reading_stops_while_too_many_messages_wait_to_be_handled(run_consumer):
    run_consumer(QUEUE_MOST_WAITING=3)
    put(*(a_test_body() for _ in range(3)))
    in_all(3)
    put(a_test_body())
    time.sleep(2.5)
    assert (rows().count(), depth()) == (3, 1)
    rows().update(state=MessageState.HANDLED)
    in_all(4)


def test_the_old_queue_name_of_system_information_is_read(run_consumer):
    row = client.system_information()
    row.queue_name = "visma.business.queue"
    row.save()
    run_consumer()
    assert put(a_test_body()) == "visma.business.queue"
    in_all(1)


def test_the_consumer_registers_its_queue_and_again_when_the_gateway_forgot_it(run_consumer, sandbox):
    the_gateway(sandbox)
    run_consumer(QUEUE_CHECK_SECONDS=1)
    name = registration.queue_name()

    def known():
        with client.connect() as gateway:
            return gateway.status().queue.name

    assert eventually(known) == name
    with client.connect() as gateway:
        gateway.register_queue("another-name")
    eventually(lambda: known() == name)
    assert MessageQueue.objects.get().last_registered_at


def all_stand_still(pid):
    """Whether every thread of a process is stopped."""
    threads = Path(f"/proc/{pid}/task").glob("*/stat")
    return all(one.read_text().rpartition(")")[2].split()[0] == "T" for one in threads)


def test_a_process_that_was_frozen_loses_its_entries_to_another_and_nothing_is_doubled(run_consumer):
    first = run_consumer()
    with transaction.atomic():  # nobody else writes now: what is frozen holds no lock of the database
        first.process.send_signal(signal.SIGSTOP)
        eventually(lambda: all_stand_still(first.pid))  # sent is not yet stopped: a waiting thread may take the lock
    put(a_test_body("selftest-frozen"))
    try:
        run_consumer()
        in_all(1)
    finally:
        first.process.send_signal(signal.SIGCONT)
    assert eventually(lambda: depth() == 0)
    assert rows().count() == 1


def test_a_queue_that_is_not_there_is_made_with_its_group_once(broker):
    with redis.Redis.from_url(broker.plain_url) as line:
        assert registration.ensure_stream(line, "vbus-new") is True
        assert registration.ensure_stream(line, "vbus-new") is False
        assert registration.depth(line, "vbus-new") == registration.Depth(0, 0, 0)
        line.xadd("vbus-new", {"body": "x"}, id="1-1")
        assert registration.depth(line, "vbus-new").oldest_seconds > 1000


def test_a_flood_costs_a_log_line_a_reading_and_one_for_each_message_that_is_parked(run_consumer):
    put(*(a_test_body(f"selftest-{number}") for number in range(300)), b"{}", b"nonsense")
    consumer = run_consumer(LOG_JSON="1")
    in_all(302)
    assert eventually(lambda: depth() == 0)
    assert consumer.stop() == 0
    lines = [json.loads(line) for line in consumer.log.read_text().splitlines() if line.startswith("{")]
    readings = [line for line in lines if line.get("event") == "queue_read"]
    assert sum(line["new"] + line["parked"] for line in readings) == 302
    assert max(len(line.get("messages", ())) for line in readings) == 10
    assert len([line for line in lines if line.get("event") == "message_parked"]) == 2
    assert len(lines) < 30
