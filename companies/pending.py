"""Changes to where money goes: kept beside the row until a second person accepts them.

The row keeps its old value meanwhile, so payments use the old account or stop; nothing about money-receiving accounts
changes unseen.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Field, Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.accounts import normalise
from companies.choices import PendingState
from companies.models import Company, PayeeAccount, PendingChange, Person

GUARDED: dict[str, tuple[str, ...]] = {
    "supplier": ("iban", "account", "giro"),
    "bankpartner": ("account",),
    "bankagreement": ("approvers",),
}


class NotDecided(Exception):
    """The change cannot be decided like this; the text says why."""


def guarded_fields(row: Model) -> tuple[str, ...]:
    """Fields of this table that wait for a second person."""
    return GUARDED.get(row._meta.model_name or "", ())


def ask(row: Any, field: str, before: str, after: str, by: Person) -> PendingChange:
    """Put a change beside the row; a newer wish for the same field replaces the one that waited."""
    table = row._meta.model_name
    with transaction.atomic():
        waiting = PendingChange.objects.filter(table=table, object_id=row.pk, field=field, state=PendingState.WAITING)
        waiting.update(state=PendingState.WITHDRAWN, decided_by=by, decided_at=timezone.now())
        return PendingChange.objects.create(
            company=row.company, table=table, object_id=row.pk, field=field, before=before, after=after, asked_by=by
        )


def accept(change: PendingChange, by: Person) -> None:
    """A second person takes the change over; from now on payments use it. The row remembers both persons."""
    if change.asked_by_id == by.pk:
        raise NotDecided(_("Another person must accept what you changed yourself."))
    with transaction.atomic():
        _decide(change, PendingState.ACCEPTED, by, "")
        model = _model(change)
        row = model._default_manager.get(pk=change.object_id)
        setattr(row, change.field, _column(change).to_python(change.after))
        row.version += 1  # type: ignore[attr-defined]
        row.save(update_fields=[change.field, "version"])
        if change.table == "supplier" and change.after:
            _remember_account(change, by)


def refuse(change: PendingChange, by: Person, reason: str) -> None:
    """The change is not used; whoever asked for it sees why."""
    _decide(change, PendingState.WITHDRAWN if change.asked_by_id == by.pk else PendingState.REFUSED, by, reason)


def waiting(company: Company) -> QuerySet[PendingChange]:
    """What waits for a second person, oldest first."""
    rows = PendingChange.objects.filter(company=company, state=PendingState.WAITING)
    return rows.select_related("asked_by").order_by("id")


def waiting_for(row: Any) -> list[PendingChange]:
    """What waits on one row."""
    rows = waiting(row.company).filter(table=row._meta.model_name, object_id=row.pk)
    return list(rows)


def label(change: PendingChange) -> str:
    """The row and field in words."""
    model = _model(change)
    row = model._default_manager.filter(pk=change.object_id).first()
    return f"{row or change.object_id} · {_column(change).verbose_name}"


def _decide(change: PendingChange, state: PendingState, by: Person, reason: str) -> None:
    rows = PendingChange.objects.filter(pk=change.pk, state=PendingState.WAITING)
    if not rows.update(state=state, decided_by=by, decided_at=timezone.now(), reason=reason[:200]):
        raise NotDecided(_("Somebody decided this change a moment ago."))


def _model(change: PendingChange) -> type[Model]:
    return apps.get_model("companies", change.table)


def _column(change: PendingChange) -> Field[Any, Any]:
    column = _model(change)._meta.get_field(change.field)
    if not isinstance(column, Field):
        raise TypeError(f"{change.field} is no column")
    return column


def _remember_account(change: PendingChange, by: Person) -> None:
    account, now = normalise(change.after), timezone.now()
    known = PayeeAccount.objects.filter(supplier_id=change.object_id, account=account)
    facts = {"entered_by": change.asked_by, "entered_at": change.asked_at, "accepted_by": by, "accepted_at": now}
    if not known.update(**facts):
        PayeeAccount.objects.create(supplier_id=change.object_id, account=account, **facts)
