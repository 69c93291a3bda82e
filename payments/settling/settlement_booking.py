"""From facts to the books: one batch per payment and value date (several of a very large payment), posted at once or
left for a person.

A fact belongs to one batch for ever once it is taken; what is told later goes into a new batch. Whoever books a payment
at the same time, or goes on after a kill, works on the same hidden batch and finds the same vouchers.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from autopay_console.kernel.sets import CHUNK, chunks
from companies.models import Person
from payments import puzzles, story
from payments.books import ledger
from payments.books.ledger_specs import LARGEST_BATCH, OUTGOING_SERIES, BatchSpec, BookingRefused, NoRate, VoucherSpec
from payments.choices import BatchKind, BatchState, FactKind
from payments.models import Batch, Payment, PaymentLine, SettlementFact, Voucher
from payments.puzzles import Puzzle, PuzzleKind
from payments.settling.settlement_accounts import Books
from payments.settling.settlement_vouchers import return_voucher, settled_key, settlement_voucher

_SLICE = 300
QUIET = 5.0  # seconds
_KIND_OF_BATCH = {FactKind.SETTLED: BatchKind.SETTLEMENT, FactKind.RETURNED: BatchKind.RETURN}


def collect(payment_id: int, value_date: date) -> Batch | None:
    """Book what the bank settled or returned of a payment on one value date; None when there is nothing to book.

    Nothing happens for a bank partner without *Generate batch/vouchers*: there a person makes the batch. Posted at once
    with the *automatically updated* mark. Safe to call twice, also at the same time.
    """
    payment = _payment(payment_id)
    if not payment.bank_partner.generate_batch:
        return None
    try:
        return book(payment, value_date, post=payment.bank_partner.auto_update_outgoing)
    except BookingRefused as error:
        puzzles.put_down(payment.company, [_not_booked(payment, error)])
        return None


def due(limit: int = 500, quiet: float = QUIET) -> list[tuple[int, date]]:
    """Payments and value dates with something to book, or with a batch half built: for the sweep.

    A payment that a file is just telling about is left for a few seconds, so that it gets one batch and not ten.
    """
    quiet_since = timezone.now() - timedelta(seconds=quiet)
    automatic = SettlementFact.objects.filter(payment__bank_partner__generate_batch=True)
    untaken = automatic.filter(batch__isnull=True)
    fresh = set(_days(untaken.filter(created_at__gt=quiet_since)))
    building = list(Batch.objects.filter(state=BatchState.BUILDING).values_list("pk", flat=True))  # one or two
    told = {*_days(untaken.filter(_may_be_taken())), *_days(automatic.filter(batch_id__in=building[:CHUNK]))}
    return sorted(told - fresh)[:limit]


def _days(facts: QuerySet[SettlementFact]) -> QuerySet[SettlementFact, tuple[int, date]]:
    return facts.order_by().values_list("payment_id", "value_date").distinct()


def post_waiting(limit: int = 100) -> int:
    """Post what an automatic posting left: a killed worker, a period that was locked; how many went."""
    kinds = (BatchKind.SETTLEMENT, BatchKind.RETURN)
    left = Batch.objects.filter(state=BatchState.WAITING, kind__in=kinds, automatic=True)
    return sum(ledger.post(batch).state == BatchState.POSTED for batch in left.order_by("pk")[:limit])


def book(payment: Payment, value_date: date, *, post: bool, by: Person | None = None) -> Batch | None:
    """The batch of a payment's settlements on a value date, and of its returns; answers the last one made."""
    try:
        settled = _book_kind(payment, value_date, FactKind.SETTLED, post, by)
        returned = _book_returns(payment, value_date, post, by)
    except NoRate as error:
        puzzles.put_down(payment.company, [_missing_rate(payment, error)])
        return None
    return returned or settled


