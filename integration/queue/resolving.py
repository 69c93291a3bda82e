"""What a person does with messages that were parked or given up: try again, try all like this, put aside."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from autopay_console.kernel.nudging import nudge
from autopay_console.kernel.sets import chunks
from companies.models import Person
from integration.choices import MessageState
from integration.models import InboxMessage
from integration.queue import envelope, inbox

STUCK = (MessageState.PARKED, MessageState.DEAD, MessageState.FAILED)
RETRIED = (*STUCK, MessageState.ASIDE)


class Again(NamedTuple):
    """How many messages were taken up once more, and how many of them are parked again: nothing was mended."""

    many: int = 0
    parked: int = 0


def try_again(message: InboxMessage, by: Person) -> Again:
    """Read the kept bytes once more and work on the message now. None when somebody did so meanwhile."""
    return _again([message.pk], by)


def try_all_like(message: InboxMessage, by: Person) -> Again:
    """The same for every message that stands in the same state for the same reason and is of the same type."""
    alike = InboxMessage.objects.filter(
        state=message.state, reason=message.reason, message_type=message.message_type, state__in=RETRIED
    )
    ids = list(alike.order_by("received_at", "pk").values_list("pk", flat=True))
    return _together(_again(part, by) for part in chunks(ids))


def try_these_again(ids: Sequence[uuid.UUID], by: Person) -> Again:
    """The messages somebody ticked; answers how many had not moved on meanwhile."""
    return _together(_again(part, by) for part in chunks(ids))


def try_all_like_these(ids: Sequence[uuid.UUID], by: Person) -> Again:
    """Every message that failed in the same way as one of those ticked."""
    ticked = InboxMessage.objects.filter(pk__in=ids[:1000], state__in=RETRIED).order_by("received_at", "pk")
    kinds = {(row.state, row.reason, row.message_type): row for row in ticked}
    return _together(try_all_like(row, by) for row in kinds.values())


def put_these_aside(ids: Sequence[uuid.UUID], by: Person, reason: str) -> int:
    """The messages somebody ticked, for one reason; each keeps beside it what was wrong with it."""
    return sum(put_aside(row, by, reason) for row in InboxMessage.objects.filter(pk__in=ids[:1000], state__in=STUCK))


def put_aside(message: InboxMessage, by: Person, reason: str) -> bool:
    """A person says that nothing is to be done with it, and why. What was wrong stays beside that reason."""
    if not reason.strip():
        raise ValueError("Say why the message is put aside.")
    return bool(
        InboxMessage.objects.filter(pk=message.pk, state__in=STUCK).update(
            state=MessageState.ASIDE,
            reason=_both(reason.strip(), message.reason),
            done_by=by,
            handled_at=timezone.now(),
            not_before=None,
        )
    )


def _both(said: str, fault: str) -> str:
    return f"{said} ({fault})"[:500] if fault else said[:500]


def adopt_foreign() -> int:
    """Messages of a company that was not linked when they came, and is now: they are worked on after all."""
    parked = InboxMessage.objects.filter(state=MessageState.PARKED, company__isnull=True, remote_company_id__gt="")
    remote = list(parked.order_by().values_list("remote_company_id", flat=True).distinct()[:1000])
    adopted = 0
    for remote_id, company_id in inbox.companies_by_remote_id(remote).items():
        ids = list(parked.filter(remote_company_id=remote_id).values_list("pk", flat=True)[:1000])
        adopted += InboxMessage.objects.filter(pk__in=ids, state=MessageState.PARKED).update(
            company_id=company_id, state=MessageState.RECEIVED, reason="", not_before=None
        )
        nudge("integration.tasks.handle_messages", ids[:1])
    return adopted


def _together(parts: Iterable[Again]) -> Again:
    found = list(parts)
    return Again(sum(one.many for one in found), sum(one.parked for one in found))


def _again(ids: list[uuid.UUID], by: Person) -> Again:
    changed: list[uuid.UUID] = []
    parked = 0
    with transaction.atomic():
        for row in InboxMessage.objects.filter(pk__in=ids, state__in=RETRIED):
            before = row.state
            inbox.read_again(row, envelope.read(row.raw.encode("utf-8", "replace")))
            row.attempts, row.not_before, row.done_by, row.handled_at = 0, None, by, None
            values = {name: getattr(row, name) for name in _FIELDS}
            if InboxMessage.objects.filter(pk=row.pk, state=before).update(**values):
                changed.append(row.pk)
                parked += row.state == MessageState.PARKED
        nudge("integration.tasks.handle_messages", changed)
    return Again(len(changed), parked)


_FIELDS = (
    "message_id", "message_type", "remote_company_id", "company_id", "file_id", "file_kind", "file_digest",
    "sent_at", "reason", "state", "attempts", "not_before", "done_by", "handled_at",
)  # fmt: skip
