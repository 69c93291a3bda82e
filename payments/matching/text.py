"""Rule 5: numbers in the message text, tried as references and as invoice numbers; several must add up. Pure."""

from __future__ import annotations

from collections import defaultdict

from django.utils.translation import gettext as _

from payments.choices import ParkReason, Rule
from payments.matching.facts import Entry, Told, Verdict
from payments.matching.ledger_view import LedgerView
from payments.matching.lookup_keys import split_of
from payments.matching.reading import forms_of, invoice_forms, may_be_reference
from payments.matching.shared import (
    amount,
    closed,
    difference_in_words,
    fits_whole,
    invoices_named,
    named_parts,
    proof_of,
    same_money,
    several,
    total_open,
)
from payments.matching.sums import exact_sums


def find(told: Told, view: LedgerView) -> list[Verdict]:
    """A number in a text is only as good as the amount beside it: what is named must add up to what was paid."""
    named = entries_named(told, view)
    if not named:
        return []
    open_ones = [entry for entry in named if entry.open]
    if not open_ones:
        return [closed(Rule.TEXT, named[0])] if told.paid.search_closed else []
    whole = [(entry, fitted) for entry in open_ones if (fitted := fits_whole(told.paid, entry, view)) is not None]
    answers = _answers(told, open_ones)
    if len(whole) == 1 and len([found for found in answers if len(found) > 1]) == 0:
        entry, fitted = whole[0]
        assert fitted.part is not None  # noqa: S101 (a fit that settles has a part)
        why = _("The message names invoice %(invoice)s of %(customer)s, and the amount fits") % {
            "invoice": entry.invoice_no,
            "customer": entry.customer,
        }
        proof = {**proof_of(told.paid, (fitted.part,)), "numbers": list(told.numbers)}
        text = f"{why}{difference_in_words(told.paid, fitted)}"
        return [Verdict(Rule.TEXT, True, text, (fitted.part,), proof=proof, customer_id=entry.customer_id)]
    return _several(told, answers, open_ones)


def _answers(told: Told, entries: list[Entry]) -> list[list[Entry]]:
    """Sets of named entries of one customer that add up to the payment, at most two."""
    of_customer: dict[int, list[Entry]] = defaultdict(list)
    for entry in same_money(entries, told.paid.currency):
        of_customer[entry.customer_id].append(entry)
    found = []
    for owned in of_customer.values():
        for positions in exact_sums([entry.open for entry in owned], told.paid.amount).found:
            found.append([owned[place] for place in positions])
    return found[:2]


def _several(told: Told, answers: list[list[Entry]], open_ones: list[Entry]) -> list[Verdict]:
    paid = told.paid
    words = {"invoices": invoices_named(answers[0])} if answers else {"invoices": invoices_named(open_ones)}
    if len(answers) == 1:
        why = _("The message names invoices %(invoices)s, which add up") % words
        return [_with_numbers(several(Rule.TEXT, paid, answers[0], why), told)]
    if answers:
        why = _("The message names more than one set of invoices that adds up")
        return [_with_numbers(several(Rule.TEXT, paid, found, why, proven=False), told) for found in answers]
    ours = [entry for entry in open_ones if entry.customer_id == open_ones[0].customer_id]
    text = _("The message names %(invoices)s with %(open)s open, but %(paid)s came in") % {
        "invoices": invoices_named(ours),
        "open": amount(total_open(ours), ours[0].currency),
        "paid": amount(paid.amount, paid.currency),
    }
    reason = ParkReason.AMOUNT_DIFFERS if ours[0].currency == paid.currency else ParkReason.CURRENCY
    parts = named_parts(paid, ours)
    proof = {**proof_of(paid, parts), "numbers": list(told.numbers)}
    return [Verdict(Rule.TEXT, False, text, parts, reason, proof, customer_id=ours[0].customer_id)]


def _with_numbers(verdict: Verdict, told: Told) -> Verdict:
    proof = {**verdict.proof, "numbers": list(told.numbers)}
    return Verdict(verdict.rule, verdict.proven, verdict.why, verdict.parts, verdict.reason, proof, verdict.customer_id)


def entries_named(told: Told, view: LedgerView) -> list[Entry]:
    """Entries the message names: by reference, by the split of a reference, by invoice number; each once."""
    found: dict[int, Entry] = {}
    for number in told.numbers:
        by_number: list[Entry] = view.with_kid(forms_of(number)) if may_be_reference(number) else []
        if not by_number and (cut := split_of(told, number)) is not None and cut[1]:
            of_invoice = view.with_invoice((cut[1],))
            by_number = [entry for entry in of_invoice if not cut[0] or str(entry.customer_no) == cut[0]]
        by_number = by_number or view.with_invoice(invoice_forms(number))
        found.update({entry.id: entry for entry in by_number})
    return list(found.values())
