"""Reads once what a payment tells: forms its reference may have in the ledger, and numbers in its text. Pure."""

from __future__ import annotations

import re

from payments.interpretation import Split, numbers_in, split
from payments.iso20022.references import finnish
from payments.matching.facts import Paid, Told
from payments.reference_rules import inside_rf, make_rf, squeezed

MOST_NUMBERS = 30  # a message of 140 characters holds no more; more would be somebody's table
_FORMS_OF_NUMBER = re.compile(r"[0-9]{4,25}-?", re.ASCII)


def told(paid: Paid) -> Told:
    """Everything the rules will look up for this payment."""
    value = squeezed(paid.reference)
    cut: Split | None = None
    if paid.definition is not None and value and not paid.definition.whole:
        cut = split(value, paid.definition)
        if cut.problem is not None and cut.problem.stops:
            cut = None
    return Told(paid, forms_of(value, paid.reference_kind), cut, numbers_in(paid.text)[:MOST_NUMBERS])


def forms_of(value: str, kind: str = "") -> tuple[str, ...]:
    """How the same reference may stand in the ledger: a KID only as it is, because its positions count.

    Finnish references lose or gain leading zeros and may be wrapped as RF; a Danish card carries its kind.
    """
    if not value:
        return ()
    forms = [value]
    if kind == "RF" or value.startswith("RF"):
        inside = inside_rf(value)
        forms += [inside, inside.zfill(20)] if inside.isdigit() else [inside]
    elif kind == "FI" and value.isdigit() and finnish(value):
        plain = value.lstrip("0")
        forms += [plain, plain.zfill(20), make_rf(plain)]
    elif "/" in value:
        card = value.partition("/")[2]
        forms += [card, card.lstrip("0")]
    return tuple(dict.fromkeys(form for form in forms if form))


def may_be_reference(number: str) -> bool:
    """A number of a text that is long enough to be a KID or reference."""
    return bool(_FORMS_OF_NUMBER.fullmatch(number)) or number.startswith("RF")


def invoice_forms(number: str) -> tuple[str, ...]:
    """An invoice number as given and without leading zeros."""
    plain = number.lstrip("0")
    return (number, plain) if plain and plain != number else (number,)
