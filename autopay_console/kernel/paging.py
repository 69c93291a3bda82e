"""Paging by key: the next page begins after the last row of this one, however long the list is.

A page mark in the address holds the sort value and the primary key of a row; it is only ever used in a comparison on
a list that is already narrowed by company, so changing it by hand shows nothing that was not allowed.
"""

from __future__ import annotations

import base64
import json
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Field, Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)


class Mark(NamedTuple):
    """Where a page begins or ends: value of the sort column, primary key, position for reading."""

    value: Any
    key: Any
    position: int


def cut(
    rows: QuerySet[Row], column: str, descending: bool, mark: Mark | None, backwards: bool, per_page: int
) -> tuple[list[Row], bool]:
    """One page after (or before) the mark, and whether there are more that way."""
    down = descending != backwards
    if mark:
        rows = rows.filter(beyond(column, mark.value, mark.key, rising=not down, key_rising=not down))
    sign = "-" if down else ""
    order: tuple[str, ...] = (f"{sign}pk",) if column in ("pk", "id") else (f"{sign}{column}", f"{sign}pk")
    ordered = rows.order_by(*order)
    # The keys of the page first, and only then what its rows join: a join to a table of few rows would lure a planner
    # away from the index the order stands in, and it would sort the whole list for one page.
    found = list(ordered.filter(pk__in=ordered.values("pk")[: per_page + 1]))
    more = len(found) > per_page
    found = found[:per_page]
    return (found[::-1] if backwards else found), more


def beyond(column: str, value: Any, key: Any, *, rising: bool, key_rising: bool) -> Q:
    """Rows that come after one with this value and primary key, in an order by the column and then the key.

    The first condition says nothing new, but is where an index begins to be read: an OR alone begins at its start.
    """
    way, key_way = "gt" if rising else "lt", "gt" if key_rising else "lt"
    return Q(**{f"{column}__{way}e": value}) & (Q(**{f"{column}__{way}": value}) | Q(**{f"pk__{key_way}": key}))


def first_position(mark: Mark | None, backwards: bool, length: int, more: bool) -> int:
    """Position of the page's first row, for reading."""
    if mark is None:
        return 1
    if not backwards:
        return mark.position + 1
    return max(mark.position - length, 1) if more else 1


def write_mark(row: Any, column: str, position: int) -> str:
    """The mark of a row, fit for an address."""
    value = row
    for name in column.split("__"):
        value = getattr(value, name)
    packed = json.dumps([str(value), str(row.pk), position], separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def read_mark(text: str, rows: QuerySet[Any], column: str) -> Mark | None:
    """A mark somebody tampered with is as good as none: the first page."""
    if not text or not text.isascii():
        return None
    try:
        value, key, position = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if "\0" in f"{value}{key}":
            return None
        return Mark(_column(rows, column).to_python(value), rows.model._meta.pk.to_python(key), max(int(position), 1))
    except (ValueError, TypeError, ValidationError):
        return None


def _column(rows: QuerySet[Any], path: str) -> Field[Any, Any]:
    """The database field behind a sort column, through relations or an annotation."""
    annotation = rows.query.annotations.get(path)
    if annotation is not None:
        return annotation.output_field
    model: Any = rows.model
    found: Any = model._meta.pk
    for name in path.split("__"):
        try:
            found = model._meta.pk if name == "pk" else model._meta.get_field(name)
        except FieldDoesNotExist as error:
            raise ValueError(f"{model.__name__} has no column {name}") from error
        model = getattr(found, "related_model", None) or model
    return found  # type: ignore[no-any-return]
