"""The payment header says what its lines say: status, the word people use, sums and dates. Derived, never set by hand.

Lists of a million payments are read from the header, so it must be right after every change. Refreshers take the
payment's row first (an UPDATE that changes nothing), so that two of them never write what an older look found.
Source: decisions §2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Max, Min, Sum

from autopay_console.kernel.sets import chunks
from payments.choices import BatchWord, LineStatus, PaymentStatus, TransferState
from payments.models import Payment, PaymentLine, PaymentTotal, Transfer

S, T, W = LineStatus, TransferState, BatchWord
_REFUSED_SOMEHOW = frozenset({S.REJECTED, S.REFUSED})
_AT_THE_BANK = frozenset({S.TRANSFERRED, S.ACKNOWLEDGED, S.SETTLED, S.POSTED})
_PAID = frozenset({S.SETTLED, S.POSTED})
_ENDED_BADLY = frozenset({S.REJECTED, S.CANCELLED, S.REFUSED})
_WAITS_FOR_ANSWER = frozenset({S.AT_EFT, S.TRANSFERRED})
# What a payment's files are taken together: the first of these that one of them is in
_MOST_PRESSING = (T.UNKNOWN, T.SENDING, T.RELEASED, T.SEALED, T.REFUSED, T.ACCEPTED, T.CANCELLED)


class Lines(StrEnum):
    """How the lines of a payment stand, taken together."""

    ESTIMATE = "estimate"
    AT_EFT = "at_eft"
    TRANSFERRED = "transferred"
    ACKNOWLEDGED = "acknowledged"
    COMPLETED = "completed"
    PARTLY = "partly"
    REJECTED = "rejected"
    REFUSED = "refused"
    CANCELLED = "cancelled"


def payment_status(statuses: Collection[int]) -> PaymentStatus:
    """PmtSt from the set of line statuses."""
    found = frozenset(statuses)
    if found == {S.REFUSED}:
        return PaymentStatus.REFUSED
    if found & _REFUSED_SOMEHOW and found & _AT_THE_BANK:
        return PaymentStatus.WITH_REJECTIONS
    if found & (_AT_THE_BANK | {S.REJECTED}):
        return PaymentStatus.TRANSFERRED
    if found - {S.ESTIMATE}:
        return PaymentStatus.AT_EFT
    return PaymentStatus.ESTIMATE


def lines_together(statuses: Collection[int]) -> Lines:
    """How the lines stand: the furthest behind decides; some that ended well and some badly is *partly*."""
    found = frozenset(statuses)
    going = found - _ENDED_BADLY
    if not found or S.ESTIMATE in found:
        return Lines.ESTIMATE
    if not going:
        return _all_ended_badly(found)
    some_lost = going != found and going & _AT_THE_BANK
    if some_lost or (going & _PAID and going - _PAID):
        return Lines.PARTLY
    if S.AT_EFT in going:
        return Lines.AT_EFT
    if S.TRANSFERRED in going:
        return Lines.TRANSFERRED
    return Lines.ACKNOWLEDGED if S.ACKNOWLEDGED in going else Lines.COMPLETED


def _all_ended_badly(found: frozenset[int]) -> Lines:
    if S.REJECTED in found:
        return Lines.REJECTED
    return Lines.REFUSED if S.REFUSED in found else Lines.CANCELLED


def transfers_together(states: Collection[str]) -> TransferState | None:
    """The state of a payment's files: the one that needs a look soonest; None when there is no file."""
    return next((state for state in _MOST_PRESSING if state in states), None)


# Lines still at 8 are the only ones whose word depends on the files; everything later is said by the lines alone.
_WORD_AT_EFT: dict[TransferState | None, BatchWord] = {
    None: W.ERROR,
    T.SEALED: W.WAITING,
    T.RELEASED: W.APPROVED,
    T.SENDING: W.APPROVED,
    T.ACCEPTED: W.APPROVED,
    T.UNKNOWN: W.ERROR,
    T.REFUSED: W.ERROR,
    T.CANCELLED: W.CANCELLED,
}
_WORD_BY_LINES = {
    Lines.ESTIMATE: W.NEW,
    Lines.TRANSFERRED: W.SENT,
    Lines.ACKNOWLEDGED: W.RECEIVED,
    Lines.COMPLETED: W.COMPLETED,
    Lines.PARTLY: W.PARTLY,
    Lines.REJECTED: W.REJECTED,
    Lines.REFUSED: W.ERROR,
    Lines.CANCELLED: W.CANCELLED,
}
WORDS: dict[tuple[Lines, TransferState | None], BatchWord] = {
    (lines, files): _WORD_AT_EFT[files] if lines is Lines.AT_EFT else _WORD_BY_LINES[lines]
    for lines in Lines
    for files in (None, *TransferState)
}


