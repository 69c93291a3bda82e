"""Copying a database while the console works, and putting a copy in its place."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from django.db import connection, connections
from django.utils.translation import gettext as _

MINUTES = 60 * 60  # seconds pg_dump and pg_restore may take
NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


class Refused(Exception):
    """Backup or restore cannot be done like this; nothing was changed. The text says what to do."""


def engine() -> str:
    """sqlite, postgresql or microsoft."""
    return str(connection.vendor)


def dump(folder: Path) -> Path:
    """A consistent copy of the database at one moment. Writers are not held up."""
    if engine() not in NAMES:
        raise Refused(_by_its_own_tools() % {"name": connection.settings_dict["NAME"]})
    target = folder / NAMES[engine()]
    if engine() == "sqlite":
        _copy_sqlite(_sqlite_path(), target)
    else:
        _run(["pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--file={target}"])
    return target


def tables() -> list[str]:
    """Tables that are there now; an empty database has none."""
    if engine() == "sqlite" and not _sqlite_path().exists():
        return []
    return list(connection.introspection.table_names())


def load(source: Path, aside: Path) -> None:
    """Put the copy in place of the database; what was there is kept in `aside` first."""
    had = bool(tables())
    if had:
        aside.mkdir(parents=True, exist_ok=True)
        dump(aside)
    connections.close_all()
    if engine() == "sqlite":
        _load_sqlite(source)
        return
    _close_pool()
    if had:
        _run(["psql", "--quiet", "-v", "ON_ERROR_STOP=1", "-c", "DROP SCHEMA public CASCADE; CREATE SCHEMA public"])
    _run(
        ["pg_restore", "--no-owner", "--no-acl", "--exit-on-error", "--single-transaction", "--dbname", "", str(source)]
    )


def sound(copy: Path) -> str:
    """What is wrong with a copy; empty when it can be read whole."""
    if copy.name == NAMES["sqlite"]:
        try:
            with closing(sqlite3.connect(f"file:{copy}?mode=ro&immutable=1", uri=True)) as line:
                said = str(line.execute("PRAGMA integrity_check").fetchone()[0])
        except sqlite3.DatabaseError as error:
            return str(error)
        return "" if said == "ok" else said
    listed = subprocess.run(  # noqa: S603
        [_tool("pg_restore"), "--list", str(copy)], capture_output=True, text=True, timeout=MINUTES, check=False
    )
    return listed.stderr.strip()[:500] if listed.returncode else ""


def _by_its_own_tools() -> str:
    return _(
        "SQL Server makes its own backups. Run on the server: BACKUP DATABASE [%(name)s] TO DISK = '…/%(name)s.bak' "
        "WITH CHECKSUM, INIT; then run this command again with --files-only. To restore: RESTORE DATABASE [%(name)s] "
        "FROM DISK = '…/%(name)s.bak' WITH REPLACE, CHECKSUM; then manage.py restore DIR --files-only."
    )


def _sqlite_path() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source, timeout=60)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)  # all pages in one step: a reader's snapshot, writers go on in the log
        copy.execute("PRAGMA journal_mode=DELETE")
    _flush(target)


def _load_sqlite(source: Path) -> None:
    place = _sqlite_path()
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f".{place.name}.restored")
    shutil.copyfile(source, fresh)
    _flush(fresh)
    for ending in ("-wal", "-shm"):
        place.with_name(place.name + ending).unlink(missing_ok=True)
    fresh.replace(place)


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _close_pool() -> None:
    """The database's pool of connections must not stand in the way of dropping its tables."""
    if close := getattr(connection, "close_pool", None):
        close()


def _run(command: list[str]) -> None:
    """A tool of PostgreSQL. Its password goes by the environment, never in the list of processes."""
    values = connection.settings_dict
    done = subprocess.run(  # noqa: S603
        [_tool(command[0]), *command[1:]],
        env={**os.environ, **_postgres(values)},
        capture_output=True,
        text=True,
        timeout=MINUTES,
        check=False,
    )
    if done.returncode:
        raise Refused(f"{command[0]}: {done.stderr.strip()[:1000]}")


def _postgres(values: dict[str, Any]) -> dict[str, str]:
    named = {"PGDATABASE": "NAME", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGHOST": "HOST", "PGPORT": "PORT"}
    return {name: str(values[key]) for name, key in named.items() if values.get(key)}


def _tool(name: str) -> str:
    if found := shutil.which(name):
        return found
    text = _("%(tool)s is not installed here. Install PostgreSQL's client tools of the server's version.")
    raise Refused(text % {"tool": name})
