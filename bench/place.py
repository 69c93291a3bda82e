"""Where measurements happen: a folder and databases of their own, copied from one migrated template."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from bench.measure import Measured, in_own_process

PRODUCT = "product"  # alias of the database the measured job left, read by its floor


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of one job at one size, and how its databases are named."""

    folder: Path
    databases: Databases
    name: str

    def database(self, part: str) -> str:
        """Name of a part's database: prepared, product or floor."""
        return self.databases.name(f"{self.name}_{part}")

    def run(self, part: str, work: Callable[[Place], Measured | None], copy_of: str) -> Measured | None:
        """One part in a process and a database of its own."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.databases.copy(copy_of, self.database(part))

        def there() -> Measured | None:
            self.enter(part)
            answer = work(self)
            connections.close_all()
            return answer

        return in_own_process(there)

    def enter(self, part: str) -> None:
        """This process works here from now on."""
        use_database(self.database(part))
        settings.DATA_AREA = self.folder / "files"
        connections.databases[PRODUCT] = {**connections.databases["default"], "NAME": self.database(PRODUCT)}

    def env(self) -> dict[str, str]:
        """Environment of workers and consumers that work here too."""
        return {
            "AUTOPAY_MODE": "test",
            "AUTOPAY_VAR": str(self.folder / "var"),
            "AUTOPAY_DATA": str(self.folder / "files"),
            "DATABASE_URL": self.databases.url(connection.settings_dict["NAME"]),
            "DJANGO_SETTINGS_MODULE": "autopay_console.settings",
            "LOG_LEVEL": "INFO",
        }


class Databases:
    """SQLite files in a folder, or databases of a PostgreSQL server (`--db postgres://…`)."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder, self._url, self._run = folder, url, os.getpid()
        self.template = self.name("template")
        self._made: list[str] = []

    def name(self, word: str) -> str:
        """What Django calls the database of this word."""
        return f"bench_{self._run}_{word}" if self._url else str(self.folder / f"{word}.sqlite3")

    def url(self, name: str) -> str:
        """Its address for another process."""
        return f"{self._url.rpartition('/')[0]}/{name}" if self._url else f"sqlite:///{name}"

    def make_template(self, *, migrations: bool = True) -> None:
        """The schema, once: by migrations, or (faster, for a look at the bench itself) straight from the models."""
        if self._url:
            self._server(f'CREATE DATABASE "{self.template}"')
            self._made.append(self.template)

        def there() -> None:
            use_database(self.template)
            if not migrations:
                settings.MIGRATION_MODULES = dict.fromkeys(one.label for one in apps.get_app_configs())
            call_command("migrate", verbosity=0, run_syncdb=not migrations)
            connections.close_all()

        in_own_process(there)

    def copy(self, old: str, new: str) -> None:
        """A database like another one, on which nobody works."""
        if self._url:
            self._server(f'DROP DATABASE IF EXISTS "{new}"')
            self._server(f'CREATE DATABASE "{new}" TEMPLATE "{old}"')
            self._made.append(new)
            return
        with sqlite3.connect(old) as source, sqlite3.connect(new) as target:
            source.backup(target)
        source.close()
        target.close()

    def drop(self, *names: str) -> None:
        """Take databases away again (all that were made, when none is named)."""
        for name in names or list(dict.fromkeys(self._made)):
            if self._url:
                self._server(f'DROP DATABASE IF EXISTS "{name}"')
            else:
                for path in Path(name).parent.glob(f"{Path(name).name}*"):
                    path.unlink()

    def _server(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self._url.replace("postgres://", "postgresql://", 1), autocommit=True) as line:
            line.execute(statement)  # type: ignore[arg-type]


def use_database(name: str) -> None:
    """Point this process at a database; it must not be connected yet."""
    connection.settings_dict["NAME"] = name
    connections.databases["default"]["NAME"] = name
