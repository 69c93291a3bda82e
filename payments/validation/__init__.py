"""Preflight: what is wrong with a payment, found before anybody approves it, each with where it is mended.

Stops keep a payment from being uploaded; warnings must be accepted by name; notes only tell. Source: system §5.
"""

from __future__ import annotations

from payments.models import Payment
from payments.preparing.ordering import Desk
from payments.validation import cover, items, lines, setup
from payments.validation.finding import Finding, Remedy, ordered

__all__ = ["Finding", "Remedy", "findings"]


def findings(payment: Payment) -> list[Finding]:
    """Everything there is to say about a payment, stops first; reads it in slices, never line by line."""
    desk = Desk(payment)
    found = [*setup.check(desk), *items.check(desk)]
    found += [*lines.check(desk), *cover.check(desk)]
    return ordered(found)
