"""What the journal's screens and exports read. Company first; batches that are being built are nobody's business yet.

Salary vouchers name people and their pay: whoever lacks the payroll role gets the batch as a count and a total.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from autopay_console.kernel.sets import chunks
from companies.models import Company
from payments.choices import BatchState
from payments.models import (
    BankEntry,
    Batch,
    EntryMatch,
    IncomingPayment,
    Match,
    OpenDebit,
    Posting,
    SettlementFact,
    Voucher,
)

INCOMING = "in:"  # how source keys of incoming payments begin (payments.receiving.incoming.source_key)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a voucher came from: a line of a bank file, an incoming payment, a debit, a line of our payment."""

    entry: BankEntry | None = None
    incoming: IncomingPayment | None = None
    debit: OpenDebit | None = None
    fact: SettlementFact | None = None


def batches(company: Company) -> QuerySet[Batch]:
    """Batches people may see, whatever their state."""
    rows = Batch.objects.filter(company=company).exclude(state=BatchState.BUILDING)
    return rows.select_related("payment", "posted_by", "file")


def batch_numbered(company: Company, number: int) -> Batch | None:
    """One batch with what its page says about it."""
    return batches(company).filter(number=number).first()


def neighbour(company: Company, batch: Batch) -> int | None:
    """Number of the next older batch."""
    older = batches(company).filter(number__lt=batch.number).order_by("-number")
    return older.values_list("number", flat=True).first()


def vouchers(company: Company, *, payroll: bool) -> QuerySet[Voucher]:
    """Vouchers with what they belong to; salary only for those who may see it."""
    rows = Voucher.objects.filter(company=company).exclude(batch__state=BatchState.BUILDING)
    if not payroll:
        rows = rows.exclude(batch__payment__salary=True)
    return rows.select_related("batch", "reverses")


def with_postings(rows: QuerySet[Voucher]) -> QuerySet[Voucher]:
    """The vouchers' postings with the names behind them."""
    postings = Posting.objects.select_related("supplier", "customer").order_by("position")
    return rows.prefetch_related(Prefetch("postings", queryset=postings))


def matches_of(vouchers: Iterable[Voucher]) -> list[EntryMatch]:
    """Entries these vouchers closed, wholly or in part."""
    found: list[EntryMatch] = []
    for ids in chunks([voucher.pk for voucher in vouchers]):
        rows = EntryMatch.objects.filter(voucher_id__in=ids).select_related(
            "supplier_entry__supplier", "customer_entry__customer", "voucher"
        )
        found.extend(rows.order_by("voucher__position", "position"))
    return found


def one_voucher(company: Company, voucher_id: UUID, *, payroll: bool) -> Voucher | None:
    """A voucher with postings, or None."""
    return with_postings(vouchers(company, payroll=payroll)).filter(pk=voucher_id).first()


def source_of(voucher: Voucher) -> Source:
    """What the voucher books: followed back to the line of the bank file it came from."""
    company = voucher.company_id
    key = voucher.source_key.removesuffix(":reversed")
    if key.startswith(INCOMING):  # in:<key of the payment>:<round>, also of earlier rounds and of what was undone
        own = IncomingPayment.objects.filter(company_id=company, key=key.removeprefix(INCOMING).rpartition(":")[0])
        incoming = own.select_related("entry__file").first()
        if incoming:
            return Source(entry=incoming.entry, incoming=incoming)
    fact = SettlementFact.objects.filter(company_id=company, source_key=key)
    found = fact.select_related("bank_entry__file", "payment", "item__supplier").first()
    if found:
        return Source(entry=found.bank_entry, fact=found)
    debit = OpenDebit.objects.filter(company_id=company, voucher=voucher).select_related("entry__file").first()
    if debit:
        return Source(entry=debit.entry, debit=debit)
    entry = BankEntry.objects.filter(company_id=company, voucher=voucher).select_related("file").first()
    if entry:
        return Source(entry=entry)
    if voucher.reverses is not None:
        return source_of(voucher.reverses)
    return Source()


def incoming_parts(incoming: IncomingPayment) -> list[Match]:
    """What an incoming payment was placed on."""
    return list(Match.objects.filter(incoming=incoming).select_related("entry__customer", "customer").order_by("round"))


def postings(rows: QuerySet[Voucher]) -> Iterator[Posting]:
    """Every posting of these vouchers in book order, streamed, for an export of any length."""
    own = Posting.objects.filter(voucher__in=rows.order_by().values("pk"))
    own = own.select_related("voucher__batch", "supplier", "customer")
    yield from own.order_by("voucher__batch_id", "voucher__position", "position").iterator(chunk_size=2000)
