"""Codes and charges of payments, decided once for all payees on the same road to the bank."""

from __future__ import annotations

from typing import NamedTuple

from payments.iso20022 import payment_types
from payments.iso20022.order_kinds import Scheme
from payments.iso20022.orders import Account, Creditor, Debtor, Profile, Reference, Terms
from payments.iso20022.payment_types import Decision, Urgency, Wish

DENMARK = "DK"


class Road(NamedTuple):
    """All that decides: `number` and `reference` only of a Danish payee, whose number and card have a say."""

    country: str
    scheme: Scheme
    number: str
    reference: Reference | None
    currency: str
    fee_code: int
    urgent: bool
    payroll: bool


class Roads:
    """The decisions of one order. Equal terms are one object: a block is told by it."""

    def __init__(self, debtor: Debtor, profile: Profile) -> None:
        self._debtor = debtor
        self._profile = profile
        self._decided: dict[Road, Decision] = {}
        self._same_terms: dict[Terms, Terms] = {}

    def decision(self, road: Road) -> Decision:
        """Terms and notes of this road; Danish ones are as many as payees and are not kept."""
        found = self._decided.get(road)
        if found is None:
            found = self._decide(road)
            if road.country != DENMARK:
                self._decided[road] = found
        return found

    def _decide(self, road: Road) -> Decision:
        payee = Creditor("", Account(road.number, road.scheme), road.country)  # no more of it may count
        urgency = Urgency.URGENT if road.urgent else Urgency.ORDINARY
        purpose = "SALA" if road.payroll else ""
        wish = Wish(self._debtor, payee, road.currency, road.reference, road.fee_code, urgency, purpose)
        decision = payment_types.decide(wish, self._profile)
        terms = self._same_terms.setdefault(decision.terms, decision.terms)
        return decision if terms is decision.terms else Decision(terms, decision.notes)
