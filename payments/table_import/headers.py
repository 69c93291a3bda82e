"""Which column of a spreadsheet is which field: by its header, in English or Norwegian, or as chosen last time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from companies.models import Company
from payments.models import ImportMapping
from payments.table_import.tables import Column, Table

Mapping_ = Mapping[int, str]  # position of the column in the file -> name of our column
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")


def folded(header: str) -> str:
    """A header without capitals, accents, dots and spaces, so that `Org.nr.` and `ORGNR` are one."""
    plain = header.casefold().replace("ø", "o").replace("æ", "ae").replace("å", "a")
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    return _NOT_A_WORD.sub("", plain)


def known_words(column: Column) -> list[str]:
    """Every header that means this column."""
    return [folded(one) for one in (column.name, str(column.label), column.norwegian, *column.aliases)]


def understand(table: Table, headers: Sequence[str], remembered: Mapping[str, str] | None = None) -> dict[int, str]:
    """The columns that are understood. What was chosen last time wins, exact names come before looser ones."""
    chosen = dict(remembered or {})
    found: dict[int, str] = {}
    names = {column.name for column in table.columns}
    for place, header in enumerate(headers):
        name = chosen.get(folded(header))
        if name in names and name not in found.values():
            found[place] = name
    for most in (3, None):  # own name, English, Norwegian; then the aliases
        for column in table.columns:
            words = known_words(column)[:most]
            fitting = _place_of(words, headers, found, chosen)
            if fitting is not None and column.name not in found.values():
                found[fitting] = column.name
    return found


def _place_of(
    words: Sequence[str], headers: Sequence[str], found: Mapping[int, str], chosen: Mapping[str, str]
) -> int | None:
    for word in words:
        for place, header in enumerate(headers):
            if place not in found and folded(header) == word and word not in chosen:
                return place
    return None


def missing(table: Table, mapped: Iterable[str]) -> tuple[list[Column], list[Column]]:
    """Columns no row can do without, and those a new row needs."""
    have = set(mapped)
    left = [column for column in table.columns if column.name not in have]
    return [one for one in left if one.need == "key"], [one for one in left if one.need == "new"]


def likeness(table: Table, cells: Iterable[str]) -> int:
    """How many cells are headers we know: tells the header row from a title above it."""
    words = {word for column in table.columns for word in known_words(column)}
    return sum(1 for cell in cells if cell and folded(cell) in words)


def looks_like_data(table: Table, cells: Sequence[str]) -> bool:
    """The row taken for headers is a row of the table: hardly a word we know, but numbers."""
    return likeness(table, cells) < 2 and any(cell.strip().isdigit() for cell in cells)


def remembered(company: Company, table: Table) -> dict[str, str]:
    """What was chosen last time; a header that was left out on purpose is kept as an empty name."""
    row = ImportMapping.objects.filter(company=company, table=table.name).first()
    return dict(row.columns) if row else {}


def remember(company: Company, table: Table, headers: Sequence[str], mapping: Mapping_) -> None:
    """Keep the choice for the next file of this company."""
    now: dict[str, str] = {}
    for place, header in enumerate(headers):
        if header:  # of two columns with one header the chosen one counts
            now[folded(header)] = mapping.get(place, "") or now.get(folded(header), "")
    columns = remembered(company, table) | now
    ImportMapping.objects.update_or_create(company=company, table=table.name, defaults={"columns": columns})
