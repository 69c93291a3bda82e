"""What an incoming reference says: which customer, which invoice. Pure.

The Factoring company row of the receiving account describes its references: Factoring ID `a;b` is where (from 1)
customer number and invoice number begin, the lengths say how long they are, the check digit is not counted. A
wrong reading closes another customer's invoice, so every split shows which digits it took for what.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from companies.problems import Problem, gettext_noop, stop, warning
from payments.iso20022.references import luhn, mod11, rf
from payments.reference_rules import mod10_digit, mod11_digit, squeezed

LONGEST_CUSTOMER = 10
LONGEST_INVOICE = 9
_IDS = re.compile(r"\s*([0-9]{1,2})\s*;\s*([0-9]{1,2})\s*")
_RF_IN_TEXT = re.compile(r"\bRF ?[0-9]{2}(?: ?[0-9A-Z]{1,4}){1,6}\b")
_NOT_NUMBERS = re.compile(
    r"\b[0-9]{1,2}[./][0-9]{1,2}[./](?:[0-9]{4}|[0-9]{2})\b|\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b"
    r"|(?<![0-9])[0-9]{1,3}(?:[ .][0-9]{3})*[,.][0-9]{2}(?![0-9])|(?<![0-9])[0-9]+[,.][0-9]{2}(?![0-9])"
)
_GROUPS = re.compile(r"(?<![0-9A-Za-z])[0-9]{1,}(?: [0-9]{2,})+-?(?![0-9A-Za-z])")
_NUMBER = re.compile(r"(?P<prefix>[A-Za-z]{1,4}-?)?(?P<digits>[0-9]{3,25}(?:-(?![0-9A-Za-z]))?)")


class Role(StrEnum):
    """What a stretch of a reference stands for."""

    CUSTOMER = "customer"
    INVOICE = "invoice"
    CHECK = "check"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Definition:
    """How references of one account are built; starts count from 1, 0 means the part is not used.

    `whole`: the reference is not split but compared with the one on the open entry.
    """

    customer_start: int = 0
    invoice_start: int = 0
    customer_length: int = 0
    invoice_length: int = 0

    @property
    def whole(self) -> bool:
        """True for `0;0`: nothing is split."""
        return not self.customer_start and not self.invoice_start

    @property
    def length(self) -> int:
        """Characters that must be there, the check digit included."""
        return max(stop_ for _, _, stop_ in self.parts()) + 1 if not self.whole else 0

    def parts(self) -> list[tuple[Role, int, int]]:
        """The used parts from left to right, as role, first and behind-last position (from 0)."""
        both = (
            (Role.CUSTOMER, self.customer_start, self.customer_length),
            (Role.INVOICE, self.invoice_start, self.invoice_length),
        )
        return sorted(
            ((role, start - 1, start - 1 + length) for role, start, length in both if start and length),
            key=lambda part: part[1],
        )


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the reference for the screen that proves a reading; `start` counts from 1."""

    role: Role
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Split:
    """A read reference: numbers without leading zeros (empty: not in it), check digit, and the proof."""

    customer: str
    invoice: str
    check: str
    segments: tuple[Segment, ...]
    check_rule: str = ""
    problem: Problem | None = None


def read_definition(factoring_id: str, customer_length: int, invoice_length: int) -> Definition | Problem:
    """The Factoring ID `a;b` with its lengths; an empty one: customer at 1, invoice right after it."""
    if customer_length > LONGEST_CUSTOMER or invoice_length > LONGEST_INVOICE:
        message = gettext_noop("At most %(customer)s customer and %(invoice)s invoice digits are possible.")
        return stop("cid_length", message, customer=LONGEST_CUSTOMER, invoice=LONGEST_INVOICE)
    if not factoring_id.strip():
        return Definition(1, customer_length + 1, customer_length, invoice_length)
    if not (found := _IDS.fullmatch(factoring_id)):
        message = gettext_noop('Factoring ID "%(value)s" must be two numbers, such as 10;1 or 0;0.')
        return stop("factoring_id", message, value=factoring_id)
    definition = Definition(int(found[1]), int(found[2]), customer_length, invoice_length)
    parts = definition.parts()
    if not definition.whole and len(parts) < (definition.customer_start > 0) + (definition.invoice_start > 0):
        return stop("cid_length_missing", gettext_noop("A part of the reference has a start but no length."))
    if len(parts) == 2 and parts[0][2] > parts[1][1]:
        message = gettext_noop("Customer and invoice number overlap in Factoring ID %(value)s.")
        return stop("cid_overlap", message, value=factoring_id)
    return definition


