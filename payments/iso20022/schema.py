"""Checks a written payment order against ISO's official schema, in flat memory however big it is.

The schemas come with the package sepaxml. Schema-valid is not yet bank-valid (a schema takes a wrong
sum), but a file that is not even that is rejected whole, so it is found here before it is sealed.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from lxml import etree

from payments.iso20022.orders import FileOrder
from payments.iso20022.pain001 import VERSIONS, Written, write

MOST_ERRORS = 50
_FAR_BEHIND = 4


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One place where the file is not what the schema says."""

    line: int
    text: str


class NotValid(ValueError):
    """The file is not what the official schema says; `errors` name line and reason."""

    def __init__(self, errors: list[SchemaError]) -> None:
        super().__init__("; ".join(f"line {error.line}: {error.text}" for error in errors[:3]))
        self.errors = errors


@lru_cache(maxsize=len(VERSIONS))
def _schema(version: str) -> etree.XMLSchema:
    source = files("sepaxml") / "schemas" / f"pain.{version}.xsd"
    return etree.XMLSchema(etree.fromstring(source.read_bytes()))


def schema_errors(path: Path, version: str) -> list[SchemaError]:
    """What the official schema of a version (`001.001.09`, `001.001.03`) says against it; at most 50."""
    if version not in VERSIONS:
        raise ValueError(f"there is no schema for pain.{version} here")
    parser = _parser(version)
    try:
        etree.parse(str(path), parser)
    except etree.XMLSyntaxError:
        return _by_line(path, version)
    return _by_line(path, version) if len(parser.error_log) else []


def write_valid(order: FileOrder, path: Path) -> Written:
    """Write the order and check it against its schema meanwhile; raises NotValid, and then there is no file."""
    with _Meanwhile(order.profile.version) as check:
        return write(order, path, check)


class _Meanwhile:
    """Checks in a thread of its own while the file is written: both together take little longer than one."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.parser = _parser(version)
        self.thread = ThreadPoolExecutor(1)
        self.waiting: deque[Future[None]] = deque()

    def __enter__(self) -> _Meanwhile:
        return self

    def __exit__(self, *_: object) -> None:
        self.thread.shutdown(cancel_futures=True)

    def feed(self, data: bytes) -> None:
        """Hand on the next bytes; waits when the check is far behind, so that memory stays flat."""
        self.waiting.append(self.thread.submit(self._parse, data))
        if len(self.waiting) > _FAR_BEHIND:
            self.waiting.popleft().result()

    def finish(self, path: Path) -> None:
        """Wait for the verdict; the slower look that finds the lines is taken only at a bad file."""
        while self.waiting:
            self.waiting.popleft().result()
        with suppress(etree.XMLSyntaxError):
            self.parser.close()
        if len(self.parser.feed_error_log):
            raise NotValid(_by_line(path, self.version))

    def _parse(self, data: bytes) -> None:
        with suppress(etree.XMLSyntaxError):
            self.parser.feed(data)


class _Nothing:
    """Builds no tree: by far the fastest way to have a file checked."""

    def close(self) -> None:
        """The end of the file."""


def _parser(version: str) -> etree.XMLParser:
    target = cast(Any, _Nothing())
    return etree.XMLParser(schema=_schema(version), target=target, resolve_entities=False, no_network=True)


def _by_line(path: Path, version: str) -> list[SchemaError]:
    """Reads the file again line by line, for without a tree the schema does not know where it is."""
    parser = _parser(version)
    found: list[SchemaError] = []
    number = 0
    with path.open("rb") as source, suppress(etree.XMLSyntaxError):
        for number, line in enumerate(source, 1):
            parser.feed(line)
            found += _new(parser, len(found), number)
            if len(found) >= MOST_ERRORS:
                return found[:MOST_ERRORS]
        parser.close()
    found += _new(parser, len(found), number)
    return found or [SchemaError(number, "the file is not well-formed XML or not what its schema says")]


def _new(parser: etree.XMLParser, known: int, line: int) -> list[SchemaError]:
    if len(parser.feed_error_log) == known:
        return []
    return [SchemaError(line, entry.message) for entry in list(parser.feed_error_log)[known:]]
