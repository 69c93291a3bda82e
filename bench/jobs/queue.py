"""Messages of the private queue become handled rows of the inbox, through real processes and a real broker."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import redis

from autopay_console import processes
from bench.measure import Measured, peak_of
from bench.place import Place
from companies.models import SystemInformation
from integration.choices import MessageState
from integration.models import InboxMessage
from integration.queue.envelope import SELF_TEST

TITLE = "Queue: message to handled inbox row (floor: tasks that do nothing)"
UNIT = "messages"
TARGET = 2.5  # four tenths of the floor's rate
SIZES = (1_000, 10_000)
_STREAM = "vbus-bench"
_LONGEST = 600.0
_EMPTY_TASK = "integration.tasks.handle_messages"  # of no messages: nothing to do, not even a query


def prepare(place: Place, items: int) -> None:
    """The name of the queue; there is no gateway, which only the registration needs."""
    SystemInformation.objects.update_or_create(pk=1, defaults={"queue_name": _STREAM})


def product(place: Place, items: int, workers: int = 1) -> Measured:
    """Stream → consumer → inbox → nudge → worker → handled."""
    broker = processes.start_broker(place.folder / "broker")
    env = {**place.env(), "REDIS_URL": broker.url}
    started: list[processes.Running] = []
    try:
        started += [_worker(place, env, f"worker-{number}") for number in range(workers)]
        worker = started[0]
        consumer = processes.start_consumer(place.folder / "log", env)
        started.append(consumer)
        consumer.wait_until(lambda: "queue_reading" in consumer.tail(200), 60, "reading")
        before = peak_of(worker.pid)
        line = redis.Redis.from_url(broker.plain_url)
        begun = time.perf_counter()
        for number in range(items):
            body = json.dumps({"messageId": f"bench-{number}", "messageType": SELF_TEST, "message": {}})
            line.xadd(_STREAM, {"body": body})
        _wait(lambda: InboxMessage.objects.filter(state=MessageState.HANDLED).count() >= items)
        return Measured(items, time.perf_counter() - begun, memory_mb=peak_of(worker.pid) - before)
    finally:
        for process in reversed(started):
            process.stop(10)
        broker.stop()


def floor(place: Place, items: int) -> Measured:
    """As many Celery tasks without work, sent and taken through the same kind of broker."""
    broker = processes.start_broker(place.folder / "broker-floor")
    worker = None
    try:
        worker = _worker(place, {**place.env(), "REDIS_URL": broker.url})
        before = peak_of(worker.pid)
        from autopay_console.celery import app

        app.conf.broker_url = app.conf.broker_read_url = app.conf.broker_write_url = broker.url
        line = redis.Redis.from_url(broker.plain_url)
        begun = time.perf_counter()
        for _ in range(items):
            app.send_task(_EMPTY_TASK, args=([],), ignore_result=True)
        _wait(lambda: not line.llen("work") and not line.hlen("unacked"))
        return Measured(items, time.perf_counter() - begun, memory_mb=peak_of(worker.pid) - before)
    finally:
        if worker:
            worker.stop(10)
        broker.stop()


def _worker(place: Place, env: dict[str, str], name: str = "worker") -> processes.Running:
    worker = processes.start_worker(place.folder / "log", env, name=name, queues=("work",), pool="solo")
    worker.wait_until(lambda: " ready." in worker.tail(50), 60, "ready")
    return worker


def _wait(done: Callable[[], bool]) -> None:
    end = time.monotonic() + _LONGEST
    while not done():
        if time.monotonic() > end:
            raise TimeoutError("the queue was not worked off")
        time.sleep(0.05)
