"""Files in and out today against the usual, what could not be handled, and the work that waits, by state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from autopay_console.kernel.once import once
from integration.choices import Direction, MessageState, Outcome
from integration.health_parts import Level, Part
from integration.models import Exchange, InboxMessage
from payments.choices import FileState, IncomingState, TransferState
from payments.models import BankFile, IncomingPayment, SettlementFact, Transfer

WEEKS = 4  # the same weekday, up to the same time of day, so many weeks back
ENOUGH = 3  # fewer files on a usual day say nothing
LONG_PARKED_DAYS = 7
LITTLE = 5  # less than a fifth of the usual is odd


def files_today() -> Iterator[Part]:
    """How many files came and went since midnight, and how many usually did by now."""
    found = _counts(timezone.localtime())
    for code, (count, usual) in found.items():
        odd = usual >= ENOUGH and count * LITTLE < usual
        normal = _("about %(usual)d") % {"usual": usual} if usual >= ENOUGH else _("no usual figure yet")
        remedy = _("Look at the traffic log, then test the whole way. A bank holiday also explains it.")
        level = Level.ATTENTION if odd else Level.GOOD
        yield Part(code, level, count, "files", normal, _told_today(code, count, usual), remedy)


def _told_today(code: str, count: int, usual: int) -> str:
    if code == "files_in":
        words = ngettext("%(count)d file came in today.", "%(count)d files came in today.", count)
    else:
        words = ngettext("%(count)d payment file left today.", "%(count)d payment files left today.", count)
    if usual >= ENOUGH:
        words += " " + _("Usually %(usual)d by this time.")
    return words % {"count": count, "usual": usual}


def _counts(now: datetime) -> dict[str, tuple[int, int]]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [Q(at__gte=midnight - timedelta(weeks=n), at__lt=now - timedelta(weeks=n)) for n in range(WEEKS + 1)]
    windows = days[0]
    for day in days[1:]:
        windows |= day
    kinds = Q(direction=Direction.IN, kind="file") | Q(direction=Direction.OUT, kind="upload")
    rows = Exchange.objects.filter(windows, kinds, outcome=Outcome.OK).order_by().values("direction")
    counted = rows.annotate(**{f"day{n}": Count("pk", filter=day) for n, day in enumerate(days)})
    by_direction: dict[str, dict[str, Any]] = {row["direction"]: dict(row) for row in counted}
    names = {"files_in": Direction.IN, "files_out": Direction.OUT}
    return {code: _against_usual(by_direction.get(direction, {})) for code, direction in names.items()}


def _against_usual(row: dict[str, Any]) -> tuple[int, int]:
    before = sorted(row.get(f"day{n}", 0) for n in range(1, WEEKS + 1))
    return row.get("day0", 0), (before[WEEKS // 2 - 1] + before[WEEKS // 2]) // 2


def parked_payments() -> Iterator[Part]:
    """Customer payments that wait for a person: how many, and whether the oldest waits too long. No amounts."""
    found = IncomingPayment.objects.filter(state=IncomingState.PARKED).aggregate(
        many=Count("pk"), first=Min("value_date")
    )
    count, first = found["many"], found["first"]
    days = max(0, (timezone.localdate() - first).days) if first else 0
    words = _("No incoming payment is parked.")
    if count:
        words = ngettext(
            "%(count)d incoming payment is parked, for %(days)d days.",
            "%(count)d incoming payments are parked, the oldest for %(days)d days.",
            count,
        ) % {"count": count, "days": days}
    if count and not days:
        words = ngettext(
            "%(count)d incoming payment is parked since today.",
            "%(count)d incoming payments are parked, all since today.",
            count,
        ) % {"count": count}
    normal = _("none longer than %(days)d days") % {"days": LONG_PARKED_DAYS}
    level = Level.ATTENTION if days > LONG_PARKED_DAYS else Level.GOOD
    remedy = _("Accountants resolve them under Incoming payments; the list shows the oldest first.")
    yield Part("payments_parked", level, count, "payments", normal, words, remedy)


def messages() -> Iterator[Part]:
    """What the inbox could not handle by itself."""
    waiting = messages_waiting()
    dead = waiting[MessageState.DEAD].count if MessageState.DEAD in waiting else 0
    yield Part(
        "dead",
        Level.TROUBLE if dead else Level.GOOD,
        dead,
        "messages",
        "0",
        _dead_words(dead),
        _("Open them, mend the reason shown, and try all like this again."),
    )
    parked = waiting[MessageState.PARKED].count if MessageState.PARKED in waiting else 0
    yield Part(
        "parked",
        Level.ATTENTION if parked else Level.GOOD,
        parked,
        "messages",
        "0",
        _parked_words(parked),
        _("Open them: mend the reason and try again, or put them aside with a reason."),
    )


def _dead_words(dead: int) -> str:
    if not dead:
        return _("No message was given up.")
    words = ngettext(
        "%(count)d message was given up after the last attempt.",
        "%(count)d messages were given up after the last attempt.",
        dead,
    )
    return words % {"count": dead}


def _parked_words(parked: int) -> str:
    if not parked:
        return _("No message is parked.")
    words = ngettext(
        "%(count)d message is parked: unknown, foreign or with an unusable file.",
        "%(count)d messages are parked: unknown, foreign or with an unusable file.",
        parked,
    )
    return words % {"count": parked}


def bank_files() -> Iterator[Part]:
    """Files the import refused, and that nobody has put right or set aside."""
    waiting = files_waiting()
    refused = waiting[FileState.ERROR].count if FileState.ERROR in waiting else 0
    words = _("No bank file was refused.")
    if refused:
        words = ngettext(
            "%(count)d bank file was refused by the import.",
            "%(count)d bank files were refused by the import.",
            refused,
        ) % {"count": refused}
    remedy = _("Accountants open them under Bank files: each names the line and what to do.")
    yield Part("files", Level.ATTENTION if refused else Level.GOOD, refused, "files", "0", words, remedy)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One kind of work in one state: how many, since when the oldest waits."""

    kind: str
    state: str
    count: int
    oldest: datetime | None