def check_rule(cid: str) -> str:
    """Which rule the last character fits: `mod10`, `mod11`, or nothing."""
    if not re.fullmatch(r"[0-9]+[0-9-]", cid, re.ASCII):
        return ""
    if cid[-1] != "-" and luhn(cid):
        return "mod10"
    return "mod11" if mod11(cid) else ""


def split(cid: str, definition: Definition) -> Split:
    """Customer and invoice number of a reference; with `0;0` both are empty and the whole is to be compared."""
    value = squeezed(cid)
    rule = check_rule(value)
    if definition.whole:
        return Split("", "", value[-1:], (Segment(Role.OTHER, value, 1),), rule)
    if not re.fullmatch(r"[0-9]+-?", value, re.ASCII) or len(value) < definition.length:
        message = gettext_noop("Reference %(cid)s is shorter than the %(length)s digits described.")
        short = stop("cid_short", message, cid=value, length=definition.length)
        return Split("", "", "", (Segment(Role.OTHER, value, 1),), rule, short)
    segments = _segments(value, definition)
    numbers = {segment.role: segment.text.lstrip("0") for segment in segments}
    problem = None if rule else _wrong_check(value)
    return Split(numbers.get(Role.CUSTOMER, ""), numbers.get(Role.INVOICE, ""), value[-1], segments, rule, problem)


def _wrong_check(value: str) -> Problem:
    return warning("cid_check", gettext_noop("Reference %(cid)s has a wrong check digit."), cid=value)


def _segments(value: str, definition: Definition) -> tuple[Segment, ...]:
    found, position = [], 0
    for role, start, behind in definition.parts():
        if start > position:
            found.append(Segment(Role.OTHER, value[position:start], position + 1))
        found.append(Segment(role, value[start:behind], start + 1))
        position = behind
    if len(value) - 1 > position:
        found.append(Segment(Role.OTHER, value[position:-1], position + 1))
    found.append(Segment(Role.CHECK, value[-1], len(value)))
    return tuple(found)


def make(customer: str, invoice: str, definition: Definition, *, modulus: int = 10) -> str:
    """The reference of an invoice: shorter numbers get leading zeros, longer ones lose digits on the left."""
    numbers = {Role.CUSTOMER: customer, Role.INVOICE: invoice}
    body = ""
    for role, start, behind in definition.parts():
        body = body.ljust(start, "0") + numbers[role][-(behind - start) :].zfill(behind - start)
    return body + (mod11_digit(body) if modulus == 11 else mod10_digit(body))


def _rf_at_start(run: str) -> str:
    """The longest RF reference a run of words begins with; words after it belong to the message."""
    words = run.split()
    candidates = (squeezed(" ".join(words[:count])) for count in range(len(words), 0, -1))
    return next((value for value in candidates if rf(value)), "")


def numbers_in(text: str) -> tuple[str, ...]:
    """Numbers in a message that may be references or invoice numbers, best first, each once.

    RF references, digits written in groups whose check digit fits, then every number of three digits or more
    (with its letters, `F-10023`, and without). Dates and amounts are passed over.
    """
    upper = text.upper()
    found = [value for m in _RF_IN_TEXT.finditer(upper) if (value := _rf_at_start(m.group()))]
    rest = _NOT_NUMBERS.sub(" / ", upper)
    for group in _GROUPS.finditer(rest):
        joined = squeezed(group.group())
        if 6 <= len(joined) <= 25 and check_rule(joined):
            found.append(joined)
    for match in _NUMBER.finditer(rest):
        if match["prefix"] and match["prefix"] != "RF":
            found.append(match.group())
        found.append(match["digits"])
    return tuple(dict.fromkeys(found))
