"""The consumer: a Celery worker of its own whose work is to read the private queue.

Being a Celery worker, it is started, supervised and ended like every other one: SIGTERM finishes the entries in hand.
It takes no tasks from the work queues. `manage.py consume_queue` starts exactly this.
"""

from __future__ import annotations

import os
import socket
import threading
from typing import Any

import structlog
from celery import Celery, bootsteps
from django.db import DatabaseError, connection

from autopay_console.kernel.nudging import nudge
from integration.gateway.errors import GatewayError
from integration.queue import beating, registration
from integration.queue.beating import Heart
from integration.queue.reading import Reader

CHECK_SECONDS = float(os.environ.get("QUEUE_CHECK_SECONDS", "300"))  # does the gateway still know our queue?
FIRST_RETRY, LONGEST_RETRY = 2.0, 60.0
WORKER_HEART = "integration.queue.beating:BeatAsWorker"  # as named in autopay_console/celery.py
NO_TASKS = "consumer"  # a Celery queue nobody sends to
log = structlog.get_logger(__name__)


class ReadQueue(bootsteps.StartStopStep):
    """Heartbeat, reader and registration run as long as the worker does."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, parent: Any, **options: Any) -> None:
        name = f"{parent.hostname}-{os.getpid()}"[:100]
        self.heart = Heart(registration.CONSUMER, name)
        self.reader = Reader(name, self.heart)
        self.registrar = Registrar()

    def start(self, parent: Any) -> None:
        """The worker starts."""
        self.heart.doing = beating.STARTING
        self.heart.start()
        self.reader.start()
        self.registrar.start()
        nudge("integration.tasks.download_all")  # what came while nobody was reading

    def stop(self, parent: Any) -> None:
        """The worker ends by itself: entries in hand are finished, the last heartbeat says goodbye."""
        self.heart.doing = beating.STOPPING
        self.registrar.stop()
        self.reader.stop()
        self.heart.stop()
        log.info("queue_reading_ended")

    terminate = stop


class Registrar(threading.Thread):
    """Registers the queue with the gateway at start, and again when the gateway forgot it."""

    def __init__(self) -> None:
        super().__init__(name="registrar", daemon=True)
        self._over = threading.Event()

    def stop(self) -> None:
        """End; a call under way is left to run out by itself."""
        self._over.set()

    def run(self) -> None:
        """A gateway that is away is asked again, at growing intervals."""
        pause, registered = FIRST_RETRY, False
        while not self._over.is_set():
            try:
                if registered:
                    registration.register_if_forgotten()
                else:
                    registration.register()
                    registered = True
                pause = FIRST_RETRY
                self._over.wait(CHECK_SECONDS)
            except (GatewayError, DatabaseError) as error:
                log.warning("queue_registration_waits", error=str(error)[:200], pause=pause)
                connection.close()
                self._over.wait(pause)
                pause = min(pause * 2, LONGEST_RETRY)
            finally:
                connection.close()


def run(app: Celery, name: str, log_level: str = "INFO") -> None:
    """Run the consumer in this process until SIGTERM."""
    app.steps["worker"].discard(WORKER_HEART)  # it has its own
    app.steps["worker"].add(ReadQueue)
    app.worker_main(
        [
            "worker", "-P", "solo", "-c", "1", "-Q", NO_TASKS, "-n", f"{name}@{socket.gethostname()}", "-l", log_level,
            "--without-gossip", "--without-mingle", "--without-heartbeat",
        ]
    )  # fmt: skip
