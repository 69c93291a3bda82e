"""The sandbox as one WSGI application with its background work."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import redis

from integration.sandbox import admin, bank, central, gateway, incoming, notices, pages
from integration.sandbox.box import Box
from integration.sandbox.clock import Clock, Schedule
from integration.sandbox.delivery import PostOffice
from integration.sandbox.rules import RuleBook
from integration.sandbox.store import Store
from integration.sandbox.wire import Answer, Problem, Request, Routes, problem_answer, read_request

log = logging.getLogger("sandbox")
StartResponse = Callable[..., Any]


def build(folder: Path, broker: redis.Redis, seed: str, user: str, password: str) -> Box:
    """The parts, wired; `seed` counts only for a new folder, an old one keeps its own."""
    store = Store(folder)
    seed = store.get("seed") or seed
    store.put("seed", seed)
    clock = Clock(store)
    rules = RuleBook(store, seed)
    schedule = Schedule(store, clock)
    box = Box(store, clock, schedule, rules, PostOffice(store, clock, rules, broker, seed), seed, user, password)
    for kind, handler in (
        ("forward", central.forward),
        ("acknowledge", bank.acknowledge),
        ("second-answer", bank.second_answer),
        ("settle", bank.settle),
        ("return", bank.give_back),
        ("credits", incoming.credits),
        ("statement", notices.end_of_day),
    ):
        schedule.handle(kind, partial(handler, box))
    return box


class Application:
    """Answers gateway calls, admin calls and pages."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._gateway = gateway.routes(box)
        self._own = Routes()
        admin.routes(box, self._own)
        pages.routes(box, self._own)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """WSGI."""
        try:
            answer = self._answer(environ)
        except gateway.ConnectionDropped:
            connection: socket.socket = environ["sandbox.connection"]
            connection.shutdown(socket.SHUT_RDWR)
            answer = Answer(500)
        body = [answer.body] if isinstance(answer.body, bytes) else answer.body
        headers = {"Content-Type": answer.content_type, **answer.headers}
        if isinstance(answer.body, bytes):
            headers["Content-Length"] = str(len(answer.body))
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", list(headers.items()))
        return body

    def _answer(self, environ: dict[str, Any]) -> Answer:
        service = {"Gateway-Service": gateway.SERVICE}
        try:
            request = read_request(environ)
            if request.path == admin.BASE or request.path.startswith(f"{admin.BASE}/"):
                return self._steer(request)
            return gateway.answer(self._box, self._gateway, request)
        except Problem as problem:
            answer = problem_answer(problem)
        except gateway.ConnectionDropped:
            raise
        except Exception:
            log.exception("%s %s failed", environ.get("REQUEST_METHOD"), environ.get("PATH_INFO"))
            answer = problem_answer(
                Problem(500, "central-fault", "AutoPay central met an error; see the sandbox's log.")
            )
        answer.headers |= service
        return answer

    def _steer(self, request: Request) -> Answer:
        """Only from this address itself: a foreign page may not post forms here."""
        origin = request.headers.get("origin", "")
        if origin and origin.partition("//")[2] != request.headers.get("host"):
            raise Problem(403, "foreign-origin", "The sandbox is steered from its own pages only.")
        handler, values = self._own.find(request)
        try:
            return handler(request, **values)
        except ValueError as error:
            raise Problem(400, "malformed-request", f"A value cannot be read: {error}.") from error
