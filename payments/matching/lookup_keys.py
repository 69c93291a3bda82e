"""Invoice numbers inside references: what has to be looked up before a split can be proven. Pure."""

from __future__ import annotations

from payments.interpretation import split
from payments.matching.facts import Told


def split_invoice_forms(told: Told) -> tuple[str, ...]:
    """The invoice number of a split reference, without and with its leading zeros."""
    if told.split is None:
        return ()
    raw = next((segment.text for segment in told.split.segments if segment.role == "invoice"), "")
    return tuple(dict.fromkeys((told.split.invoice, raw)))


def split_of(told: Told, number: str) -> tuple[str, str] | None:
    """Customer and invoice number of a number in the text that is built like this account's references."""
    definition = told.paid.definition
    if definition is None or definition.whole or len(number) != definition.length:
        return None
    cut = split(number, definition)
    return None if cut.problem is not None else (cut.customer, cut.invoice)
