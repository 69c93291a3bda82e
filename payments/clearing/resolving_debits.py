"""Debits nobody here made: a person says what each one is, and it is booked or known from then on."""

from __future__ import annotations

from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from autopay_console.kernel import amounts
from companies.models import Person
from payments.books import ledger
from payments.books.ledger_parts import Parts
from payments.books.ledger_specs import BANK_SERIES, BatchSpec, BookingRefused, MatchSpec, PostingSpec, VoucherSpec
from payments.choices import BatchKind
from payments.clearing.resolving import DoesNotFit, MovedOn
from payments.iso20022.currencies import decimals_of
from payments.models import Batch, OpenDebit, SupplierEntry, Voucher
from payments.receiving.posting_incoming import IncomingBooks


def post_to_account(debit: OpenDebit, by: Person, gl_account: str, text: str = "", *, version: int) -> Batch | None:
    """Book the debit against a ledger account (a card, a tax, a bank's charge)."""
    account = gl_account.strip()
    if not account:
        raise DoesNotFit(_("Name the account the debit is posted to."))
    how = _("posted to account %(account)s") % {"account": account}
    return _book(debit, by, version, how, text or debit.text, gl_account=account)


def pay_entry(debit: OpenDebit, by: Person, entry: SupplierEntry, *, version: int) -> Batch | None:
    """The debit paid this supplier entry (somebody paid it in the bank): close it by that much."""
    free = entry.rest - entry.in_payment
    if entry.company_id != debit.company_id or entry.currency_id != debit.currency_code:
        raise DoesNotFit(_("Choose an open entry of this company in %(currency)s.") % {"currency": debit.currency_code})
    if debit.amount > free:
        words = {"invoice": entry.invoice_no, "left": amounts.shown(free, decimals_of(entry.currency_id))}
        raise DoesNotFit(_("Invoice %(invoice)s has only %(left)s that is not in a payment.") % words)
    how = _("paid invoice %(invoice)s of %(supplier)s") % {"invoice": entry.invoice_no, "supplier": entry.supplier}
    return _book(debit, by, version, how, str(entry.supplier), entry=entry)


def mark_known(debit: OpenDebit, by: Person, how: str, *, version: int) -> None:
    """It is booked elsewhere; the console keeps who said so. The account then differs from the ledger by it."""
    if not how.strip():
        raise DoesNotFit(_("Say where the debit is booked."))
    take(debit, by, version, how.strip())


def take(debit: OpenDebit, by: Person, version: int, how: str) -> None:
    """One person decides: the UPDATE says who. Raises MovedOn."""
    mine = OpenDebit.objects.filter(pk=debit.pk, version=version, done_at__isnull=True)
    if not mine.update(done_at=timezone.now(), done_by=by, done_how=how[:200], version=F("version") + 1):
        now = OpenDebit.objects.select_related("done_by").get(pk=debit.pk)
        words = {"who": now.done_by or "", "how": now.done_how}
        raise MovedOn(_("Meanwhile %(who)s decided about this debit: %(how)s.") % words)


def _book(
    debit: OpenDebit,
    by: Person,
    version: int,
    how: str,
    text: str,
    *,
    gl_account: str = "",
    entry: SupplierEntry | None = None,
) -> Batch | None:
    with transaction.atomic():
        take(debit, by, version, how)
        try:
            spec = _voucher(debit, text, gl_account, entry)
            batch = ledger.build(debit.company, _spec(debit, how), [spec])
        except BookingRefused as refusal:
            raise DoesNotFit(str(refusal)) from refusal
        voucher = Voucher.objects.get(company=debit.company, source_key=spec.source_key)
        OpenDebit.objects.filter(pk=debit.pk).update(voucher=voucher)
        return ledger.post(batch, by) if batch else None


def _spec(debit: OpenDebit, how: str) -> BatchSpec:
    return BatchSpec(
        kind=BatchKind.MANUAL,
        source_key=f"debit:{debit.key}",
        series=BANK_SERIES,
        text=_("Debit %(how)s") % {"how": how},
        value_date=debit.value_date,
        file_id=debit.entry.file_id,
    )


def _voucher(debit: OpenDebit, text: str, gl_account: str, entry: SupplierEntry | None) -> VoucherSpec:
    books = IncomingBooks.of(debit.company)
    rates = books.of_account(debit.entry.account)
    rate = rates.rate(debit.currency_code, debit.value_date)
    if rate is None:
        raise rates.no_rate(debit.currency_code, debit.value_date)
    paid = rates.home(debit.amount, rate)
    bank = PostingSpec(
        books.bank(debit.entry.account), -paid, currency=debit.currency_code, currency_amount=-debit.amount, rate=rate
    )
    sides = [bank, *_against(debit, paid, rate, gl_account, entry)]
    if gap := -sum((side.amount for side in sides), Decimal(0)):
        sides.append(PostingSpec(rates.difference(debit.currency_code, gap), gap, text=_("Currency difference")))
    return VoucherSpec(
        source_key=f"debit:{debit.key}",
        value_date=debit.value_date,
        text=text,
        bank_reference=debit.entry.bank_reference,
        postings=tuple(sides),
        matches=(MatchSpec(debit.amount, supplier_entry_id=entry.pk),) if entry else (),
    )


def _against(
    debit: OpenDebit, paid: Decimal, rate: Decimal, gl_account: str, entry: SupplierEntry | None
) -> list[PostingSpec]:
    if entry is None:
        return [PostingSpec(gl_account, paid, currency=debit.currency_code, currency_amount=debit.amount, rate=rate)]
    own_rate = entry.amount_booked / entry.amount
    parts = Parts(debit.company.currency.decimals)
    parts.look_up([entry])
    return [
        PostingSpec(
            debit.company.gl_suppliers,
            parts.worth(entry, debit.amount),
            currency=debit.currency_code,
            currency_amount=debit.amount,
            rate=own_rate.quantize(Decimal("0.00000001")),
            supplier_id=entry.supplier_id,
            cross_reference=entry.invoice_no,
        )
    ]
