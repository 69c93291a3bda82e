"""Workers handle messages: failures are told apart, killed workers and lost nudges cost a delay only."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from django.utils import timezone

from autopay_console import processes
from autopay_console.kernel import broker as brokers
from integration.choices import MessageState
from integration.gateway.errors import Refused, Unreachable
from integration.models import InboxMessage, WorkerBeat
from integration.queue import dispatch, envelope, inbox
from integration.receiving import Result, Unfit
from integration.sweep import sweep
from tests.build import a_company
from tests.integration.queue.messages import a_body, a_test_body, claim_next
from tests.waiting import eventually


def heard(*bodies):
    """Messages in the inbox; the ids of those to be worked on."""
    return list(inbox.hear([envelope.read(body) for body in bodies]).new)


def states():
    return list(InboxMessage.objects.order_by("received_at").values_list("message_id", "state"))


class Handler:
    """Answers each message with what a test wants, and remembers the order."""

    def __init__(self, **answers):
        self.answers, self.seen = answers, []

    def __call__(self, message):
        self.seen.append(message.message_id)
        answer = self.answers.get(message.message_id, Result())
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.fixture
def body(db):
    company = a_company()
    return lambda message_id: a_body(company.visma_company_id, message_id)


def test_one_nudge_works_on_everything_that_is_due_for_the_company(body):
    ids = heard(body("a"), body("b"), body("c"))
    handler = Handler()
    assert dispatch.work(ids[:1], handler) == 3
    assert handler.seen == ["a", "b", "c"]
    assert {state for _, state in states()} == {MessageState.HANDLED}


def test_a_message_that_cannot_be_used_is_parked_and_the_next_one_is_handled(body):
    ids = heard(body("a"), body("b"), body("c"))
    dispatch.work(ids, Handler(a=Unfit("The file is another company's."), b=Refused("no such file", "unknown-file")))
    assert states() == [("a", "parked"), ("b", "parked"), ("c", "handled")]
    assert InboxMessage.objects.get(message_id="b").reason == "unknown-file: no such file"


def test_a_gateway_that_is_away_costs_one_attempt_and_leaves_the_others_fresh(body):
    ids = heard(body("a"), body("b"))
    handler = Handler(a=Unreachable("nothing listens"), b=Unreachable("nothing listens"))
    dispatch.work(ids, handler)
    assert handler.seen == ["a"]
    assert states() == [("a", "failed"), ("b", "received")]


def test_a_fault_of_ours_is_tried_again_later_and_does_not_stop_the_next_message(body):
    ids = heard(body("a"), body("b"))
    dispatch.work(ids, Handler(a=KeyError("surprise")))
    assert states() == [("a", "failed"), ("b", "handled")]
    assert "surprise" in InboxMessage.objects.get(message_id="a").reason


def test_what_a_slice_has_no_room_for_is_given_back_as_it_was(body, monkeypatch):
    ids = heard(body("a"), body("b"), body("c"))
    InboxMessage.objects.filter(message_id="c").update(attempts=2, state=MessageState.FAILED)
    monkeypatch.setattr(dispatch, "nudge", lambda *_: None)
    monkeypatch.setattr(dispatch, "SLICE_SECONDS", 0.05)

    def slow(message):
        time.sleep(0.06)
        return Result()

    assert dispatch.work(ids, slow) == 1
    assert states() == [("a", "handled"), ("b", "received"), ("c", "failed")]
    assert list(InboxMessage.objects.order_by("message_id").values_list("attempts", flat=True)) == [1, 0, 2]
    assert claim_next(InboxMessage.objects.first().company_id).message_id == "b"


def test_a_hundred_plain_messages_cost_a_handful_of_statements(body, django_assert_max_num_queries):
    ids = heard(*(body(f"m{number:03}") for number in range(100)))
    with django_assert_max_num_queries(20):
        assert dispatch.work(ids, Handler()) == 100
    assert {state for _, state in states()} == {MessageState.HANDLED}


def test_the_log_names_message_and_company(body, caplog):
    ids = heard(body("a"))
    caplog.set_level("INFO", "integration.queue.dispatch")
    dispatch.work(ids, Handler())
    events = (one.msg for one in caplog.records if isinstance(one.msg, dict))
    line = next(one for one in events if one.get("event") == "message_handled")
    assert line["message"] == "a"
    assert line["company"] == str(InboxMessage.objects.get().company.number)
    assert line["request_id"]


@pytest.mark.broker
@pytest.mark.crash
@pytest.mark.django_db(transaction=True)
def test_a_wiped_broker_is_healed_by_the_sweep(run_worker, broker):
    ids = heard(a_test_body(), a_test_body())
    with brokers.client() as line:
        line.flushall()  # no nudge is left
    run_worker(beat=True)
    assert eventually(lambda: InboxMessage.objects.filter(state=MessageState.HANDLED, pk__in=ids).count() == 2)
    assert WorkerBeat.objects.filter(name="schedule").exists()


@pytest.mark.broker
@pytest.mark.django_db(transaction=True)
def test_a_message_left_by_a_killed_worker_is_handled_by_the_next_one(run_worker):
    heard(a_test_body())
    assert claim_next(None)  # taken by a worker that is no more
    InboxMessage.objects.update(claimed_until=timezone.now())
    run_worker()
    sweep()
    eventually(lambda: InboxMessage.objects.filter(state=MessageState.HANDLED).exists())


@pytest.mark.broker
@pytest.mark.django_db(transaction=True)
def test_a_worker_says_that_it_is_alive_and_says_goodbye(run_worker):
    worker = run_worker(queues=("work", "mail"))
    beat = eventually(lambda: WorkerBeat.objects.filter(kind="worker").first())
    assert beat.doing == "queues: mail, work"
    worker.stop()
    assert WorkerBeat.objects.get(name=beat.name).stopping


@pytest.mark.broker
@pytest.mark.crash
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_no_process_behind_and_another_one_goes_on(run_worker):
    first = run_worker(pool="prefork")
    children = eventually(lambda: children_of(first.pid))
    first.kill()
    eventually(lambda: not any(processes.started_at(child) for child in children), 10)
    ids = heard(a_test_body())
    run_worker(pool="prefork")
    sweep()
    eventually(lambda: InboxMessage.objects.filter(state=MessageState.HANDLED, pk__in=ids).exists())


def children_of(pid):
    """The processes a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
