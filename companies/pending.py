"""Changes to where money goes: kept beside the row until a second person accepts them.

The row keeps its old value meanwhile, so payments use the old account or stop; nothing about money-receiving accounts
changes unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import F, Field, Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.accounts import normalise
from companies.choices import AgreementState, PendingState
from companies.models import Company, Job, PayeeAccount, PendingChange, Person, Supplier

PAYEE = ("iban", "account", "giro")  # what is paid to
GUARDED: dict[str, tuple[str, ...]] = {
    "supplier": (*PAYEE, "bic", "bank_branch"),
    "bankpartner": ("account",),
    "bankagreement": (
        "bank_partner",
        "approvers",
        "bank_approvers",
        "two_factor",
        "hold_seconds",
        "channel",
        "channel_address",
        "channel_host_key",
    ),
}
After = Callable[[Any, PendingChange, Person], None]
_AFTER: dict[tuple[str, str], After] = {}


class NotDecided(Exception):
    """The change cannot be decided like this; the text says why."""


def after_accepting(table: str, field: str, act: After) -> None:
    """Have something done when a change of this field was accepted, in the same transaction."""
    _AFTER[table, field] = act


def guarded_fields(row: Model) -> tuple[str, ...]:
    """Fields of this row that wait for a second person. An agreement is looked at as a whole when it is activated."""
    if row._meta.model_name == "bankagreement" and getattr(row, "state", "") != AgreementState.ACTIVE:
        return ()
    return GUARDED.get(row._meta.model_name or "", ())


def new_rows_wait(row: Model) -> bool:
    """Whether guarded fields wait from the first save on: a new supplier's, for it could be paid at once."""
    return row._meta.model_name == "supplier"


def ask(row: Any, field: str, before: str, after: str, by: Person, job: Job | None = None) -> PendingChange:
    """Put a change beside the row; a newer wish for the same field replaces the one that waited. `job`: the import it
    came with."""
    table = row._meta.model_name
    company = row.supplier.company if table == "payeeaccount" else row.company
    with transaction.atomic():
        waiting = PendingChange.objects.filter(table=table, object_id=row.pk, field=field, state=PendingState.WAITING)
        waiting.update(state=PendingState.WITHDRAWN, decided_by=by, decided_at=timezone.now())
        return PendingChange.objects.create(
            company=company,
            table=table,
            object_id=row.pk,
            field=field,
            before=before,
            after=after,
            asked_by=by,
            job=job,
        )


def ask_for_account(supplier: Supplier, account: str, by: Person, job: Job | None = None) -> PendingChange | None:
    """An account somebody typed on one invoice, not the supplier's own: it is paid after a second person accepted it.

    None when the account was accepted or paid before, or waits already.
    """
    plain = normalise(account)
    own = {normalise(number) for number in (supplier.iban, supplier.account, supplier.giro) if number}
    if not plain or plain in own or PayeeAccount.objects.filter(supplier=supplier, account=plain).exists():
        return None
    with transaction.atomic():
        row = PayeeAccount.objects.create(supplier=supplier, account=plain, entered_by=by, entered_at=timezone.now())
        return ask(row, "account", "", plain, by, job)


def accept(change: PendingChange, by: Person) -> None:
    """A second person takes the change over; from now on payments use it. The row remembers both persons."""
    if change.asked_by_id == by.pk:
        raise NotDecided(_("Another person must accept what you changed yourself."))
    try:
        with transaction.atomic():
            _hold(change)
            _decide(change, PendingState.ACCEPTED, by, "")
            if change.table == "payeeaccount":
                _accept_account(change, by)
            else:
                _put_in_force(change, by)
    except IntegrityError:
        raise NotDecided(_("It does not fit with the other rows any more: end or change them first.")) from None


def refuse(change: PendingChange, by: Person, reason: str) -> None:
    """The change is not used; whoever asked for it sees why."""
    _decide(change, PendingState.WITHDRAWN if change.asked_by_id == by.pk else PendingState.REFUSED, by, reason)


def withdraw(row: Any, by: Person, reason: str) -> None:
    """The row changed: what waited on it was wished for under other facts, and is not used."""
    rows = PendingChange.objects.filter(table=row._meta.model_name, object_id=row.pk, state=PendingState.WAITING)
    rows.update(state=PendingState.WITHDRAWN, decided_by=by, decided_at=timezone.now(), reason=reason[:200])