def _book_returns(payment: Payment, value_date: date, post: bool, by: Person | None) -> Batch | None:
    """A return turns its settlement's voucher round, so settlements that are not booked yet go first."""
    returns = _unbooked(payment, FactKind.RETURNED).filter(value_date=value_date)
    items = returns.values("item_id")
    before = _unbooked(payment, FactKind.SETTLED).filter(item_id__in=items)
    for day in list(before.order_by("value_date").values_list("value_date", flat=True).distinct()):
        _book_kind(payment, day, FactKind.SETTLED, post, by)
    return _book_kind(payment, value_date, FactKind.RETURNED, post, by)


def _book_kind(payment: Payment, day: date, kind: FactKind, post: bool, by: Person | None) -> Batch | None:
    made: Batch | None = None
    while batch := _take(payment, day, kind, post):
        while _unbuilt(batch).exists():
            ledger.add(payment.company, _spec(batch), _vouchers(payment, batch, kind))
        whole = _finish(batch)
        if whole is None:
            continue
        made = ledger.post(whole, by) if post else whole
        _tell(payment, made, by)
    return made


def _take(payment: Payment, day: date, kind: FactKind, post: bool) -> Batch | None:
    """The hidden batch that now holds the facts nobody has taken, up to the largest a batch may be; None when there is
    none to take or to finish."""
    facts = _unbooked(payment, kind).filter(value_date=day)
    while True:
        known = Batch.objects.filter(payment=payment, kind=_KIND_OF_BATCH[kind], value_date=day)
        building = known.filter(state=BatchState.BUILDING).first()
        free = list(_in_order(facts)[:LARGEST_BATCH])
        if building is None and not free:
            return None
        if building is None:
            key = _next_key(f"{_KIND_OF_BATCH[kind]}:{payment.pk}:{day.isoformat()}:")
            building = ledger.add(payment.company, _new_spec(payment, day, kind, key, post), ())
        with transaction.atomic():
            if ledger.hold(building):
                room = LARGEST_BATCH - SettlementFact.objects.filter(batch=building).count()
                for part in chunks(free[: max(room, 0)]):
                    SettlementFact.objects.filter(pk__in=part, batch__isnull=True).update(batch=building)
                return building


def _next_key(stem: str) -> str:
    """The first key after those in use: empty batches are gone, and one may have another value date by now."""
    used = set(Batch.objects.filter(source_key__startswith=stem).values_list("source_key", flat=True))
    return next(key for number in itertools.count(len(used) + 1) if (key := f"{stem}{number}") not in used)


def _in_order(facts: QuerySet[SettlementFact]) -> QuerySet[SettlementFact, UUID]:
    """As the payment file has them."""
    return facts.order_by("item__transfer_id", "item__position", "pk").values_list("pk", flat=True)


def _finish(batch: Batch) -> Batch | None:
    """Hand the batch over, unless somebody put another fact into it meanwhile."""
    with transaction.atomic():
        if ledger.hold(batch) and _unbuilt(batch).exists():
            return None
        return ledger.finish(batch)


def _unbooked(payment: Payment, kind: FactKind) -> QuerySet[SettlementFact]:
    """Facts in no batch yet. A return counts once its debit was told."""
    booked = Voucher.objects.filter(company_id=payment.company_id, source_key=OuterRef("source_key"))
    facts = SettlementFact.objects.filter(~Exists(booked), payment=payment, kind=kind, batch__isnull=True)
    return facts.filter(_debit_told()) if kind == FactKind.RETURNED else facts


def _debit_told() -> Exists:
    return Exists(SettlementFact.objects.filter(item=OuterRef("item"), kind=FactKind.SETTLED, round=OuterRef("round")))


def _may_be_taken() -> Q:
    """A settlement, or a return whose debit was told."""
    return Q(kind=FactKind.SETTLED) | Q(_debit_told())


def _unbuilt(batch: Batch) -> QuerySet[SettlementFact]:
    booked = Voucher.objects.filter(company_id=batch.company_id, source_key=OuterRef("source_key"))
    return SettlementFact.objects.filter(~Exists(booked), batch=batch)


