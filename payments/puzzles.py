"""Answers nobody can act on without a person: contradictions, money that moved against what is known, unknown ids.

Nothing is changed by such an answer. It becomes a row people work through (status 9, "payment lines missing", belongs
to those that name nothing of ours), once, however often it is heard.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from autopay_console.kernel.sets import chunks
from companies.models import Company, Person
from payments.models import AnswerException

_ROWS = 100


class PuzzleKind(StrEnum):
    """What is wrong; each is mended somewhere else."""

    UNKNOWN_FILE = "unknown_file"  # an answer to a file we do not know
    UNKNOWN_LINE = "unknown_line"  # status 9: names no line of ours
    UNKNOWN_STATUS = "unknown_status"
    CONTRADICTION = "contradiction"
    REJECTED_AFTER_BOOKING = "rejected_after_booking"
    BLOCKED = "blocked"
    DEBIT_AFTER_END = "debit_after_end"  # debited although rejected, cancelled or refused
    NEVER_SENT = "never_sent"
    SECOND_DEBIT = "second_debit"
    PAID_MORE = "paid_more"
    AMOUNT = "amount"
    RETURN_FIRST = "return_first"  # came back before anybody said it went
    RETURN_AFTER_END = "return_after_end"
    NO_RATE = "no_rate"
    NOT_BOOKED = "not_booked"  # something the books need is not entered


@dataclass(frozen=True, slots=True)
class Puzzle:
    """One thing to look at. `key` is unique for ever: the same answer again adds nothing."""

    key: str
    kind: PuzzleKind
    text: str
    source: str
    payment_id: int | None = None
    item_id: UUID | None = None
    amount: Decimal | None = None
    currency: str = ""


def put_down(company: Company, puzzles: Iterable[Puzzle]) -> int:
    """Keep what a person must look at; how many are new."""
    return sum(_put_down(company, part) for part in chunks(puzzles))


def _put_down(company: Company, part: list[Puzzle]) -> int:
    by_key = {puzzle.key[:120]: puzzle for puzzle in part}
    while True:
        known = set(AnswerException.objects.filter(key__in=list(by_key)).values_list("key", flat=True))
        rows = [_row(company, key, puzzle) for key, puzzle in by_key.items() if key not in known]
        try:
            with transaction.atomic():
                AnswerException.objects.bulk_create(rows, batch_size=_ROWS)
        except IntegrityError:
            if not set(AnswerException.objects.filter(key__in=list(by_key)).values_list("key", flat=True)) - known:
                raise
            continue  # another worker put some of them down just now
        return len(rows)


def _row(company: Company, key: str, puzzle: Puzzle) -> AnswerException:
    return AnswerException(
        company=company,
        key=key,
        kind=puzzle.kind,
        text=puzzle.text[:500],
        source=puzzle.source[:120],
        payment_id=puzzle.payment_id,
        item_id=puzzle.item_id,
        amount=puzzle.amount,
        currency_code=puzzle.currency,
    )


def close(puzzle_id: int, by: Person, how: str) -> bool:
    """A person has dealt with it; False when somebody else did so before."""
    return bool(
        AnswerException.objects.filter(pk=puzzle_id, done_at__isnull=True).update(
            done_at=timezone.now(), done_by=by, done_how=how[:200]
        )
    )
