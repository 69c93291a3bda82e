"""Reads docs/tables.md: tables, their columns, and what is named as ours."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from django.db import models

from autopay_console.kernel.money import MoneyField

PAGE = Path(__file__).parents[2] / "docs/tables.md"
ROW = re.compile(
    r"^\| (?P<label>[^|]*) \| `(?P<field>\w+)` \| (?:`(?P<sql>\w+)`)? *\| (?P<no>\d*) *\| (?P<kind>[^|]+?) \|"
)


@dataclass(frozen=True, slots=True)
class Column:
    """One row of a table on the page."""

    label: str
    field: str
    sql: str
    kind: str


def kind_of(field: models.Field) -> str:
    """What the page calls a field's type."""
    if isinstance(field, MoneyField):
        return "money"
    if field.is_relation:
        return "reference"
    if isinstance(field, models.DateTimeField):
        return "moment"
    if isinstance(field, models.DateField):
        return "date"
    if isinstance(field, models.BooleanField):
        return "yes/no"
    if isinstance(field, models.TextField):
        return "secret" if type(field).__name__ == "EncryptedField" else "text"
    if isinstance(field, models.CharField):
        return f"text({field.max_length})"
    if isinstance(field, models.IntegerField):
        return "code" if field.choices else "number"
    raise AssertionError(f"no word for {type(field).__name__}")


def sections() -> dict[str, str]:
    """Model name -> its part of the page."""
    parts = re.split(r"^### [^`\n]*`(\w+\.\w+)`$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    texts = [re.split(r"^## ", text, flags=re.MULTILINE)[0] for text in parts[2::2]]
    return dict(zip(parts[1::2], texts, strict=True))


def columns(text: str) -> list[Column]:
    """The rows of a part."""
    found = (ROW.match(line) for line in text.splitlines())
    return [Column(one["label"], one["field"], one["sql"] or "", one["kind"]) for one in found if one]


def ours(text: str) -> set[str]:
    """Fields named as ours."""
    found = re.search(r"^Of ours: (.+?)\.$", text, re.MULTILINE | re.DOTALL)
    return set(re.findall(r"`(\w+)`", found[1])) if found else set()
