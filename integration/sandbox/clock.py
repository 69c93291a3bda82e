"""The business clock, and the events that are due by it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from integration.sandbox.store import Store, packed, unpacked

ZONE = ZoneInfo("Europe/Oslo")
log = logging.getLogger("sandbox")


class Clock:
    """Business time, local to the banks: the wall's, or a set time that stands still until it is moved."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._inside = threading.local()

    def now(self) -> datetime:
        """Business time now (or of the event that is being worked on), without zone."""
        if inside := getattr(self._inside, "moment", None):
            return datetime.fromisoformat(inside)
        if fixed := self._store.get("business_time"):
            return datetime.fromisoformat(fixed)
        return datetime.now(ZONE).replace(tzinfo=None)

    def today(self) -> date:
        """The business date."""
        return self.now().date()

    def is_set(self) -> bool:
        """Whether the clock stands at a set time."""
        return bool(self._store.get("business_time"))

    def set(self, moment: datetime | None) -> None:
        """Stand at this business time; None follows the wall again."""
        self._store.put("business_time", moment.isoformat() if moment else "")

    def stamp(self) -> str:
        """Business time with offset, as files carry it."""
        return self.now().replace(microsecond=0, tzinfo=ZONE).isoformat()

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """While an event is handled its own time is now."""
        self._inside.moment = moment.isoformat()
        try:
            yield
        finally:
            self._inside.moment = None


def wall_stamp() -> str:
    """Real time, for registrations and receipts."""
    return datetime.now(UTC).replace(microsecond=0).isoformat()


Handler = Callable[[dict[str, Any]], None]


class Schedule:
    """Events in the order of their business time; each is handled in one transaction and then done for good."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._handlers: dict[str, Handler] = {}
        self._running = threading.RLock()
        self._wake = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._loop, name="events", daemon=True)

    def handle(self, kind: str, handler: Handler) -> None:
        """Name the function for a kind of event."""
        self._handlers[kind] = handler

    def add(self, due: datetime, kind: str, facts: dict[str, Any], key: str | None = None) -> None:
        """Plan an event; with a key it is planned once."""
        with self._store.writing() as db:
            db.execute(
                "INSERT INTO event(due, kind, facts, key) VALUES (?, ?, ?, ?) ON CONFLICT(key) DO NOTHING",
                (due.isoformat(), kind, packed(facts), key),
            )

    def nudge(self) -> None:
        """Something may be due."""
        self._wake.set()

    def start(self) -> None:
        """Begin to run what is due in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the event in work and stop."""
        self._stopped = True
        self._wake.set()
        self._thread.join(timeout=30)

    def run_due(self, until: datetime | None = None) -> int:
        """Run every event due by now (or moving the clock along, by `until`), in order; how many were run."""
        count = 0
        with self._running:
            while not self._stopped and self._run_next(until or self._clock.now()):
                count += 1
            if until is not None:
                self._clock.set(until)
        return count

    def next_due(self) -> str | None:
        """When the next event is due, for who wants to advance to it."""
        found: str | None = self._store.value("SELECT min(due) FROM event WHERE state = 'due'")
        return found

    def _run_next(self, until: datetime) -> bool:
        row = self._store.row(
            "SELECT * FROM event WHERE state = 'due' AND due <= ? ORDER BY due, id LIMIT 1", until.isoformat()
        )
        if row is None:
            return False
        moment = datetime.fromisoformat(row["due"])
        try:
            with self._store.writing() as db:
                if self._clock.is_set() and moment > self._clock.now():
                    self._clock.set(moment)
                with self._clock.at(max(moment, self._clock.now()) if self._clock.is_set() else moment):
                    self._handlers[row["kind"]](unpacked(row["facts"]))
                db.execute("UPDATE event SET state = 'done' WHERE id = ?", (row["id"],))
        except Exception as error:
            log.exception("event %s (%s) failed", row["id"], row["kind"])
            with self._store.writing() as db:
                db.execute(
                    "UPDATE event SET state = 'failed', error = ? WHERE id = ?",
                    (repr(error)[:500], row["id"]),
                )
        return True

    def _loop(self) -> None:
        while not self._stopped:
            self._wake.wait(0.5)
            self._wake.clear()
            try:
                self.run_due()
            except Exception:
                log.exception("events could not be run")


def at_time(day: date, hour: int, minute: int = 0) -> datetime:
    """A business time on a day."""
    return datetime.combine(day, time(hour, minute))


def after(moment: datetime, **span: float) -> datetime:
    """A business time some time later."""
    return moment + timedelta(**span)
