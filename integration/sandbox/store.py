"""The sandbox's own memory: one SQLite file, every fact committed before anything is said of it."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TABLES = Path(__file__).with_name("tables.sql")


class Store:
    """One connection per thread; one writer at a time; readers never wait."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = folder / "files"
        self.files.mkdir(parents=True, exist_ok=True)
        self._path = folder / "sandbox.sqlite3"
        self._local = threading.local()
        self._writer = threading.RLock()
        self.connection().executescript(TABLES.read_text())

    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, timeout=60, isolation_level=None)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            self._local.connection = connection
        return connection

    def release(self) -> None:
        """Close this thread's connection; a request thread does so when it has answered."""
        if connection := getattr(self._local, "connection", None):
            connection.close()
            self._local.connection = None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One durable transaction; inside another one it is part of that."""
        with self._writer:
            connection = self.connection()
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self.connection().execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        """The first row of a query, or None."""
        found: sqlite3.Row | None = self.connection().execute(sql, values).fetchone()
        return found

    def value(self, sql: str, *values: object) -> Any:
        """The first column of the first row, or None."""
        found = self.row(sql, *values)
        return None if found is None else found[0]

    def walk(self, sql: str, *values: object) -> Iterator[sqlite3.Row]:
        """Rows one after the other, for tables of any size."""
        yield from self.connection().execute(sql, values)

    def get(self, key: str, default: str = "") -> str:
        """One remembered setting."""
        found = self.value("SELECT value FROM meta WHERE key = ?", key)
        return default if found is None else str(found)

    def put(self, key: str, value: str) -> None:
        """Remember a setting."""
        with self.writing() as db:
            db.execute(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                (key, value),
            )

    def next_number(self, counter: str) -> int:
        """1, 2, 3 … per counter, without gaps after a rolled back transaction."""
        with self.writing() as db:
            number = int(self.get(f"counter:{counter}", "0")) + 1
            db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (f"counter:{counter}", str(number)))
        return number


def packed(facts: object) -> str:
    """JSON for a column."""
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


def unpacked(column: str | None) -> Any:
    """JSON of a column; an empty one is None."""
    return json.loads(column) if column else None
