"""A supplier's invoice or credit note of an import, made by the same planner as one registered by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO, rounded
from autopay_console.kernel.sets import chunks
from companies.accounts import normalise
from companies.models import PayeeAccount, Supplier
from payments.choices import RowOutcome
from payments.iso20022.references import rf
from payments.models import SupplierEntry
from payments.preparing.planning import NewEntry, said
from payments.table_import.checking import Values, check_account
from payments.table_import.context import Context, Planned, Problems

PARTY = "supplier_no"


def parties(context: Context, numbers: set[int]) -> dict[int, Supplier]:
    """The suppliers these rows name; employees only for those who may see salary."""
    found: dict[int, Supplier] = {}
    for part in chunks(sorted(numbers)):
        rows = Supplier.objects.filter(company=context.company, number__in=part).select_related("bank_partner")
        found.update({row.number: row for row in (rows if context.payroll else rows.filter(is_payroll=False))})
    return found


def unknown(number: int) -> str:
    """What is said of a supplier we do not have."""
    return _("There is no supplier %(number)s. Import or register the supplier first.") % {"number": number}


def key(values: Values, supplier: Supplier) -> tuple[int, str, str]:
    """What makes an entry the same entry."""
    return supplier.pk, str(values["kind"]), values["invoice_no"]


def key_of(entry: SupplierEntry) -> tuple[int, str, str]:
    """The same of an entry we have."""
    return entry.supplier_id, str(entry.kind), entry.invoice_no


def key_text(values: Values, supplier: Supplier) -> str:
    """The same as text."""
    return f"{supplier.number}|{values['kind']}|{values['invoice_no']}"


def make(context: Context, supplier: Supplier, values: Values) -> tuple[SupplierEntry | None, Problems]:
    """The entry as it would be, with its planned payment date, or what is wrong."""
    company, amount = context.company, values["amount"]
    currency = values.get("currency", company.currency_id)
    booked = values.get("amount_booked")
    if currency == company.currency_id:
        booked = amount if booked is None else booked
    elif booked is None and (rate := context.rate(currency, values["entry_date"])) is not None:
        booked = rounded(amount * rate)
    problems = _problems(context, supplier, values, currency, booked)
    if problems:
        return None, problems
    kind = values.get("voucher_type")
    new = NewEntry(
        invoice_no=values["invoice_no"],
        amount=amount,
        entry_date=values["entry_date"],
        due_date=values["due_date"],
        currency=currency,
        amount_booked=booked,
        discount_amount=values.get("discount_amount", ZERO),
        discount_date=values.get("discount_date"),
        voucher_no=values.get("voucher_no", ""),
        voucher_type=context.voucher_types[kind] if kind else None,
        kid=_tidy(values.get("kid", "")),
        extra_text=values.get("extra_text", ""),
        account=values.get("account", ""),
        fee_code=values.get("fee_code", 0),
        declaration_code=values.get("declaration_code", ""),
        held=values.get("held", False),
    )
    return context.planner.entry(supplier, new), []


def _problems(context: Context, supplier: Supplier, values: Values, currency: str, booked: Any) -> Problems:
    found: Problems = []
    amount, discount = values["amount"], values.get("discount_amount", ZERO)
    if booked is None:
        text = _("Write the amount in %(currency)s too, or enter a rate.")
        found.append(("amount_booked", text % {"currency": context.company.currency_id}))
    elif (booked > 0) != (amount > 0):
        found.append(("amount_booked", _("Both amounts must have the same sign.")))
    elif currency == context.company.currency_id and booked != amount:
        found.append(("amount_booked", _("The entry is in the company's currency: both amounts must be equal.")))
    if values["due_date"] < values["entry_date"]:
        found.append(("due_date", _("The due date is before the invoice date.")))
    if (kid := _tidy(values.get("kid", ""))).startswith("RF") and not rf(kid):
        found.append(("kid", _("The check digits of %(kid)s are wrong.") % {"kid": kid}))
    if discount < 0 or (discount and discount >= abs(amount)):
        found.append(("discount_amount", _("The cash discount must be less than the invoice.")))
    if discount and values.get("discount_date") is None:
        found.append(("discount_date", _("Say until when the cash discount is given.")))
    if account := values.get("account"):
        problem = check_account(account, supplier.country_id)
        if problem is not None and problem.stops:
            found.append(("account", said(problem)))
    return found


def _tidy(kid: str) -> str:
    return "".join(kid.split()).upper()


def mark_new_accounts(planned: Sequence[Planned], suppliers: dict[int, Supplier]) -> None:
    """Accounts typed on an entry that are neither the supplier's own nor known: a second person must accept them."""
    typed = [
        one
        for one in planned
        if one.row is not None
        and one.row.account
        and (one.outcome == RowOutcome.CREATED or "account" in one.changes)
        and one.row.account not in _own(suppliers[one.row.supplier_id])
    ]
    known: set[tuple[int, str]] = set()
    for part in chunks(typed, 900):
        rows = PayeeAccount.objects.filter(supplier_id__in={one.row.supplier_id for one in part})
        known |= set(rows.filter(account__in={one.row.account for one in part}).values_list("supplier_id", "account"))
    for one in typed:
        if (one.row.supplier_id, one.row.account) not in known:
            one.accounts = {"account": one.row.account}


def _own(supplier: Supplier) -> set[str]:
    return {normalise(number) for number in (supplier.iban, supplier.account, supplier.giro) if number}
