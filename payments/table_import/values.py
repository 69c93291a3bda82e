"""Values as spreadsheets and programs write them: numbers, amounts, dates, yes and no. Money never becomes a float.

An XLSX cell holds a binary number of which spreadsheets keep and show 15 digits; those are read, and what lies behind
them (165.13 computed as 165.13000000000002) is no decimal anybody wrote.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from autopay_console.kernel import amounts
from companies.choices import FeeCode
from payments.choices import EntryKind
from payments.table_import.headers import folded
from payments.table_import.tables import Column

LARGEST_NUMBER = 2_147_483_647
EXACT_DIGITS = 10**15  # what a spreadsheet's number keeps
LARGEST_AMOUNT = 10**13  # so that two decimals are among them
_EXCEL_ZERO = date(1899, 12, 30)
_EXCEL_DAYS = (20_000, 73_050)  # 1954 to 2099
_YEARS = (1990, 2099)
_NORDIC = re.compile(r"(\d{1,2})[.\-/ ]{1,2}(\d{1,2})[.\-/ ]{1,2}(\d{4}|\d{2})")
_ISO = re.compile(r"(\d{4})[-./]?(\d{2})[-./]?(\d{2})(?:[T ][0-9:.Z+\-]*)?")
YES = frozenset(("yes", "y", "ja", "j", "true", "sann", "1", "x"))
NO = frozenset(("no", "n", "nei", "false", "usann", "0"))
KINDS = {
    **dict.fromkeys(("invoice", "faktura", "inv", "i", "f", "1"), EntryKind.INVOICE),
    **dict.fromkeys(("creditnote", "kreditnota", "credit", "kredit", "cn", "c", "k", "2"), EntryKind.CREDIT_NOTE),
}


class NotRead(ValueError):
    """The value cannot be read as what the column holds; the text says how to write it."""


def empty(raw: Any) -> bool:
    """Nothing was written: the field is left as it is."""
    return raw is None or (isinstance(raw, str) and not raw.strip())


def read(column: Column, raw: Any) -> Any:
    """The value of a cell for this column. Raises NotRead."""
    return _READERS[column.kind](raw)


def as_text(raw: Any) -> str:
    """A cell as text; a long number that the spreadsheet has rounded is refused rather than guessed."""
    if isinstance(raw, bool):
        return "1" if raw else "0"
    if isinstance(raw, float):
        if abs(raw) >= EXACT_DIGITS:
            raise NotRead(_("The spreadsheet has rounded this number. Format the column as text and enter it again."))
        return str(int(raw)) if raw.is_integer() else repr(raw)
    if isinstance(raw, datetime):
        return raw.date().isoformat()
    text = " ".join(str(raw).split())
    if not text.isprintable():
        raise NotRead(_("The text holds characters that cannot be shown."))
    return text


def as_number(raw: Any) -> int:
    """A whole number above zero, such as a supplier number."""
    text = as_text(raw).replace(" ", "").replace("\u00a0", "")
    if text.isascii() and text.isdigit() and not int(text[:40]):
        raise NotRead(_("Numbers begin at 1."))
    if not (text.isascii() and text.isdigit() and 0 < int(text[:11]) <= LARGEST_NUMBER and len(text) < 11):
        raise NotRead(_("“%(value)s” is no number. Write digits only.") % {"value": text[:40]})
    return int(text)


def as_amount(raw: Any) -> Decimal:
    """An exact amount; decimal comma or point."""
    if isinstance(raw, Decimal):
        return raw
    if isinstance(raw, bool):
        raise NotRead(_("“%(value)s” is not an amount. Write it like 1234.50.") % {"value": raw})
    if isinstance(raw, int):
        return Decimal(raw)
    if isinstance(raw, float):
        if not abs(raw) < LARGEST_AMOUNT:
            raise NotRead(_("The amount is larger than the books can hold."))
        return Decimal(f"{raw:.15g}")
    text = str(raw).strip()
    text = f"-{text[:-1]}" if text.endswith("-") else text
    try:
        return amounts.read_amount(text)
    except amounts.NotAnAmount as error:
        raise NotRead(str(error)) from error


def as_day(raw: Any) -> date:
    """ISO, day.month.year as the Nordic countries write it, or a spreadsheet's day number."""
    if isinstance(raw, datetime):
        raw = raw.date()
    if isinstance(raw, date):
        return _within(raw, raw.isoformat())
    text = as_text(raw)
    if text.isascii() and text.isdigit() and len(text) == 5 and _EXCEL_DAYS[0] <= int(text) <= _EXCEL_DAYS[1]:
        return _within(_EXCEL_ZERO + timedelta(days=int(text)), text)
    parts: tuple[int, int, int] | None = None
    if found := _ISO.fullmatch(text):
        parts = (int(found[1]), int(found[2]), int(found[3]))
    elif found := _NORDIC.fullmatch(text):
        year = int(found[3])
        parts = (year + 2000 if year < 100 else year, int(found[2]), int(found[1]))
    try:
        return _within(date(*parts), text) if parts else _no_day(text)
    except ValueError as error:
        if isinstance(error, NotRead):
            raise
        return _no_day(text)


def _within(day: date, text: str) -> date:
    if not _YEARS[0] <= day.year <= _YEARS[1]:
        raise NotRead(_("“%(value)s” lies outside %(first)s to %(last)s. Correct the year.")
                      % {"value": text, "first": _YEARS[0], "last": _YEARS[1]})  # fmt: skip
    return day


def _no_day(text: str) -> date:
    raise NotRead(_("“%(value)s” is no date. Write it like 2026-11-25 or 25.11.2026.") % {"value": text[:40]})


def as_yes(raw: Any) -> bool:
    """Yes or no."""
    if isinstance(raw, bool):
        return raw
    word = as_text(raw).casefold()
    if word not in YES | NO:
        raise NotRead(_("“%(value)s” is neither yes nor no.") % {"value": word[:40]})
    return word in YES


def _as_code(raw: Any) -> str:
    return as_text(raw).upper().replace(" ", "")


def _as_email(raw: Any) -> str:
    text = as_text(raw)
    try:
        validate_email(text)
    except ValidationError as error:
        raise NotRead(_("“%(value)s” is no e-mail address.") % {"value": text[:80]}) from error
    return text


def _as_fee(raw: Any) -> int:
    text = as_text(raw)
    if text not in {str(one) for one in FeeCode.values}:
        raise NotRead(_("“%(value)s” is no fee code. Write 0, 1, 2, 3 or 4.") % {"value": text[:20]})
    return int(text)


def _as_kind(raw: Any) -> EntryKind:
    found = KINDS.get(folded(as_text(raw)))
    if found is None:
        raise NotRead(_("“%(value)s” is neither invoice nor credit note.") % {"value": as_text(raw)[:40]})
    return found


_READERS = {
    "number": as_number,
    "text": as_text,
    "code": _as_code,
    "email": _as_email,
    "account": as_text,
    "organisation": as_text,
    "amount": as_amount,
    "day": as_day,
    "yes": as_yes,
    "fee": _as_fee,
    "kind": _as_kind,
}
