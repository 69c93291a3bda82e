"""Builds a batch of vouchers out of sight, slice by slice, so that 100 000 of them hold no lock and fit in memory.

Nothing of a batch that is being built counts: it has no numbers, and no entry or line knows of it. A killed build goes
on where it stopped, because every voucher is recognised by its source key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Max, QuerySet
from django.utils.translation import gettext as _

from autopay_console.kernel import money
from autopay_console.kernel.ids import new_id
from autopay_console.kernel.money import ZERO
from autopay_console.kernel.rows import store
from autopay_console.kernel.sets import chunks
from companies.models import Company, VoucherSeries
from payments.books.ledger_specs import BatchSpec, BookingRefused, MatchSpec, PostingSpec, Unbalanced, VoucherSpec
from payments.choices import BatchState
from payments.models import Batch, EntryMatch, Posting, Voucher

SLICE = 500  # vouchers a transaction
BATCH_COUNTER = "batch"  # the series that numbers batches


@dataclass(frozen=True, slots=True)
class _Rows:
    """One voucher with what belongs to it, ready to be written."""

    voucher: Voucher
    postings: list[Posting]
    matches: list[EntryMatch]


def add(company: Company, spec: BatchSpec, vouchers: Iterable[VoucherSpec]) -> Batch:
    """Put vouchers into a batch that is being built; those it already has are left alone.

    Each slice is a transaction of its own. A batch that is past building is answered as it is, unchanged.
    """
    batch = _open(company, spec)
    if batch.state == BatchState.BUILDING:
        for part in chunks(vouchers, SLICE):
            _add_slice(company, batch, part)
    batch.refresh_from_db()
    return batch


def finish(batch: Batch) -> Batch | None:
    """The batch is whole: it gets its number and waits to be posted. An empty one is removed and None answered."""
    with transaction.atomic():
        building = Batch.objects.filter(pk=batch.pk, state=BatchState.BUILDING)
        if _hold(building):
            if not building.filter(voucher_count__gt=0).exists():
                batch.facts.update(batch=None)
                building.delete()
                return None
            number = take_numbers(batch.company_id, BATCH_COUNTER, 1)
            building.update(state=BatchState.WAITING, number=number)
    return Batch.objects.filter(pk=batch.pk).first()


def hold(batch: Batch) -> bool:
    """Keep a batch in building until the transaction ends; False when it is past building."""
    return _hold(Batch.objects.filter(pk=batch.pk, state=BatchState.BUILDING))


def replace(voucher: Voucher, spec: VoucherSpec) -> Voucher:
    """Other postings and matches for a voucher nobody has posted yet; a posted one is reversed instead."""
    with transaction.atomic():
        unposted = Batch.objects.filter(pk=voucher.batch_id).exclude(state=BatchState.POSTED)
        if not _hold(unposted):
            raise BookingRefused(_("Voucher %(no)s is posted. Reverse it instead.") % {"no": voucher.number})
        old = Voucher.objects.get(pk=voucher.pk)
        if spec.source_key != old.source_key:
            raise BookingRefused(_("A voucher keeps what it was made of: %(key)s.") % {"key": old.source_key})
        debit = old.debit_total
        Posting.objects.filter(voucher=old).delete()
        EntryMatch.objects.filter(voucher=old).delete()
        rows = _rows(voucher.company, Batch.objects.get(pk=voucher.batch_id), spec, old.position, old.pk)
        rows.voucher.save(force_update=True)
        _write_parts([rows])
        change = money.amount(rows.voucher.debit_total - debit)
        unposted.update(debit_total=F("debit_total") + change, credit_total=F("credit_total") + change)
    return rows.voucher


def take_out(voucher: Voucher) -> Batch:
    """Remove a voucher nobody has posted from its batch. The last one takes its place, so numbers will have no gap;
    a batch that was its only one stays, empty, because batch numbers have no gaps either."""
    with transaction.atomic():
        unposted = Batch.objects.filter(pk=voucher.batch_id).exclude(state=BatchState.POSTED)
        if not _hold(unposted):
            raise BookingRefused(_("Voucher %(no)s is posted. Reverse it instead.") % {"no": voucher.number})
        old = Voucher.objects.get(pk=voucher.pk)
        total, place = money.amount(old.debit_total), old.position
        Posting.objects.filter(voucher=old).delete()
        EntryMatch.objects.filter(voucher=old).delete()
        old.delete()
        last = Voucher.objects.filter(batch_id=voucher.batch_id).order_by("-position").first()
        if last is not None and last.position > place:
            Voucher.objects.filter(pk=last.pk).update(position=place)
        unposted.update(
            voucher_count=F("voucher_count") - 1,
            debit_total=F("debit_total") - total,
            credit_total=F("credit_total") - total,
        )
    return Batch.objects.get(pk=voucher.batch_id)


def take_numbers(company_id: int, series: str, count: int) -> int:
    """The first of `count` numbers in a row. One UPDATE takes them; the row stays locked until the transaction ends,
    so nobody else numbers meanwhile and a rolled back posting leaves no gap."""
    counter = VoucherSeries.objects.filter(company_id=company_id, code=series)
    if not counter.update(next_number=F("next_number") + count):
        try:
            with transaction.atomic():
                VoucherSeries.objects.create(company_id=company_id, code=series, name=series)
        except IntegrityError:
            pass  # somebody else made the row just now
        counter.update(next_number=F("next_number") + count)
    return counter.values_list("next_number", flat=True)[0] - count


def _open(company: Company, spec: BatchSpec) -> Batch:
    """The batch of this source key, made when there is none."""
    if found := Batch.objects.filter(source_key=spec.source_key).first():
        return found
    try:
        with transaction.atomic():
            return Batch.objects.create(
                company=company,
                kind=spec.kind,
                source_key=spec.source_key,
                series=spec.series,
                text=spec.text[:120],
                value_date=spec.value_date,
                payment_id=spec.payment_id,
                file_id=spec.file_id,
                automatic=spec.automatic,
            )
    except IntegrityError:
        return Batch.objects.get(source_key=spec.source_key)


def _hold(batches: QuerySet[Batch]) -> bool:
    """Lock the batch's row by an UPDATE that changes nothing; False when it is in another state by now."""
    return bool(batches.update(voucher_count=F("voucher_count")))


