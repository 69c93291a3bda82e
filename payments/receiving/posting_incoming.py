"""Books incoming payments: one batch per file, a voucher per payment, fees and own transfers apart.

Debit the bank's ledger account, credit the customer with the invoice as cross reference; cash discount, small
differences and currency differences go to their own accounts. What the import has to say stands in Extra text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby
from typing import cast
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from autopay_console.kernel.sets import chunks
from companies.clock import business_date
from companies.models import BankPartner, Company
from payments.books import ledger
from payments.books.ledger_parts import Parts
from payments.books.ledger_specs import (
    INCOMING_SERIES,
    LARGEST_BATCH,
    BatchSpec,
    BookingRefused,
    MatchSpec,
    PostingSpec,
    VoucherSpec,
)
from payments.choices import BatchKind, BatchState, IncomingState
from payments.models import BankFile, Batch, IncomingPayment, Match, Voucher
from payments.receiving.importing_checks import Own, own_accounts
from payments.receiving.incoming import source_key
from payments.settling.settlement_accounts import Books

SLICE = 1000


@dataclass(slots=True)
class IncomingBooks:
    """Ledger accounts and rates for one company's incoming payments, read once for a batch."""

    company: Company
    own: dict[str, Own] = field(default_factory=dict)
    parts: Parts = field(init=False)
    _books: dict[str, Books] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parts = Parts(self.company.currency.decimals)

    @classmethod
    def of(cls, company: Company) -> IncomingBooks:
        return cls(company, own_accounts(company))

    def of_account(self, key: str) -> Books:
        """Rates and difference accounts; the bank partner only matters for its ledger accounts, which come from us."""
        if key not in self._books:
            own = self.own.get(key)
            self._books[key] = Books(self.company, cast(BankPartner, own.partner if own else None), self.parts)
        return self._books[key]

    def bank(self, key: str) -> str:
        """Ledger account of the bank account: Factoring row, bank partner, else Company data."""
        own = self.own.get(key)
        found = (own.gl_bank if own else "") or self.company.gl_bank_fallback
        if not found:
            text = _("Account %(account)s has no ledger account. Enter it under Factoring companies.")
            raise BookingRefused(text % {"account": key})
        return found

    def fee(self, key: str) -> str:
        own = self.own.get(key)
        return (own.gl_fee if own else "") or self.company.gl_fees

    def department(self, key: str) -> str:
        own = self.own.get(key)
        return own.factoring.department if own and own.factoring else ""


def batch_of(file: BankFile, part: int = 0) -> BatchSpec:
    """The file's batch of incoming payments; a very large file has several, by the numbers of its payments."""
    name = file.name or file.message_id
    return BatchSpec(
        kind=BatchKind.INCOMING,
        source_key=f"incoming:{file.pk}:part{part}" if part else f"incoming:{file.pk}",
        series=INCOMING_SERIES,
        text=_("Incoming payments %(file)s") % {"file": name},
        value_date=business_date(file.company),
        file_id=file.pk,
    )


def to_book(file: BankFile, after: int) -> Iterator[list[UUID]]:
    """The matched payments of the file behind this number, a thousand at a time. Asked once: sorted anew for each
    thousand, a large file would be read a hundred times."""
    return chunks(list(_matched(file).filter(number__gt=after).order_by("number").values_list("pk", flat=True)), SLICE)


