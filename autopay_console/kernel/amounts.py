"""Amounts as people write and read them. Pure, and never by way of a float."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.formats import get_format
from django.utils.translation import gettext as _

THIN = "\u202f"  # between thousands
MINUS = "\u2212"
_SPACES = re.compile(r"[\s\u00a0\u202f']")
_PLAIN = re.compile(r"-?\d{1,14}(\.\d{1,4})?", re.ASCII)
_GROUPED = re.compile(r"-?\d{1,3}([.,]\d{3})+")


class NotAnAmount(ValueError):
    """The text is no amount, or may be read in two ways; `meant` is one of them."""

    def __init__(self, text: str, meant: str = "") -> None:
        super().__init__(text)
        self.meant = meant


def read_amount(text: str) -> Decimal:
    """`1 234,50`, `1,234.50`, `1.234,50` and `1234.5` are one thousand two hundred and thirty-four and a half.

    `1,234` and `1.234` are refused: a thousand for one reader, one and a bit for another.
    """
    plain = _SPACES.sub("", text).replace(MINUS, "-")
    marks = [mark for mark in plain if mark in ".,"]
    if len(marks) == 1:
        plain = _one_mark(plain, marks[0], text)
    elif marks:
        decimal = marks[-1] if marks.count(marks[-1]) == 1 else ""
        whole, _mark, part = plain.rpartition(decimal) if decimal else (plain, "", "")
        if not _GROUPED.fullmatch(whole) or len(set(marks) - {decimal}) != 1:
            raise _not_an_amount(text)
        plain = re.sub(r"[.,]", "", whole) + (f".{part}" if decimal else "")
    if not _PLAIN.fullmatch(plain):
        raise _not_an_amount(text)
    return Decimal(plain)


def _one_mark(plain: str, mark: str, text: str) -> str:
    if _GROUPED.fullmatch(plain) and not plain.lstrip("-").startswith("0"):
        whole, part = plain.replace(mark, ""), plain.replace(",", ".") + "0"
        words = _("“%(value)s” can be read in two ways. Write %(whole)s or %(part)s.")
        raise NotAnAmount(words % {"value": text, "whole": whole, "part": part}, whole)
    return plain.replace(",", ".")


def _not_an_amount(text: str) -> NotAnAmount:
    return NotAnAmount(_("“%(value)s” is not an amount. Write it like 1234.50.") % {"value": text})


def shown(amount: Decimal | int, decimals: int = 2) -> str:
    """Figures for the reader: thin spaces, a true minus, the decimal mark of the language in force, more decimals only
    if they carry something."""
    value = Decimal(amount)
    least = value.quantize(Decimal(1).scaleb(-decimals))
    text = f"{least:,f}" if least == value else f"{value.normalize():,f}"
    return text.replace(",", THIN).replace(".", str(get_format("DECIMAL_SEPARATOR"))).replace("-", MINUS)
