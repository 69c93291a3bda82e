"""Saving a row of the set-up: the second of two people sees what changed, and guarded fields wait for acceptance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from companies import pending
from companies.models import PendingChange, Person


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that somebody else changed meanwhile."""

    label: str
    theirs: str
    yours: str


class ChangedMeanwhile(Exception):
    """Another person saved the row since it was opened; nothing was saved."""

    def __init__(self, differences: list[Difference], version: int) -> None:
        super().__init__("changed meanwhile")
        self.differences = differences
        self.version = version


@dataclass(slots=True)
class Saved:
    """The row, and the changes that now wait for a second person."""

    row: Any
    waiting: list[PendingChange] = field(default_factory=list)


def save(row: Any, changed: list[str], by: Person, seen: int) -> Saved:
    """Save the changed fields when the row still has the version that was seen.

    Guarded fields keep their old value and become pending changes; those of a new row wait as well, so that a
    supplier entered by one person is paid only after another one looked at the account.
    """
    model, guarded = type(row), pending.guarded_fields(row)
    with transaction.atomic():
        before = model.objects.filter(pk=row.pk).first() if row.pk else None
        if before is not None and before.version != seen:
            raise ChangedMeanwhile(_differences(before, row, changed), before.version)
        asked = []
        for name in guarded:
            old, new = str(getattr(before, name, "") or ""), str(getattr(row, name) or "")
            if old != new and (before is not None or (name in changed and row._meta.model_name == "supplier" and new)):
                asked.append((name, old, new))
                setattr(row, name, getattr(before, name) if before is not None else "")
        if before is not None:
            row.version = seen + 1
            if not model.objects.filter(pk=row.pk, version=seen).update(version=seen + 1):
                raise ChangedMeanwhile([], seen)
        row.save()
        return Saved(row, [pending.ask(row, name, old, new, by) for name, old, new in asked])


def _differences(before: Any, row: Any, changed: list[str]) -> list[Difference]:
    found = []
    for name in changed:
        theirs, yours = getattr(before, name), getattr(row, name)
        if theirs != yours:
            label = str(row._meta.get_field(name).verbose_name)
            found.append(Difference(label, str(theirs), str(yours)))
    return found
