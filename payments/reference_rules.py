"""Payment references by country: what is valid, how check digits are made, what kind a reference is. Pure.

A reference whose check digit fits leads to one invoice at the payee; one that does not is refused by the payee's
bank or booked by hand. Sources: domain facts 6 (KID 4-25 digits, OCR, FIK cards, Finnish reference, ISO 11649).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from companies.problems import Problem, gettext_noop, stop
from payments.iso20022.order_kinds import ReferenceKind
from payments.iso20022.references import finnish, luhn, mod11, rf

FIK_LENGTHS = {"71": 15, "75": 16, "04": 16}
_CARD = re.compile(r"\+?(?P<kind>01|04|71|73|75)[/<](?P<id>[0-9]*)(?:\+(?P<creditor>[0-9]{7,8})<?)?")
_BLANKS = re.compile(r"[\s\u00a0]+")
_KID = re.compile(r"[0-9]{3,24}[0-9-]").fullmatch
_RF = re.compile(r"RF[0-9]{2}[0-9A-Z]+").fullmatch
_DIGITS = re.compile(r"[0-9]+-?", re.ASCII).fullmatch


@dataclass(frozen=True, slots=True)
class Card:
    """A Danish payment card line: `+71<id+creditor<`; `creditor` is empty when only the id was given."""

    kind: str
    id: str
    creditor: str = ""

    @property
    def reference(self) -> str:
        """As the bank wants it: `71/` and the id with leading zeros."""
        return f"{self.kind}/{self.id.zfill(FIK_LENGTHS[self.kind]) if self.kind in FIK_LENGTHS else ''}"


@dataclass(frozen=True, slots=True)
class Classified:
    """What kind a reference is, its value as it is sent, and what is wrong with it."""

    kind: ReferenceKind
    value: str
    problem: Problem | None = None


def squeezed(text: str) -> str:
    """Without blanks, in capitals."""
    if text.isdigit():
        return text
    return _BLANKS.sub("", text).upper()


def mod10_digit(body: str) -> str:
    """Check digit by modulus 10 (Luhn): KID, OCR, FIK."""
    return next(digit for digit in "0123456789" if luhn(body + digit))


def mod11_digit(body: str) -> str:
    """Check digit of a KID by modulus 11; ten is written `-`."""
    return next(digit for digit in "0123456789-" if mod11(body + digit))


def check_kid(value: str) -> Problem | None:
    """4 to 25 characters, modulus 10 or 11 (then it may end in `-`)."""
    if not _KID(value):
        return stop("kid_form", gettext_noop("KID %(value)s must have 4 to 25 digits."), value=value)
    if (value[-1] != "-" and luhn(value)) or mod11(value):
        return None
    return stop("kid_check", gettext_noop("KID %(value)s has a wrong check digit."), value=value)


def check_ocr(value: str, *, length_digit: bool = False) -> Problem | None:
    """Swedish OCR: 2 to 25 digits, modulus 10; with a length digit the last but one is the length modulo ten."""
    if not re.fullmatch(r"[0-9]{2,25}", value):
        return stop("ocr_form", gettext_noop("OCR %(value)s must have 2 to 25 digits."), value=value)
    if not luhn(value):
        return stop("ocr_check", gettext_noop("OCR %(value)s has a wrong check digit."), value=value)
    if length_digit and int(value[-2]) != len(value) % 10:
        return stop("ocr_length", gettext_noop("OCR %(value)s has a wrong length digit."), value=value)
    return None


def make_ocr(body: str, *, length_digit: bool = True) -> str:
    """12345 becomes 1234574: length digit (total length modulo ten), then check digit."""
    with_length = body + str((len(body) + 2) % 10) if length_digit else body
    return with_length + mod10_digit(with_length)


def read_card(text: str) -> Card | None:
    """A Danish card line as printed on the invoice, or `71/<id>`; None when it is none."""
    found = _CARD.fullmatch(squeezed(text))
    return Card(found["kind"], found["id"], found["creditor"] or "") if found else None


def check_card(card: Card) -> Problem | None:
    """71 and 75 (and giro 04) carry an id of 15 or 16 digits with modulus 10; 73 and 01 carry none."""
    length = FIK_LENGTHS.get(card.kind)
    if length is None:
        if not card.id:
            return None
        message = gettext_noop("Card kind %(kind)s carries no payment id, but %(id)s was given.")
        return stop("card_id", message, kind=card.kind, id=card.id)
    if not card.id or len(card.id) > length:
        message = gettext_noop("Card kind %(kind)s needs a payment id of %(length)s digits.")
        return stop("card_length", message, kind=card.kind, length=length)
    if luhn(card.id):
        return None
    message = gettext_noop("Payment id %(id)s of card %(kind)s has a wrong check digit.")
    return stop("card_check", message, kind=card.kind, id=card.id)


def make_card_id(body: str, kind: str) -> str:
    """Payment id of a card: check digit added, padded to 15 (71) or 16 digits (75, 04)."""
    return (body + mod10_digit(body)).zfill(FIK_LENGTHS[kind])


def check_finnish(value: str) -> Problem | None:
    """4 to 20 digits, weights 7 3 1; leading zeros are padding."""
    plain = value.lstrip("0")
    if not re.fullmatch(r"[0-9]{1,20}", value) or len(plain) < 4:
        return stop("fi_form", gettext_noop("Reference %(value)s must have 4 to 20 digits."), value=value)
    if finnish(plain):
        return None
    return stop("fi_check", gettext_noop("Reference %(value)s has a wrong check digit."), value=value)


def make_finnish(body: str) -> str:
    """12345 becomes 123453: the digits and what lifts the weighted sum to the next ten."""
    return body + next(digit for digit in "0123456789" if finnish(body + digit))


def check_rf(value: str) -> Problem | None:
    """RF, two check digits, up to 21 letters and digits (ISO 11649)."""
    if rf(value):
        return None
    return stop("rf_check", gettext_noop("RF reference %(value)s has wrong check digits."), value=value)


def make_rf(body: str) -> str:
    """RF reference around a national reference or an invoice number."""
    plain = squeezed(body)
    number = int("".join(str(int(sign, 36)) for sign in plain + "RF00"))
    return f"RF{98 - number % 97:02d}{plain}"


def inside_rf(value: str) -> str:
    """The national reference inside an RF reference, leading zeros away, for comparing the two forms."""
    return squeezed(value)[4:].lstrip("0")


_CHECKS = {
    ReferenceKind.RF: check_rf,
    ReferenceKind.KID: check_kid,
    ReferenceKind.OCR: check_ocr,
    ReferenceKind.FI: check_finnish,
}
_KINDS = {"NO": ReferenceKind.KID, "SE": ReferenceKind.OCR, "FI": ReferenceKind.FI}


def recognise(text: str, country: str) -> tuple[ReferenceKind, str] | None:
    """Kind and value of a reference for a payee in the country, its check digit not looked at; None for free text.

    RF is read in every country; everything else by the rule of the payee's country.
    """
    value = squeezed(text)
    if value.startswith("RF") and _RF(value):
        return ReferenceKind.RF, value
    if country == "DK" and (card := read_card(value)):
        return ReferenceKind.FIK, card.reference
    kind = _KINDS.get(country)
    return (kind, value) if kind and _DIGITS(value) else None


def classify(text: str, country: str) -> Classified | None:
    """What kind of reference this is for a payee in the country, checked; None when it is free text."""
    found = recognise(text, country)
    if found is None:
        return None
    kind, value = found
    if kind is ReferenceKind.FIK:
        card = read_card(squeezed(text))
        return Classified(kind, value, check_card(card) if card else None)
    return Classified(kind, value, _CHECKS[kind](value))
