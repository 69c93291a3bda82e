"""The only door through which a payment line changes its status (decisions §2).

A status is what finance acts on: whether money may still be stopped, whether an invoice may be paid again, whether
it is booked. So a line only ever goes forward along one map, every step is kept with who and why, and the first of
two who want to move a line wins by a conditional UPDATE.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from autopay_console.kernel.rows import insert_rows
from autopay_console.kernel.sets import chunks
from companies.models import Person
from payments import headers, reservation
from payments.choices import RELEASES_ENTRY, LineStatus
from payments.models import LineChange, PaymentLine

S = LineStatus

NEXT: dict[LineStatus, frozenset[LineStatus]] = {
    S.ESTIMATE: frozenset({S.AT_EFT}),
    S.AT_EFT: frozenset({S.TRANSFERRED, S.CANCELLED, S.REFUSED}),
    S.TRANSFERRED: frozenset({S.ACKNOWLEDGED, S.REJECTED, S.SETTLED, S.CANCELLED}),
    S.ACKNOWLEDGED: frozenset({S.REJECTED, S.SETTLED, S.CANCELLED}),
    S.SETTLED: frozenset({S.POSTED, S.REJECTED}),
    S.POSTED: frozenset({S.REJECTED}),
    S.REJECTED: frozenset(),
    S.CANCELLED: frozenset(),
    S.REFUSED: frozenset(),
}
START_OF_CHAIN = ""  # what the first change of a line is sealed upon
MOST_NAMED = 100  # payments in one line of the log
log = structlog.get_logger(__name__)
_REASONS_A_CASE = 200  # distinct reasons written by one UPDATE: within 2 100 parameters
_COLUMNS = (
    "line_id", "payment_id", "before", "after", "at", "made_by_id", "source", "reason_code", "reason_text", "seal",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code of the bank or AutoPay central (may be empty) and words for a person."""

    code: str = ""
    text: str = ""


NO_REASON = Reason()


@dataclass(slots=True)
class Moved:
    """What happened: the lines that moved, and those that stayed with the status that held them."""

    moved: list[int] = field(default_factory=list)
    stayed: dict[int, LineStatus] = field(default_factory=dict)
    payments: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Step:
    """One move as it is kept."""

    to: LineStatus
    source: str
    by: Person | None
    at: datetime
    reasons: Mapping[int, Reason]

    def reason(self, line_id: int) -> Reason:
        return self.reasons.get(line_id, NO_REASON)


