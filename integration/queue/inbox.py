"""The durable inbox: every message is a row before it is acknowledged, and the row says what became of it.

Heard again changes nothing but the count. Work is claimed by one conditional UPDATE with a lease, so that a killed
worker costs a delay; within a company messages are worked on one after the other, in the order they came: fresh ones
first, then those that failed before, the oldest first.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from autopay_console.kernel.ids import new_token
from autopay_console.kernel.sets import chunks
from companies.models import Company
from integration.choices import MessageState
from integration.models import InboxMessage
from integration.queue.envelope import SELF_TEST, Envelope, other_content_key
from payments.models import BankFile

LEASE = timedelta(seconds=180)  # longer than a task may run
MAX_ATTEMPTS = 15
AT_ONCE = 100  # messages of one claim: a nudge names as many
FIRST_WAIT, LONGEST_WAIT = 5, 3600  # seconds: 5, 10, 20 … an hour; some seven hours in all
Content = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of some deliveries: ids to work on, how many were parked at once, how many were known, new rows."""

    new: tuple[uuid.UUID, ...] = ()
    parked: int = 0
    again: int = 0
    rows: tuple[InboxMessage, ...] = ()


# --- Hearing ------------------------------------------------------------------------------------------------------
def hear(envelopes: Sequence[Envelope], *, queue: str = "", by_download: bool = False) -> Heard:
    """Keep messages as rows, once per key; all of it is committed when this returns.

    The download list repeats what the queue delivers, so what is known is not counted again there; and what came
    by download first and then through the queue did come through the queue.
    """
    with transaction.atomic():
        contents = _known(envelopes)
        fresh: dict[str, Envelope] = {}
        again: Counter[str] = Counter()
        for envelope in envelopes:
            if contents.get(envelope.key, envelope.content) != envelope.content:
                reason = _("Message %(id)s came before with other content.") % {"id": envelope.message_id}
                envelope = replace(envelope, key=other_content_key(envelope), fault=reason)
            if envelope.key in contents:
                again[envelope.key] += 1
            else:
                contents[envelope.key] = envelope.content
                fresh[envelope.key] = envelope
        stored, lost = _insert(_rows(list(fresh.values()), queue, by_download))
        again.update(lost)
        if not by_download:
            _count(again)
    new = tuple(row.pk for row in stored if row.state == MessageState.RECEIVED)
    return Heard(new, len(stored) - len(new), again.total(), tuple(stored))


def _known(envelopes: Sequence[Envelope]) -> dict[str, Content]:
    keys = {key for one in envelopes for key in (one.key, other_content_key(one))}
    found: dict[str, Content] = {}
    for part in chunks(sorted(keys)):
        rows = InboxMessage.objects.filter(key__in=part)
        for key, *content in rows.values_list("key", "message_type", "remote_company_id", "file_id", "file_digest"):
            found[key] = (content[0], content[1], content[2], content[3])
    return found


def _rows(envelopes: Sequence[Envelope], queue: str, by_download: bool) -> list[InboxMessage]:
    companies = companies_by_remote_id({one.company_id for one in envelopes})
    now = timezone.now()
    rows = []
    for place, envelope in enumerate(envelopes):
        row = InboxMessage(key=envelope.key, raw=envelope.raw, queue=queue, by_download=by_download)
        row.received_at = now + timedelta(microseconds=place)  # keeps the order of one reading
        _fill(row, envelope, companies)
        rows.append(row)
    return rows


def _fill(row: InboxMessage, envelope: Envelope, companies: dict[str, int]) -> None:
    row.message_id, row.message_type = envelope.message_id, envelope.message_type
    row.remote_company_id, row.company_id = envelope.company_id, companies.get(envelope.company_id)
    row.file_id, row.file_kind, row.file_digest = envelope.file_id, envelope.file_kind, envelope.digest
    row.sent_at = envelope.created_at
    row.reason = envelope.fault
    if not row.reason and row.company_id is None and row.message_type != SELF_TEST:
        row.reason = _("No company here is linked as %(id)s.") % {"id": envelope.company_id}
    row.reason = row.reason[:500]
    row.state = MessageState.PARKED if row.reason else MessageState.RECEIVED


def names_of(message: InboxMessage) -> dict[str, str]:
    """What every log line about a message names; one that no request started is its own request."""
    names = {"message": message.message_id or str(message.pk), "message_type": message.message_type}
    if "request_id" not in structlog.contextvars.get_contextvars():
        names["request_id"] = f"m-{message.pk.hex[:30]}"
    return names


def read_again(row: InboxMessage, envelope: Envelope) -> None:
    """Fill a row from its envelope anew; it is parked again when nothing was mended."""
    _fill(row, envelope, companies_by_remote_id([envelope.company_id]))


def companies_by_remote_id(remote_ids: Iterable[str]) -> dict[str, int]:
    """The companies that are linked under these Visma.net company ids."""
    wanted = sorted(one for one in remote_ids if one)
    found: dict[str, int] = {}
    for part in chunks(wanted):
        found.update(Company.objects.filter(visma_company_id__in=part).values_list("visma_company_id", "pk"))
    return found


def _insert(rows: list[InboxMessage]) -> tuple[list[InboxMessage], list[str]]:
    """Insert rows; another consumer may be faster with some of them. Returns those stored and the keys of the rest."""
    try:
        with transaction.atomic():
            InboxMessage.objects.bulk_create(rows)
    except IntegrityError:
        stored, lost = [], []
        for row in rows:
            try:
                with transaction.atomic():
                    row.save(force_insert=True)
                stored.append(row)
            except IntegrityError:
                lost.append(row.key)
        return stored, lost
    return rows, []


