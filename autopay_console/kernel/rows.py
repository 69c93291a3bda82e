"""Many rows by one prepared statement: what `bulk_create` and `bulk_update` do, at a third of their price.

For the tables that grow by the hundred thousand (transactions, postings, facts of bank files). The same rules as
Django's bulk methods: no signals, no `save()`, keys made by the caller where they are wanted afterwards. Values are
prepared by the model's own fields, so that money, dates and ids are stored just as the rest of the product stores them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from itertools import repeat
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BooleanField,
    CharField,
    DateField,
    Field,
    ForeignKey,
    IntegerField,
    Model,
    TextField,
    UUIDField,
)
from django.utils import timezone

from autopay_console.kernel.sets import CHUNK, chunks

_AS_THEY_ARE = (CharField, TextField, IntegerField, BooleanField)
_DAYS_KEPT = 4_096
Row = Sequence[Any]


def insert_rows(model: type[Model], columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Insert rows of these columns (`supplier_id`, not `supplier`) and answer their number; others get their default.

    One statement for each thousand rows; the caller's transaction decides whether all of them stay.
    """
    database = connections[DEFAULT_DB_ALIAS]  # once: looking it up for each value is dear
    fields = [_field(model, name) for name in columns]
    rest = _constants(model, {field.attname for field in fields}, database)
    all_fields = [*fields, *(field for field, _value in rest)]
    tail = tuple(value for _field_, value in rest)
    names = ", ".join(_column(field, database) for field in all_fields)
    places = ", ".join(["%s"] * len(all_fields))
    # Names come from the model, values go as parameters.
    statement = f"INSERT INTO {_table(model, database)} ({names}) VALUES ({places})"  # noqa: S608
    return _many(database, statement, fields, rows, tail)


def store(model: type[Model], objects: Iterable[Model]) -> None:
    """Insert these objects. Unlike after `bulk_create` they do not know the keys the database counts."""
    fields = [field for field in model._meta.concrete_fields if not (_counted(field) or _set_to_now(field))]
    names = [field.attname for field in fields]
    insert_rows(model, names, map(attrgetter(*names), objects))


def update_rows(model: type[Model], columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Set these columns by primary key; a row is the columns' values, then the key. How many rows were handed in."""
    database = connections[DEFAULT_DB_ALIAS]
    fields = [_field(model, name) for name in columns]
    key = model._meta.pk
    if key is None:
        raise TypeError(f"{model.__name__} has no key")
    sets = ", ".join(f"{_column(field, database)} = %s" for field in fields)
    statement = f"UPDATE {_table(model, database)} SET {sets} WHERE {_column(key, database)} = %s"  # noqa: S608
    return _many(database, statement, [*fields, key], rows, ())


def _many(
    database: BaseDatabaseWrapper, statement: str, fields: list[Field[Any, Any]], rows: Iterable[Row], tail: Row
) -> int:
    preparers = [_preparer(field, database) for field in fields]
    count = 0
    # all of them or none also where the caller opened no transaction: else SQLite would commit row by row
    with transaction.atomic(savepoint=False), database.cursor() as cursor:
        for some in chunks(rows, CHUNK):
            cursor.executemany(statement, _prepared(some, preparers, tail))
            count += len(some)
    return count


def _prepared(rows: list[Row], preparers: list[Callable[[Any], Any] | None], tail: Row) -> list[Row]:
    """The rows as the database takes them: column by column, for most columns go as they are; the tail ends each."""
    columns = [
        column if prepare is None else [prepare(value) for value in column]
        for column, prepare in zip(zip(*rows, strict=True), preparers, strict=True)
    ]
    return list(zip(*columns, *map(repeat, tail), strict=not tail))


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    for field in model._meta.concrete_fields:
        if field.attname == name:
            return field
    raise FieldDoesNotExist(f"{model.__name__} has no column {name}")


def _constants(model: type[Model], named: set[str], database: BaseDatabaseWrapper) -> list[tuple[Field[Any, Any], Any]]:
    """Columns nobody named, and what stands in them; a key the database counts is left to it."""
    rest = []
    for field in model._meta.concrete_fields:
        if field.attname in named or _counted(field):
            continue
        if (field.has_default() and callable(field.default)) or field.primary_key:
            raise TypeError(f"{model.__name__}.{field.attname} differs from row to row and must be given")
        value = timezone.now() if _set_to_now(field) else field.get_default()
        rest.append((field, field.get_db_prep_save(value, connection=database)))
    return rest


def _counted(field: Field[Any, Any]) -> bool:
    return bool(getattr(field, "db_returning", False))


def _set_to_now(field: Field[Any, Any]) -> bool:
    return bool(getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False))


def _preparer(field: Field[Any, Any], database: BaseDatabaseWrapper) -> Callable[[Any], Any] | None:
    """How a value of this field is handed to the database; None when it goes as it is."""
    if isinstance(field, ForeignKey):
        return _preparer(field.target_field, database)
    if isinstance(field, _AS_THEY_ARE):
        return None
    if isinstance(field, UUIDField):
        return None if database.features.has_native_uuid_field else _as_hex
    prepare = partial(field.get_db_prep_save, connection=database)
    return lru_cache(maxsize=_DAYS_KEPT)(prepare) if isinstance(field, DateField) else prepare


def _as_hex(value: UUID | str | None) -> str | None:
    return value.hex if isinstance(value, UUID) else value


def _table(model: type[Model], database: BaseDatabaseWrapper) -> str:
    return database.ops.quote_name(model._meta.db_table)


def _column(field: Field[Any, Any], database: BaseDatabaseWrapper) -> str:
    return database.ops.quote_name(str(field.column))
