"""Posts a whole batch in one short transaction: numbers, entries and lines, or nothing at all.

A batch is posted once: the UPDATE from waiting to posted decides. Numbers come from the series' counter by one UPDATE,
so there are neither gaps nor doubles; open entries are changed by sums over the batch, and the CHECK constraints of
the entries are the last guard (nothing is paid beyond its rest).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from autopay_console.kernel.money import NOTHING, ZERO, MoneyField
from autopay_console.kernel.sets import chunks
from companies.choices import PeriodState
from companies.models import AccountingPeriod, Person
from payments import events, lifecycle
from payments.books.ledger_building import take_numbers
from payments.choices import BatchKind, BatchState, FactKind, LineStatus, PaidStatus
from payments.models import Batch, CustomerEntry, EntryMatch, PaymentLine, SettlementFact, SupplierEntry, Voucher


class _Waits(Exception):
    """The batch cannot be posted now; the text says what it waits for."""


def post(batch: Batch, by: Person | None = None) -> Batch:
    """Post a waiting batch; `by` is None when the bank partner posts by itself. Safe to ask for twice.

    A batch that cannot be posted (locked period, entry settled otherwise) stays waiting and says why in `waits_for`.
    What can be worked out is, before the transaction: while it writes 100 000 lines, nobody else can.
    """
    batch.refresh_from_db()
    if batch.state == BatchState.WAITING:
        ready = _lines_ready(batch, by)
        try:
            with transaction.atomic():
                _post(batch, by, ready)
        except (_Waits, IntegrityError) as error:
            why = str(error) if isinstance(error, _Waits) else _overdrawn(batch)
            Batch.objects.filter(pk=batch.pk, state=BatchState.WAITING).update(waits_for=why[:200])
    batch.refresh_from_db()
    if batch.state == BatchState.POSTED:
        events.batch_posted.send(sender=Batch, batch=batch)
    return batch


def _post(batch: Batch, by: Person | None, ready: lifecycle.Ready | None) -> None:
    won = Batch.objects.filter(pk=batch.pk, state=BatchState.WAITING).update(
        state=BatchState.POSTED,
        posted_at=timezone.now(),
        posted_by=by,
        automatic=by is None,
        waits_for="",
    )
    if not won:
        return
    batch.refresh_from_db()
    vouchers = Voucher.objects.filter(batch=batch)
    _check_periods(batch, vouchers)
    first = take_numbers(batch.company_id, batch.series, batch.voucher_count)
    vouchers.update(number=F("position") + (first - 1))
    if ready is not None:
        _lines_posted(batch, ready)
    _settle_supplier_entries(batch)
    _settle_customer_entries(batch)


def _check_periods(batch: Batch, vouchers: QuerySet[Voucher]) -> None:
    """Open periods stay open until the posting is committed: the UPDATE holds their rows."""
    days = vouchers.order_by().values_list("value_date", flat=True).distinct()
    for year, month in sorted({(day.year, day.month) for day in days}):
        if not _hold_open(batch.company_id, year, month):
            raise _Waits(_("Period %(period)s is locked. Open it, or post later.") % {"period": f"{year}-{month:02}"})


def _hold_open(company_id: int, year: int, month: int) -> bool:
    """False when the month is locked. One that nobody has touched gets its row here: without it, somebody who locks
    the month meanwhile would meet nothing that holds it open."""
    period = AccountingPeriod.objects.filter(company_id=company_id, year=year, month=month)
    if period.filter(state=PeriodState.OPEN).update(state=PeriodState.OPEN):
        return True
    if period.exists():
        return False
    try:
        with transaction.atomic():
            AccountingPeriod.objects.create(company_id=company_id, year=year, month=month)
    except IntegrityError:  # somebody else locks the month, or posts its first batch, at this moment
        return bool(period.filter(state=PeriodState.OPEN).update(state=PeriodState.OPEN))
    return True


def _lines_ready(batch: Batch, by: Person | None) -> lifecycle.Ready | None:
    """The lines at 5 that become 6 with this batch."""
    if batch.kind != BatchKind.SETTLEMENT:
        return None
    ids = _lines(batch).filter(status=LineStatus.SETTLED).order_by("pk").values_list("pk", flat=True)
    return lifecycle.prepare(list(ids), LineStatus.POSTED, source=f"batch {batch.number}", by=by)


def _lines(batch: Batch) -> QuerySet[PaymentLine]:
    facts = SettlementFact.objects.filter(batch=batch, kind=FactKind.SETTLED)
    return PaymentLine.objects.filter(item__in=facts.values("item_id"))


def _lines_posted(batch: Batch, ready: lifecycle.Ready) -> None:
    """Lines at 5 become 6. A line that the bank took back meanwhile keeps its entry open: no match for it."""
    lifecycle.carry_out(ready)
    facts = SettlementFact.objects.filter(batch=batch, kind=FactKind.SETTLED)
    others = _lines(batch).exclude(status=LineStatus.POSTED).order_by().values_list("item_id", flat=True).distinct()
    for items in chunks(others):
        keys = facts.filter(item_id__in=items).values("source_key")
        EntryMatch.objects.filter(voucher__batch=batch, voucher__source_key__in=keys).delete()


def _settle_supplier_entries(batch: Batch) -> None:
    matches = EntryMatch.objects.filter(voucher__batch=batch, supplier_entry__isnull=False)
    entries = SupplierEntry.objects.filter(pk__in=matches.values("supplier_entry_id"))
    own = matches.filter(supplier_entry_id=OuterRef("pk")).order_by().values("supplier_entry_id")
    entries.update(
        rest=F("rest") - _sum(own, "amount"),
        in_payment=F("in_payment") - _sum(own, "reserved"),
        settled_on=Subquery(own.annotate(last=Max("matched_on")).values("last")),
    )
    still_remitted = Case(When(rest=F("in_payment"), then=F("remitted")), default=Value(False))
    _say_how_paid(entries, remitted=still_remitted)


def _settle_customer_entries(batch: Batch) -> None:
    matches = EntryMatch.objects.filter(voucher__batch=batch, customer_entry__isnull=False)
    entries = CustomerEntry.objects.filter(pk__in=matches.values("customer_entry_id"))
    own = matches.filter(customer_entry_id=OuterRef("pk")).order_by().values("customer_entry_id")
    entries.update(
        rest=F("rest") - _sum(own, "amount"),
        settled_on=Subquery(own.annotate(last=Max("matched_on")).values("last")),
    )
    _say_how_paid(entries)


def _sum(own: QuerySet[EntryMatch, Any], column: str) -> Coalesce:
    """What the batch's matches of one entry come to."""
    return Coalesce(Subquery(own.annotate(sum=Sum(column)).values("sum"), output_field=MoneyField()), NOTHING)