def _count(again: Counter[str]) -> None:
    for times in set(again.values()):
        for part in chunks(key for key, count in again.items() if count == times):
            known = InboxMessage.objects.filter(key__in=part)
            known.filter(by_download=False).update(heard=F("heard") + times)
            known.filter(by_download=True).update(heard=F("heard") + times - 1, by_download=False)  # the queue was late


# --- Working ------------------------------------------------------------------------------------------------------
def due(now: datetime | None = None) -> QuerySet[InboxMessage]:
    """Messages that may be worked on: fresh, failed long enough ago, or left by a worker that died."""
    now = now or timezone.now()
    free = Q(not_before__isnull=True) | Q(not_before__lte=now)
    left = Q(state=MessageState.IN_WORK, claimed_until__lt=now)
    undone = (MessageState.RECEIVED, MessageState.FAILED, MessageState.IN_WORK)  # by index, however many are handled
    return InboxMessage.objects.filter(left | ~Q(state=MessageState.IN_WORK) & free, state__in=undone)


def companies_of(ids: Iterable[uuid.UUID | str]) -> list[int | None]:
    """The companies some messages belong to."""
    found: dict[int | None, None] = {}
    for part in chunks(ids):
        found.update(dict.fromkeys(InboxMessage.objects.filter(pk__in=part).values_list("company_id", flat=True)))
    return list(found)


def one_due_per_company(limit: int = 1000) -> list[uuid.UUID]:
    """One due message of each company that has any: whoever works on it goes on with the rest of that company."""
    companies = list(due().order_by().values_list("company_id", flat=True).distinct()[:limit])
    first = (due().filter(_of(one)).values_list("pk", flat=True).first() for one in companies)
    return [one for one in first if one is not None]


def _of(company_id: int | None) -> Q:
    return Q(company__isnull=True) if company_id is None else Q(company_id=company_id)


def claim_some(company_id: int | None, most: int = AT_ONCE) -> list[InboxMessage]:
    """Take the next messages of a company for one `LEASE`, in the order they are to be worked on.

    Empty: nothing is due, or another worker is at this company.
    """
    now = timezone.now()
    if InboxMessage.objects.filter(_of(company_id), state=MessageState.IN_WORK, claimed_until__gte=now).exists():
        return []
    for state in (MessageState.IN_WORK, MessageState.RECEIVED, MessageState.FAILED):
        ready = due(now).filter(_of(company_id), state=state)
        ids = list(ready.order_by("received_at", "pk").values_list("pk", flat=True)[:most])
        if ids and (messages := _claim(ready, ids, now)):
            return messages
    return []


def _claim(ready: QuerySet[InboxMessage], ids: list[uuid.UUID], now: datetime) -> list[InboxMessage]:
    """All of them or none: a worker who lost a part to another one would work beside it, and out of order."""
    token = new_token()
    same = InboxMessage.objects.filter(Q(company_id=OuterRef("company_id")), state=MessageState.IN_WORK)
    others = same.filter(claimed_until__gte=now).exclude(claim=token)
    with transaction.atomic():
        taken = ready.filter(~Exists(others), pk__in=ids).update(
            state=MessageState.IN_WORK,
            claim=token,
            claimed_until=now + LEASE,
            attempts=F("attempts") + 1,
            not_before=None,
        )
        if taken != len(ids):
            transaction.set_rollback(True)
            return []
    mine = InboxMessage.objects.filter(claim=token).select_related("company")
    return list(mine.order_by("received_at", "pk"))


def give_back(messages: Sequence[InboxMessage]) -> None:
    """Claimed and not begun: as they were, for whoever comes next."""
    for part in chunks(messages):
        mine = _held(part)
        mine.filter(attempts=1).update(state=MessageState.RECEIVED, attempts=0, claim="", claimed_until=None)
        mine.update(
            state=MessageState.FAILED,
            attempts=F("attempts") - 1,
            claim="",
            claimed_until=None,
            not_before=timezone.now(),
        )


def finish_all(messages: Sequence[InboxMessage]) -> None:
    """Handled, with nothing more to say about them: one commit for all."""
    for part in chunks(messages):
        _held(part).update(
            state=MessageState.HANDLED, reason="", claim="", claimed_until=None, handled_at=timezone.now()
        )


def _held(messages: Sequence[InboxMessage]) -> QuerySet[InboxMessage]:
    """Those of one claim that are still ours."""
    ids, tokens = [one.pk for one in messages], {one.claim for one in messages}
    return InboxMessage.objects.filter(pk__in=ids, claim__in=tokens, state=MessageState.IN_WORK)


def finish(message: InboxMessage, state: MessageState, reason: str = "", bank_file: BankFile | None = None) -> bool:
    """Handled or parked; False when the lease ran out and another worker has the message by now."""
    return _release(
        message, state=state, reason=reason[:500], bank_file=bank_file or message.bank_file, handled_at=timezone.now()
    )


def fail(message: InboxMessage, reason: str) -> bool:
    """An attempt failed for a reason that may pass: later again, and after the last attempt a person decides."""
    if message.attempts >= MAX_ATTEMPTS:
        return _release(message, state=MessageState.DEAD, reason=reason[:500], not_before=None)
    return _release(
        message,
        state=MessageState.FAILED,
        reason=reason[:500],
        not_before=timezone.now() + timedelta(seconds=wait_after(message.attempts)),
    )


def wait_after(attempts: int) -> int:
    """Seconds until the next attempt: 5, 10, 20 … at most an hour."""
    return int(min(LONGEST_WAIT, FIRST_WAIT * 2 ** max(attempts - 1, 0)))


def _release(message: InboxMessage, **values: object) -> bool:
    mine = InboxMessage.objects.filter(pk=message.pk, claim=message.claim, state=MessageState.IN_WORK)
    return bool(mine.update(claim="", claimed_until=None, **values))
