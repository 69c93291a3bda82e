"""Heartbeats: a process of ours says every five seconds that it is alive and what it is doing."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from typing import Any

import structlog
from celery import bootsteps
from celery.worker import state
from django.db import DatabaseError, connection
from django.utils import timezone
from django.utils.translation import gettext as _

from integration.models import WorkerBeat

EVERY_SECONDS = 5.0
# What a process does, as its row keeps it: one of these words and facts, told by `told`
STARTING, STOPPING, READING, PAUSED, FULL, WAITING, QUEUES = (
    "starting", "stopping", "reading", "paused", "full", "waiting", "queues:",
)  # fmt: skip
FORGOTTEN_AFTER = timedelta(days=1)
log = structlog.get_logger(__name__)

# SQLite keeps its file locks in the process' memory. A pool child forked in the middle of a beat would inherit
# "the write lock is taken" for good and find the database locked for the rest of its life. So no fork during a beat.
_BEATING = threading.Lock()
os.register_at_fork(before=_BEATING.acquire, after_in_parent=_BEATING.release, after_in_child=_BEATING.release)


def told(doing: str) -> str:
    """What a process does, as a sentence in the reader's language."""
    word, _space, fact = doing.partition(" ")
    seconds, _colon, error = fact.partition(": ")
    sentences = {
        STARTING: _("starts"),
        STOPPING: _("ends when what it holds is done"),
        READING: _("reads %(fact)s"),
        PAUSED: _("rests: a person paused the reading"),
        FULL: _("rests until fewer than %(fact)s messages wait to be handled"),
        WAITING: _("tries again after %(seconds)s s: %(error)s"),
        QUEUES: _("serves %(fact)s"),
    }
    return sentences[word] % {"fact": fact, "seconds": seconds, "error": error} if word in sentences else doing


class Heart:
    """A thread that writes this process' row until it is stopped. A database that is away only skips a beat."""

    def __init__(self, kind: str, name: str) -> None:
        self.kind, self.name = kind, name
        self.doing = ""
        self.handled = 0
        self._started = timezone.now()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"heart-{name}", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """The last beat says that the process ended by itself."""
        self._over.set()
        self._thread.join(timeout=EVERY_SECONDS * 2)

    def beat(self, *, stopping: bool = False) -> None:
        """Write the row now."""
        WorkerBeat.objects.update_or_create(
            name=self.name,
            defaults={
                "kind": self.kind,
                "started_at": self._started,
                "beat_at": timezone.now(),
                "doing": self.doing[:200],
                "handled": self.handled,
                "stopping": stopping,
            },
        )

    def _run(self) -> None:
        with _BEATING:
            forget(self.kind)
            connection.close()
        while True:
            over = self._over.is_set()
            with _BEATING:
                self._beat_once(over)
            if over:
                return
            self._over.wait(EVERY_SECONDS)

    def _beat_once(self, over: bool) -> None:
        try:
            self.beat(stopping=over)
        except DatabaseError as error:
            log.warning("heartbeat_skipped", name=self.name, error=str(error)[:200])
        finally:
            connection.close()  # nothing is held open between beats, nor over a fork


class BeatAsWorker(bootsteps.StartStopStep):
    """The heartbeat of a worker: which queues it serves and how many tasks it took."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **options: Any) -> None:
        self.heart = TaskCount("worker", f"{parent.hostname}-{os.getpid()}"[:100])

    def start(self, parent: Any) -> None:
        """The worker starts."""
        self.heart.doing = f"{QUEUES} " + ", ".join(sorted(parent.app.amqp.queues.consume_from))
        self.heart.start()

    def stop(self, parent: Any) -> None:
        """The worker ends by itself."""
        self.heart.stop()

    terminate = stop


class TaskCount(Heart):
    """A heart that counts the tasks its worker took."""

    def beat(self, *, stopping: bool = False) -> None:
        """Write the row now."""
        self.handled = sum(state.total_count.values())
        super().beat(stopping=stopping)


def forget(kind: str) -> None:
    """Remove rows of processes that ended long ago: each start has a name of its own."""
    try:
        WorkerBeat.objects.filter(kind=kind, beat_at__lt=timezone.now() - FORGOTTEN_AFTER).delete()
    except DatabaseError as error:
        log.warning("heartbeats_not_tidied", error=str(error)[:200])