def _vouchers(payment: Payment, batch: Batch, kind: FactKind) -> Iterator[VoucherSpec]:
    """In the order of the payment file, a slice at a time."""
    books = Books(payment.company, payment.bank_partner)
    for keys in chunks(list(_in_order(_unbuilt(batch))), _SLICE):
        found = SettlementFact.objects.select_related("item").in_bulk(keys)
        part = [found[key] for key in keys]
        yield from (_settlements(part, books) if kind == FactKind.SETTLED else _returns(part, books))


def _settlements(part: list[SettlementFact], books: Books) -> Iterator[VoucherSpec]:
    lines: dict[UUID | None, list[PaymentLine]] = defaultdict(list)
    items = [fact.item_id for fact in part]
    for line in PaymentLine.objects.filter(item__in=items).select_related("entry").order_by("line_no"):
        lines[line.item_id].append(line)
    books.look_where(part)
    books.parts.look_up(line.entry for some in lines.values() for line in some)
    return (settlement_voucher(fact, fact.item, lines[fact.item_id], books) for fact in part)


def _returns(part: list[SettlementFact], books: Books) -> Iterator[VoucherSpec]:
    keys = [settled_key(fact) for fact in part]
    facts = {fact.source_key: fact for fact in SettlementFact.objects.filter(source_key__in=keys)}
    books.look_where([*part, *facts.values()])
    vouchers = {
        voucher.source_key: voucher
        for voucher in Voucher.objects.filter(company=books.company, source_key__in=keys)
        .select_related("batch")
        .prefetch_related("postings", "entry_matches")
    }
    return (
        return_voucher(fact, fact.item, facts[key], vouchers[key], books) for fact, key in zip(part, keys, strict=True)
    )


def _new_spec(payment: Payment, day: date, kind: FactKind, key: str, post: bool) -> BatchSpec:
    names = {"no": payment.number, "bank": payment.bank_partner.name}
    text = _("Payment %(no)s, %(bank)s") if kind == FactKind.SETTLED else _("Returns of payment %(no)s, %(bank)s")
    return BatchSpec(_KIND_OF_BATCH[kind], key, OUTGOING_SERIES, text % names, day, payment.pk, automatic=post)


def _spec(batch: Batch) -> BatchSpec:
    kind = BatchKind(batch.kind)
    return BatchSpec(kind, batch.source_key, batch.series, batch.text, batch.value_date, batch.payment_id)


def _payment(payment_id: int) -> Payment:
    return Payment.objects.select_related("company__currency", "bank_partner").get(pk=payment_id)


def _missing_rate(payment: Payment, error: NoRate) -> Puzzle:
    key = f"{PuzzleKind.NO_RATE}:{payment.pk}:{error.currency}:{error.on.isoformat()}"
    return Puzzle(key, PuzzleKind.NO_RATE, str(error), _("settlement"), payment_id=payment.pk)


def _not_booked(payment: Payment, error: BookingRefused) -> Puzzle:
    mark = hashlib.sha256(str(error).encode()).hexdigest()[:16]
    key = f"{PuzzleKind.NOT_BOOKED}:{payment.pk}:{mark}"
    return Puzzle(key, PuzzleKind.NOT_BOOKED, str(error), _("settlement"), payment_id=payment.pk)


def _tell(payment: Payment, batch: Batch, by: Person | None) -> None:
    names = {"no": batch.number, "count": batch.voucher_count, "day": batch.value_date.isoformat()}
    if batch.state == BatchState.POSTED:
        text = ngettext(
            "Batch %(no)s posted: %(count)s voucher, value date %(day)s.",
            "Batch %(no)s posted: %(count)s vouchers, value date %(day)s.",
            batch.voucher_count,
        )
    else:
        text = ngettext(
            "Batch %(no)s waits in the journal: %(count)s voucher, value date %(day)s.",
            "Batch %(no)s waits in the journal: %(count)s vouchers, value date %(day)s.",
            batch.voucher_count,
        )
    story.tell(payment.pk, "booked", text % names, by)
