"""The sweep: every few seconds nudge what is due, because a nudge may have been lost and a worker may have died.

Each question is one cheap indexed query with a limit. The sweep does no work itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from autopay_console.kernel.nudging import nudge
from companies import mails
from integration.queue import inbox, resolving
from payments import transfers
from payments.choices import BatchState, FileState
from payments.mailing import advising
from payments.models import BankFile, Batch
from payments.releasing import payee_checks, upload_jobs
from payments.settling import settlement
from payments.table_import import claiming

MOST = 500  # of each kind in one sweep
GRACE = timedelta(seconds=10)  # what is younger was nudged a moment ago


@dataclass(frozen=True, slots=True)
class Swept:
    """How many of each kind were nudged."""

    messages: int = 0
    transfers: int = 0
    files: int = 0
    booking: int = 0
    mails: int = 0
    tables: int = 0


def sweep() -> Swept:
    """Look for everything that is due and nudge it."""
    transfers.expire_leases()
    resolving.adopt_foreign()
    messages = inbox.one_due_per_company(MOST)
    sending = transfers.due(MOST)
    imports = files_due()
    tables = claiming.due(MOST)
    waiting = mails.due()
    booking = something_to_book() or bool(advising.due(1))
    nudge("integration.tasks.handle_messages", messages)
    nudge("integration.tasks.tell_payee_decisions", payee_checks.due())
    nudge("payments.tasks.upload_payments", upload_jobs.due())
    nudge("integration.tasks.send_transfers", sending)
    nudge("payments.tasks.import_bank_files", imports)
    nudge("payments.tasks.import_tables", tables)
    if booking:
        nudge("payments.tasks.settle_due")
    if waiting:
        nudge("companies.tasks.send_mails")
    return Swept(len(messages), len(sending), len(imports), int(booking), len(waiting), len(tables))


def files_due() -> list[str]:
    """Bank files that wait for import, or whose worker died in the middle of it."""
    now = timezone.now()
    free = Q(not_before__isnull=True) | Q(not_before__lte=now)
    fresh = Q(state__in=(FileState.NEW, FileState.VALIDATED), received_at__lte=now - GRACE) & free
    left = Q(state=FileState.IMPORTING) & free & (Q(claimed_until__isnull=True) | Q(claimed_until__lt=now))
    found = BankFile.objects.filter(fresh | left).order_by("received_at")
    return [str(pk) for pk in found.values_list("pk", flat=True)[:MOST]]


def something_to_book() -> bool:
    """Whether the bank told of money that is in no batch yet, or a batch that posts itself was left waiting."""
    left = Batch.objects.filter(state=BatchState.WAITING, automatic=True)
    return bool(settlement.due(limit=1)) or left.exists()
