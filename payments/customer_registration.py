"""Customer invoices and credit notes entered by hand, for a company whose ledger does not deliver them.

An entry is what incoming payments are matched to, so number, currency, dates and KID are checked before it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from companies.models import Company, Currency, CurrencyRate, Customer
from payments.choices import EntryKind
from payments.iso20022.currencies import DECIMALS
from payments.iso20022.references import luhn, mod11, rf
from payments.models import CustomerEntry

_CENT = Decimal("0.01")


class NotRegistered(Exception):
    """The entry cannot be registered; `field` says which field to mend and the text how."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class NewEntry:
    """An invoice (amount positive) or credit note (entered positive too, kept negative)."""

    customer: Customer
    kind: EntryKind
    invoice_no: str
    entry_date: date
    due_date: date
    currency: Currency
    amount: Decimal
    kid: str = ""
    voucher_no: str = ""
    discount_amount: Decimal = ZERO
    discount_date: date | None = None


def register(company: Company, new: NewEntry) -> CustomerEntry:
    """Keep the entry, open with its whole amount. Raises NotRegistered with the field to mend."""
    _check(new)
    sign = -1 if new.kind == EntryKind.CREDIT_NOTE else 1
    amount = sign * new.amount
    booked = _in_company_currency(company, new, amount)
    try:
        with transaction.atomic():
            return CustomerEntry.objects.create(
                company=company,
                customer=new.customer,
                kind=new.kind,
                voucher_no=new.voucher_no,
                invoice_no=new.invoice_no.strip(),
                entry_date=new.entry_date,
                due_date=new.due_date,
                currency=new.currency,
                amount=amount,
                amount_booked=booked,
                rest=amount,
                discount_amount=new.discount_amount,
                discount_date=new.discount_date,
                kid="".join(new.kid.split()).upper(),
            )
    except IntegrityError:
        words = {"no": new.invoice_no}
        raise NotRegistered("invoice_no", _("%(no)s is registered already.") % words) from None


def _check(new: NewEntry) -> None:
    decimals = DECIMALS.get(new.currency.code, 2)
    if new.amount <= ZERO:
        raise NotRegistered("amount", _("Write an amount above zero; the kind says whether it is owed or given back."))
    if new.amount != new.amount.quantize(Decimal(1).scaleb(-decimals)):
        words = {"currency": new.currency.code, "decimals": decimals}
        raise NotRegistered("amount", _("%(currency)s has %(decimals)s decimals.") % words)
    if new.due_date < new.entry_date:
        raise NotRegistered("due_date", _("The due date is before the invoice date."))
    if new.discount_amount and new.discount_date is None:
        raise NotRegistered("discount_date", _("Say until when the cash discount is given."))
    if new.discount_amount < ZERO or new.discount_amount >= new.amount:
        raise NotRegistered("discount_amount", _("The cash discount must be less than the invoice."))
    kid = "".join(new.kid.split()).upper()
    if kid and not _kid_is_right(kid):
        raise NotRegistered("kid", _("The check digit of %(kid)s is wrong.") % {"kid": kid})


def _kid_is_right(kid: str) -> bool:
    if kid.startswith("RF"):
        return rf(kid)
    digits = kid.removesuffix("-")
    return len(kid) > 1 and digits.isascii() and digits.isdigit() and ((digits == kid and luhn(kid)) or mod11(kid))


def _in_company_currency(company: Company, new: NewEntry, amount: Decimal) -> Decimal:
    if new.currency.code == company.currency_id:
        return amount
    rates = CurrencyRate.objects.filter(company=company, currency=new.currency, valid_from__lte=new.entry_date)
    rate = rates.order_by("-valid_from").values_list("rate", flat=True).first()
    if rate is None:
        words = {"currency": new.currency.code, "day": new.entry_date}
        raise NotRegistered(
            "currency", _("There is no rate for %(currency)s on %(day)s. Enter it under Rates.") % words
        )
    return (amount * rate).quantize(_CENT)
