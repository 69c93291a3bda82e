"""*Export/update companies* as work that survives: asked for in one moment, done company by company by a worker.

Whoever asked sees each company's status fill in. A gateway that fails in the middle leaves the finished ones linked and
the others waiting with the reason; they are tried again by themselves, or at once when a person says so.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from autopay_console.kernel.ids import new_token
from autopay_console.kernel.nudging import nudge
from autopay_console.kernel.sets import chunks
from companies.choices import LinkState
from companies.models import Company, Person
from integration import company_sync, traffic
from integration.choices import ExportState
from integration.company_sync import Exported
from integration.gateway import client
from integration.gateway.client import Gateway
from integration.models import CompanyExport

TASK = "integration.tasks.export_companies"
LEASE = timedelta(minutes=3)  # longer than the longest call
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=30), timedelta(hours=1)
SLICE_SECONDS = 20.0
AT_ONCE = 100
OPEN = (ExportState.WAITING, ExportState.RUNNING)
log = structlog.get_logger(__name__)


def ask(companies: Iterable[Company], *, by: Person | None = None, take_over: bool = False) -> int:
    """Have companies created or updated in Visma.net; how many were asked for. One under way is not asked for twice."""
    wanted = {company.pk: company for company in companies}
    now, asked = timezone.now(), 0
    fresh = {
        "state": ExportState.WAITING, "asked_at": now, "asked_by": by, "take_over": take_over, "attempts": 0,
        "not_before": None, "claim": "", "claimed_until": None, "created": False, "code": "", "text": "",
        "finished_at": None,
    }  # fmt: skip
    with transaction.atomic():
        for keys in chunks(wanted):
            rows = CompanyExport.objects.filter(company__in=keys)
            known = set(rows.values_list("pk", flat=True))
            busy = Q(state=ExportState.RUNNING, claimed_until__gte=now)
            asked += rows.exclude(busy).update(**fresh)
            new = [CompanyExport(company=wanted[pk], **fresh) for pk in keys if pk not in known]
            asked += len(CompanyExport.objects.bulk_create(new))
        company_sync.mark_exporting(wanted.values())
        nudge(TASK, wanted)
    return asked


def work(keys: Sequence[int]) -> int:
    """Export the companies that are due among these; how many were tried. Any number of workers may do it at once."""
    end, done = time.monotonic() + SLICE_SECONDS, 0
    with client.connect() as gateway:
        for place, key in enumerate(keys):
            if time.monotonic() > end:
                nudge(TASK, keys[place:])
                break
            row = _claim(key)
            if row is None:
                continue
            done += 1
            exported = _export(gateway, row)
            if exported.nobody:
                _wait(due().filter(pk__in=keys[place + 1 :]), exported)
                break
    return done


def carry_on() -> int:
    """Nudge exports that are due: the gateway did not answer, or a worker died. Called by the schedule; how many."""
    lost = Company.objects.filter(link_state=LinkState.LINKING).exclude(export__state__in=OPEN)
    if left := list(lost.order_by("number")[:AT_ONCE]):
        ask(left)
    keys = list(due().order_by("asked_at", "pk").values_list("pk", flat=True)[:AT_ONCE])
    nudge(TASK, keys)
    return len(keys)


def due() -> QuerySet[CompanyExport]:
    """Exports that may be tried now."""
    now = timezone.now()
    waiting = Q(state=ExportState.WAITING) & (Q(not_before__isnull=True) | Q(not_before__lte=now))
    return CompanyExport.objects.filter(waiting | Q(state=ExportState.RUNNING, claimed_until__lt=now))


def _claim(key: int) -> CompanyExport | None:
    token = new_token()
    mine = due().filter(pk=key)
    taken = mine.update(
        state=ExportState.RUNNING, claim=token, claimed_until=timezone.now() + LEASE, attempts=F("attempts") + 1
    )
    if not taken:
        return None
    rows = CompanyExport.objects.select_related("company", "asked_by")
    return rows.filter(pk=key, claim=token).first()


def _export(gateway: Gateway, row: CompanyExport) -> Exported:
    with traffic.on_occasion(person=row.asked_by):
        exported = company_sync.export_one(gateway, row.company, row.take_over)
    if exported.again:
        _wait(CompanyExport.objects.filter(pk=row.pk, claim=row.claim), exported, row.attempts)
        return exported
    CompanyExport.objects.filter(pk=row.pk, claim=row.claim).update(
        state=ExportState.DONE if exported.linked else ExportState.FAILED,
        created=exported.created,
        code=exported.code[:40],
        text=traffic.redact(exported.text)[:300],
        finished_at=timezone.now(),
        claim="",
        claimed_until=None,
    )
    log.info("company_exported", company=row.company.number, linked=exported.linked, code=exported.code)
    return exported


def _wait(rows: QuerySet[CompanyExport], exported: Exported, attempts: int = 1) -> None:
    """Again later: after half a minute, then at growing intervals up to an hour."""
    pause = min(FIRST_RETRY * 2 ** min(attempts - 1, 10), LONGEST_RETRY)
    rows.update(
        state=ExportState.WAITING,
        code=exported.code[:40],
        text=traffic.redact(exported.text)[:300],
        not_before=timezone.now() + pause,
        claim="",
        claimed_until=None,
    )
