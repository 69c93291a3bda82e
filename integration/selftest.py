"""The guided self-test: every hop between console, gateway, queue and worker in order, each with its time.

The guide asks to check the service step by step after installation. Steps after a failed one are not tried: they
would only repeat its fault in other words. The test message runs the real way: stream, consumer, inbox, worker.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from autopay_console.kernel import broker
from integration.choices import MessageState
from integration.gateway import client
from integration.gateway.errors import GatewayError
from integration.models import InboxMessage, WorkerBeat
from integration.queue import envelope, registration

WAIT_SECONDS = 15.0
LOOK_EVERY = 0.05
log = structlog.get_logger(__name__)


class Broken(Exception):
    """A hop does not work; `remedy` says what to do."""

    def __init__(self, text: str, remedy: str) -> None:
        super().__init__(text)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Step:
    """One hop. `good` None: not tried, because an earlier one failed."""

    code: str
    title: str
    good: bool | None
    milliseconds: int = 0
    text: str = ""
    remedy: str = ""


@dataclass(slots=True)
class _Test:
    """What later steps need from earlier ones."""

    wait: float
    message_id: str = field(default_factory=lambda: f"selftest-{uuid.uuid4()}")

    @property
    def key(self) -> str:
        return envelope.key_of(self.message_id)


def run(wait: float = WAIT_SECONDS) -> Iterator[Step]:
    """Try hop after hop; yields each as soon as it is known."""
    test = _Test(wait)
    fine = True
    for code, title, hop in _hops():
        if not fine:
            yield Step(code, title, None)
            continue
        started = time.monotonic()
        try:
            text, remedy = hop(test), ""
        except Broken as error:
            fine, text, remedy = False, str(error), error.remedy
        except GatewayError as error:
            fine, text = False, error.text
            remedy = _("Check the gateway's address, user and password under Enable Visma.net.")
        except broker.troubles(DatabaseError) as error:
            fine, text = False, str(error)[:300]
            remedy = _("Start the service this step needs, then try again.")
        took = round((time.monotonic() - started) * 1000)
        log.info("self_test", step=code, good=fine, milliseconds=took)
        yield Step(code, title, fine, took, text, remedy)


def _hops() -> list[tuple[str, str, Callable[[_Test], str]]]:
    return [
        ("database", _("The database answers"), _database),
        ("workers", _("A worker is running"), _workers),
        ("gateway", _("The gateway (OPG) answers"), _gateway),
        ("login", _("The gateway accepts user and password"), _login),
        ("queue", _("The queue exists"), _queue),
        ("registered", _("The queue is registered with the gateway"), _registered),
        ("consumer", _("The consumer reads the queue"), _consumer),
        ("handled", _("A worker handles the message"), _handled),
    ]


def _database(test: _Test) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return connection.display_name


def _workers(test: _Test) -> str:
    since = timezone.now() - timedelta(seconds=registration.ALIVE_SECONDS)
    names = list(WorkerBeat.objects.filter(kind="worker", beat_at__gte=since, stopping=False).values_list("name"))
    if not names:
        raise Broken(_("No worker has said that it is alive."), _("Start a worker: celery -A autopay_console worker."))
    return _("%(count)d running") % {"count": len(names)}


def _gateway(test: _Test) -> str:
    with client.connect() as gateway:
        found = gateway.service()
    return f"{found.name}/{found.version} {found.fingerprint}"


def _login(test: _Test) -> str:
    with client.connect() as gateway:
        status = gateway.status()
    if not status.connected:
        text = _("The gateway accepts us, but does not reach AutoPay central.")
        raise Broken(text, _("Look at the gateway's own line to Visma.net."))
    return _("AutoPay central is connected")


def _queue(test: _Test) -> str:
    name = registration.queue_name()
    with broker.client() as line:
        if not line.exists(name):
            raise Broken(
                _("There is no queue %(name)s.") % {"name": name},
                _("Start the consumer, or run manage.py register_queue: both make it."),
            )
        waiting = registration.depth(line, name).entries
    return _("%(name)s, %(count)d waiting") % {"name": name, "count": waiting}


def _registered(test: _Test) -> str:
    with client.connect() as gateway:
        known = gateway.status().queue
    name = registration.queue_name()
    if known.name != name:
        text = _("The gateway knows the queue as “%(known)s”, here it is %(name)s.")
        if not known.registered:
            text = _("The gateway does not know the queue %(name)s.")
        raise Broken(text % {"known": known.name, "name": name}, _("Restart the consumer: it registers the queue."))
    return name


def _consumer(test: _Test) -> str:
    if registration.paused():
        raise Broken(_("Reading is paused by a person."), _("Resume reading, then try again."))
    body = {"messageId": test.message_id, "messageType": envelope.SELF_TEST, "message": {}}
    with broker.client() as line:
        line.xadd(registration.queue_name(), {b"body": json.dumps(body).encode()})
    _wait(test, InboxMessage.objects.filter(key=test.key).exists)
    if not InboxMessage.objects.filter(key=test.key).exists():
        text = _("The test message was not read within %(seconds)d s.") % {"seconds": test.wait}
        raise Broken(text, _("Start the consumer: manage.py consume_queue."))
    return _("read and kept")


def _handled(test: _Test) -> str:
    mine = InboxMessage.objects.filter(key=test.key)
    _wait(test, mine.filter(state=MessageState.HANDLED).exists)
    if not mine.filter(state=MessageState.HANDLED).exists():
        text = _("The test message was not handled within %(seconds)d s.") % {"seconds": test.wait}
        raise Broken(text, _("Is a worker serving the queue “work”? See its log."))
    mine.delete()
    return _("handled")


def _wait(test: _Test, done: Callable[[], bool]) -> None:
    end = time.monotonic() + test.wait
    while not done() and time.monotonic() < end:
        time.sleep(LOOK_EVERY)
