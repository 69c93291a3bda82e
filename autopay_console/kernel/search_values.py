"""Values in a search: amounts, days and parts of the year, codes and their words. Pure."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from autopay_console.kernel.amounts import NotAnAmount, read_amount
from autopay_console.kernel.numbers import LARGEST_KEY, as_number

MONTH = re.compile(r"(\d{4})-(\d{1,2})")
QUARTER = re.compile(r"(\d{4})-?q([1-4])", re.IGNORECASE)
YEAR = re.compile(r"\d{4}")


class NotAValue(ValueError):
    """The value does not fit the field; `meant` is a likely one."""

    def __init__(self, text: str, meant: str = "") -> None:
        super().__init__(text)
        self.meant = meant


def read(kind: str, raw: str, choices: Sequence[tuple[Any, Any]], today: date | None) -> tuple[Any, ...]:
    """Values of one term: one, several by comma, or first and last day."""
    if kind == "day":
        return days(raw, today or date.today())  # noqa: DTZ011  (callers give the business date)
    if kind == "amount":
        return (_amount(raw),)
    if kind == "number":
        return tuple(_number(one) for one in _several(raw))
    if kind == "choice":
        return tuple(_choice(one, choices) for one in _several(raw))
    if kind == "yes":
        return (_yes(raw),)
    return (raw,)


def shown(kind: str, raw: str, values: tuple[Any, ...], choices: Sequence[tuple[Any, Any]]) -> str:
    """The value as a chip says it: codes with their word."""
    if kind != "choice":
        return raw
    words = {value: str(word) for value, word in choices}
    return ", ".join(f"{one} {words[one]}" if isinstance(one, int) else words[one] for one in values)


def days(raw: str, today: date) -> tuple[date, date]:
    """First and last day of `2026-02-01`, `2026-02`, `2026-q1`, `2026`, `today`, `tomorrow`, `yesterday`."""
    word = raw.lower()
    near = {"today": 0, "tomorrow": 1, "yesterday": -1}
    if word in near:
        day = today + timedelta(days=near[word])
        return day, day
    try:
        day = date.fromisoformat(raw)
    except ValueError:
        return _span(raw)
    return day, day


def _span(raw: str) -> tuple[date, date]:
    try:
        if found := QUARTER.fullmatch(raw):
            year, last = int(found[1]), int(found[2]) * 3
            return date(year, last - 2, 1), date(year, last, monthrange(year, last)[1])
        if found := MONTH.fullmatch(raw):
            year, month = int(found[1]), int(found[2])
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        if YEAR.fullmatch(raw):
            return date(int(raw), 1, 1), date(int(raw), 12, 31)
    except ValueError:
        pass
    raise NotAValue(_("“%(value)s” is not a day. Write 2026-02-28, 2026-02, 2026-q1 or today.") % {"value": raw})


def _amount(raw: str) -> Decimal:
    try:
        return read_amount(raw)
    except NotAnAmount as error:
        raise NotAValue(str(error), error.meant) from error


def _several(raw: str) -> list[str]:
    return [one for one in raw.split(",") if one]


def _number(raw: str) -> int:
    number = as_number(raw, None, most=LARGEST_KEY)
    if number is None:
        raise NotAValue(_("“%(value)s” is not a whole number.") % {"value": raw})
    return number


def _yes(raw: str) -> bool:
    words = {"yes": True, "ja": True, "1": True, "no": False, "nei": False, "0": False}
    if raw.lower() not in words:
        raise NotAValue(_("“%(value)s” is neither yes nor no.") % {"value": raw}, "yes")
    return words[raw.lower()]


def _choice(raw: str, choices: Sequence[tuple[Any, Any]]) -> Any:
    """By code, or by the word of any language in force; a word may be shortened."""
    low = raw.lower()
    for value, word in choices:
        if low in (str(value).lower(), str(word).lower()):
            return value
    starting = [value for value, word in choices if str(word).lower().startswith(low)]
    if len(starting) == 1:
        return starting[0]
    known = {str(value): value for value, _word in choices} | {str(word).lower(): v for v, word in choices}
    close = get_close_matches(low, known, n=1, cutoff=0.4)
    meant = str(known[close[0]]) if close else ""
    names = ", ".join(str(value) for value, _word in choices)
    raise NotAValue(_("“%(value)s” is not one of %(names)s.") % {"value": raw, "names": names}, meant)
