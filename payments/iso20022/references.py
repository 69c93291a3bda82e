"""Payment references and their check digits: KID, OCR, FIK, Finnish reference, RF, QRR.

A reference that fits its check digits is strong evidence for the invoice; one that does not was typed by
hand. The country is the receiving account's, because each country has its own rule.
"""

from __future__ import annotations

import re
from itertools import cycle

from payments.iso20022.messages import Reference

_LUHN_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")
_RF = re.compile(r"RF[0-9]{2}[0-9A-Z]{1,21}").fullmatch
_FIK = re.compile(r"(01|04|15|71|73|75)/([0-9]*)").fullmatch
_DIGITS = re.compile(r"[0-9]{2,27}-?", re.ASCII).fullmatch
_KINDS = {"NO": "KID", "SE": "OCR", "FI": "FI"}
_QRR_STEPS = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)


def luhn(digits: str) -> bool:
    """Modulus 10 (KID, OCR, FIK 71 and 75)."""
    raw = digits.encode()
    return (sum(raw[::-2]) + sum(raw[-2::-2].translate(_LUHN_DOUBLED)) - 48 * len(raw)) % 10 == 0


def mod11(digits: str) -> bool:
    """Modulus 11 with weights 2..7 from the right; remainder 10 is written `-`."""
    total = sum(int(digit) * weight for digit, weight in zip(digits[-2::-1], cycle(range(2, 8)), strict=False))
    check = (11 - total % 11) % 11
    return digits[-1] == ("-" if check == 10 else str(check))


def finnish(digits: str) -> bool:
    """The Finnish reference: weights 7, 3, 1 from the right up to the next ten."""
    total = sum(int(digit) * weight for digit, weight in zip(digits[-2::-1], cycle((7, 3, 1)), strict=False))
    return digits[-1] == str(-total % 10)


def rf(value: str) -> bool:
    """RF creditor reference (ISO 11649), modulus 97."""
    return bool(_RF(value)) and int("".join(str(int(sign, 36)) for sign in value[4:] + value[:4])) % 97 == 1


def qrr(digits: str) -> bool:
    """The Swiss QR reference: recursive modulus 10."""
    carry = 0
    for digit in digits[:-1]:
        carry = _QRR_STEPS[(carry + int(digit)) % 10]
    return digits[-1] == str((10 - carry) % 10)


def iban_fits(value: str) -> bool:
    """Shape and modulus 97 of an IBAN without blanks."""
    if not (15 <= len(value) <= 34 and value.isascii() and value.isalnum() and value[:2].isalpha()):
        return False
    return value[2:4].isdigit() and int("".join(str(int(sign, 36)) for sign in value[4:] + value[:4])) % 97 == 1


def norwegian_account(digits: str) -> bool:
    """Eleven digits with the Norwegian account check digit."""
    if len(digits) != 11 or not (digits.isascii() and digits.isdigit()):
        return False
    weights = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11 == 0


def _fits(digits: str, country: str) -> bool:
    if country == "SE":
        return digits[-1] != "-" and luhn(digits)
    if country == "FI":
        return digits[-1] != "-" and finnish(digits)
    if digits[-1] == "-":
        return mod11(digits)
    return luhn(digits) or mod11(digits) or (country != "NO" and finnish(digits))


def reference(value: str, code: str, country: str) -> Reference:
    """A reference with its trade name and whether its check digits fit. `code` is the bank's type (SCOR, QRR
    …).
    """
    squeezed = value.replace(" ", "")
    if squeezed[:2].upper() == "RF" and _RF(upper := squeezed.upper()):
        return Reference("RF", upper, rf(upper))
    card = _FIK(squeezed) if "/" in squeezed else None
    if card:
        number = card[2]
        return Reference("FIK", squeezed, luhn(number) if card[1] in ("04", "15", "71", "75") and number else None)
    if code == "QRR" or (len(squeezed) == 27 and squeezed.isdigit() and code != "SCOR"):
        return Reference("QRR", squeezed, squeezed.isdigit() and squeezed.isascii() and qrr(squeezed))
    if not _DIGITS(squeezed):
        return Reference(code or "SCOR", value, False if code == "SCOR" and country in _KINDS else None)
    if code in ("", "SCOR"):
        return Reference(_KINDS.get(country, "SCOR"), squeezed, _fits(squeezed, country))
    return Reference(code, squeezed, _fits(squeezed, country))
