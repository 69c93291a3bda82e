"""Who imports a bank file: one worker at a time per file, and one file at a time per company while rows are staged.

Rows of a file that is being staged may still be taken away again, so no other file may be compared with them. A worker
that dies loses its claim when the lease runs out; the next one goes on from the last committed slice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from autopay_console.kernel.ids import new_token
from companies.models import Company
from payments.choices import FileState, ImportPhase
from payments.matching import rules
from payments.models import BankFile, MatchingRule

LEASE = timedelta(seconds=150)  # longer than a task may run
MOST_ATTEMPTS = 6
FIRST_WAIT, LONGEST_WAIT = 10, 1800  # seconds after a failed attempt, doubled each time
STARTABLE = (FileState.NEW, FileState.VALIDATED, FileState.IMPORTING)


class ClaimLost(Exception):
    """Another worker took the file over: this one stops without a trace."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one file for a while."""

    file: BankFile
    token: str


def take_turn(company: Company) -> None:
    """Inside a transaction: whoever else wants to stage, match or resolve for this company waits until it ends.

    An UPDATE that changes nothing holds the company's rule rows; every database that locks rows or files obeys it.
    """
    held = MatchingRule.objects.filter(company=company)
    if not held.update(active=F("active")):
        rules.ensure(company)
        held.update(active=F("active"))


def claim(file_id: UUID) -> Claim | None:
    """Take a file for import; None when it is done, not due, with another worker, or behind a file being staged."""
    file = BankFile.objects.select_related("company").filter(pk=file_id).first()
    if file is None or file.state not in STARTABLE:
        return None
    now, token = timezone.now(), new_token()
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    due = Q(not_before__isnull=True) | Q(not_before__lte=now)
    staged = BankFile.objects.filter(
        company=OuterRef("company"), state=FileState.IMPORTING, phase=ImportPhase.STAGING
    ).exclude(pk=file_id)
    with transaction.atomic():
        take_turn(file.company)
        mine = BankFile.objects.filter(free, due, pk=file_id, state__in=STARTABLE)
        mine = mine.filter(Q(phase__gt=ImportPhase.STAGING) | ~Exists(staged))
        if not mine.update(
            state=FileState.IMPORTING,
            claim=token,
            claimed_until=now + LEASE,
            attempts=F("attempts") + 1,
        ):
            return None
    file.refresh_from_db()
    return Claim(file, token)


def hold(claim: Claim, **values: object) -> None:
    """Write progress and renew the lease, in the slice's own transaction; ClaimLost undoes the slice."""
    held = BankFile.objects.filter(pk=claim.file.pk, claim=claim.token, state=FileState.IMPORTING)
    if not held.update(claimed_until=timezone.now() + LEASE, attempts=0, **values):
        raise ClaimLost
    for name, value in values.items():
        setattr(claim.file, name, value)


def give_back(claim: Claim) -> None:
    """The time is up but the work is not: the next worker may go on at once."""
    BankFile.objects.filter(pk=claim.file.pk, claim=claim.token).update(claim="", claimed_until=None)


def failed(claim: Claim, error: str) -> bool:
    """Something that should not happen did. Tried again later, longer apart each time; True when it was the last."""
    attempts = claim.file.attempts
    wait = min(FIRST_WAIT * 2 ** max(attempts - 1, 0), LONGEST_WAIT)
    BankFile.objects.filter(pk=claim.file.pk, claim=claim.token).update(
        claim="", claimed_until=None, not_before=_in(wait), error=error[:500]
    )
    return attempts >= MOST_ATTEMPTS


def waiting_behind(file: BankFile) -> list[UUID]:
    """Files of the company that waited for this one, oldest first."""
    waiting = BankFile.objects.filter(company_id=file.company_id, state__in=(FileState.NEW, FileState.VALIDATED))
    return list(waiting.order_by("received_at").values_list("pk", flat=True)[:100])


def _in(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds)


def put_off(claim: Claim, why: str) -> None:
    """The work must wait for a person (a rate, an account): say so on the file and try again after a while."""
    BankFile.objects.filter(pk=claim.file.pk, claim=claim.token).update(
        claim="", claimed_until=None, not_before=_in(LONGEST_WAIT // 3), attempts=0, error=why[:500]
    )
