"""A transfer's way: sealed, released, sending, then accepted, refused, unknown or cancelled (decisions §2, §4).

Every change is one conditional UPDATE: two workers, a person who cancels and an answer from the bank may all come at
once, and exactly one of them wins. Nobody else writes `Transfer.state` after sealing and release.

A file is sent once. What cannot be told for sure is *unknown*, and an unknown file is asked about by its message id
before the same bytes go out again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from autopay_console.kernel.ids import new_token
from companies.models import SystemInformation
from payments import headers, story
from payments.choices import TransferState
from payments.models import Transfer

FIRST_WAIT = 15  # seconds before the second attempt; doubled each time
LONGEST_WAIT = 900
ON_ITS_WAY = (TransferState.SENDING, TransferState.UNKNOWN)
UNSENT = (TransferState.SEALED, TransferState.RELEASED)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one transfer for a while. `again`: an earlier attempt may have reached the bank side."""

    transfer: Transfer
    token: str
    again: bool


@dataclass(frozen=True, slots=True)
class _Event:
    """A line of the payment's story ("Show events")."""

    kind: str
    text: str
    why: str = ""


_NOT_KNOWN = _Event("unknown", gettext_noop("Nobody can say yet whether file %(file)s arrived; it is asked about."))


def claim(transfer_id: int) -> Claim | None:
    """Take a released transfer for sending; None when it is not due, stopped, cancelled or with another worker."""
    return _take(leaving(), transfer_id, TransferState.SENDING, timezone.now())


def leaving() -> QuerySet[Transfer]:
    """Released files that may leave now."""
    return _not_stopped(Transfer.objects.filter(state=TransferState.RELEASED, not_before__lte=timezone.now()))


def claim_question(transfer_id: int) -> Claim | None:
    """Take an unknown transfer to ask the bank side about it. Asking is allowed while sending is stopped."""
    now = timezone.now()
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    due = Transfer.objects.filter(Q(not_before__isnull=True) | Q(not_before__lte=now), free)
    return _take(due.filter(state=TransferState.UNKNOWN), transfer_id, TransferState.UNKNOWN, now)


def claim_resend(asked: Claim) -> Claim | None:
    """The bank side never saw it: the same bytes may go out again, unless sending was stopped meanwhile."""
    due = _not_stopped(Transfer.objects.filter(state=TransferState.UNKNOWN, claim=asked.token))
    return _take(due, asked.transfer.pk, TransferState.SENDING, timezone.now(), again=True)


def claim_late(transfer_id: int) -> Claim | None:
    """Take a released file that must not leave any more, to ask about it before it is kept back."""
    held = _take(leaving(), transfer_id, TransferState.UNKNOWN, timezone.now())
    return replace(held, again=False) if held else None


def let_go(held: Claim) -> bool:
    """The bank side never had this late file: it stands as released again, for the caller to keep back."""
    return _change(
        Transfer.objects.filter(pk=held.transfer.pk, claim=held.token, state=TransferState.UNKNOWN),
        None,
        state=TransferState.RELEASED,
        claimed_until=None,
        last_error="",
    )


def accepted(transfer_id: int, *, remote_id: str = "") -> bool:
    """The bank side has the file (for gateways: AutoPay central). A fact, so it holds whoever holds the claim."""
    now = timezone.now()
    return _change(
        Transfer.objects.filter(pk=transfer_id, state__in=ON_ITS_WAY),
        _Event("accepted", gettext_noop("File %(file)s was accepted by the bank side.")),
        state=TransferState.ACCEPTED,
        accepted_at=now,
        answered_at=now,
        remote_id=remote_id[:64],
        last_error="",
    )


def prove_delivery(transfer: Transfer, *, remote_id: str = "") -> bool:
    """An answer names a transfer that is being sent or unknown: so it was delivered. True when that was news."""
    return accepted(transfer.pk, remote_id=remote_id)


def refused(transfer_id: int, code: str, text: str) -> bool:
    """The file as such was refused: at once, or by a later status report. The caller moves its lines to 10."""
    return _change(
        Transfer.objects.filter(pk=transfer_id, state__in=(*ON_ITS_WAY, TransferState.ACCEPTED)),
        _Event("refused", gettext_noop("File %(file)s was refused: %(why)s"), text or code),
        state=TransferState.REFUSED,
        answered_at=timezone.now(),
        refused_code=code[:35],
        refused_text=text[:500],
        last_error="",
    )


def unknown(held: Claim, error: str) -> bool:
    """Nobody can say whether the file arrived. It is asked about after a while, never sent again blindly."""
    return _give_back(held, TransferState.UNKNOWN, error)


def put_back(held: Claim, error: str) -> bool:
    """The file surely did not leave: it waits for another attempt. After an unknown attempt it stays unknown."""
    sent = F("sends") - 1 if held.transfer.state == TransferState.SENDING else F("sends")
    return _give_back(held, TransferState.UNKNOWN if held.again else TransferState.RELEASED, error, sends=sent)


