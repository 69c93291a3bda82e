"""Books what the bank takes and gives by itself (fees, interest) and money moved between our own accounts.

One batch per file beside the incoming payments. A transfer is booked from the account that paid, so that the same
money, told by both accounts, is booked once.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from autopay_console.kernel.sets import chunks
from companies.clock import business_date
from payments.books import ledger
from payments.books.ledger_specs import BANK_SERIES, BatchSpec, PostingSpec, VoucherSpec
from payments.choices import BatchKind
from payments.models import BankEntry, BankFile, Batch, Voucher
from payments.receiving import plans
from payments.receiving.posting_incoming import IncomingBooks

_ROWS = 200


def build(file: BankFile) -> Batch | None:
    """The file's batch of fees, interest and own transfers; None when it has none. Safe to ask twice."""
    booking = BankEntry.objects.filter(file=file, books=True)
    batch = ledger.build(file.company, _spec(file), _vouchers(file, booking))
    if batch is not None:
        _link(batch, file)
    return batch


def build_line(entry: BankEntry) -> Batch | None:
    """As `build`, for one line that a person books after its file; None when it holds no fee and no transfer."""
    found = list(_vouchers(entry.file, BankEntry.objects.filter(pk=entry.pk)))
    batch = ledger.build(entry.company, _spec(entry.file, f"fees:{entry.file_id}:{entry.index}"), found)
    if batch is not None:
        _link(batch, entry.file)
    return batch


def _spec(file: BankFile, key: str = "") -> BatchSpec:
    return BatchSpec(
        kind=BatchKind.FEES,
        source_key=key or f"fees:{file.pk}",
        series=BANK_SERIES,
        text=_("Bank fees and transfers %(file)s") % {"file": file.name or file.message_id},
        value_date=business_date(file.company),
        file_id=file.pk,
    )


def _vouchers(file: BankFile, booking: QuerySet[BankEntry]) -> Iterator[VoucherSpec]:
    books = IncomingBooks.of(file.company)
    for entry in booking.order_by("index").iterator(1000):
        against = [(change, books.fee(entry.account), _words(change, text)) for change, text in plans.fees_of(entry)]
        against += [
            (change, books.bank(other), _("Transfer between own accounts"))
            for change, other in plans.transfers_of(entry)
            if change < ZERO
        ]
        if against:
            yield _voucher(entry, against, books)


def _words(change: Decimal, text: str) -> str:
    return text or (_("Bank fee") if change < ZERO else _("Interest or refund of the bank"))


def _voucher(entry: BankEntry, against: list[tuple[Decimal, str, str]], books: IncomingBooks) -> VoucherSpec:
    """One voucher for all that an entry took or gave beside customer payments and our own."""
    rates = books.of_account(entry.account)
    rate = rates.rate(entry.currency_code, entry.value_date)
    if rate is None:
        raise rates.no_rate(entry.currency_code, entry.value_date)
    currency = entry.currency_code
    sides = [
        PostingSpec(
            account, -rates.home(change, rate), currency=currency, currency_amount=-change, rate=rate, text=text
        )
        for change, account, text in against
    ]
    value, total = (
        -sum((side.amount for side in sides), ZERO),
        sum((change for change, _account, _text in against), ZERO),
    )
    bank = PostingSpec(books.bank(entry.account), value, currency=currency, currency_amount=total, rate=rate)
    return VoucherSpec(
        source_key=f"bank:{entry.pk}",
        value_date=entry.value_date,
        text=against[0][2],
        bank_reference=entry.bank_reference,
        postings=(bank, *sides),
    )


def _link(batch: Batch, file: BankFile) -> None:
    """Show on the bank's line the voucher that booked it."""
    keyed: dict[str, UUID] = {}
    for key, voucher_id in Voucher.objects.filter(batch=batch).values_list("source_key", "id"):
        keyed.setdefault(key.split(":")[1], voucher_id)
    for part in chunks(keyed):
        rows = list(BankEntry.objects.filter(file=file, pk__in=part, voucher__isnull=True))
        for row in rows:
            row.voucher_id = keyed[str(row.pk)]
        with transaction.atomic():
            BankEntry.objects.bulk_update(rows, ["voucher"], batch_size=_ROWS)