def add_slice(file: BankFile, ids: list[UUID]) -> int | None:
    """Put these payments into the file's batch, which nobody sees yet, as far as they are matched still. Answers the
    last one's number. Safe to ask twice."""
    part = list(_matched(file).filter(pk__in=ids).select_related("file").order_by("number"))
    if not part:
        return None
    books = IncomingBooks.of(file.company)
    built = _built(part)  # by a run that was cut off: their parts of entries are counted already
    left = [payment for payment in part if source_key(payment, 1) not in built]
    for place, some in groupby(left, key=lambda payment: (payment.number - 1) // LARGEST_BATCH):
        ledger.add(file.company, batch_of(file, place), _vouchers_of(list(some), books))
    link_vouchers(IncomingPayment.objects.filter(pk__in=[payment.pk for payment in part], voucher__isnull=True), 1)
    return part[-1].number


def _built(payments: Sequence[IncomingPayment]) -> set[str]:
    rows = Voucher.objects.filter(company_id=payments[0].company_id)
    keys = [source_key(payment, 1) for payment in payments]
    return set(rows.filter(source_key__in=keys).values_list("source_key", flat=True))


def finish(file: BankFile) -> list[Batch]:
    """The file's batches are whole and wait; none when no payment of it is matched."""
    built = Batch.objects.filter(file=file, source_key__startswith=batch_of(file).source_key).order_by("pk")
    return [whole for batch in built if (whole := ledger.finish(batch))]


def post_if_automatic(batch: Batch, accounts: Iterable[str]) -> Batch:
    """Post at once where every bank partner concerned says so; otherwise a person posts it."""
    own = own_accounts(batch.company)
    partners = [own[key].partner for key in accounts if key in own]
    if batch.state == BatchState.WAITING and partners and all(one and one.auto_update_incoming for one in partners):
        batch = ledger.post(batch)
    return batch


def book_round(payment: IncomingPayment, round: int) -> Batch | None:
    """What a person decided about one payment: a batch of its own, posted at once where the bank partner says so."""
    company = payment.company
    spec = BatchSpec(
        kind=BatchKind.INCOMING,
        source_key=f"incoming:{payment.pk}:{round}",
        series=INCOMING_SERIES,
        text=_("Incoming payment from %(name)s") % {"name": payment.payer_name or payment.payer_account},
        value_date=payment.value_date,
        file_id=payment.file_id,
    )
    matches = list(Match.objects.filter(incoming=payment, round=round).select_related("customer", "entry"))
    books = IncomingBooks.of(company)
    books.parts.look_up(match.entry for match in matches if match.entry)
    batch = ledger.build(company, spec, [voucher_of(payment, matches, books)])
    link_vouchers(IncomingPayment.objects.filter(pk=payment.pk), round)
    return post_if_automatic(batch, [payment.account]) if batch else None


def book_matched(payment: IncomingPayment) -> Batch | None:
    """Book what the rules found for a payment after its file was booked; None when they found nothing."""
    first = payment.matches.order_by("round").values_list("round", flat=True).first()
    return None if first is None or payment.voucher_id is not None else book_round(payment, first)


def _matched(file: BankFile) -> QuerySet[IncomingPayment]:
    """Payments of the file that rules matched, wholly or in part; what a person decided is booked by itself."""
    return IncomingPayment.objects.filter(
        Q(state=IncomingState.MATCHED) | Q(state=IncomingState.PARKED, rest__lt=F("amount")), file=file, decided_by=None
    )


def _vouchers_of(payments: Sequence[IncomingPayment], books: IncomingBooks) -> Iterator[VoucherSpec]:
    matches: dict[UUID, list[Match]] = defaultdict(list)
    ids = [payment.pk for payment in payments]
    for part in chunks(ids):
        rows = Match.objects.filter(incoming_id__in=part, round=1).select_related("entry", "customer")
        for row in rows.order_by("entry_id", "id"):
            matches[row.incoming_id].append(row)
    books.parts.look_up(row.entry for some in matches.values() for row in some if row.entry)
    for payment in payments:
        if matches[payment.pk]:
            yield voucher_of(payment, matches[payment.pk], books)


def voucher_of(payment: IncomingPayment, matches: Sequence[Match], books: IncomingBooks) -> VoucherSpec:
    """One round of one payment. `matches` are all matches of the round; the fee goes with the first that stands."""
    rates = books.of_account(payment.account)
    rate = rates.rate(payment.currency_code, payment.value_date)
    if rate is None:
        raise rates.no_rate(payment.currency_code, payment.value_date)
    round = matches[0].round
    placed = sum((match.amount for match in matches), ZERO)
    fee = payment.fee if round == 1 or not _booked_before(payment, round) else ZERO
    bank = books.bank(payment.account)
    sides = [
        _side(payment, bank, placed - fee, rate, rates, department=books.department(payment.account)),
        _side(payment, books.fee(payment.account), fee, rate, rates, text=_("Bank fee")),
    ]
    for match in matches:
        sides += _sides_of(payment, match, rate, rates)
    # in the company's own currency there is no such difference: what is out of balance there is refused by the ledger
    if (gap := -sum((side.amount for side in sides), ZERO)) and _exchanged(payment, matches, books.company):
        text = _("Currency difference")
        sides.append(PostingSpec(rates.difference(_foreign(payment, matches), gap), gap, text=text))
    return VoucherSpec(
        source_key=source_key(payment, round),
        value_date=payment.value_date,
        text=payment.payer_name or next((str(match.customer) for match in matches if match.customer), ""),
        extra_text=payment.explanation,
        bank_reference=payment.bank_reference or payment.archive_reference[:35],
        autopay_reference=payment.file.message_id,
        postings=tuple(side for side in sides if side.amount),
        matches=tuple(MatchSpec(match.closes, customer_entry_id=match.entry_id) for match in matches if match.entry_id),
    )


def _booked_before(payment: IncomingPayment, round: int) -> bool:
    """Whether an earlier round stands and has booked the bank's fee; of one that was undone nothing is left."""
    return Match.objects.filter(incoming=payment, round__lt=round).exists()


def _exchanged(payment: IncomingPayment, matches: Sequence[Match], company: Company) -> bool:
    currencies = {payment.currency_code, *(match.entry.currency_id for match in matches if match.entry)}
    return currencies != {company.currency_id}


def _foreign(payment: IncomingPayment, matches: Sequence[Match]) -> str:
    return next((match.entry.currency_id for match in matches if match.entry), payment.currency_code)


def _side(
    payment: IncomingPayment,
    account: str,
    amount: Decimal,
    rate: Decimal,
    rates: Books,
    *,
    text: str = "",
    customer_id: int | None = None,
    department: str = "",
) -> PostingSpec:
    """A posting in the payment's currency."""
    return PostingSpec(
        account,
        rates.home(amount, rate),
        currency=payment.currency_code,
        currency_amount=amount,
        rate=rate,
        customer_id=customer_id,
        text=text,
        department=department,
    )


def _sides_of(payment: IncomingPayment, match: Match, rate: Decimal, rates: Books) -> list[PostingSpec]:
    company = rates.company
    if match.entry is None:
        account = match.gl_account or company.gl_customers
        side = _side(payment, account, -match.amount, rate, rates, customer_id=match.customer_id)
        return [replace(side, supplier_id=match.supplier_id)]
    entry = match.entry
    own_rate = entry.amount_booked / entry.amount
    booked = rates.parts.worth(entry, match.closes)
    rates.parts.take(entry, match.closes)
    sides = [
        PostingSpec(
            company.gl_customers,
            -booked,
            currency=entry.currency_id,
            currency_amount=-match.closes,
            rate=own_rate.quantize(Decimal("0.00000001")),
            customer_id=match.customer_id,
            cross_reference=entry.invoice_no,
        )
    ]
    if match.discount:
        value = rates.home(match.discount, own_rate)
        text = _("Cash discount %(no)s") % {"no": entry.invoice_no}
        sides.append(PostingSpec(company.gl_discount_given, value, text=text))
    if match.write_off:
        value = rates.home(match.write_off, rate)
        text = _("Small difference %(no)s") % {"no": entry.invoice_no}
        sides.append(PostingSpec(company.gl_write_off, value, text=text))
    return sides


def home_value(payment: IncomingPayment, amount: Decimal) -> Decimal:
    """An amount of the payment in company currency, at the rate of its value date."""
    rates = IncomingBooks.of(payment.company).of_account(payment.account)
    rate = rates.rate(payment.currency_code, payment.value_date)
    if rate is None:
        raise rates.no_rate(payment.currency_code, payment.value_date)
    return rates.home(amount, rate)


def link_vouchers(payments: QuerySet[IncomingPayment], round: int) -> None:
    """Point payments at their vouchers, by the key both know: one statement for the whole file."""
    own = Voucher.objects.filter(
        company_id=OuterRef("company_id"),
        source_key=Concat(Value("in:"), OuterRef("key"), Value(f":{round}")),
    )
    payments.update(voucher=Subquery(own.values("id")[:1]))


def note_posted(batch: Batch) -> None:
    """Payments whose last voucher is posted and of which nothing is left are done."""
    if batch.state != BatchState.POSTED or batch.kind != BatchKind.INCOMING:
        return
    done = IncomingPayment.objects.filter(voucher__batch=batch, state=IncomingState.MATCHED, rest=ZERO)
    # asked once: a question for the next thousand would read past all that are done already
    for ids in chunks(list(done.values_list("pk", flat=True)), SLICE):
        IncomingPayment.objects.filter(pk__in=ids, state=IncomingState.MATCHED, rest=ZERO).update(
            state=IncomingState.POSTED, version=F("version") + 1
        )