@dataclass(frozen=True, slots=True)
class _Group:
    """Lines at one status that have a way, with the rows that will keep their move."""

    before: LineStatus
    lines: list[tuple[int, int]]  # with their payments
    rows: list[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Ready:
    """Moves worked out before the transaction that makes them (`prepare`)."""

    step: _Step
    parts: list[list[_Group]]


def way(before: LineStatus, to: LineStatus) -> tuple[LineStatus, ...]:
    """The steps from one status to another, () when there is no way.

    A bank that answers about a line at 8 has the file, so 8 → 3, 4 or 5 goes by way of 2; no other step is implied.
    """
    if to in NEXT[before]:
        return (to,)
    if before == S.AT_EFT and to in NEXT[S.TRANSFERRED]:
        return (S.TRANSFERRED, to)
    return ()


def move(
    line_ids: Iterable[int],
    to: LineStatus,
    *,
    source: str,
    by: Person | None = None,
    reason: Reason | Mapping[int, Reason] | None = None,
) -> Moved:
    """Move lines along the map, never backwards; each keeps who, when, why and from which file (`source`).

    Lines the map does not let through stay and are named with their status; hearing a status twice is such a stay.
    4, 7 and 10 give the supplier's invoice back to be paid anew. One transaction per 1 000 lines.
    """
    result = Moved()
    now = timezone.now()
    for part in chunks(dict.fromkeys(line_ids)):
        reasons = reason if isinstance(reason, Mapping) else dict.fromkeys(part, reason or NO_REASON)
        with transaction.atomic():
            _move_part(part, _Step(LineStatus(to), source[:60], by, now, reasons), result)
    return _made(result, to, source)


def prepare(line_ids: Iterable[int], to: LineStatus, *, source: str, by: Person | None = None) -> Ready:
    """Work out a move of very many lines without holding anybody up; `carry_out` makes it.

    A line never comes back to a status, so what it was sealed with at this status holds as long as it is there.
    """
    step = _Step(LineStatus(to), source[:60], by, timezone.now(), {})
    return Ready(step, [_groups(part, step) for part in chunks(dict.fromkeys(line_ids))])


def carry_out(ready: Ready) -> Moved:
    """Move what was prepared, in the caller's transaction. Lines that went on meanwhile are looked at anew."""
    result, step = Moved(), ready.step
    for part in ready.parts:
        for group in part:
            ids = [pk for pk, _payment in group.lines]
            with transaction.atomic():
                if _all_moved(ids, group.before, step):
                    _keep(group.rows)
                    result.moved.extend(ids)
                    result.payments.update(payment_id for _pk, payment_id in group.lines)
                    _after(ids, group.before, step)
                else:
                    _move_part(ids, step, result)
    return _made(result, step.to, step.source)


def _made(result: Moved, to: LineStatus, source: str) -> Moved:
    if result.payments:
        headers.refresh(result.payments)
        _tell(result, to, source)
    return result


def _tell(result: Moved, to: LineStatus, source: str) -> None:
    """One line in the log once it is committed, under the ids of the request or message that moved the lines."""
    told = log.bind(**structlog.contextvars.get_contextvars())
    said = {"to": int(to), "lines": len(result.moved), "source": source}
    payments = sorted(result.payments)[:MOST_NAMED]
    transaction.on_commit(lambda: told.info("lines_moved", payment_ids=payments, **said), robust=True)


def _by_status(line_ids: Sequence[int]) -> dict[LineStatus, list[tuple[int, int]]]:
    found: dict[LineStatus, list[tuple[int, int]]] = defaultdict(list)
    rows = PaymentLine.objects.filter(pk__in=line_ids).values_list("pk", "payment_id", "status").order_by("pk")
    for pk, payment_id, status in rows:
        found[LineStatus(status)].append((pk, payment_id))
    return found


def _groups(line_ids: Sequence[int], step: _Step) -> list[_Group]:
    return [
        _Group(before, lines, _rows([(*line, (before, *steps)) for line in lines], step))
        for before, lines in _by_status(line_ids).items()
        if (steps := way(before, step.to))
    ]


def _move_part(line_ids: Sequence[int], step: _Step, result: Moved) -> None:
    changes: list[tuple[int, int, tuple[LineStatus, ...]]] = []
    for before, lines in _by_status(line_ids).items():
        steps = way(before, step.to)
        won = _conditional_update([pk for pk, _ in lines], before, step) if steps else set()
        for pk, payment_id in lines:
            if pk in won:
                changes.append((pk, payment_id, (before, *steps)))
                result.moved.append(pk)
                result.payments.add(payment_id)
            elif not steps:
                result.stayed[pk] = before
        _name_those_overtaken([pk for pk, _ in lines if steps and pk not in won], result)
        _after(won, before, step)
    _keep(_rows(changes, step))


def _after(moved: Collection[int], before: LineStatus, step: _Step) -> None:
    """Lines that end unpaid give their invoice back; one at 6 has none to give."""
    if moved and before != S.POSTED and step.to in RELEASES_ENTRY:
        reservation.release_lines(list(moved))


def _conditional_update(line_ids: list[int], before: LineStatus, step: _Step) -> set[int]:
    """Who moved. When somebody else was faster with a part of them, line by line tells which ones are ours."""
    if _all_moved(line_ids, before, step):
        won = set(line_ids)
    else:
        waiting, values = PaymentLine.objects.filter(status=before), _values(line_ids, step)
        won = {pk for pk in line_ids if waiting.filter(pk=pk).update(**values)}
    if len({step.reason(pk) for pk in line_ids}) > 1:
        _write_reasons(won, step)
    return won


def _all_moved(line_ids: list[int], before: LineStatus, step: _Step) -> bool:
    """Move all of them or none."""
    point = transaction.savepoint()
    waiting = PaymentLine.objects.filter(status=before, pk__in=line_ids)
    if waiting.update(**_values(line_ids, step)) == len(line_ids):
        transaction.savepoint_commit(point)
        return True
    transaction.savepoint_rollback(point)
    return False


def _values(line_ids: list[int], step: _Step) -> dict[str, Any]:
    values: dict[str, Any] = {"status": step.to}
    if step.to in (S.REJECTED, S.CANCELLED, S.REFUSED, S.SETTLED):
        values["waits_for"] = ""
    same = {step.reason(pk) for pk in line_ids} if step.reasons else set()
    if len(same) == 1 and (only := next(iter(same))) != NO_REASON:
        values.update(reason_code=only.code[:35], reason_text=only.text[:500])
    return values


def _write_reasons(line_ids: set[int], step: _Step) -> None:
    lines = [
        PaymentLine(pk=pk, reason_code=why.code[:35], reason_text=why.text[:500])
        for pk in sorted(line_ids)
        if (why := step.reason(pk)) != NO_REASON
    ]
    PaymentLine.objects.bulk_update(lines, ["reason_code", "reason_text"], batch_size=_REASONS_A_CASE)


def _name_those_overtaken(line_ids: list[int], result: Moved) -> None:
    if line_ids:
        now = PaymentLine.objects.filter(pk__in=line_ids).values_list("pk", "status")
        result.stayed.update({pk: LineStatus(status) for pk, status in now})


def _rows(changes: Sequence[tuple[int, int, tuple[LineStatus, ...]]], step: _Step) -> list[tuple[object, ...]]:
    """One row per step (`_COLUMNS`), chained to the line's last one."""
    last = last_seals([pk for pk, _payment, _steps in changes])
    at, by = _moment(step.at), step.by.pk if step.by else None
    rows: list[tuple[object, ...]] = []
    for pk, payment_id, steps in changes:
        why = step.reason(pk)
        seal = last.get(pk, START_OF_CHAIN)
        for before, after in pairwise(steps):
            code, text = (why.code[:35], why.text[:500]) if after == step.to else ("", "")
            seal = _sealed((seal, pk, int(before), int(after), at, by or "", step.source, code, text))
            rows.append((pk, payment_id, int(before), int(after), step.at, by, step.source, code, text, seal))
    return rows


def _keep(rows: list[tuple[object, ...]]) -> None:
    insert_rows(LineChange, _COLUMNS, rows)


def last_seals(line_ids: Sequence[int]) -> dict[int, str]:
    """The seal each line's next change is chained to."""
    rows = LineChange.objects.filter(line_id__in=line_ids).order_by("line_id", "pk").values_list("line_id", "seal")
    return dict(rows)


def seal_of(previous: str, change: LineChange) -> str:
    """Digest over the change and the one before it: an altered or removed change breaks the chain."""
    return _sealed(
        (
            previous,
            change.line_id,
            int(change.before),
            int(change.after),
            _moment(change.at),
            change.made_by_id or "",
            change.source,
            change.reason_code,
            change.reason_text,
        )
    )


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _sealed(parts: Iterable[object]) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()
