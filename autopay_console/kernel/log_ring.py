"""The last lines of a service's log, from all its processes, for a page: a ring in the broker.

The full log is what each process writes to its output. The ring is a convenience beside it: it holds the last few
thousand lines, goes with the broker's data, and never holds anybody up: a broker that is away costs lines of the ring,
not work.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings

from autopay_console.kernel import broker

if TYPE_CHECKING:
    import redis

MOST_LINES = 5000
QUIET_SECONDS = 10.0  # after a broker did not answer, it is left alone for so long
WAIT_SECONDS = 0.5
KNOWN = ("event", "level", "logger", "timestamp", "message", "company", "request_id")


@dataclass(frozen=True, slots=True)
class RingLine:
    """One event as a person reads it."""

    at: datetime
    level: str
    event: str
    message: str
    company: str
    process: str
    more: str

    @property
    def words(self) -> str:
        """The event's name as words."""
        return self.event.replace("_", " ").capitalize()


class RingHandler(logging.Handler):
    """Adds what our own loggers say to the ring; values are those that the log itself may show."""

    def __init__(self, ring: str) -> None:
        super().__init__()
        self._key = key_of(ring)
        self._url = ""
        self._line: redis.Redis | None = None
        self._quiet_until = 0.0
        self._host = socket.gethostname()

    def emit(self, record: logging.LogRecord) -> None:
        """Add one line; never raises and hardly waits."""
        if not isinstance(record.msg, dict) or not settings.REDIS_URL or self._left_alone():
            return
        try:
            line = json.dumps(self._facts(record), ensure_ascii=False, default=str)
            self._connected().xadd(self._key, {b"line": line.encode()}, maxlen=MOST_LINES, approximate=True)
        except broker.troubles(ValueError):
            self._quiet_until = time.monotonic() + QUIET_SECONDS

    def _left_alone(self) -> bool:
        return self._url == settings.REDIS_URL and time.monotonic() < self._quiet_until

    def _facts(self, record: logging.LogRecord) -> dict[str, Any]:
        event = dict(record.msg) if isinstance(record.msg, dict) else {}
        more = " ".join(
            f"{name}={_shown(value)}"
            for name, value in event.items()
            if name not in KNOWN and name[:1] != "_" and value != ""
        )
        return {
            "at": record.created,
            "level": record.levelname.lower(),
            "event": str(event.get("event", ""))[:100],
            "message": str(event.get("message", ""))[:100],
            "company": str(event.get("company", ""))[:20],
            "process": f"{self._host}-{os.getpid()}"[:60],
            "more": more[:1000],
        }

    def _connected(self) -> redis.Redis:
        if self._line is None or self._url != settings.REDIS_URL:
            self._url = settings.REDIS_URL
            self._line = broker.client(read_seconds=WAIT_SECONDS)
        return self._line


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def key_of(ring: str) -> str:
    """Where the ring stands in the broker."""
    return f"{settings.BROKER_KEY_PREFIX}log:{ring}"


def last(ring: str, most: int, wanted: str = "") -> list[RingLine]:
    """The newest lines first, at most `most`; with `wanted` only those that name it. Raises redis.RedisError."""
    count = None if wanted else most
    with broker.client(read_seconds=5) as line:
        found: Any = line.xrevrange(key_of(ring), count=count)
    lines = (_read(fields) for _number, fields in found)
    word = wanted.casefold()
    fitting = [one for one in lines if one and (not word or word in _all_of(one))]
    return fitting[:most]


def _read(fields: dict[bytes, bytes]) -> RingLine | None:
    try:
        facts = json.loads(fields.get(b"line", b"{}"))
        at = datetime.fromtimestamp(facts.pop("at"), UTC)
        return RingLine(at=at, **facts)
    except (ValueError, TypeError, KeyError):
        return None


def _all_of(line: RingLine) -> str:
    return f"{line.event} {line.words} {line.message} {line.company} {line.more}".casefold()
