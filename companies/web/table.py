"""What a set-up table is to its screens: columns of the list, fields of the form in groups, words for each field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Model

from companies import saving


class Group(NamedTuple):
    """Fields that belong together in a person's mind; `lead` says what the group is about."""

    label: Any
    fields: tuple[str, ...]
    lead: Any = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One set-up table: addresses are made from `name`, fields stand in named groups, each with its help.

    `shared`: one for the whole installation, kept by instance administrators. `single`: one row, neither made nor
    listed. `key`: the field that names the row and cannot be changed later.
    """

    name: str
    model: type[Model]
    title: Any
    lead: Any
    new: Any
    columns: tuple[str, ...]
    groups: tuple[Group, ...]
    helps: Mapping[str, Any]
    order: str = "number"
    own: tuple[tuple[str, Any], ...] = ()
    search: tuple[str, ...] = ("name",)
    shared: bool = False
    single: bool = False
    key: str = ""
    hint: Any = ""
    sorts: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> list[str]:
        """Every field of the form, in order."""
        return [name for group in self.groups for name in group.fields]

    @property
    def version_field(self) -> str:
        """The column that counts how often the row was saved."""
        return saving.version_field(self.model)
