"""Checks a written payment order against ISO's official schema, in flat memory however big it is.

The schemas come with the package sepaxml. Schema-valid is not yet bank-valid (a schema takes a wrong
sum), but a file that is not even that is rejected whole, so it is found here before it is sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from lxml import etree

from payments.iso20022.pain001 import VERSIONS, namespace

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
    items = f"{{{namespace(version)}}}CdtTrfTxInf"
    walk = etree.iterparse(
        str(path),
        events=("end",),
        tag=items,
        schema=_schema(version),
        resolve_entities=False,
        no_network=True,
    )
    try:
        for _, element in walk:
            element.clear()
            while (before := element.getprevious()) is not None and before.tag == items:
                element.getparent().remove(before)
    except etree.XMLSyntaxError as error:
        found = [SchemaError(entry.line, entry.message) for entry in walk.error_log]
        return found[:MOST_ERRORS] or [SchemaError(error.lineno or 0, str(error))]
    return []
