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
from payments import events
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
    check(new)
    entry = open_entry(company, new, rate(company, new))
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError:
        words = {"no": new.invoice_no}
        raise NotRegistered("invoice_no", _("%(no)s is registered already.") % words) from None
    events.entries_registered.send(sender=CustomerEntry, company_id=company.pk)
    return entry


def open_entry(company: Company, new: NewEntry, rate: Decimal) -> CustomerEntry:
    """The entry, open with its whole amount, not saved yet. `rate` turns its currency into the company's."""
    amount = -new.amount if new.kind == EntryKind.CREDIT_NOTE else new.amount
    return CustomerEntry(
        company=company,
        customer=new.customer,
        kind=new.kind,
        voucher_no=new.voucher_no,
        invoice_no=new.invoice_no.strip(),
        entry_date=new.entry_date,
        due_date=new.due_date,
        currency=new.currency,
        amount=amount,
        amount_booked=amount if new.currency.code == company.currency_id else (amount * rate).quantize(_CENT),
        rest=amount,
        discount_amount=new.discount_amount,
        discount_date=new.discount_date,
        kid="".join(new.kid.split()).upper(),
    )


def check(new: NewEntry) -> None:
    """Raise NotRegistered with the first field that is wrong."""
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


def rate(company: Company, new: NewEntry) -> Decimal:
    """What one unit of the entry's currency costs on its date; NotRegistered when nobody entered a rate."""
    if new.currency.code == company.currency_id:
        return Decimal(1)
    rates = CurrencyRate.objects.filter(company=company, currency=new.currency, valid_from__lte=new.entry_date)
    found = rates.order_by("-valid_from").values_list("rate", flat=True).first()
    if found is None:
        raise no_rate(new.currency.code, new.entry_date)
    return found


def no_rate(currency: str, day: date) -> NotRegistered:
    """The finding that a currency has no rate on a day."""
    text = _("There is no rate for %(currency)s on %(day)s. Enter it under Rates.")
    return NotRegistered("currency", text % {"currency": currency, "day": day})