def word(statuses: Collection[int], states: Collection[str]) -> BatchWord:
    """The word Approval and Overview show."""
    return WORDS[lines_together(statuses), transfers_together(states)]


def refresh(payment_ids: Iterable[int]) -> None:
    """Status, word, number of items and "unanswered since" of these payments, from their lines and files."""
    for ids in chunks(sorted(set(payment_ids))):
        with transaction.atomic():
            _hold(ids)
            _refresh_some(ids)


def refresh_totals(payment_ids: Iterable[int]) -> None:
    """Also sums per currency, counts, dates and the salary mark: after lines were added, changed or taken out."""
    for ids in chunks(sorted(set(payment_ids))):
        with transaction.atomic():
            _hold(ids)
            for pk in ids:
                _total_one(pk)
            _refresh_some(ids)


def _hold(ids: list[int]) -> None:
    Payment.objects.filter(pk__in=ids).update(line_count=F("line_count"))


def _refresh_some(ids: list[int]) -> None:
    statuses: dict[int, set[int]] = defaultdict(set)
    lines = PaymentLine.objects.filter(payment_id__in=ids).order_by()
    for payment_id, status in lines.values_list("payment_id", "status").distinct():
        statuses[payment_id].add(status)
    files: dict[int, list[tuple[str, datetime | None]]] = defaultdict(list)
    counts: dict[int, int] = defaultdict(int)
    current = Transfer.objects.filter(payment_id__in=ids, round=F("payment__round"))
    for payment_id, state, sent_at, items in current.values_list("payment_id", "state", "sent_at", "item_count"):
        files[payment_id].append((state, sent_at))
        counts[payment_id] += items  # of sealed files: they never change, so nobody counts 100 000 rows again
    for payment in Payment.objects.filter(pk__in=ids).only("pk", "status", "word", "item_count", "unanswered_since"):
        found = statuses[payment.pk]
        states = {state for state, _ in files[payment.pk]}
        sent = [at for state, at in files[payment.pk] if at and state != T.CANCELLED]
        _write(
            payment,
            status=payment_status(found),
            word=word(found, states),
            item_count=counts[payment.pk],
            unanswered_since=min(sent) if sent and found & _WAITS_FOR_ANSWER else None,
        )


def _write(payment: Payment, **values: Any) -> None:
    if any(getattr(payment, name) != value for name, value in values.items()):
        Payment.objects.filter(pk=payment.pk).update(**values)


def _total_one(payment_id: int) -> None:
    lines = PaymentLine.objects.filter(payment_id=payment_id).order_by()
    sums = lines.values("currency_id").annotate(sum=Sum("amount"), number=Count("pk"))
    wanted = {row["currency_id"]: (row["sum"], row["number"]) for row in sums}
    kept = PaymentTotal.objects.filter(payment_id=payment_id)
    kept.exclude(currency_id__in=list(wanted)).delete()
    known = set(kept.values_list("currency_id", flat=True))
    for currency, (amount, number) in wanted.items():
        if currency in known:
            kept.filter(currency_id=currency).update(amount=amount, lines=number)
        else:
            PaymentTotal.objects.create(payment_id=payment_id, currency_id=currency, amount=amount, lines=number)
    dates = lines.aggregate(first=Min("pay_date"), last=Max("pay_date"))
    Payment.objects.filter(pk=payment_id).update(
        line_count=sum(number for _, number in wanted.values()),
        first_date=dates["first"],
        last_date=dates["last"],
        salary=lines.filter(supplier__is_payroll=True).exists(),
    )
