"""Rule 7: who has paid from this account before, or has this name. It proposes and never decides. Pure."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from payments.choices import ParkReason, Rule
from payments.iso20022.keys import account_key
from payments.matching import exact_sum
from payments.matching.facts import Paid, Part, Told, Verdict
from payments.matching.ledger_view import LedgerView, Payer
from payments.matching.shared import as_far_as_it_goes, fits_whole, proof_of, same_money

MOST_PAYERS = 3


def payers_of(told: Told, view: LedgerView) -> list[Payer]:
    """Customers behind the payer's account, then those with the very name."""
    by_account = view.payers.get(account_key(told.paid.payer_account), ()) if told.paid.payer_account else ()
    by_name = view.payers.get(told.paid.payer_name, ()) if told.paid.payer_name else ()
    found = {payer.customer_id: payer for payer in (*by_name, *by_account)}
    return sorted(found.values(), key=lambda payer: (-payer.seen, payer.how == "name", payer.customer_no))[:MOST_PAYERS]


def find(told: Told, view: LedgerView) -> list[Verdict]:
    """Sets that add up, else one entry of the amount, else the oldest entries as far as the money goes."""
    return [one for payer in payers_of(told, view) for one in of_payer(told, view, payer, _how(payer), Rule.PAYER)]


def of_payer(told: Told, view: LedgerView, payer: Payer, why: str, rule: Rule) -> list[Verdict]:
    """What this customer's open entries propose for the payment; `why` says how the customer is known."""
    sums = [one for one in exact_sum.of_customer(told, view, payer.customer_id, rule, proves=False) if one.parts]
    if sums:
        return [replace(one, why=f"{one.why}; {why}", reason=ParkReason.NO_REFERENCE) for one in sums]
    found = _single(told.paid, view, payer, why) or _oldest(told.paid, view, payer, why)
    if found is None:
        return [Verdict(rule, False, why, reason=ParkReason.CUSTOMER_ONLY, customer_id=payer.customer_id)]
    return [replace(found, rule=rule)]


def _how(payer: Payer) -> str:
    words = {"customer": payer.name, "number": payer.customer_no, "count": payer.seen}
    if payer.seen:
        return (
            ngettext(
                "the payer's account is known from %(count)s payment of %(customer)s",
                "the payer's account is known from %(count)s payments of %(customer)s",
                payer.seen,
            )
            % words
        )
    if payer.how == "name":
        return _("the payer has the name of customer %(number)s") % words
    return _("the payer's account stands on the card of %(customer)s") % words


def _single(paid: Paid, view: LedgerView, payer: Payer, why: str) -> Verdict | None:
    """One entry that is settled by discount or small difference."""
    for entry in same_money(view.open_of(payer.customer_id), paid.currency):
        if (fitted := fits_whole(paid, entry, view)) is not None and fitted.part is not None:
            return _proposal(paid, (fitted.part,), payer, why)
    return None


def _oldest(paid: Paid, view: LedgerView, payer: Payer, why: str) -> Verdict | None:
    parts = as_far_as_it_goes(paid, view.open_of(payer.customer_id))
    if not parts:
        return None
    return _proposal(paid, parts, payer, _("Oldest open entries; %(why)s") % {"why": why})


def _proposal(paid: Paid, parts: tuple[Part, ...], payer: Payer, why: str) -> Verdict:
    return Verdict(
        Rule.PAYER, False, why, parts, ParkReason.NO_REFERENCE, proof_of(paid, parts), customer_id=payer.customer_id
    )
