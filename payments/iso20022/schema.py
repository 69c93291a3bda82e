"""Checks a written payment order against ISO's official schema, in flat memory however big it is.

The schemas come with the package sepaxml. Schema-valid is not yet bank-valid (a schema takes a wrong
sum), but a file that is not even that is rejected whole, so it is found here before it is sealed.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from lxml import etree

from payments.iso20022.pain001 import VERSIONS

MOST_ERRORS = 50


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One place where the file is not what the schema says."""

    line: int
    text: str


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
