"""Reading the private queue: take, commit as inbox rows, acknowledge, nudge. In this order, whatever happens.

A process killed between commit and acknowledgement hears the same entries again; the inbox counts them and keeps one
row. Entries that another consumer took and never acknowledged are taken over after a while.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import redis
import structlog
from django.db import DatabaseError, connection

from autopay_console.kernel import broker
from autopay_console.kernel.nudging import nudge
from integration.choices import MessageState
from integration.models import InboxMessage
from integration.queue import beating, envelope, inbox, registration
from integration.queue.beating import Heart

AT_ONCE = 100  # entries in one reading
WAIT_MS = 1000  # how long one reading waits for something to come
MOST_WAITING = int(os.environ.get("QUEUE_MOST_WAITING", "5000"))  # then the queue keeps the rest
TAKEOVER_SECONDS = float(os.environ.get("QUEUE_TAKEOVER_SECONDS", "60"))
FORGET_SECONDS = 3600  # consumers that ended are removed from the group
LONGEST_PAUSE = 30.0
MOST_NAMED = 10  # messages a line of the log names
BODY = b"body"
Entries = list[tuple[bytes, dict[bytes, bytes]]]
log = structlog.get_logger(__name__)


class Reader(threading.Thread):
    """Reads until it is told to stop; the entries in hand are finished first."""

    def __init__(self, name: str, heart: Heart) -> None:
        super().__init__(name=f"reader-{name}", daemon=True)
        self.consumer = name
        self._heart = heart
        self._over = threading.Event()
        self._queue = ""
        self._line: redis.Redis | None = None
        self._next_takeover = 0.0
        self._said_full = False

    def stop(self, seconds: float = 60) -> None:
        """Finish what was taken and end."""
        self._over.set()
        self.join(timeout=seconds)

    def run(self) -> None:
        """Keep reading; a broker or database that is away costs a pause that grows to half a minute."""
        pause = 0.5
        while not self._over.is_set():
            try:
                if self._read_once():
                    pause = 0.5
            except redis.ResponseError as error:
                self._met(error, pause)
                self._queue = ""  # NOGROUP: the broker lost its data; stream and group are made anew
            except (redis.RedisError, DatabaseError, OSError, broker.NoBroker) as error:
                self._met(error, pause)
                self._drop_line()
            except Exception as error:
                log.exception("queue_reading_failed")
                self._met(error, pause)
            else:
                continue
            finally:
                connection.close()
            self._over.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        self._leave()

    def _met(self, error: Exception, pause: float) -> None:
        self._heart.doing = f"{beating.WAITING} {pause:g}: {error}"[:200]
        log.warning("queue_away", error=str(error)[:200], pause=pause)

    def _read_once(self) -> bool:
        """One round: False when there is nothing to do but wait."""
        line = self._connected()
        if registration.paused():
            return self._rest(beating.PAUSED)
        if InboxMessage.objects.filter(state=MessageState.RECEIVED).count() >= MOST_WAITING:
            return self._rest(f"{beating.FULL} {MOST_WAITING}")
        self._heart.doing = f"{beating.READING} {self._queue}"
        if entries := self._taken_over(line) or self._fresh(line):
            self._keep(line, entries)
        return True

    def _rest(self, why: str) -> bool:
        self._heart.doing = why
        self._over.wait(1)
        return True

    def _connected(self) -> redis.Redis:
        if self._line is None:
            self._line = broker.client()
        if not self._queue:
            name = registration.queue_name()
            registration.ensure_stream(self._line, name)
            self._queue = name
            log.info("queue_reading", queue=name, consumer=self.consumer)
        return self._line

    def _fresh(self, line: redis.Redis) -> Entries:
        found: Any = line.xreadgroup(
            registration.GROUP, self.consumer, {self._queue: ">"}, count=AT_ONCE, block=WAIT_MS
        )
        return found[0][1] if found else []

    def _taken_over(self, line: redis.Redis) -> Entries:
        """Entries somebody took and never acknowledged: a killed consumer, or ourselves before a broken line."""
        now = time.monotonic()
        if now < self._next_takeover:
            return []
        self._next_takeover = now + TAKEOVER_SECONDS / 2
        idle = int(TAKEOVER_SECONDS * 1000)
        answer: Any = line.xautoclaim(
            self._queue, registration.GROUP, self.consumer, idle, start_id="0-0", count=AT_ONCE
        )
        entries = [entry for entry in answer[1] if entry[1] is not None]
        if entries:
            self._next_takeover = now  # there may be more of them
            log.info("queue_taken_over", entries=len(entries))
        else:
            self._tidy(line)
        return entries

    def _keep(self, line: redis.Redis, entries: Entries) -> None:
        envelopes = [envelope.read(fields.get(BODY, repr(fields).encode())) for _, fields in entries]
        heard = inbox.hear(envelopes, queue=self._queue)
        numbers = [number for number, _ in entries]
        with line.pipeline(transaction=True) as together:
            together.xack(self._queue, registration.GROUP, *numbers)
            together.xdel(self._queue, *numbers)
            together.execute()
        self._heart.handled += len(entries)
        _say(heard)
        nudge("integration.tasks.handle_messages", heard.new)

    def _tidy(self, line: redis.Redis) -> None:
        """Remove consumers that ended: nothing pending, and not seen for an hour."""
        consumers: Any = line.xinfo_consumers(self._queue, registration.GROUP)
        for one in consumers:
            if not one["pending"] and one["idle"] > FORGET_SECONDS * 1000:
                line.xgroup_delconsumer(self._queue, registration.GROUP, one["name"])

    def _leave(self) -> None:
        """Say goodbye to the group, so that nobody waits for us."""
        if self._line is None or not self._queue:
            return
        try:
            mine: Any = self._line.xpending_range(
                self._queue, registration.GROUP, "-", "+", 1, consumername=self.consumer
            )
            if not mine:
                self._line.xgroup_delconsumer(self._queue, registration.GROUP, self.consumer)
        except (redis.RedisError, OSError) as error:
            log.info("queue_left_without_word", error=str(error)[:200])
        self._drop_line()

    def _drop_line(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None
        self._queue = ""


def _say(heard: inbox.Heard) -> None:
    """One line a reading, however much comes at once; one a message only for what is parked, or when debugging."""
    for row in heard.rows:
        if row.state == MessageState.PARKED:
            log.warning("message_parked", reason=row.reason[:200], **inbox.names_of(row))
        else:
            log.debug("message_kept", state=str(row.state), **inbox.names_of(row))
    kept = [row.message_id for row in heard.rows if row.state != MessageState.PARKED]
    named = {"message": kept[0]} if len(kept) == 1 else {"messages": kept[:MOST_NAMED]}
    log.info("queue_read", new=len(heard.new), parked=heard.parked, again=heard.again, **named)
