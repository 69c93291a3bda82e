"""Rule 1: the whole KID (or other reference) stands on an open entry. Pure."""

from __future__ import annotations

from django.utils.translation import gettext as _

from payments.choices import ParkReason, Rule
from payments.matching.amounts import Fit, fit
from payments.matching.facts import Entry, Told, Verdict
from payments.matching.ledger_view import LedgerView
from payments.matching.shared import (
    by_reference,
    closed,
    fits_whole,
    invoices_named,
    proof_of,
    same_money,
    several,
    total_open,
)
from payments.matching.sums import exact_sums
from payments.matching.text import entries_named


def find(told: Told, view: LedgerView, rule: Rule = Rule.WHOLE_KID) -> list[Verdict]:
    """One entry with this reference is proof; a reference several entries share needs the amount as well."""
    paid = told.paid
    if not told.forms or (rule is Rule.WHOLE_KID and paid.reference_kind == "RF"):
        return []
    known = list(dict.fromkeys(view.with_kid(told.forms)))
    open_ones = [entry for entry in known if entry.open]
    if not open_ones:
        return [closed(rule, known[0])] if known and paid.search_closed else []
    if len(open_ones) == 1:
        return _one(told, open_ones[0], view, rule)
    return _shared(told, same_money(open_ones, paid.currency), view, rule)


def _one(told: Told, entry: Entry, view: LedgerView, rule: Rule) -> list[Verdict]:
    """Paid more than the named invoice: the message may name the others, and then all is told."""
    paid, digits = told.paid, told.forms[0]
    if fit(paid, entry, view.limits).fit is Fit.OVER:
        others = [
            other
            for other in same_money(entries_named(told, view), paid.currency)
            if other.customer_id == entry.customer_id and other.id != entry.id
        ]
        answer = exact_sums([other.open for other in others], paid.amount - entry.open)
        if answer.unique is not None:
            chosen = [entry, *(others[place] for place in answer.unique)]
            words = {"reference": digits, "invoices": invoices_named(chosen)}
            why = _("Reference %(reference)s and the message name invoices %(invoices)s, which add up") % words
            return [several(rule, paid, chosen, why, digits=digits, cut=told.split)]
    return [by_reference(rule, paid, entry, view, digits=digits, cut=told.split)]


def _shared(told: Told, entries: list[Entry], view: LedgerView, rule: Rule) -> list[Verdict]:
    """Several open entries carry the reference (a customer's standing KID): the amount must single out one answer."""
    paid, digits = told.paid, told.forms[0]
    exact = [entry for entry in entries if fits_whole(paid, entry, view)]
    if len(exact) == 1:
        return [by_reference(rule, paid, exact[0], view, digits=digits, cut=told.split)]
    words = {"reference": digits, "count": len(entries)}
    if not exact and entries and total_open(entries) == paid.amount:
        why = _("Reference %(reference)s stands on %(count)s open entries, which add up") % words
        return [several(rule, paid, entries, why, digits=digits)]
    answers = exact_sums([entry.open for entry in entries], paid.amount)
    if not exact and answers.unique is not None:
        chosen = [entries[place] for place in answers.unique]
        why = _("Reference %(reference)s is shared; only %(invoices)s add up") % {
            **words,
            "invoices": invoices_named(chosen),
        }
        return [several(rule, paid, chosen, why, digits=digits)]
    why = _("Reference %(reference)s stands on %(count)s open entries") % words
    proposals = [
        several(rule, paid, [entries[place] for place in positions], why, proven=False, digits=digits)
        for positions in answers.found
    ]
    return proposals or [
        Verdict(
            rule, False, why, reason=ParkReason.AMBIGUOUS, proof=proof_of(paid, (), digits=digits),
            customer_id=entries[0].customer_id if entries else None,
        )
    ]  # fmt: skip
