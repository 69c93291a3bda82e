"""The voucher of a settled item and the one of a returned item (domain facts 2.6).

Per line: debit the supplier ledger with the entry's own booked value and cross reference; credit the bank with what it
truly took; the fee to the fee account; what is left between the two is cash discount and currency gain or loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from payments.books import ledger
from payments.books.ledger_parts import Parts
from payments.books.ledger_specs import MatchSpec, PostingSpec, VoucherSpec
from payments.choices import FactKind, LineStatus
from payments.models import PaymentLine, Posting, SettlementFact, TransferItem, Voucher
from payments.settling.settlement_accounts import Books
from payments.settling.settlement_keeping import key_of


@dataclass(frozen=True, slots=True)
class Closing:
    """What a line closes of its entry: in the entry's currency, in company currency, and the discount in it."""

    line: PaymentLine
    amount: Decimal
    booked: Decimal
    discount: Decimal


def settlement_voucher(
    fact: SettlementFact, item: TransferItem, lines: Sequence[PaymentLine], books: Books
) -> VoucherSpec:
    """One item that the bank debited. Lines the bank took back meanwhile are booked, but close nothing."""
    closings = [_closing(line, books.parts) for line in lines]
    owed = sum((one.booked - one.discount for one in closings), ZERO)
    rate = _account_rate(fact, item, owed, books)
    bank_extra = fact.account_amount - fact.amount if item.currency_id == fact.account_currency_id else ZERO
    fee = fact.fee + max(bank_extra, ZERO)
    total = fact.account_amount + fact.fee
    bank = books.home(total - fee, rate) + books.home(fee, rate)
    sides = [_supplier(one, books) for one in closings]
    sides += [_discount(one, books) for one in closings if one.discount]
    ledger_account, fees = books.bank(fact.account_currency_id, fact), books.fee(fact)
    sides.append(_in_currency(ledger_account, -bank, fact.account_currency_id, -total, rate))
    if fee:
        sides.append(_in_currency(fees, books.home(fee, rate), fact.account_currency_id, fee, rate))
    if gap := -sum((side.amount for side in sides), ZERO):
        sides.append(PostingSpec(books.difference(item.currency_id, gap), gap, text=_("Currency difference")))
    return VoucherSpec(
        source_key=fact.source_key,
        value_date=fact.value_date,
        text=item.payee_name,
        postings=tuple(sides),
        matches=tuple(_match(one) for one in closings if one.line.status == LineStatus.SETTLED),
        bank_reference=fact.bank_reference,
        autopay_reference=item.end_to_end_id,
        extra_text=_rate_text(fact, item),
    )


def return_voucher(
    fact: SettlementFact, item: TransferItem, settled: SettlementFact, voucher: Voucher, books: Books
) -> VoucherSpec:
    """The whole settlement turned round at the return's value date; what the bank did not give back is fee, or a
    currency difference where currencies were exchanged."""
    currency = fact.account_currency_id
    then, bank = _bank_side(voucher, settled, books), books.bank(currency, fact)
    went_out, old_rate = then.credit - then.debit, then.rate
    debited = settled.account_amount + settled.fee
    rate = books.rate(currency, fact.value_date) or old_rate
    came_back = books.home(fact.account_amount, rate)
    gap = went_out - came_back  # company currency the account is short of
    extra: list[PostingSpec] = []
    if then.account != bank:  # the money came onto another account than it left
        extra.append(_in_currency(then.account, -went_out, settled.account_currency_id, -debited, old_rate))
        extra.append(_in_currency(bank, came_back, currency, fact.account_amount, rate))
    elif gap:
        extra.append(_in_currency(bank, -gap, currency, fact.account_amount - debited, rate))
    if gap:
        same = item.currency_id == currency == settled.account_currency_id
        fee = max(books.home(debited - fact.account_amount, old_rate), ZERO) if same else ZERO
        if fee:
            extra.append(_in_currency(books.fee(fact), fee, currency, debited - fact.account_amount, old_rate))
        if rest := gap - fee:
            extra.append(PostingSpec(books.difference(item.currency_id, rest), rest, text=_("Currency difference")))
    return ledger.reversal_of(
        voucher,
        source_key=fact.source_key,
        value_date=fact.value_date,
        text=_("Returned: %(name)s") % {"name": item.payee_name},
        extra=extra,
        bank_reference=fact.bank_reference,
        extra_text=fact.reason_code,
    )


