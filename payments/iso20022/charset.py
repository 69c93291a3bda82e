"""The alphabets banks take, and how a text is brought into one.

A bank rejects a whole file for one letter it does not know, and the payee check compares names letter by
letter: so a letter becomes its plain sister (ø to o), lengths mostly stay, and the person is told.
Source: ISO 20022 mapping 1.8.
"""

from __future__ import annotations

import re
import string
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from companies.problems import Problem, gettext_noop, warning
from payments.iso20022.order_kinds import CharacterSet

_BASIC = string.ascii_letters + string.digits + "/-?:().,'+ "
_NORDIC = _BASIC + "áäçđéíóöúüýæøåÁÄÇĐÉÍÓÖÚÜÝÆØÅß%&=@§"
ALLOWED: dict[CharacterSet, frozenset[str]] = {
    CharacterSet.BASIC: frozenset(_BASIC),
    CharacterSet.NORDIC: frozenset(_NORDIC),
}
_WHOLE = {name: re.compile(f"[{re.escape(''.join(sorted(chars)))}]*") for name, chars in ALLOWED.items()}
_SISTERS = {
    "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "å": "a", "Å": "A", "ß": "ss", "ẞ": "SS",
    "ð": "d", "Ð": "D", "đ": "d", "Đ": "D", "þ": "th", "Þ": "Th",
    "ł": "l", "Ł": "L", "œ": "oe", "Œ": "OE", "ı": "i",
    "&": "+", "_": "-", "€": "E", "@": "(at)", ";": ",", "!": ".",
    '"': "'", "“": "'", "”": "'", "„": "'", "«": "'", "»": "'",
    "‘": "'", "’": "'", "‚": "'", "`": "'", "´": "'",
    "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "⁄": "/",
    "#": ".", "*": ".", "=": ".", "%": ".", "§": ".", "^": ".", "~": ".",
    "<": " ", ">": " ", "[": " ", "]": " ", "{": " ", "}": " ", "\\": " ", "|": " ",
}  # fmt: skip
_NUMBER_END = re.compile(r"[0-9](?:[0-9.,/-]*[0-9])?$")
_NUMBER_GOES_ON = re.compile(r"[.,/-]*[0-9]")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A text inside the bank's alphabet, and the text it came from."""

    text: str
    original: str

    @property
    def note(self) -> Problem | None:
        """Says which text was changed, None when it went through unchanged (blanks apart)."""
        if self.text == " ".join(self.original.split()):
            return None
        message = gettext_noop('The bank does not take all letters of "%(before)s": it is sent as "%(after)s".')
        return warning("letters_replaced", message, before=self.original, after=self.text)


def clean(text: str, charset: CharacterSet) -> str:
    """The text in the bank's alphabet, blanks made single; an empty result means nothing could be kept."""
    if text.isascii() and text.isalnum():  # as numbers of invoices are: in every alphabet
        return text
    if _WHOLE[charset].fullmatch(text):
        return text if "  " not in text and text == text.strip() else " ".join(text.split())
    return _mended(text, charset)


def cleaned(text: str, charset: CharacterSet) -> Cleaned:
    """As `clean`, together with the note for the person."""
    return Cleaned(clean(text, charset), text)


@lru_cache(maxsize=4096)
def _mended(text: str, charset: CharacterSet) -> str:
    allowed = ALLOWED[charset]
    pieces = [
        letter if letter in allowed else _sister(letter, allowed) for letter in unicodedata.normalize("NFC", text)
    ]
    return " ".join("".join(pieces).split())


def _sister(letter: str, allowed: frozenset[str]) -> str:
    if letter in _SISTERS:
        return _SISTERS[letter]
    if letter.isspace() or unicodedata.category(letter) == "Cc":
        return " "
    if unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return ""
    plain = [c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c)]
    return "".join(c if c in allowed else _SISTERS.get(c, ".") for c in plain)


def cut(text: str, length: int) -> str:
    """At most `length` characters, never ending inside a number: half a number is another number."""
    if len(text) <= length:
        return text
    head, tail = text[:length], text[length:]
    if (number := _NUMBER_END.search(head)) and _NUMBER_GOES_ON.match(tail) and number.start() > 0:
        head = head[: number.start()]
    return head.rstrip()


def lines(text: str, count: int, length: int) -> tuple[tuple[str, ...], bool]:
    """The text as at most `count` lines of `length`, broken at blanks; True when something was left out."""
    found: list[str] = []
    rest = text.strip()
    while rest and len(found) < count:
        piece = cut(rest, length)
        blank = piece.rfind(" ")
        is_last = len(found) + 1 == count
        if len(piece) < len(rest) and not is_last and rest[len(piece)] != " " and blank > 0:
            piece = piece[:blank].rstrip()
        found.append(piece)
        rest = rest[len(piece) :].lstrip()
    return tuple(found), bool(rest)
