"""From a file to the console's private queue: file on disk, rows, outbox, stream entry. At least once, never lost."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import IO, Any, Protocol

import redis

from integration.sandbox.clock import Clock
from integration.sandbox.rules import RuleBook
from integration.sandbox.store import Store

log = logging.getLogger("sandbox")
NAMESPACE = uuid.UUID("6b0f1d2e-8f58-4c5e-9a57-0d5c1a7b6e21")


class Sink(Protocol):
    """Where a file is written to."""

    def write(self, data: bytes, /) -> int:
        """Take the next bytes."""


# Writes the file; the text is its running number, the flag asks for a copy (CpyDplctInd COPY) of what was sent before.
Writer = Callable[[Sink, str, bool], None]


class _Hashing:
    """Passes bytes on to the file and hashes them on the way."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.sha256 = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        return self._stream.write(data)


class PostOffice:
    """Keeps files and messages, and appends them to each instance's stream."""

    def __init__(self, store: Store, clock: Clock, rules: RuleBook, broker: redis.Redis, seed: str) -> None:
        self._store, self._clock, self._rules, self._broker, self._seed = store, clock, rules, broker, seed
        self._wake = threading.Event()
        self._stopped = False
        self._thread = threading.Thread(target=self._loop, name="outbox", daemon=True)
        self._sending = threading.Lock()

    def send(self, keyid: str, message_type: str, kind: str, write: Writer) -> str:
        """Write the file, then file, message and outbox rows in the caller's transaction; answers the file's id.

        `write(stream, number, copy)` gets a running number for the file's own MsgId.
        """
        with self._store.writing():
            file_id, message = self._keep(keyid, message_type, kind, write, copy=False)
            rule = self._rules.choose(
                "delivery", {"company": keyid, "messageType": message_type, "fileKind": kind}, file_id
            )
            how = str(rule.then["deliver"]) if rule else "once"
            minutes = int(rule.then.get("minutes", 60)) if rule else 0
            if how != "lost":
                late = how in ("late", "out-of-order")
                moment = (self._clock.now() + timedelta(minutes=minutes)).isoformat() if late else ""
                self._enqueue(keyid, message, not_before=moment, overtaken=how == "out-of-order")
            if how == "twice":
                self._enqueue(keyid, message)
            if how == "copy":
                _, again = self._keep(keyid, message_type, kind, write, copy=True)
                self._enqueue(keyid, again)
        self._wake.set()
        return file_id

    def _keep(self, keyid: str, message_type: str, kind: str, write: Writer, *, copy: bool) -> tuple[str, int]:
        number = self._store.next_number("file")
        file_id = f"f-{number:012d}"
        path = self._store.files / f"{file_id}.xml"
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as stream:
            hashing = _Hashing(stream)
            write(hashing, f"{number:09d}", copy)
            stream.flush()
            os.fsync(stream.fileno())
        unfinished.replace(path)
        folder = os.open(self._store.files, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        sha256, created = hashing.sha256.hexdigest(), self._clock.stamp()
        company_id = str(self._store.value("SELECT company_id FROM company WHERE keyid = ?", keyid) or "")
        facts = {
            "companyId": company_id,
            "fileId": file_id,
            "fileKind": kind,
            "sha256": sha256,
            "createdAt": created,
        }
        with self._store.writing() as db:
            db.execute(
                "INSERT INTO file VALUES (?, ?, ?, ?, ?, ?)",
                (file_id, keyid, message_type, kind, sha256, created),
            )
            envelope = {
                "messageId": str(uuid.uuid5(NAMESPACE, f"{self._seed}|{company_id}|{file_id}")),
                "messageType": message_type,
                "message": facts,
            }
            body = json.dumps(envelope, ensure_ascii=False)
            position = db.execute("INSERT INTO message(keyid, body) VALUES (?, ?)", (keyid, body)).lastrowid
        return file_id, int(position or 0)

    def _enqueue(self, keyid: str, position: int, *, not_before: str = "", overtaken: bool = False) -> None:
        with self._store.writing() as db:
            db.execute(
                "INSERT INTO outbox(position, keyid, not_before, overtaken) VALUES (?, ?, ?, ?)",
                (position, keyid, not_before, int(overtaken)),
            )

    def reachable(self) -> bool:
        """Whether Redis answers."""
        try:
            return bool(self._broker.ping())
        except redis.RedisError:
            return False

    def nudge(self) -> None:
        """Something may be ready to go."""
        self._wake.set()

    def start(self) -> None:
        """Begin to send in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the entry in work and stop."""
        self._stopped = True
        self._wake.set()
        self._thread.join(timeout=30)

    def flush(self) -> int:
        """Append what is ready, oldest first; how many entries. A broker that is down leaves the rest for later."""
        count = 0
        with self._sending:
            for row in self._ready():
                try:
                    self._broker.xadd(row["queue"], {"body": row["body"].encode()})
                except redis.RedisError as error:
                    log.warning("queue %s cannot be reached, will try again: %s", row["queue"], error)
                    break
                with self._store.writing() as db:
                    db.execute("UPDATE outbox SET sent = 1 WHERE id = ?", (row["id"],))
                    db.execute(
                        "UPDATE outbox SET overtaken = 0, not_before = '' WHERE overtaken = 1 AND keyid = ? AND id < ?",
                        (row["keyid"], row["id"]),
                    )
                count += 1
        return count

    def waiting(self) -> int:
        """Entries that have not been confirmed by the broker."""
        return int(self._store.value("SELECT count(*) FROM outbox WHERE sent = 0"))

    def _ready(self) -> list[Any]:
        return self._store.rows(
            "SELECT o.id, o.keyid, m.body, i.queue FROM outbox o JOIN message m ON m.position = o.position"
            " JOIN company c ON c.keyid = o.keyid JOIN instance i ON i.guid = c.instance"
            " WHERE o.sent = 0 AND o.not_before <= ? AND i.queue IS NOT NULL ORDER BY o.id LIMIT 200",
            self._clock.now().isoformat(),
        )

    def _loop(self) -> None:
        while not self._stopped:
            self._wake.wait(0.5)
            self._wake.clear()
            try:
                while self.flush() and not self._stopped:
                    pass
            except Exception:
                log.exception("the outbox could not be sent")
