"""Saving a row of the set-up: the second of two people sees what changed, and guarded fields wait for acceptance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from companies import pending, stories
from companies.choices import AgreementState
from companies.models import PendingChange, Person


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is not the same in what somebody else saved and in what was typed.

    `was` is what both began with. `keep` is the likelier choice: "mine" where the person changed the field, "theirs"
    where only the other one did.
    """

    name: str
    label: str
    was: str
    theirs: str
    yours: str
    keep: str = "mine"


class ChangedMeanwhile(Exception):
    """Another person saved the row since it was opened; nothing was saved."""

    def __init__(
        self, differences: list[Difference], version: int, who: Person | None = None, at: datetime | None = None
    ) -> None:
        super().__init__("changed meanwhile")
        self.differences = differences
        self.version = version
        self.who = who
        self.at = at


@dataclass(slots=True)
class Saved:
    """The row, and the changes that now wait for a second person."""

    row: Any
    waiting: list[PendingChange] = field(default_factory=list)


def version_field(model: type[Model]) -> str:
    """The column that counts how often a row was saved; `row_version` where *version* is a word of the trade."""
    return "row_version" if any(one.name == "row_version" for one in model._meta.fields) else "version"


def save(row: Any, changed: Iterable[str], by: Person, seen: int) -> Saved:
    """Save the changed fields when the row still has the version that was seen.

    Guarded fields keep their old value and become pending changes; those of a new supplier wait as well, so that one
    entered by one person is paid only after another one looked at the account.
    """
    model, counted, changed = type(row), version_field(type(row)), list(changed)
    with transaction.atomic():
        before = model.objects.filter(pk=row.pk).first() if row.pk and not row._state.adding else None
        if before is not None and getattr(before, counted) != seen:
            raise _changed_meanwhile(before, row, changed, seen)
        if before is not None:
            _begin_story(before)
        asked = _set_aside(before, row, changed)
        if before is not None:
            setattr(row, counted, seen + 1)
            if not model.objects.filter(pk=row.pk, **{counted: seen}).update(**{counted: seen + 1}):
                raise _changed_meanwhile(model.objects.get(pk=row.pk), row, changed, seen)
        row.save()
        if row._meta.model_name == "bankagreement" and row.state != AgreementState.ACTIVE:
            pending.withdraw(row, by, "")  # whoever accepts an activation has seen the facts it is for
        return Saved(row, [pending.ask(row, name, old, new, by) for name, old, new in asked])


def _begin_story(before: Any) -> None:
    """Rows that were loaded many at once have no history yet: what they hold now is its beginning."""
    manager = getattr(type(before), "history", None)
    if manager is not None and not manager.filter(**{before._meta.pk.name: before.pk}).exists():
        manager.bulk_history_create([before])


def _set_aside(before: Any, row: Any, changed: list[str]) -> list[tuple[str, str, str]]:
    """Guarded fields that change: put the old value back and say what is wished for."""
    asked = []
    for name in pending.guarded_fields(before if before is not None else row):
        column = row._meta.get_field(name)
        old, new = _text(before, column), _text(row, column)
        if old == new or (before is None and (name not in changed or not pending.new_rows_wait(row))):
            continue
        asked.append((name, old, new))
        setattr(row, column.attname, getattr(before, column.attname) if before is not None else "")
    return asked


def _text(row: Any, column: Any) -> str:
    value = getattr(row, column.attname, None) if row is not None else None
    return "" if value is None else str(value)


def _changed_meanwhile(now: Any, row: Any, changed: list[str], seen: int) -> ChangedMeanwhile:
    counted = version_field(type(row))
    history = getattr(type(row), "history", None)
    rows = history.filter(**{row._meta.pk.name: row.pk}) if history is not None else None
    base = last = None
    if rows is not None:
        base = rows.filter(**{f"{counted}__lte": seen}).order_by(f"-{counted}", "-history_id").first()
        last = rows.select_related("history_user").order_by("-history_id").first()
    found = [one for name in changed if (one := _difference(now, row, base, name))]
    who, at = (last.history_user, last.history_date) if last is not None else (None, None)
    return ChangedMeanwhile(found, getattr(now, counted), who, at)


def _difference(now: Any, row: Any, base: Any, name: str) -> Difference | None:
    column = row._meta.get_field(name)
    theirs, yours = getattr(now, column.attname), getattr(row, column.attname)
    if theirs == yours:
        return None
    known = base is not None and hasattr(base, column.attname)
    untouched = known and getattr(base, column.attname) == yours
    was = stories.value_of(base, column) if known else "–"
    return Difference(
        name,
        stories.label_of(column),
        was,
        stories.value_of(now, column),
        stories.value_of(row, column),
        "theirs" if untouched else "mine",
    )