def _add_slice(company: Company, batch: Batch, specs: Sequence[VoucherSpec]) -> None:
    with transaction.atomic():
        building = Batch.objects.filter(pk=batch.pk, state=BatchState.BUILDING)
        if not _hold(building):
            return
        keys = [spec.source_key for spec in specs]
        known = set(Voucher.objects.filter(company=company, source_key__in=keys).values_list("source_key", flat=True))
        last = Voucher.objects.filter(batch=batch).aggregate(last=Max("position"))["last"] or 0
        new = {spec.source_key: spec for spec in specs if spec.source_key not in known}
        rows = [_rows(company, batch, spec, last + place) for place, spec in enumerate(new.values(), 1)]
        store(Voucher, [row.voucher for row in rows])
        _write_parts(rows)
        total = money.amount(sum((row.voucher.debit_total for row in rows), ZERO))
        building.update(
            voucher_count=F("voucher_count") + len(rows),
            debit_total=F("debit_total") + total,
            credit_total=F("credit_total") + total,
        )


def _write_parts(rows: Sequence[_Rows]) -> None:
    store(Posting, [posting for row in rows for posting in row.postings])
    store(EntryMatch, [match for row in rows for match in row.matches])


def _rows(company: Company, batch: Batch, spec: VoucherSpec, position: int, pk: UUID | None = None) -> _Rows:
    amounts = [posting.amount for posting in spec.postings]
    if total := sum(amounts, ZERO):
        raise Unbalanced(
            _("Voucher %(key)s is out of balance by %(difference)s; nothing was booked.")
            % {"key": spec.source_key, "difference": total}
        )
    debit = sum((amount for amount in amounts if amount > 0), ZERO)
    voucher = Voucher(
        id=pk or new_id(),
        company_id=company.pk,
        batch_id=batch.pk,
        position=position,
        series=batch.series,
        source_key=spec.source_key,
        value_date=spec.value_date,
        text=spec.text[:140],
        extra_text=spec.extra_text[:200],
        bank_reference=spec.bank_reference[:35],
        autopay_reference=spec.autopay_reference[:70],
        debit_total=debit,
        credit_total=debit,
        reverses_id=spec.reverses_id,
    )
    used = [posting for posting in spec.postings if posting.amount]
    postings = [_posting(company, voucher.pk, part, place) for place, part in enumerate(used, 1)]
    on = spec.matched_on or spec.value_date
    matches = [_match(company, voucher.pk, part, place, on) for place, part in enumerate(spec.matches, 1)]
    voucher.seal = seal_of(voucher, postings)
    return _Rows(voucher, postings, matches)


def _posting(company: Company, voucher_id: UUID, spec: PostingSpec, position: int) -> Posting:
    return Posting(
        id=new_id(),
        voucher_id=voucher_id,
        company_id=company.pk,
        position=position,
        account=spec.account,
        supplier_id=spec.supplier_id,
        customer_id=spec.customer_id,
        debit=max(spec.amount, ZERO),
        credit=max(-spec.amount, ZERO),
        currency_code=spec.currency or company.currency_id,
        currency_amount=spec.amount if spec.currency_amount is None else spec.currency_amount,
        rate=spec.rate,
        cross_reference=spec.cross_reference[:35],
        text=spec.text[:140],
        department=spec.department[:20],
    )


def _match(company: Company, voucher_id: UUID, spec: MatchSpec, position: int, on: date) -> EntryMatch:
    return EntryMatch(
        id=new_id(),
        company_id=company.pk,
        voucher_id=voucher_id,
        position=position,
        supplier_entry_id=spec.supplier_entry_id,
        customer_entry_id=spec.customer_entry_id,
        amount=spec.amount,
        reserved=spec.reserved,
        matched_on=on,
    )


def seal_of(voucher: Voucher, postings: Iterable[Posting]) -> str:
    """Digest of what was booked: source, date, texts and every posting. A changed row no longer fits its seal."""
    parts = [voucher.source_key, voucher.value_date.isoformat(), voucher.text, voucher.bank_reference]
    for row in postings:
        amounts = (_plain(row.debit), _plain(row.credit), row.currency_code, _plain(row.currency_amount))
        parts.append("|".join((row.account, *amounts, row.cross_reference)))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}" if amount else "0"
