"""Corrections of posted vouchers: never an edit, always a new voucher that turns every posting round."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.translation import gettext as _

from companies.models import Person
from payments.books.ledger_building import add, finish
from payments.books.ledger_posting import post
from payments.books.ledger_specs import BatchSpec, BookingRefused, MatchSpec, PostingSpec, VoucherSpec
from payments.choices import BatchKind, BatchState
from payments.models import Batch, EntryMatch, Posting, Voucher


def reversal_of(
    voucher: Voucher,
    *,
    source_key: str,
    value_date: date,
    text: str,
    extra: Iterable[PostingSpec] = (),
    bank_reference: str = "",
    extra_text: str = "",
) -> VoucherSpec:
    """The voucher that undoes another at its own value date; entries it had closed are opened again.

    `extra` are balanced postings beside it (a fee the bank kept on a return). A voucher that is not posted yet has
    closed nothing, so its reversal opens nothing.
    """
    turned = [_turned(posting) for posting in sorted(voucher.postings.all(), key=_place)]
    opened = sorted(voucher.entry_matches.all(), key=_place) if voucher.batch.state == BatchState.POSTED else ()
    return VoucherSpec(
        source_key=source_key,
        value_date=value_date,
        text=text,
        postings=(*turned, *extra),
        matches=tuple(MatchSpec(-match.amount, match.supplier_entry_id, match.customer_entry_id) for match in opened),
        bank_reference=bank_reference or voucher.bank_reference,
        autopay_reference=voucher.autopay_reference,
        extra_text=extra_text,
        reverses_id=voucher.pk,
    )


def reverse(voucher: Voucher, value_date: date, *, text: str = "", by: Person | None = None) -> Batch:
    """Undo a posted voucher in a batch of its own, posted at once unless the period is locked. Safe to ask twice."""
    if voucher.batch.state != BatchState.POSTED:
        raise BookingRefused(_("The voucher is not posted yet. Change it instead of reversing it."))
    spec = BatchSpec(
        kind=BatchKind.MANUAL,
        source_key=f"reverse:{voucher.pk}",
        series=voucher.series,
        text=text or _("Reversal of voucher %(series)s %(no)s") % {"series": voucher.series, "no": voucher.number},
        value_date=value_date,
        payment_id=voucher.batch.payment_id,
        file_id=voucher.batch.file_id,
    )
    turned = reversal_of(voucher, source_key=f"reversal:{voucher.pk}", value_date=value_date, text=spec.text)
    batch = finish(add(voucher.company, spec, [turned]))
    if batch is None:
        done = Voucher.objects.select_related("batch").get(company=voucher.company, source_key=turned.source_key)
        return done.batch
    return post(batch, by)


def _place(row: Posting | EntryMatch) -> int:
    return row.position


def _turned(posting: Posting) -> PostingSpec:
    return PostingSpec(
        account=posting.account,
        amount=posting.credit - posting.debit,
        currency=posting.currency_code,
        currency_amount=-posting.currency_amount,
        rate=posting.rate,
        supplier_id=posting.supplier_id,
        customer_id=posting.customer_id,
        cross_reference=posting.cross_reference,
        text=posting.text,
        department=posting.department,
    )
