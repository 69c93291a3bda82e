"""Vouchers handed over to another ledger: each once, in a run that can be fetched again and again.

One UPDATE marks everything that is posted and not marked yet; what is posted a moment later has no mark and waits for
the next run. So nothing is missed and nothing comes twice, however often people export meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Exists, F, Max, Min, OuterRef, QuerySet, Sum
from django.utils import timezone

from autopay_console.kernel.money import ZERO
from companies.models import Company, Person
from payments.choices import BatchState
from payments.lists import journal_queries
from payments.models import Batch, ExportRun, Voucher


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is posted and not handed over yet, in company currency."""

    count: int
    total: Decimal
    first: date | None
    last: date | None
    salary: int  # vouchers only people with the payroll role may export


def waiting_vouchers(
    company: Company, *, payroll: bool, start: date | None = None, end: date | None = None
) -> QuerySet[Voucher]:
    """Posted vouchers of a period of value dates that no run holds."""
    rows = journal_queries.vouchers(company, payroll=payroll)
    rows = rows.filter(number__isnull=False, batch__state=BatchState.POSTED, export_run__isnull=True)
    if start:
        rows = rows.filter(value_date__gte=start)
    return rows.filter(value_date__lte=end) if end else rows


def waiting(company: Company, *, payroll: bool) -> Waiting:
    """How much waits to be handed over."""
    found = waiting_vouchers(company, payroll=payroll).aggregate(
        many=Count("pk"), total=Sum("debit_total"), first=Min("value_date"), last=Max("value_date")
    )
    salary = 0 if payroll else waiting_vouchers(company, payroll=True).filter(batch__payment__salary=True).count()
    return Waiting(found["many"], found["total"] or ZERO, found["first"], found["last"], salary)


def hand_over(
    company: Company, by: Person, *, payroll: bool, start: date | None = None, end: date | None = None
) -> ExportRun | None:
    """Put everything that waits in the period into a new run; None when nothing does."""
    wanted = waiting_vouchers(company, payroll=payroll, start=start, end=end)
    with transaction.atomic():
        run = ExportRun.objects.create(
            company=company, made_by=by, made_at=timezone.now(), value_from=start, value_to=end
        )
        free = Voucher.objects.filter(company=company, export_run__isnull=True)
        if not free.filter(pk__in=wanted.order_by().values("pk")).update(export_run=run):
            run.delete()
            return None
        _describe(run)
        _mark_batches(run)
    return run


def runs(company: Company) -> QuerySet[ExportRun]:
    """The company's runs."""
    return ExportRun.objects.filter(company=company).select_related("made_by", "fetched_by")


def vouchers_of(run: ExportRun) -> QuerySet[Voucher]:
    """The vouchers of a run: the same however often they are asked for."""
    return Voucher.objects.filter(company=run.company_id, export_run=run).select_related("batch", "reverses")


def fetched(run: ExportRun, by: Person) -> None:
    """Somebody fetched the file."""
    mine = ExportRun.objects.filter(pk=run.pk)
    mine.update(fetched=F("fetched") + 1, fetched_at=timezone.now(), fetched_by=by)


def _describe(run: ExportRun) -> None:
    own = Voucher.objects.filter(company=run.company, export_run=run)
    series = own.order_by().values_list("series").annotate(Min("number"), Max("number"), Count("pk"))
    run.ranges = [list(one) for one in sorted(series)]
    total = own.aggregate(many=Count("pk"), total=Sum("debit_total"))
    run.voucher_count, run.debit_total = total["many"], total["total"] or ZERO
    run.salary = own.filter(batch__payment__salary=True).exists()
    run.save(update_fields=["ranges", "voucher_count", "debit_total", "salary"])


def _mark_batches(run: ExportRun) -> None:
    """A batch is handed over when none of its vouchers is left."""
    mine = Voucher.objects.filter(batch=OuterRef("pk"), export_run=run)
    left = Voucher.objects.filter(batch=OuterRef("pk"), export_run__isnull=True)
    batches = Batch.objects.filter(Exists(mine), ~Exists(left), company=run.company, exported_at__isnull=True)
    batches.update(exported_at=run.made_at)
