"""The story of a set-up row: who changed what, when, from what to what, as sentences a person can read.

History rows hold no secrets. Wishes that wait for, or got, a second person stand in the same story.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from django.db.models import BooleanField, Field, Model
from django.utils import formats
from django.utils.translation import gettext as _

from companies.calendars import WEEKDAYS, FreeDays
from companies.choices import PendingState
from companies.models import PendingChange, Person

MOST = 30
UNTOLD: Final = ("version", "row_version", "id")


@dataclass(frozen=True, slots=True)
class Told:
    """One moment of the story."""

    at: datetime
    by: Person | None
    sentences: list[str] = field(default_factory=list)


def story(row: Any) -> list[Told]:
    """What happened to the row, newest first."""
    names = _Names()
    told = [*_saved(row, names), *_asked(row, names)]
    return sorted(told, key=lambda one: one.at, reverse=True)[:MOST]


def link_story(links: Any, gone: str, made: str) -> list[Told]:
    """The story of rows that only link two others (mandates): `made` and `gone` are sentences with %(what)s."""
    names, found = _Names(), []
    for one in links.select_related("history_user").order_by("-history_date")[:MOST]:
        person = names.of(one._meta.get_field("person"), one.person_id)
        sentence = (gone if one.history_type == "-" else made) % {"what": person}
        found.append(Told(one.history_date, one.history_user, [sentence]))
    return found


def label_of(column: Field[Any, Any]) -> str:
    """A field's name at the beginning of a sentence."""
    words = str(column.verbose_name)
    return words[:1].upper() + words[1:]


class _Names:
    """Values in words; rows that are referred to are asked for once."""

    def __init__(self) -> None:
        self._known: dict[tuple[type[Model], Any], str] = {}

    def of(self, column: Any, value: Any) -> str:
        """The value as it stands on the form."""
        if value in (None, ""):
            return "–"
        if isinstance(column, BooleanField):
            return _("yes") if value in (True, "True") else _("no")
        if column.is_relation:
            return self._related(column.related_model, value)
        if column.choices:
            return str(dict(column.flatchoices).get(column.to_python(value), value))
        return plain(column.name, value)

    def _related(self, model: type[Model], key: Any) -> str:
        if (model, key) not in self._known:
            found = model._default_manager.filter(pk=key).first()
            self._known[model, key] = found.shown if isinstance(found, Person) else str(found or key)
        return self._known[model, key]


def value_of(row: Any, column: Any) -> str:
    """A field's value of this row, or of a version in its history, in words."""
    return _Names().of(column, getattr(row, column.attname))


def value_shown(column: Any, raw: str) -> str:
    """A value kept as text (pending change) in words."""
    return _Names().of(column, raw)


def plain(name: str, value: Any) -> str:
    """A value that refers to nothing."""
    if name == "days_without_payments":
        return _days(int(value))
    if isinstance(value, Decimal):
        return formats.number_format(value.normalize() if value == value.to_integral() else value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _days(bits: int) -> str:
    free = FreeDays.from_bits(bits)
    names = ", ".join(_(WEEKDAYS[day]) for day in sorted(free.weekdays)) or _("none")
    way = _("moved earlier") if free.earlier else _("moved later")
    return f"{names} ({way})"


def _saved(row: Any, names: _Names) -> Iterator[Told]:
    manager = getattr(row, "history", None)
    if manager is None:
        return
    versions = list(manager.select_related("history_user").order_by("-history_date", "-history_id")[: MOST + 1])
    for newer, older in zip(versions, [*versions[1:], None], strict=False):
        if older is None:
            if newer.history_type == "+":
                yield Told(newer.history_date, newer.history_user, [_("Made the row.")])
            return
        if sentences := list(_differences(newer, older, names)):
            yield Told(newer.history_date, newer.history_user, sentences)


def _differences(newer: Any, older: Any, names: _Names) -> Iterator[str]:
    for column in newer.tracked_fields:
        new, old = getattr(newer, column.attname, None), getattr(older, column.attname, None)
        if new != old and column.name not in UNTOLD:
            yield _sentence(column, old, new, names)


def _sentence(column: Any, old: Any, new: Any, names: _Names) -> str:
    values = {"field": label_of(column), "old": names.of(column, old), "new": names.of(column, new)}
    if isinstance(column, BooleanField):
        return (_("Ticked: %(field)s.") if new else _("Took the tick away: %(field)s.")) % values
    if old in (None, ""):
        return _("Entered %(field)s: %(new)s.") % values
    if new in (None, ""):
        return _("Emptied %(field)s; it was %(old)s.") % values
    return _("Changed %(field)s from %(old)s to %(new)s.") % values


def _asked(row: Any, names: _Names) -> Iterable[Told]:
    if not isinstance(row.pk, int):
        return
    rows = PendingChange.objects.filter(table=row._meta.model_name, object_id=row.pk)
    for one in rows.select_related("asked_by", "decided_by").order_by("-id")[:MOST]:
        column = row._meta.get_field(one.field)
        values = {
            "field": label_of(column),
            "old": names.of(column, one.before),
            "new": names.of(column, one.after),
            "reason": one.reason,
        }
        yield Told(one.asked_at, one.asked_by, [_("Asked to change %(field)s from %(old)s to %(new)s.") % values])
        if one.decided_at:
            words = {
                PendingState.ACCEPTED: _("Accepted %(field)s: %(new)s."),
                PendingState.REFUSED: _("Refused %(field)s: %(new)s. %(reason)s"),
                PendingState.WITHDRAWN: _("Withdrew the wish for %(field)s: %(new)s."),
            }[PendingState(one.state)]
            yield Told(one.decided_at, one.decided_by, [(words % values).strip()])
