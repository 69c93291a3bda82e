"""Sentences and small decisions the rules share. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from autopay_console.kernel import amounts
from autopay_console.kernel.money import ZERO
from payments.choices import ParkReason, Rule
from payments.interpretation import Split, check_rule
from payments.iso20022.currencies import decimals_of
from payments.matching.amounts import SETTLED, Fit, Fitted, fit
from payments.matching.facts import Entry, Paid, Part, Verdict
from payments.matching.ledger_view import LedgerView


def amount(value: Decimal, currency: str) -> str:
    """An amount for a sentence, grouped as everywhere on the screens: `1 012.50 NOK`."""
    return f"{amounts.shown(value, decimals_of(currency))} {currency}"


def proof_of(paid: Paid, parts: Sequence[Part], *, digits: str = "", cut: Split | None = None) -> dict[str, Any]:
    """Which digits and which amounts: what the screen shows beside a match."""
    proof: dict[str, Any] = {
        "paid": str(paid.amount),
        "currency": paid.currency,
        "parts": [
            {
                "invoice": part.entry.invoice_no,
                "customer": part.entry.customer_no,
                "open": str(part.entry.open),
                "closes": str(part.closes),
                **({"discount": str(part.discount)} if part.discount else {}),
                **({"write_off": str(part.write_off)} if part.write_off else {}),
            }
            for part in parts
        ],
    }
    if digits:
        proof["digits"] = digits
        proof["check"] = check_rule(digits) or ("mod97" if digits.startswith("RF") else "")
    if cut is not None:
        proof["segments"] = [{"role": str(cell.role), "text": cell.text, "start": cell.start} for cell in cut.segments]
        proof["check"] = cut.check_rule
    if paid.instructed is not None:
        proof["instructed"] = f"{paid.instructed} {paid.instructed_currency}"
    return proof


def by_reference(
    rule: Rule, paid: Paid, entry: Entry, view: LedgerView, *, digits: str, cut: Split | None = None
) -> Verdict:
    """A reference names exactly this invoice: that is proof for it, whatever part of it was paid."""
    fitted = fit(paid, entry, view.limits)
    if fitted.fit is Fit.CLOSED:
        return closed(rule, entry)
    if fitted.part is None:
        return in_other_currency(rule, paid, entry)
    parts = (fitted.part,)
    words = {"reference": digits, "invoice": entry.invoice_no, "customer": entry.customer}
    why = _("Reference %(reference)s names invoice %(invoice)s of %(customer)s") % words
    return Verdict(
        rule,
        True,
        f"{why}{difference_in_words(paid, fitted)}",
        parts,
        reason=ParkReason.AMOUNT_DIFFERS if fitted.fit is Fit.OVER else None,
        proof=proof_of(paid, parts, digits=digits, cut=cut),
        customer_id=entry.customer_id,
    )


def difference_in_words(paid: Paid, fitted: Fitted) -> str:
    """The tail of the sentence: what is left over or missing."""
    if fitted.fit is Fit.EXACT:
        return ""
    value = amount(abs(fitted.difference), paid.currency)
    if fitted.fit is Fit.OVER:
        return _(", %(amount)s more than is open") % {"amount": value}
    if fitted.fit is Fit.UNDER:
        return _(", %(amount)s less than is open") % {"amount": value}
    if fitted.fit is Fit.TOLERANCE:
        return _(", difference of %(amount)s written off") % {"amount": value}
    if fitted.fit is Fit.DISCOUNT and fitted.part is not None:
        return _(", cash discount of %(amount)s taken in time") % {
            "amount": amount(fitted.part.discount, fitted.part.entry.currency)
        }
    return ""


def closed(rule: Rule, entry: Entry) -> Verdict:
    """The invoice is known but nothing of it is open: probably paid twice."""
    words = {"invoice": entry.invoice_no, "customer": entry.customer, "day": entry.settled_on}
    if entry.settled_on:
        text = _("Invoice %(invoice)s of %(customer)s was settled on %(day)s: possible double payment.") % words
    else:
        text = _("Nothing is open on invoice %(invoice)s of %(customer)s: possible double payment.") % words
    return Verdict(rule, False, text, reason=ParkReason.DOUBLE, customer_id=entry.customer_id)


def in_other_currency(rule: Rule, paid: Paid, entry: Entry) -> Verdict:
    """The invoice is in another currency than the money, and the payer's order does not settle it."""
    words = {
        "invoice": entry.invoice_no,
        "open": amount(entry.open, entry.currency),
        "paid": amount(paid.amount, paid.currency),
    }
    text = _("Invoice %(invoice)s is open with %(open)s, but %(paid)s came in.") % words
    return Verdict(rule, False, text, reason=ParkReason.CURRENCY, customer_id=entry.customer_id)


def several(
    rule: Rule, paid: Paid, entries: Iterable[Entry], why: str, *, proven: bool = True, **proof: Any
) -> Verdict:
    """All these entries, each with what is open on it."""
    parts = tuple(Part(entry, entry.open, entry.open) for entry in entries)
    return Verdict(
        rule,
        proven,
        why,
        parts,
        reason=None if proven else ParkReason.AMBIGUOUS,
        proof=proof_of(paid, parts, **proof),
        customer_id=parts[0].entry.customer_id,
    )


def as_far_as_it_goes(paid: Paid, entries: Iterable[Entry]) -> tuple[Part, ...]:
    """The money on these entries in their order, the last one in part; credit notes are passed over."""
    left, parts = paid.amount, []
    for entry in same_money(entries, paid.currency):
        if entry.open < ZERO or left <= ZERO:
            continue
        part = min(left, entry.open)
        parts.append(Part(entry, part, part))
        left -= part
    return tuple(parts)


def named_parts(paid: Paid, entries: Sequence[Entry]) -> tuple[Part, ...]:
    """What to propose when the named entries do not add up to the payment: all of them when too much was paid, the
    oldest due first when too little was. Nothing when the credit notes among them outweigh the invoices."""
    if any(entry.currency != paid.currency for entry in entries) or total_open(entries) <= ZERO:
        return ()
    if total_open(entries) <= paid.amount:
        return tuple(Part(entry, entry.open, entry.open) for entry in entries if entry.open)
    return as_far_as_it_goes(paid, sorted(entries, key=lambda entry: (entry.due, entry.id)))


def fits_whole(paid: Paid, entry: Entry, view: LedgerView) -> Fitted | None:
    """The answer when the payment settles the entry (exactly, with discount, or within the small difference)."""
    fitted = fit(paid, entry, view.limits)
    return fitted if fitted.fit in SETTLED else None


def invoices_named(entries: Iterable[Entry]) -> str:
    """`12345 + 12361` for a sentence."""
    return " + ".join(entry.invoice_no for entry in entries)


def total_open(entries: Iterable[Entry]) -> Decimal:
    return sum((entry.open for entry in entries), ZERO)


def same_money(entries: Iterable[Entry], currency: str) -> list[Entry]:
    """Entries in the payment's currency that are open."""
    return [entry for entry in entries if entry.open and entry.currency == currency]