def work() -> list[Waiting]:
    """What waits, by state; nothing that is done."""
    sent = (TransferState.RELEASED, TransferState.SENDING, TransferState.UNKNOWN)
    transfers = Transfer.objects.filter(state__in=sent)
    found = [
        *messages_waiting().values(),
        *_by_state(_("Payment files"), transfers, "created_at", TransferState).values(),
        *files_waiting().values(),
    ]
    facts = SettlementFact.objects.filter(batch__isnull=True).aggregate(many=Count("pk"), oldest=Min("created_at"))
    if facts["many"]:
        found.append(Waiting(_("Settlements"), _("to be booked"), facts["many"], facts["oldest"]))
    return found


def messages_waiting() -> dict[str, Waiting]:
    """Messages of the inbox that are not done, by state; asked once a page."""
    inbox = (MessageState.RECEIVED, MessageState.IN_WORK, MessageState.FAILED, MessageState.PARKED, MessageState.DEAD)
    rows = InboxMessage.objects.filter(state__in=inbox)
    return once("messages waiting", lambda: _by_state(_("Messages"), rows, "received_at", MessageState))


def files_waiting() -> dict[str, Waiting]:
    """Bank files that are not imported, by state; asked once a page."""
    read = (FileState.NEW, FileState.VALIDATED, FileState.IMPORTING, FileState.ERROR)
    rows = BankFile.objects.filter(state__in=read)
    return once("files waiting", lambda: _by_state(_("Bank files"), rows, "received_at", FileState))


def _by_state(kind: str, rows: QuerySet[Any], since: str, states: Any) -> dict[str, Waiting]:
    counted = rows.order_by().values_list("state").annotate(Count("pk"), Min(since))
    return {state: Waiting(kind, str(states(state).label), many, oldest) for state, many, oldest in counted}
