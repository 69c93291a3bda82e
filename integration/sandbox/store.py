"""The sandbox's own memory: one SQLite file, every fact committed before anything is said of it."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TABLES = """
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS instance(guid TEXT PRIMARY KEY, queue TEXT UNIQUE, registered_at TEXT, certificate TEXT,
  certificate_at TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS company(keyid TEXT PRIMARY KEY, company_id TEXT NOT NULL UNIQUE, instance TEXT NOT NULL,
  country TEXT NOT NULL, number TEXT NOT NULL, name TEXT NOT NULL, key TEXT NOT NULL, next_key TEXT,
  linked INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS nonce(keyid TEXT, nonce TEXT, seen REAL NOT NULL, PRIMARY KEY(keyid, nonce)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS agreement(account TEXT PRIMARY KEY, keyid TEXT NOT NULL, bban TEXT NOT NULL, iban TEXT NOT NULL,
  currency TEXT NOT NULL, bic TEXT NOT NULL, owner TEXT NOT NULL, country TEXT NOT NULL, opening INTEGER NOT NULL,
  active INTEGER NOT NULL, options TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload(id INTEGER PRIMARY KEY, keyid TEXT NOT NULL, msgid TEXT NOT NULL, sha256 TEXT NOT NULL,
  state TEXT NOT NULL, account TEXT NOT NULL, batch TEXT NOT NULL, version TEXT NOT NULL, transactions INTEGER NOT NULL,
  ctrl_sum TEXT NOT NULL, received_at TEXT NOT NULL, refusal_code TEXT, refusal_text TEXT, UNIQUE(keyid, msgid));
CREATE TABLE IF NOT EXISTS payment(id INTEGER PRIMARY KEY, upload INTEGER NOT NULL, pmtinfid TEXT NOT NULL,
  account TEXT NOT NULL, execution TEXT NOT NULL, batch_booking INTEGER NOT NULL, transactions INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS payment_upload ON payment(upload);
CREATE TABLE IF NOT EXISTS item(id INTEGER PRIMARY KEY, upload INTEGER NOT NULL, payment INTEGER NOT NULL,
  instruction TEXT NOT NULL, end_to_end TEXT NOT NULL, uetr TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,
  name TEXT NOT NULL, payee TEXT NOT NULL, agent TEXT NOT NULL, remittance TEXT NOT NULL, problem TEXT NOT NULL DEFAULT '',
  plan TEXT, outcome TEXT NOT NULL DEFAULT 'received', code TEXT NOT NULL DEFAULT '', booked INTEGER, fee INTEGER,
  value_date TEXT, returned INTEGER);
CREATE INDEX IF NOT EXISTS item_payment ON item(payment, outcome);
CREATE INDEX IF NOT EXISTS item_upload ON item(upload, outcome);
CREATE TABLE IF NOT EXISTS event(id INTEGER PRIMARY KEY, due TEXT NOT NULL, kind TEXT NOT NULL, facts TEXT NOT NULL,
  key TEXT UNIQUE, state TEXT NOT NULL DEFAULT 'due', error TEXT);
CREATE INDEX IF NOT EXISTS event_due ON event(state, due, id);
CREATE TABLE IF NOT EXISTS movement(id INTEGER PRIMARY KEY, account TEXT NOT NULL, amount INTEGER NOT NULL,
  booking_date TEXT NOT NULL, value_date TEXT NOT NULL, kind TEXT NOT NULL, bank_reference TEXT NOT NULL, facts TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS movement_account ON movement(account, booking_date, id);
CREATE TABLE IF NOT EXISTS detail(id INTEGER PRIMARY KEY, movement INTEGER NOT NULL, amount INTEGER NOT NULL, item INTEGER,
  facts TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS detail_movement ON detail(movement, id);
CREATE TABLE IF NOT EXISTS file(id TEXT PRIMARY KEY, keyid TEXT NOT NULL, type TEXT NOT NULL, kind TEXT NOT NULL,
  sha256 TEXT NOT NULL, created_at TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message(position INTEGER PRIMARY KEY AUTOINCREMENT, keyid TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS message_company ON message(keyid, position);
CREATE TABLE IF NOT EXISTS outbox(id INTEGER PRIMARY KEY AUTOINCREMENT, position INTEGER NOT NULL, keyid TEXT NOT NULL,
  not_before TEXT NOT NULL DEFAULT '', overtaken INTEGER NOT NULL DEFAULT 0, sent INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS outbox_unsent ON outbox(sent, id);
CREATE TABLE IF NOT EXISTS rule(id INTEGER PRIMARY KEY, stage TEXT NOT NULL, name TEXT NOT NULL, conditions TEXT NOT NULL,
  action TEXT NOT NULL, times INTEGER, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS mail(id INTEGER PRIMARY KEY, received_at TEXT NOT NULL, receiver TEXT NOT NULL,
  subject TEXT NOT NULL, body TEXT NOT NULL);
"""


class Store:
    """One connection per thread; one writer at a time; readers never wait."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = folder / "files"
        self.files.mkdir(parents=True, exist_ok=True)
        self._path = folder / "sandbox.sqlite3"
        self._local = threading.local()
        self._writer = threading.RLock()
        self.connection().executescript(TABLES)

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
