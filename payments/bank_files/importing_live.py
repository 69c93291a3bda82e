"""What a file does once it is live: settle our payments, match and book customer payments, book fees, link proofs.

Every phase may be begun again after a crash: facts, payments and vouchers know what was done by their own keys.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.db import transaction
from django.utils import timezone, translation

from autopay_console.kernel.sets import chunks
from payments import events
from payments.books.ledger_specs import BookingRefused
from payments.choices import BankEntryKind, FileState, ImportPhase, IncomingState
from payments.matching import proving
from payments.models import BankEntry, IncomingPayment
from payments.month_end import reconciling
from payments.receiving import importing_claim, incoming, plans, posting_fees, posting_incoming
from payments.receiving.importing_claim import Claim
from payments.settling import settlement

log = structlog.get_logger(__name__)
ENTRIES = 200  # bank entries of our own payments in one go; each may hold many items
MayGoOn = Callable[[], bool]


def go_live(claim: Claim) -> None:
    """From now on the file's rows count: one short UPDATE."""
    with transaction.atomic():
        importing_claim.hold(claim, phase=ImportPhase.SETTLING, phase_position=0)


def run(claim: Claim, may_go_on: MayGoOn) -> bool:
    """Do the phases that are left; False when the time was up."""
    for phase, work in (
        (ImportPhase.SETTLING, _settle),
        (ImportPhase.MATCHING, _match),
        (ImportPhase.BOOKING, _book),
    ):
        if claim.file.phase == phase:
            if not work(claim, may_go_on):
                return False
            with transaction.atomic():
                importing_claim.hold(claim, phase=ImportPhase(phase + 1), phase_position=0)
    _finish(claim)
    return True


def _settle(claim: Claim, may_go_on: MayGoOn) -> bool:
    """Facts about our own payments, in file order: a return may stand behind its settlement in the same file."""
    ours = BankEntry.objects.filter(
        file=claim.file, books=True, kind__in=(BankEntryKind.SETTLEMENT, BankEntryKind.RETURN)
    ).order_by("index")
    while part := list(ours.filter(index__gt=claim.file.phase_position)[:ENTRIES]):
        if not may_go_on():
            return False
        settled = [fact for entry in part for fact in plans.settled_of(entry)]
        returned = [fact for entry in part for fact in plans.returned_of(entry)]
        if settled:
            settlement.settle(settled, tell=False)
        if returned:
            settlement.bring_back(returned, tell=False)
        with transaction.atomic():
            importing_claim.hold(claim, phase_position=part[-1].index)
    settlement.announce_file(claim.file.pk)
    return True


def _match(claim: Claim, may_go_on: MayGoOn) -> bool:
    new = IncomingPayment.objects.filter(file=claim.file, state=IncomingState.NEW).order_by("number", "id")
    # asked once: sorted anew for each slice, a large file would be read a hundred times
    for ids in chunks(list(new.values_list("pk", flat=True)), incoming.SLICE):
        if not may_go_on():
            return False
        incoming.match(claim.file.company, ids)
        with transaction.atomic():
            importing_claim.hold(claim)
    return True


def _book(claim: Claim, may_go_on: MayGoOn) -> bool:
    """Batches of customer payments and of fees. One that cannot be built (a rate or a ledger account is missing)
    waits for a person; the payments can be looked at meanwhile."""
    file = claim.file
    with translation.override(file.company.language):
        try:
            if not _build(claim, may_go_on):
                return False
            batches = [*posting_incoming.finish(file), posting_fees.build(file)]
        except BookingRefused as refusal:
            log.warning("batch_not_built", file=str(file.pk), reason=str(refusal))
            importing_claim.put_off(claim, str(refusal))
            return False
        accounts = list(file.statements.order_by().values_list("account", flat=True).distinct())
        for batch in batches:
            if batch is not None:
                posting_incoming.post_if_automatic(batch, accounts)
    with transaction.atomic():
        importing_claim.hold(claim)
    proving.link(file)
    for account in accounts:
        reconciling.reconcile(file.company, account)
    return True


def _build(claim: Claim, may_go_on: MayGoOn) -> bool:
    """The file's vouchers, a thousand at a time."""
    for ids in posting_incoming.to_book(claim.file, claim.file.phase_position):
        last = posting_incoming.add_slice(claim.file, ids)
        with transaction.atomic():
            importing_claim.hold(claim, **({} if last is None else {"phase_position": last}))
        if not may_go_on():
            return False
    return True


def _finish(claim: Claim) -> None:
    file = claim.file
    with transaction.atomic():
        importing_claim.hold(claim, state=FileState.IMPORTED, imported_at=timezone.now(), error="", error_code="")
    if IncomingPayment.objects.filter(file=file, state=IncomingState.PARKED).exists():
        events.incoming_parked.send(sender=BankEntry, company_id=file.company_id)
