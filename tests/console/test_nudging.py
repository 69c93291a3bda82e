"""A nudge leaves after commit, in parts, and a dead broker never breaks the work that was committed."""

from __future__ import annotations

import json
import uuid

import pytest
import redis
from django.db import transaction

from autopay_console.kernel.broker import plain_url
from autopay_console.kernel.nudging import nudge

TASK = "integration.tasks.handle_messages"
pytestmark = [pytest.mark.broker, pytest.mark.django_db(transaction=True)]


def sent(broker, queue="work"):
    """Task names and arguments waiting in a Celery queue, oldest first."""
    with redis.Redis.from_url(broker.plain_url) as line:
        messages = [json.loads(one) for one in reversed(line.lrange(queue, 0, -1))]
    return [(one["headers"]["task"], one["headers"]["argsrepr"]) for one in messages]


def test_a_nudge_leaves_when_the_transaction_is_committed_and_not_before(broker):
    with transaction.atomic():
        nudge(TASK, [1])
        assert sent(broker) == []
    assert sent(broker) == [(TASK, "([1],)")]


def test_a_nudge_of_a_transaction_that_fails_never_leaves(broker):
    with transaction.atomic():
        nudge(TASK, [1])
        transaction.set_rollback(True)
    assert sent(broker) == []


def test_ids_go_in_parts_of_a_hundred(broker):
    nudge(TASK, range(250))
    assert len(sent(broker)) == 3


def test_no_ids_are_no_nudge_and_a_task_without_ids_is_started_once(broker):
    nudge(TASK, [])
    nudge("integration.tasks.sweep")
    assert sent(broker) == [("integration.tasks.sweep", "()")]


def test_identifiers_travel_as_text_and_further_arguments_follow(broker):
    one = uuid.uuid4()
    nudge(TASK, [one], "2026-11-25")
    assert sent(broker) == [(TASK, f"(['{one}'], '2026-11-25')")]


def test_settlement_goes_to_its_own_queue(broker):
    nudge("payments.tasks.settle_due")
    assert sent(broker, "settlement") == [("payments.tasks.settle_due", "()")]


def test_a_broker_that_is_down_costs_the_nudge_and_nothing_else(broker):
    broker.running.kill()
    with transaction.atomic():
        nudge(TASK, range(1000))
    broker.start_again()
    nudge(TASK, [1])
    assert sent(broker) == [(TASK, "([1],)")]


def test_without_a_broker_in_the_settings_nothing_is_sent(settings):
    settings.REDIS_URL = ""
    nudge(TASK, [1])


@pytest.mark.parametrize(
    ("celery", "plain"),
    [
        ("redis+socket:///tmp/a/b.sock?virtual_host=2", "unix:///tmp/a/b.sock?db=2"),
        ("redis+socket:///tmp/a/b.sock", "unix:///tmp/a/b.sock?db=0"),
        ("rediss://:secret@redis.example:6380/1", "rediss://:secret@redis.example:6380/1"),
    ],
)
def test_one_address_serves_celery_and_the_queue(celery, plain):
    assert plain_url(celery) == plain
