"""Rule 6: the payer is known and exactly one set of his open entries adds up to what he paid. Pure."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from payments.choices import ParkReason, Rule
from payments.matching.facts import Told, Verdict
from payments.matching.ledger_view import LedgerView
from payments.matching.shared import invoices_named, same_money, several
from payments.matching.sums import MOST_ENTRIES, exact_sums
from payments.matching.text import entries_named


def find(told: Told, view: LedgerView) -> list[Verdict]:
    """Two answers are two proposals; more than forty open entries are not searched.

    An answer is proof only when it holds every invoice the payment names: a sum that passes over a named one, or
    stands in for one that is not there or closed, would be a guess.
    """
    customer_id = named_customer(told, view)
    if customer_id is None:
        return []
    named = [*view.with_kid(told.forms), *entries_named(told, view)]
    names_unknown = told.split is not None and bool(told.split.invoice) and not named
    clear = not names_unknown and all(entry.open for entry in named)
    found = of_customer(told, view, customer_id, Rule.SUM, proves=clear)
    wanted = {entry.id for entry in named}
    return [
        one if not one.proven or wanted <= {part.entry.id for part in one.parts} else _doubted(one) for one in found
    ]


def _doubted(verdict: Verdict) -> Verdict:
    return replace(verdict, proven=False, reason=ParkReason.AMOUNT_DIFFERS)


def named_customer(told: Told, view: LedgerView) -> int | None:
    """The customer a valid reference or the invoices named in the payment point to; None when it is not one."""
    cut = told.split
    if cut is not None and cut.customer.isdigit() and cut.problem is None and told.paid.reference_valid is not False:
        return view.customer_ids.get(int(cut.customer))
    named = view.with_kid(told.forms) or entries_named(told, view)
    owners = {entry.customer_id for entry in named}
    return owners.pop() if len(owners) == 1 else None


def of_customer(told: Told, view: LedgerView, customer_id: int, rule: Rule, *, proves: bool) -> list[Verdict]:
    """Sets of this customer's open entries with exactly the paid sum."""
    paid = told.paid
    entries = same_money(view.open_of(customer_id), paid.currency)
    if not entries:
        return []
    name = {"customer": entries[0].customer, "count": MOST_ENTRIES}
    answers = exact_sums([entry.open for entry in entries], paid.amount)
    if answers.too_many:
        text = _("%(customer)s has too many open entries to find out which were paid.") % name
        return [Verdict(rule, False, text, reason=ParkReason.AMBIGUOUS, customer_id=customer_id)]
    found = [[entries[place] for place in positions] for positions in answers.found]
    if not found:
        return []
    if len(found) == 1:
        why = _("Of %(customer)s's open entries only %(invoices)s add up") % {
            **name,
            "invoices": invoices_named(found[0]),
        }
        return [several(rule, paid, found[0], why, proven=proves)]
    why = _("More than one set of %(customer)s's open entries adds up") % name
    return [several(rule, paid, chosen, why, proven=False) for chosen in found]
