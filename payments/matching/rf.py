"""Rule 3: an RF reference (ISO 11649), as it is or as the national reference inside it. Pure."""

from __future__ import annotations

from payments.choices import Rule
from payments.matching import whole_kid
from payments.matching.facts import Told, Verdict
from payments.matching.ledger_view import LedgerView


def find(told: Told, view: LedgerView) -> list[Verdict]:
    """As for a whole KID, for references that are RF; wrong check digits prove nothing."""
    if told.paid.reference_kind != "RF" or told.paid.reference_valid is False:
        return []
    return whole_kid.find(told, view, Rule.RF)
