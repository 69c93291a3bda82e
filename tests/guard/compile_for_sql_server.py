"""Prints every migration of ours, and the main queries, as T-SQL, with no SQL Server and no ODBC at hand.

The connection is a dummy that answers what the engine asks before it compiles. What this cannot prove is said in
ARCHITECTURE.md: statements are compiled and checked for shapes known to be refused; they are not run.
"""

from __future__ import annotations

import itertools
import os
import sys
import types
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autopay_console.settings")


def without_odbc() -> None:
    """A stand-in for pyodbc where the driver manager is absent."""
    try:
        import pyodbc  # noqa: F401

        return
    except ImportError:
        pass
    module = types.ModuleType("pyodbc")
    module.version, module.pooling = "5.5.0", True
    module.Error = type("Error", (Exception,), {})
    module.Warning = type("Warning", (Exception,), {})
    module.InterfaceError = type("InterfaceError", (module.Error,), {})
    module.DatabaseError = type("DatabaseError", (module.Error,), {})
    names = "DataError OperationalError IntegrityError InternalError ProgrammingError NotSupportedError"
    for name in names.split():
        setattr(module, name, type(name, (module.DatabaseError,), {}))
    module.Binary = bytes
    numbers = itertools.count(-9000)

    def constant(name):
        if not name.startswith("SQL_"):
            raise AttributeError(name)
        value = next(numbers)
        setattr(module, name, value)
        return value

    module.__getattr__ = constant
    sys.modules["pyodbc"] = module


class Cursor:
    rowcount = 0
    description = None

    def execute(self, sql, params=None):
        self.answer = (1,) if "@@TRANCOUNT" in sql else None
        return self

    executemany = execute

    def fetchone(self):
        return getattr(self, "answer", None)

    def fetchall(self):
        return []

    fetchmany = fetchall

    def nextset(self):
        return False

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *what):
        pass

    def __iter__(self):
        return iter(())


class Connection:
    autocommit = True

    def cursor(self):
        return Cursor()

    def commit(self):
        pass

    rollback = close = commit


def offline(connection) -> None:
    cls = type(connection)
    cls._known_versions["default"] = 2022
    cls._known_azures["default"] = False
    connection.features.has_zoneinfo_database = True
    connection._is_microsoft_driver = True
    connection.connection = Connection()
    connection.get_new_connection = lambda params: Connection()
    connection.init_connection_state = lambda: None
    connection._set_autocommit = lambda on: None
    connection.is_usable = lambda: True
    connection.introspection.get_constraints = lambda cursor, table: {}
    connection.introspection.table_names = lambda cursor=None, include_views=False: []


def main() -> None:
    without_odbc()
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections
    from django.db.migrations.loader import MigrationLoader

    offline(connections["default"])
    loader = MigrationLoader(None)
    for app, name in sorted(loader.disk_migrations):
        if app in ("companies", "payments", "integration"):
            call_command("sqlmigrate", app, name, no_color=True)


if __name__ == "__main__":
    main()
