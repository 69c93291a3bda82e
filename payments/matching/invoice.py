"""Rule 4: invoice numbers the payer named in fields of their own; accepted only when the amounts agree. Pure."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from payments.choices import ParkReason, Rule
from payments.matching.amounts import SETTLED, Fit, Fitted, fit
from payments.matching.facts import Entry, Named, Part, Told, Verdict
from payments.matching.ledger_view import LedgerView
from payments.matching.reading import forms_of, invoice_forms, may_be_reference
from payments.matching.shared import (
    amount,
    closed,
    difference_in_words,
    in_other_currency,
    invoices_named,
    named_parts,
    proof_of,
    total_open,
)


def find(told: Told, view: LedgerView) -> list[Verdict]:
    """Every named document must be found, all of one customer, and amount to what was paid."""
    named = list(told.paid.documents)
    if not named and told.paid.reference and not told.paid.reference_valid:
        named = [Named(told.paid.reference)]
    chosen: list[tuple[Named, Entry]] = []
    for document in named:
        entries = _entries(document, view)
        if len(entries) > 1:
            text = _("Document %(number)s fits more than one entry.") % {"number": document.token}
            return [Verdict(Rule.INVOICE, False, text, reason=ParkReason.AMBIGUOUS)]
        if entries:
            chosen.append((document, entries[0]))
    if not chosen:
        return []
    if len({entry.customer_id for _document, entry in chosen}) > 1:
        text = _("The documents named belong to more than one customer.")
        return [Verdict(Rule.INVOICE, False, text, reason=ParkReason.AMBIGUOUS)]
    if len(named) == 1:
        return [_single(told, chosen[0][1], view)]
    return [_several(told, chosen, complete=len(chosen) == len(named), view=view)]


def _entries(document: Named, view: LedgerView) -> list[Entry]:
    found = view.with_invoice(invoice_forms(document.token))
    if may_be_reference(document.token):
        found += view.with_kid(forms_of(document.token))
    found = list(dict.fromkeys(found))
    signed = [entry for entry in found if entry.credit_note == document.credit]
    found = signed or found
    return [entry for entry in found if entry.open] or found[:1]


def _single(told: Told, entry: Entry, view: LedgerView) -> Verdict:
    paid = told.paid
    fitted = fit(paid, entry, view.limits)
    if fitted.fit is Fit.CLOSED:
        return closed(Rule.INVOICE, entry)
    if fitted.fit is Fit.CURRENCY:
        return in_other_currency(Rule.INVOICE, paid, entry)
    why = _("Invoice %(invoice)s of %(customer)s is named") % {
        "invoice": entry.invoice_no,
        "customer": entry.customer,
    }
    parts = (fitted.part,) if fitted.part else ()
    proven = fitted.fit in SETTLED
    return Verdict(
        Rule.INVOICE,
        proven,
        f"{why}{difference_in_words(paid, fitted)}",
        parts,
        reason=None if proven else ParkReason.AMOUNT_DIFFERS,
        proof=proof_of(paid, parts),
        customer_id=entry.customer_id,
    )


def _several(told: Told, chosen: list[tuple[Named, Entry]], *, complete: bool, view: LedgerView) -> Verdict:
    """Shares as the payer wrote them, else all that is open; credit notes count against."""
    paid = told.paid
    parts: list[Part] = []
    settled = complete
    for document, entry in chosen:
        fitted = _share(told, document, entry, view)
        settled = settled and fitted.fit in SETTLED
        if fitted.part is not None:
            parts.append(fitted.part)
    entries = [entry for _document, entry in chosen]
    placed = sum((part.amount for part in parts), ZERO)
    words = {
        "invoices": invoices_named(entries),
        "open": amount(total_open(entries), entries[0].currency),
        "paid": amount(paid.amount, paid.currency),
    }
    proven = settled and placed == paid.amount and len(parts) == len(chosen)
    if proven:
        text = _("Documents %(invoices)s are named and add up to %(paid)s") % words
    else:
        text = _("Documents %(invoices)s are named with %(open)s open, but %(paid)s came in") % words
    usable = Decimal(0) < placed <= paid.amount
    return Verdict(
        Rule.INVOICE,
        proven,
        text,
        tuple(parts) if usable else named_parts(paid, entries),
        reason=None if proven else ParkReason.AMOUNT_DIFFERS,
        proof=proof_of(paid, parts),
        customer_id=entries[0].customer_id,
    )


def _share(told: Told, document: Named, entry: Entry, view: LedgerView) -> Fitted:
    if entry.currency != told.paid.currency or not entry.open:
        return Fitted(Fit.CURRENCY if entry.open else Fit.CLOSED)
    if document.amount is None:
        return Fitted(Fit.EXACT, Part(entry, entry.open, entry.open))
    share = -document.amount if entry.credit_note and document.amount > 0 else document.amount
    return fit(told.paid, entry, view.limits, share)
