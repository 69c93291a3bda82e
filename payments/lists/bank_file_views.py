"""A stored bank file for the eyes of a person: its source with line numbers, the entry a voucher came from, and the
file as the console understands it. Nothing of it is ever sent as markup: every piece is plain text.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice

from lxml import etree

from payments import files
from payments.files import FileGone
from payments.iso20022.messages import Refused
from payments.iso20022.reading import entries, survey
from payments.iso20022.text_view import as_text
from payments.iso20022.xml import Measured, drop, opening, walk
from payments.models import BankEntry, BankFile

LINES = 400  # shown at once
WIDTH = 400  # a longer line is cut where an element begins
UNDERSTOOD = 400
MOST_XML = 200_000
ENTRY_TAGS = ("Ntry", "TransactionGroup")


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of the file; `number` is 0 on what continues a long line."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a file, and whether there is more before and after it."""

    lines: list[SourceLine]
    first: int
    next: int = 0

    @property
    def previous(self) -> int:
        return max(self.first - LINES, 1) if self.first > 1 else 0


def source(file: BankFile, first: int = 1) -> Window:
    """The stored bytes as text, some hundred lines from a line on. Banks often write one line: it is cut at elements
    to be readable, and its pieces carry no number."""
    path = files.full_path(file.path)
    first = max(first, 1)
    with path.open("rb") as raw, TextIOWrapper(raw, encoding=_encoding(file), errors="replace", newline=None) as text:
        found: list[SourceLine] = []
        more = 0
        for number, line in enumerate(islice(text, first - 1, None), first):
            if len(found) >= LINES:
                more = number
                break
            found.extend(_pieces(number, line.rstrip("\r\n"), LINES - len(found)))
    return Window(found, first, more)


def _pieces(number: int, line: str, most: int) -> list[SourceLine]:
    if len(line) <= WIDTH:
        return [SourceLine(number, line)]
    parts = line[: WIDTH * most].replace("><", ">\n<").split("\n")[:most]
    return [SourceLine(number if place == 0 else 0, part) for place, part in enumerate(parts)]


def _encoding(file: BankFile) -> str:
    try:
        name = opening(files.full_path(file.path)).encoding
        "".encode(name)
    except (Refused, LookupError):
        return "utf-8"
    return name


def understood(file: BankFile, most: int = UNDERSTOOD) -> tuple[list[str], bool]:
    """The file as the console reads it, line by line, and whether there is more; a refusal is the last line."""
    path = files.full_path(file.path)
    try:
        told = survey(path)
        lines = list(islice(as_text(told, entries(path, told)), most + 1))
    except Refused as refusal:
        return [str(refusal)], False
    return lines[:most], len(lines) > most


def entry_source(entry: BankEntry) -> str:
    """The XML of one entry as the bank sent it, laid out; empty when the file is gone or is not XML."""
    try:
        path = files.full_path(entry.file.path)
        with Measured(path) as opened:
            return _nth(opened, entry.index)
    except (FileGone, Refused, OSError):
        return ""


def _nth(source: Measured, wanted: int) -> str:
    """Entries are counted in file order from 1, as the reader counts them."""
    for count, element in enumerate(walk(source, ENTRY_TAGS), 1):
        if count == wanted:
            etree.indent(element)
            return etree.tostring(element, encoding="unicode")[:MOST_XML]
        drop(element)
    return ""
