"""Worker, consumer and schedule as real processes that die by SIGKILL in the midst of their work, and come back.

`python -m tests.crash.nursery PLAN.json`: the plan says for each role at which point each of its lives ends. A point
is one moment just before or just after a statement that may write, or a commit, counted in each kind of work: sending,
handling messages and files, settling, and the consumer's reading.
The last life of each role is not killed. Everything is imported once; lives are forked, so that a life starts at once.
Every death is one line in the plan's log.
"""

# ruff: noqa: E402  (Django must be set up before the console is imported)

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import django

django.setup()

from celery import signals as celery_signals
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from autopay_console.celery import app
from autopay_console.processes import _dies_with
from integration.queue import consumer
from tests.stories.place import time_passes

app.loader.import_default_modules()
KINDS = {
    "integration.tasks.send_transfers": "send",
    "integration.tasks.handle_messages": "handle",
    "payments.tasks.import_bank_files": "handle",
    "payments.tasks.settle_payment": "settle",
    "payments.tasks.settle_due": "settle",
}
READS = ("select", "pragma")


class Fate:
    """Counts the points one life passes in each kind of work, and ends it at the first one planned."""

    def __init__(self, role: str, points: dict[str, int], log: Path) -> None:
        self.role, self.left, self.log = role, dict(points), log
        self.kind = "read" if role == "consumer" else ""
        self.task = ""

    def passes(self, what: str) -> None:
        """One point; SIGKILL of this very process at the planned one."""
        if self.kind not in self.left:
            return
        if self.role == "consumer" and not threading.current_thread().name.startswith("reader"):
            return  # heartbeat and registration
        self.left[self.kind] -= 1
        if self.left[self.kind] <= 0:
            with self.log.open("a") as out:
                out.write(f"{self.role}\t{self.task}\t{what}\n")
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Before and after each statement that may write."""
        word = sql.split(" ", 1)[0].lower()
        if word in READS:
            return execute(sql, params, many, context)
        self.passes(f"before {word}")
        answer = execute(sql, params, many, context)
        self.passes(f"after {word}")
        return answer

    def watch(self) -> None:
        """Watch every connection this life opens."""
        commit = BaseDatabaseWrapper._commit

        def watched(connection: BaseDatabaseWrapper) -> Any:
            self.passes("before commit")
            answer = commit(connection)
            self.passes("after commit")
            return answer

        BaseDatabaseWrapper._commit = watched
        connection_created.connect(self._opened, weak=False)
        celery_signals.task_prerun.connect(self._begins, weak=False)
        celery_signals.task_postrun.connect(self._ends, weak=False)

    def _opened(self, connection: Any, **kwargs: Any) -> None:
        if self.statement not in connection.execute_wrappers:
            connection.execute_wrappers.append(self.statement)

    def _begins(self, task: Any, **kwargs: Any) -> None:
        if self.role == "worker":
            self.task, self.kind = task.name, KINDS.get(task.name, "")

    def _ends(self, **kwargs: Any) -> None:
        if self.role == "worker":
            self.kind = ""


def live(role: str, points: dict[str, int] | None, log: Path) -> None:
    """One life of a role; returns when it ends by itself."""
    if points is not None:
        Fate(role, points, log).watch()
    if role == "consumer":
        consumer.run(app, "consumer", settings.LOG_LEVEL)
    elif role == "beat":
        app.Beat(loglevel="WARNING", quiet=True).run()
    else:
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", settings.LOG_LEVEL]
        queues = "work,settlement,imports,mail"
        app.worker_main(["worker", "-P", "solo", "-c", "1", "-n", "worker@%h", "-Q", queues, *quiet])


def fork(work: Any, *arguments: Any) -> int:
    """A child process that does this and ends; it ends with us in any case."""
    ask_for_death = _dies_with(os.getpid(), signal.SIGKILL)
    if pid := os.fork():
        return pid
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        ask_for_death()
        work(*arguments)
    finally:
        os._exit(0)


def later() -> None:
    """Let the waiting times run out that the dead worker left."""
    time_passes()
    connections.close_all()


def main() -> None:
    """Keep every role alive until SIGTERM."""
    plan = json.loads(Path(sys.argv[1]).read_text())
    log = Path(plan["log"])
    lives: dict[str, list[dict[str, int]]] = plan["lives"]
    children: dict[int, str] = {}

    def begin(role: str) -> None:
        points = lives[role].pop(0) if lives.get(role) else None
        children[fork(live, role, points, log)] = role

    def end(*_: Any) -> None:
        for pid in children:
            os.kill(pid, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    for role in ("worker", "consumer", "beat"):
        begin(role)
    print("nursery ready", flush=True)
    while True:
        pid, _state = os.waitpid(-1, 0)
        role = children.pop(pid, "")
        if role == "worker":
            os.waitpid(fork(later), 0)
        if role:
            begin(role)


if __name__ == "__main__":
    main()
