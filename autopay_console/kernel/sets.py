"""Working in sets: slices that fit every database (SQL Server takes 2 100 parameters a statement)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Value

T = TypeVar("T")

CHUNK = 1_000  # values in one IN list


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Lists of at most `size` items, in order."""
    iterator = iter(items)
    while part := list(islice(iterator, size)):
        yield part


class Written(Value):
    """A number written into the statement: only then does SQLite see that a list of them is an index's condition."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        """The digits; a number and nothing else."""
        return str(int(self.value)), ()


def written(numbers: Iterable[int]) -> Any:
    """These numbers for an IN that is an index's condition too."""
    return [Written(int(number)) for number in numbers]
