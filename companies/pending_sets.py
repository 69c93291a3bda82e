"""Changes that came with one import, decided as a set by a second person: ten thousand as easily as one.

The same rules as for a single change, as statements over a thousand changes at a time: nobody accepts what they entered
themselves, a row that was changed meanwhile keeps what it has and its change goes on waiting, the history names both
persons. Each thousand is a short transaction of its own; what is left when something stops is decided by asking again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from autopay_console.kernel.rows import insert_rows, update_rows
from autopay_console.kernel.sets import chunks
from companies import pending
from companies.accounts import normalise
from companies.choices import PendingState
from companies.models import Company, Job, PayeeAccount, PendingChange, Person, Supplier

SLICE = 1_000
TABLES = ("supplier", "payeeaccount")
_HISTORY = 50  # rows of the history written by one statement


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What waits of one import, as somebody sees it: `upto` is the last of these changes, `own` those they entered."""

    job: Job
    count: int
    upto: int
    own: int

    @property
    def others(self) -> int:
        """What this person may accept."""
        return self.count - self.own


@dataclass(frozen=True, slots=True)
class Decided:
    """How many changes were decided, and how many still wait: entered by the same person, or overtaken."""

    done: int
    left: int


def sets(company: Company, person: Person, *, employees: bool) -> list[ChangeSet]:
    """The imports of which more than one change waits, oldest first."""
    rows = _waiting(company, employees=employees).filter(job__isnull=False).order_by()
    found = rows.values("job_id").annotate(
        count=Count("pk"), upto=Max("pk"), own=Count("pk", filter=Q(asked_by=person))
    )
    facts = list(found.filter(count__gt=1).order_by("upto")[:50])
    jobs = Job.objects.select_related("started_by").in_bulk([row["job_id"] for row in facts])
    return [ChangeSet(jobs[row["job_id"]], row["count"], row["upto"], row["own"]) for row in facts]


def of_import(company: Company, job_id: UUID, *, employees: bool) -> QuerySet[PendingChange]:
    """What waits of one import, oldest first."""
    return _waiting(company, employees=employees).filter(job_id=job_id).select_related("asked_by").order_by("pk")


def accept(changes: QuerySet[PendingChange], upto: int, by: Person) -> Decided:
    """Put into force what was shown (up to this change). Raises NotDecided when all of it is the person's own."""
    shown = changes.filter(pk__lte=upto)
    if not shown.exclude(asked_by=by).exists():
        raise pending.NotDecided(_("Nothing of this waits for you: another person must accept what you entered."))
    done = 0
    for part in _slices(shown.exclude(asked_by=by)):
        try:
            with transaction.atomic():
                done += _accept(part, by)
        except IntegrityError:
            text = _("%(done)s changes are in force. Somebody changed the same rows just now: accept the rest again.")
            raise pending.NotDecided(text % {"done": done}) from None
    return Decided(done, shown.count())


def refuse(changes: QuerySet[PendingChange], upto: int, by: Person, reason: str) -> Decided:
    """What was shown is not used; what the person entered themselves is withdrawn."""
    shown, done = changes.filter(pk__lte=upto), 0
    facts: dict[str, Any] = {"decided_by": by, "decided_at": timezone.now(), "reason": reason[:200]}
    for part in _slices(shown):
        with transaction.atomic():
            rows = PendingChange.objects.filter(pk__in=part, state=PendingState.WAITING)
            done += rows.exclude(asked_by=by).update(state=PendingState.REFUSED, **facts)
            done += rows.filter(asked_by=by).update(state=PendingState.WITHDRAWN, **facts)
    return Decided(done, shown.count())


def _slices(changes: QuerySet[PendingChange]) -> Iterator[list[int]]:
    """Keys of what waits, a thousand at a time, each once."""
    after = 0
    while part := list(changes.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:SLICE]):
        yield part
        after = part[-1]


