"""A payment's lines become a sealed file that follows its schema: pain.001.001.09."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files as resources
from pathlib import Path

from django.conf import settings
from lxml import etree

from bench import seeding
from bench.measure import Measured, measured
from bench.place import Place
from payments.models import Payment, Transfer
from payments.preparing import sealing

TITLE = "Write: database rows to a sealed, schema-checked file"
UNIT = "lines"
TARGET = 4.0
SIZES = (1_000, 10_000, 100_000)
_TEXT = re.compile(r">([^<>]+)<")
_HEAD_OF_ONE = "<CdtTrfTxInf>"
_MANY = 1_000  # transactions written at once


def prepare(place: Place, items: int) -> None:
    """An estimate of so many lines."""
    company, partner = seeding.a_company()
    seeding.a_draft(company, partner, items)


def product(place: Place, items: int) -> Measured:
    """Seal the first round: three readings of the rows, the file, its check, its rows."""
    payment = Payment.objects.select_related("company", "bank_partner__profile", "agreement").get()
    found = measured(items, lambda meter: sealing.seal(payment, 1))
    (place.folder / "sealed.txt").write_text(
        "\n".join(Transfer.objects.order_by("sequence").values_list("path", flat=True))
    )
    return found


def floor(place: Place, items: int) -> Measured:
    """The same bytes from texts in memory by %, their digest, and the same streaming check against the schema."""
    sealed = [Path(settings.DATA_AREA) / name for name in (place.folder / "sealed.txt").read_text().split()]
    parts = [_templates(path.read_text("utf-8")) for path in sealed]
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in sealed]
    written: list[str] = []

    def work(meter: object) -> None:
        written.extend(_write(some, place.folder / "floor.xml") for some in parts)

    found = measured(items, work)
    if written != digests:
        raise AssertionError("the floor did not write the bytes the product wrote")
    return found


def _templates(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """The file as patterns and the texts in them; one transaction after the other."""
    known: dict[str, str] = {}
    found = []
    for part in re.split(f"(?={_HEAD_OF_ONE})", text):
        pattern = _TEXT.sub(">%s<", part.replace("%", "%%"))
        found.append((known.setdefault(pattern, pattern), tuple(_TEXT.findall(part))))
    return found


def _write(parts: list[tuple[str, tuple[str, ...]]], path: Path) -> str:
    source = resources("sepaxml") / "schemas" / "pain.001.001.09.xsd"
    schema = etree.XMLSchema(etree.fromstring(source.read_bytes()))
    parser = etree.XMLParser(schema=schema, target=_Nothing())
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for first in range(0, len(parts), _MANY):
            data = "".join([pattern % values for pattern, values in parts[first : first + _MANY]]).encode()
            file.write(data)
            digest.update(data)
            parser.feed(data)
    parser.close()
    return digest.hexdigest()


class _Nothing:
    """Builds no tree."""

    def close(self) -> None:
        """The end of the file."""