def waiting(company: Company) -> QuerySet[PendingChange]:
    """What waits for a second person, oldest first."""
    rows = PendingChange.objects.filter(company=company, state=PendingState.WAITING)
    return rows.select_related("asked_by").order_by("id")


def waiting_for(row: Any) -> list[PendingChange]:
    """What waits on one row; with a supplier also accounts typed on single invoices."""
    rows = waiting(row.company)
    found = list(rows.filter(table=row._meta.model_name, object_id=row.pk))
    if row._meta.model_name == "supplier":
        accounts = row.accounts.filter(accepted_at__isnull=True).values_list("pk", flat=True)
        found += list(rows.filter(table="payeeaccount", object_id__in=list(accounts[:100])))
    return found


def rows_waiting(company: Company, table: str) -> set[int]:
    """The rows of a table that have a waiting change, for marks in its list."""
    found = set(waiting(company).filter(table=table).values_list("object_id", flat=True))
    if table == "supplier":
        typed = waiting(company).filter(table="payeeaccount").values_list("object_id", flat=True)[:1000]
        found |= set(PayeeAccount.objects.filter(pk__in=list(typed)).values_list("supplier_id", flat=True))
    return found


def rows_of(changes: Iterable[PendingChange]) -> dict[tuple[str, int], Any]:
    """The rows that changes are about, one query per table."""
    wanted: dict[str, set[int]] = {}
    for one in changes:
        wanted.setdefault(one.table, set()).add(one.object_id)
    found: dict[tuple[str, int], Any] = {}
    for table, ids in wanted.items():
        rows = apps.get_model("companies", table)._default_manager.filter(pk__in=list(ids)[:1000])
        related = {"payeeaccount": ("supplier",), "bankagreement": ("bank_partner",)}.get(table, ())
        for row in rows.select_related(*related) if related else rows:
            found[table, row.pk] = row
    return found


def column_of(change: PendingChange) -> Field[Any, Any]:
    """The column a change is about."""
    column = apps.get_model("companies", change.table)._meta.get_field(change.field)
    if not isinstance(column, Field):
        raise TypeError(f"{change.field} is no column")
    return column


def _hold(change: PendingChange) -> None:
    """Hold the row before its change, as whoever saves the row or accepts a whole set does: nobody waits crosswise."""
    if change.table != "payeeaccount":
        rows = apps.get_model("companies", change.table)._default_manager.filter(pk=change.object_id)
        rows.update(version=F("version"))


def _decide(change: PendingChange, state: PendingState, by: Person, reason: str) -> None:
    rows = PendingChange.objects.filter(pk=change.pk, state=PendingState.WAITING)
    if not rows.update(state=state, decided_by=by, decided_at=timezone.now(), reason=reason[:200]):
        raise NotDecided(_("Somebody decided this change a moment ago."))


def _put_in_force(change: PendingChange, by: Person) -> None:
    column = column_of(change)
    row: Any = apps.get_model("companies", change.table)._default_manager.get(pk=change.object_id)
    now = getattr(row, column.attname)
    if ("" if now is None else str(now)) != change.before:
        raise NotDecided(_("The row was changed meanwhile: refuse this wish and enter it again."))
    setattr(row, column.attname, column.to_python(change.after))
    row.version += 1
    row.save(update_fields=[change.field, "version"])
    if change.table == "supplier" and change.field in PAYEE and change.after:
        _remember_account(change, by)
    if act := _AFTER.get((change.table, change.field)):
        act(row, change, by)


def _accept_account(change: PendingChange, by: Person) -> None:
    rows = PayeeAccount.objects.filter(pk=change.object_id, accepted_at__isnull=True)
    rows.update(accepted_by=by, accepted_at=timezone.now())


def _remember_account(change: PendingChange, by: Person) -> None:
    account, now = normalise(change.after), timezone.now()
    known = PayeeAccount.objects.filter(supplier_id=change.object_id, account=account)
    facts = {"entered_by": change.asked_by, "entered_at": change.asked_at, "accepted_by": by, "accepted_at": now}
    if not known.update(**facts):
        PayeeAccount.objects.create(supplier_id=change.object_id, account=account, **facts)