def _waiting(company: Company, *, employees: bool) -> QuerySet[PendingChange]:
    rows = PendingChange.objects.filter(company=company, state=PendingState.WAITING, table__in=TABLES)
    if employees:
        return rows
    staff = Supplier.objects.filter(company=company, is_payroll=True)
    hidden = Q(table="supplier", object_id__in=staff.values("pk"))
    typed = PayeeAccount.objects.filter(supplier__in=staff.values("pk"))
    return rows.exclude(hidden | Q(table="payeeaccount", object_id__in=typed.values("pk")))


def _accept(ids: Sequence[int], by: Person) -> int:
    """A slice: the suppliers are held by an UPDATE, then what still fits is accepted, written and remembered."""
    now = timezone.now()
    rows = PendingChange.objects.filter(pk__in=ids, state=PendingState.WAITING).exclude(asked_by=by)
    suppliers = Supplier.objects.filter(pk__in=rows.filter(table="supplier").values("object_id"))
    suppliers.update(version=F("version"))
    decided = {"state": PendingState.ACCEPTED, "decided_by": by, "decided_at": now}
    touched: set[int] = set()
    for name in pending.GUARDED["supplier"]:
        as_before = Supplier.objects.filter(pk=OuterRef("object_id"), **{name: OuterRef("before")})
        rows.filter(Exists(as_before), table="supplier", field=name).update(**decided)
        touched |= _put_in_force(_accepted(ids, by, now).filter(table="supplier", field=name), name)
    _to_history(touched, by)
    if rows.filter(table="payeeaccount").update(**decided):
        typed = _accepted(ids, by, now).filter(table="payeeaccount")
        accounts = PayeeAccount.objects.filter(pk__in=typed.values("object_id"), accepted_at__isnull=True)
        accounts.update(accepted_by=by, accepted_at=now)
    accepted = list(_accepted(ids, by, now).filter(table="supplier", field__in=pending.PAYEE).exclude(after=""))
    _remember(accepted, by, now)
    return _accepted(ids, by, now).count()


def _accepted(ids: Sequence[int], by: Person, now: datetime) -> QuerySet[PendingChange]:
    return PendingChange.objects.filter(pk__in=ids, state=PendingState.ACCEPTED, decided_by=by, decided_at=now)


def _put_in_force(won: QuerySet[PendingChange], name: str) -> set[int]:
    """The field of every supplier from its change; which suppliers it were."""
    wished = list(won.values_list("after", "object_id"))
    update_rows(Supplier, [name], wished)
    return {supplier for _after, supplier in wished}


def _to_history(touched: set[int], by: Person) -> None:
    history: Any = Supplier.history
    for part in chunks(sorted(touched)):
        Supplier.objects.filter(pk__in=part).update(version=F("version") + 1)
        rows = list(Supplier.objects.filter(pk__in=part))
        why = _("accepted together with other changes of an import")
        history.bulk_history_create(rows, batch_size=_HISTORY, update=True, default_user=by, default_change_reason=why)


def _remember(accepted: Sequence[PendingChange], by: Person, now: datetime) -> None:
    """Which accounts a supplier has had, who entered and who accepted them: one row each, made or renewed."""
    if not accepted:
        return
    wanted = {(one.object_id, normalise(one.after)): one for one in accepted}
    known: dict[tuple[int, str], int] = {}
    for part in chunks({supplier for supplier, _account in wanted}):
        rows = PayeeAccount.objects.filter(supplier_id__in=part).values_list("supplier_id", "account", "pk")
        known.update({(supplier, account): pk for supplier, account, pk in rows})
    columns = ["entered_by_id", "entered_at", "accepted_by_id", "accepted_at"]
    facts = {key: (one.asked_by_id, one.asked_at, by.pk, now) for key, one in wanted.items()}
    update_rows(PayeeAccount, columns, [(*row, known[key]) for key, row in facts.items() if key in known])
    new = [(*key, *row) for key, row in facts.items() if key not in known]
    insert_rows(PayeeAccount, ["supplier_id", "account", *columns], new)
