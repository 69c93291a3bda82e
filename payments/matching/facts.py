"""What the matching rules look at and what they answer, as plain records. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from autopay_console.kernel.money import ZERO
from payments.choices import EntryKind, ParkReason, Rule
from payments.interpretation import Definition, Split


@dataclass(frozen=True, slots=True)
class Entry:
    """A customer entry; `open` is its rest less what other payments were matched to and have not booked yet."""

    id: int
    customer_id: int
    customer_no: int
    customer: str
    kind: str
    invoice_no: str
    kid: str
    currency: str
    open: Decimal
    due: date
    discount: Decimal = ZERO
    discount_until: date | None = None
    settled_on: date | None = None

    @property
    def credit_note(self) -> bool:
        return self.kind != EntryKind.INVOICE


@dataclass(frozen=True, slots=True)
class Named:
    """A document the payer names: invoice number or its reference, and his share for it when he gives one."""

    token: str
    amount: Decimal | None = None
    credit: bool = False


@dataclass(frozen=True, slots=True)
class Paid:
    """An incoming payment as the rules see it. `definition` describes references of the receiving account."""

    id: UUID
    amount: Decimal
    currency: str
    value_date: date
    reference: str = ""
    reference_kind: str = ""
    reference_valid: bool | None = None
    documents: tuple[Named, ...] = ()
    text: str = ""
    payer_name: str = ""
    payer_account: str = ""
    instructed: Decimal | None = None
    instructed_currency: str = ""
    definition: Definition | None = None
    search_open: bool = True
    search_closed: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """What a payment tells, read once: forms its reference may have in the ledger, numbers in its text."""

    paid: Paid
    forms: tuple[str, ...] = ()
    split: Split | None = None
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What of the payment goes onto one entry.

    `amount` is in the payment's currency; `closes` in the entry's, by its sign. `discount` and `write_off` are
    what is closed beyond the paid amount (negative write-off: a little was paid too much).
    """

    entry: Entry
    amount: Decimal
    closes: Decimal
    discount: Decimal = ZERO
    write_off: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says: proven, or a proposal with the reason why it is not proven.

    `why` is the sentence shown with the proposal; `proof` names digits and amounts. A reason without parts only
    explains why nothing was found.
    """

    rule: Rule
    proven: bool
    why: str
    parts: tuple[Part, ...] = ()
    reason: ParkReason | None = None
    proof: Mapping[str, Any] = field(default_factory=dict)
    customer_id: int | None = None
    to_account: Decimal = ZERO  # onto no entry: to `gl_account`, or to the customer's account when that is empty
    gl_account: str = ""

    @property
    def placed(self) -> Decimal:
        """How much of the payment has a place."""
        return sum((part.amount for part in self.parts), self.to_account)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words (as compared, and as shown) that name a customer or a ledger account; `posts`: to the account at once."""

    words: str
    shown: str
    gl_account: str = ""
    customer_id: int = 0
    customer_no: int = 0
    customer: str = ""
    posts: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Small differences the company writes off by itself (in company currency), zero: none."""

    write_off: Decimal = ZERO
    write_off_currency: str = ""


def described(documents: tuple[Named, ...]) -> str:
    """Documents as one text for the row: `12345 2500.00; CREN 511 -600.00`."""
    words = []
    for named in documents:
        mark = "CREN " if named.credit else ""
        share = f" {named.amount:f}" if named.amount is not None else ""
        words.append(f"{mark}{named.token}{share}")
    return "; ".join(words)


def documents_of(text: str) -> tuple[Named, ...]:
    """The documents of a row, as written by `described`."""
    found = []
    for words in text.split("; ") if text else ():
        pieces = words.split(" ")
        credit = len(pieces) > 1 and pieces[0] == "CREN"
        token, *share = pieces[1:] if credit else pieces
        found.append(Named(token, Decimal(share[0]) if share else None, credit))
    return tuple(found)
