"""Nudges: after a row is committed, tell a worker that there is something to do.

A nudge carries only ids. When the broker is down it is lost, which costs a delay and never a payment: the row is
there, and the sweep nudges again what is due.

Celery is loaded by the first nudge that leaves: it takes long, and most pages and commands send none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from autopay_console.kernel.sets import chunks

if TYPE_CHECKING:
    from celery import Celery

IDS_IN_A_NUDGE = 100
log = structlog.get_logger(__name__)


def nudge(task: Any, ids: Iterable[object] | None = None, *arguments: object) -> None:
    """Start `task` (a Celery task or its name) with these ids once the transaction in force is committed.

    Ids go in parts of 100, as `task(list_of_ids, *arguments)`; without ids the task is started once, as
    `task(*arguments)`. Ids that JSON does not know (UUID) travel as text. Never raises for a broker that is down.
    """
    name = task if isinstance(task, str) else task.name
    if ids is None:
        calls: list[tuple[object, ...]] = [arguments]
    else:
        calls = [
            ([one if isinstance(one, int) else str(one) for one in part], *arguments)
            for part in chunks(ids, IDS_IN_A_NUDGE)
        ]
    if not calls:
        return

    def send() -> None:  # a real function: Django cannot name a partial when it reports a failed one
        _send(name, calls)

    transaction.on_commit(send, robust=True)


def application() -> Celery:
    """The worker application of the settings, as sender of tasks."""
    app: Celery = import_string(settings.WORKER_APPLICATION)
    return app


def _send(name: str, calls: list[tuple[object, ...]]) -> None:
    if not settings.REDIS_URL:
        log.debug("nudge_without_broker", task=name)
        return
    from kombu.exceptions import OperationalError

    app = application()
    for number, arguments in enumerate(calls):
        try:
            app.send_task(name, args=arguments, ignore_result=True)
        except (OperationalError, OSError) as error:
            log.warning("nudge_lost", task=name, calls=len(calls) - number, error=str(error)[:200])
            return