def cancelled(transfer_id: int, reason: str) -> bool:
    """Cancelled at AutoPay central, by a person or because the batch is deficient. The caller moves its lines to 7."""
    return _change(
        Transfer.objects.filter(pk=transfer_id, state__in=(*UNSENT, *ON_ITS_WAY, TransferState.ACCEPTED)),
        _Event("cancelled", gettext_noop("File %(file)s was cancelled: %(why)s"), reason),
        state=TransferState.CANCELLED,
        answered_at=timezone.now(),
        last_error="",
    )


def cancel_unsent(payment_id: int, round_: int) -> int:
    """Stop every file of a round that has not left; how many there were. Files on their way are not touched."""
    return Transfer.objects.filter(payment_id=payment_id, round=round_, state__in=UNSENT).update(
        state=TransferState.CANCELLED, not_before=None
    )


def cancel_late(transfer_id: int, why: str) -> bool:
    """Stop one released file whose day has passed. The caller moves its lines to 7."""
    return _change(
        Transfer.objects.filter(pk=transfer_id, state=TransferState.RELEASED),
        _Event("cancelled", gettext_noop("File %(file)s was cancelled: %(why)s"), why),
        state=TransferState.CANCELLED,
        not_before=None,
        last_error="",
    )


def expire_leases() -> list[int]:
    """Transfers whose worker died while sending become unknown, to be asked about at once. Returns their ids."""
    now = timezone.now()
    late = Transfer.objects.filter(state=TransferState.SENDING, claimed_until__lt=now)
    return [
        pk
        for pk in late.order_by("claimed_until").values_list("pk", flat=True)[:1000]
        if _change(
            late.filter(pk=pk),
            _NOT_KNOWN,
            state=TransferState.UNKNOWN,
            not_before=now,
            claimed_until=None,
            last_error=gettext("The worker that sent this file ended before the answer was kept."),
        )
    ]


def due(limit: int = 1000) -> list[int]:
    """Transfers to send or to ask about now, in turns by company so that one long queue holds up nobody else."""
    now = timezone.now()
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now)
    asked = Transfer.objects.filter(Q(not_before__isnull=True) | Q(not_before__lte=now), free)
    rows = [
        *asked.filter(state=TransferState.UNKNOWN).order_by("not_before", "pk").values_list("company_id", "pk")[:limit],
        *leaving().order_by("not_before", "pk").values_list("company_id", "pk")[:limit],
    ]
    return _in_turns(rows)[:limit]


def _in_turns(rows: Iterable[tuple[int, int]]) -> list[int]:
    seen: dict[int, int] = {}
    placed: list[tuple[int, int]] = []
    for company, pk in rows:
        seen[company] = seen.get(company, 0) + 1
        placed.append((seen[company], pk))
    return [pk for _turn, pk in sorted(placed, key=lambda place: place[0])]


def _not_stopped(transfers: QuerySet[Transfer]) -> QuerySet[Transfer]:
    stopped = SystemInformation.objects.filter(stopped_at__isnull=False)
    return transfers.filter(~Exists(stopped), company__outgoing_stopped_at__isnull=True)


def _take(
    due: QuerySet[Transfer], transfer_id: int, state: TransferState, now: datetime, again: bool = False
) -> Claim | None:
    token = new_token()
    changed = due.filter(pk=transfer_id).update(
        state=state,
        claim=token,
        claimed_until=now + timedelta(seconds=settings.SENDING_LEASE_SECONDS),
        sent_at=now if state == TransferState.SENDING else F("sent_at"),
        attempts=F("attempts") + (0 if again else 1),
        sends=F("sends") + (1 if state == TransferState.SENDING else 0),
    )
    if not changed:
        return None
    transfer = Transfer.objects.select_related(
        "company", "company__country", "payment__agreement", "payment__bank_partner"
    ).get(pk=transfer_id)
    return Claim(transfer, token, again or state == TransferState.UNKNOWN)


def _give_back(held: Claim, state: TransferState, error: str, **values: object) -> bool:
    news = state == TransferState.UNKNOWN and not held.again
    return _change(
        Transfer.objects.filter(pk=held.transfer.pk, claim=held.token, state__in=ON_ITS_WAY),
        _NOT_KNOWN if news else None,
        state=state,
        not_before=timezone.now() + timedelta(seconds=wait_after(held.transfer.attempts)),
        claimed_until=None,
        last_error=error[:500],
        **values,
    )


def wait_after(attempts: int) -> int:
    """Seconds until the next attempt: 15, 30, 60 … at most a quarter of an hour."""
    return int(min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(max(attempts - 1, 0), 10)))


def _change(transfers: QuerySet[Transfer], event: _Event | None, **values: object) -> bool:
    """One conditional UPDATE of one transfer; when it decided something, the story and the payment's word follow it."""
    with transaction.atomic():
        known = transfers.values_list("payment_id", "msg_id").first()
        if known is None or not transfers.update(**values):
            return False
        payment_id, msg_id = known
        if event:
            text = gettext(event.text) % {"file": msg_id, "why": event.why}
            story.tell(payment_id, event.kind, text)
        headers.refresh({payment_id})
    return True