def _bank_side(voucher: Voucher, settled: SettlementFact, books: Books) -> Posting:
    """What the settlement took from the bank's ledger account, also when the bank partner names another one by now."""
    debited = settled.account_amount + settled.fee
    sides = [
        side
        for side in sorted(voucher.postings.all(), key=lambda one: one.position)
        if side.credit
        and side.supplier_id is None
        and (side.currency_code, side.currency_amount) == (settled.account_currency_id, -debited)
    ]
    now = books.bank(settled.account_currency_id, settled)
    return next((side for side in sides if side.account == now), sides[-1])


def settled_key(fact: SettlementFact) -> str:
    """The settlement that a return undoes: same item, same round."""
    return key_of(fact.item_id, FactKind.SETTLED, fact.round)


def _closing(line: PaymentLine, parts: Parts) -> Closing:
    paid = line.amount if line.paid_amount is None else line.paid_amount
    taken = line.discount if paid == line.amount else ZERO  # a part payment earns no discount
    amount = paid + taken
    booked = parts.worth(line.entry, amount)
    discount = booked - parts.worth(line.entry, paid) if taken else ZERO
    if line.status == LineStatus.SETTLED:
        parts.take(line.entry, amount)
    return Closing(line, amount, booked, discount)


def _match(one: Closing) -> MatchSpec:
    return MatchSpec(one.amount, one.line.entry_id, reserved=one.line.amount + one.line.discount)


def _supplier(one: Closing, books: Books) -> PostingSpec:
    entry = one.line.entry
    rate = one.booked / one.amount if one.amount else Decimal(1)
    return PostingSpec(
        account=books.company.gl_suppliers,
        amount=one.booked,
        currency=entry.currency_id,
        currency_amount=one.amount,
        rate=rate.quantize(Decimal("0.00000001")),
        supplier_id=entry.supplier_id,
        cross_reference=entry.invoice_no,
        text=one.line.kid or one.line.message,
    )


def _discount(one: Closing, books: Books) -> PostingSpec:
    return PostingSpec(
        account=books.company.gl_discount_taken,
        amount=-one.discount,
        cross_reference=one.line.entry.invoice_no,
        text=_("Cash discount"),
    )


def _in_currency(account: str, amount: Decimal, currency: str, in_currency: Decimal, rate: Decimal) -> PostingSpec:
    return PostingSpec(account, amount, currency, in_currency, rate)


def _account_rate(fact: SettlementFact, item: TransferItem, owed: Decimal, books: Books) -> Decimal:
    """Company currency for one unit of the account's: entered, else what this payment itself says."""
    currency = fact.account_currency_id
    if (rate := books.rate(currency, fact.value_date)) is not None:
        return rate
    if item.currency_id in (currency, books.own) and fact.account_amount:
        return (owed / fact.account_amount).quantize(Decimal("0.00000001"))
    raise books.no_rate(currency, fact.value_date)


def _rate_text(fact: SettlementFact, item: TransferItem) -> str:
    """Effective rate of an exchange: booked / instructed (mapping 4.4)."""
    if item.currency_id == fact.account_currency_id:
        return ""
    return _("%(amount)s %(currency)s at %(rate)s") % {
        "amount": f"{fact.amount:.2f}",
        "currency": item.currency_id,
        "rate": f"{fact.account_amount / fact.amount:.8f}".rstrip("0"),
    }
