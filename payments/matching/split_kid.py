"""Rule 2: the KID is split by the Factoring ID into customer and invoice, and both must be true. Pure."""

from __future__ import annotations

from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from payments.choices import ParkReason, Rule
from payments.matching.facts import Entry, Told, Verdict
from payments.matching.ledger_view import LedgerView
from payments.matching.lookup_keys import split_invoice_forms
from payments.matching.shared import by_reference, closed, proof_of


def find(told: Told, view: LedgerView) -> list[Verdict]:
    """The invoice must be the customer's: a reference whose two halves disagree proves nothing."""
    paid, cut = told.paid, told.split
    if cut is None or not (cut.customer or cut.invoice):
        return []
    digits = told.forms[0]
    words = {"reference": digits, "invoice": cut.invoice, "customer": cut.customer}
    if not cut.invoice:
        return _customer_only(told, view)
    named = [entry for entry in view.with_invoice(split_invoice_forms(told)) if not entry.credit_note]
    of_customer = [entry for entry in named if not cut.customer or str(entry.customer_no) == cut.customer]
    if named and not of_customer:
        text = _("Reference %(reference)s names invoice %(invoice)s, but that is not customer %(customer)s's.") % words
        return [Verdict(Rule.SPLIT_KID, False, text, reason=ParkReason.KID_UNKNOWN)]
    if not of_customer:
        return _customer_only(told, view) if cut.customer else []
    if cut.problem is not None or paid.reference_valid is False:
        return [_not_trusted(told, of_customer[0], view)]
    open_ones = [entry for entry in of_customer if entry.open]
    if not open_ones:
        return [closed(Rule.SPLIT_KID, of_customer[0])] if paid.search_closed else []
    if len(open_ones) > 1:
        text = _("Reference %(reference)s fits more than one invoice %(invoice)s.") % words
        return [Verdict(Rule.SPLIT_KID, False, text, reason=ParkReason.AMBIGUOUS)]
    return [by_reference(Rule.SPLIT_KID, paid, open_ones[0], view, digits=digits, cut=cut)]


def _not_trusted(told: Told, entry: Entry, view: LedgerView) -> Verdict:
    """A wrong check digit was typed by hand: what it would name is only a proposal."""
    named = by_reference(Rule.SPLIT_KID, told.paid, entry, view, digits=told.forms[0], cut=told.split)
    text = _("Check digit of %(reference)s is wrong; its digits would name invoice %(invoice)s") % {
        "reference": told.forms[0],
        "invoice": entry.invoice_no,
    }
    return Verdict(
        Rule.SPLIT_KID, False, text, named.parts, ParkReason.KID_INVALID, named.proof, customer_id=entry.customer_id
    )


def _customer_only(told: Told, view: LedgerView) -> list[Verdict]:
    """The customer is known by his number, the invoice is not: the sum of his open entries may still tell, and
    otherwise the money may stand on his account."""
    cut = told.split
    assert cut is not None  # noqa: S101 (asked by the caller)
    customer_id = view.customer_ids.get(int(cut.customer)) if cut.customer.isdigit() else None
    if customer_id is None:
        return []
    text = _("Reference %(reference)s names customer %(customer)s, but no open invoice.") % {
        "reference": told.forms[0],
        "customer": cut.customer,
    }
    trusted = cut.problem is None and told.paid.reference_valid is not False
    return [
        Verdict(
            Rule.SPLIT_KID,
            False,
            text,
            reason=ParkReason.CUSTOMER_ONLY,
            proof=proof_of(told.paid, (), digits=told.forms[0], cut=cut) if trusted else {},
            customer_id=customer_id,
            to_account=told.paid.amount if trusted else ZERO,
        )
    ]
