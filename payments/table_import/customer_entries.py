"""A customer's invoice or credit note of an import, checked by the same rules as one registered by hand."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from autopay_console.kernel.sets import chunks
from companies.models import Customer
from payments import customer_registration
from payments.choices import EntryKind
from payments.customer_registration import NewEntry, NotRegistered
from payments.models import CustomerEntry
from payments.table_import.checking import Values
from payments.table_import.context import Context, Problems

PARTY = "customer_no"


def parties(context: Context, numbers: set[int]) -> dict[int, Customer]:
    """The customers these rows name."""
    found: dict[int, Customer] = {}
    for part in chunks(sorted(numbers)):
        rows = Customer.objects.filter(company=context.company, number__in=part)
        found.update({row.number: row for row in rows})
    return found


def unknown(number: int) -> str:
    """What is said of a customer we do not have."""
    return _("There is no customer %(number)s. Import or register the customer first.") % {"number": number}


def key(values: Values, customer: Customer) -> tuple[str, str]:
    """What makes an entry the same entry: our own invoice numbers are unique."""
    return str(values["kind"]), values["invoice_no"]


def key_of(entry: CustomerEntry) -> tuple[str, str]:
    """The same of an entry we have."""
    return str(entry.kind), entry.invoice_no


def key_text(values: Values, customer: Customer) -> str:
    """The same as text."""
    return f"{values['kind']}|{values['invoice_no']}"


def make(context: Context, customer: Customer, values: Values) -> tuple[CustomerEntry | None, Problems]:
    """The entry as it would be, or what is wrong."""
    code = values.get("currency", context.company.currency_id)
    new = NewEntry(
        customer=customer,
        kind=EntryKind(values["kind"]),
        invoice_no=values["invoice_no"],
        entry_date=values["entry_date"],
        due_date=values["due_date"],
        currency=context.currencies[code],
        amount=abs(values["amount"]),
        kid=values.get("kid", ""),
        voucher_no=values.get("voucher_no", ""),
        discount_amount=values.get("discount_amount", ZERO),
        discount_date=values.get("discount_date"),
    )
    try:
        customer_registration.check(new)
        rate = context.rate(code, new.entry_date)
        if rate is None:
            raise customer_registration.no_rate(code, new.entry_date)
    except NotRegistered as wrong:
        return None, [(wrong.field, str(wrong))]
    return customer_registration.open_entry(context.company, new, Decimal(rate)), []
