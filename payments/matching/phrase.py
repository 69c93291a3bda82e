"""Rule 8: words of the message that a person once said belong to a customer or to a ledger account. Pure.

A phrase for a customer proposes what the customer has open; one for a ledger account proposes the account, and proves
it only when the person who made it said that it may post by itself and the payment names no valid reference.
"""

from __future__ import annotations

import re
from dataclasses import replace

from django.utils.translation import gettext as _

from payments.choices import ParkReason, Rule
from payments.matching import payer
from payments.matching.facts import Paid, Phrase, Told, Verdict
from payments.matching.ledger_view import LedgerView, Payer
from payments.matching.shared import amount

_BETWEEN = re.compile(r"[\W_]+")


def folded(text: str) -> str:
    """Words only, in small letters, one blank between them: how a phrase and a message are compared."""
    return " ".join(_BETWEEN.sub(" ", text.casefold()).split())


def phrases_in(paid: Paid, view: LedgerView) -> list[Phrase]:
    """Phrases whose words stand in the message in this order, the longest first."""
    if not view.phrases or not paid.text:
        return []
    text = f" {folded(paid.text)} "
    return [phrase for phrase in view.phrases if f" {phrase.words} " in text]


def find(told: Told, view: LedgerView) -> list[Verdict]:
    """One answer per phrase that stands in the message."""
    found: list[Verdict] = []
    for phrase in phrases_in(told.paid, view):
        found += _account(told.paid, phrase) if phrase.gl_account else _customer(told, view, phrase)
    return found


def _account(paid: Paid, phrase: Phrase) -> list[Verdict]:
    words = {
        "phrase": phrase.shown,
        "account": phrase.gl_account,
        "amount": amount(paid.amount, paid.currency),
    }
    why = _("The message says “%(phrase)s”: %(amount)s to account %(account)s") % words
    proven = phrase.posts and not (paid.reference and paid.reference_valid)
    return [
        Verdict(
            Rule.PHRASE,
            proven,
            why,
            reason=None if proven else ParkReason.NO_REFERENCE,
            proof={"paid": str(paid.amount), "currency": paid.currency, "phrase": phrase.shown},
            to_account=paid.amount,
            gl_account=phrase.gl_account,
        )
    ]


def _customer(told: Told, view: LedgerView, phrase: Phrase) -> list[Verdict]:
    """What the customer has open; with nothing open, an advance on the customer's account."""
    why = _("the message says “%(phrase)s”, known for %(customer)s") % {
        "phrase": phrase.shown,
        "customer": phrase.customer,
    }
    someone = Payer(phrase.customer_id, phrase.customer_no, phrase.customer, how="phrase")
    found = [one for one in payer.of_payer(told, view, someone, why, Rule.PHRASE) if one.parts]
    found = [replace(one, why=one.why[:1].upper() + one.why[1:]) for one in found]
    if found:
        return [replace(one, proof={**one.proof, "phrase": phrase.shown}) for one in found]
    paid = told.paid
    return [
        Verdict(
            Rule.PHRASE,
            False,
            why[:1].upper() + why[1:],
            reason=ParkReason.CUSTOMER_ONLY,
            proof={"paid": str(paid.amount), "currency": paid.currency, "phrase": phrase.shown},
            customer_id=phrase.customer_id,
            to_account=paid.amount,
        )
    ]