def _say_how_paid(entries: QuerySet[SupplierEntry] | QuerySet[CustomerEntry], **others: Case) -> None:
    """Open, partly open, settled late or on time: by what is left and when the money moved."""
    entries.update(
        status=Case(
            When(rest=F("amount"), then=Value(PaidStatus.OPEN)),
            When(~Q(rest=ZERO), then=Value(PaidStatus.PARTLY)),
            When(settled_on__gt=F("due_date"), then=Value(PaidStatus.LATE)),
            default=Value(PaidStatus.ON_TIME),
        ),
        settled_on=Case(When(rest=ZERO, then=F("settled_on")), default=None),
        **others,
    )


def _overdrawn(batch: Batch) -> str:
    """Which entry has less left than the batch wants to close."""
    for table, column, owner in (
        (SupplierEntry, "supplier_entry_id", "supplier__name"),
        (CustomerEntry, "customer_entry_id", "customer__name"),
    ):
        matches = EntryMatch.objects.filter(voucher__batch=batch, **{f"{column}__isnull": False})
        own = matches.filter(**{column: OuterRef("pk")}).order_by().values(column)
        left = F("rest") - _sum(own, "amount")
        too_much = (
            table._default_manager.filter(pk__in=matches.values(column))
            .annotate(left=left)
            .filter(Q(amount__gt=ZERO, left__lt=ZERO) | Q(amount__lt=ZERO, left__gt=ZERO))
        )
        found = too_much.values_list("invoice_no", "rest", owner).first()
        if found:
            return _("Invoice %(invoice)s of %(name)s has only %(rest)s left; match it anew.") % {
                "invoice": found[0],
                "rest": f"{found[1]:.2f}",
                "name": found[2][:60],
            }
    return _("The open entries changed meanwhile. Post again; if it stays so, check the books.")


def locked(company_id: int, on: date) -> bool:
    """Whether nothing may be posted on this date."""
    return AccountingPeriod.objects.filter(
        company_id=company_id, year=on.year, month=on.month, state=PeriodState.LOCKED
    ).exists()
