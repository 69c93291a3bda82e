"""Amounts, dates and truth values as bank messages write them: exact, or refused with the line.

Never a float. An amount is digits with a point; a sign, a comma, an exponent, a missing currency or more
significant decimals than the currency has are refused, because a wrong guess would be booked. `18.150` EUR
is 18.15.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import NoReturn

from lxml import etree

from payments.iso20022.currencies import DECIMALS, UNKNOWN_DECIMALS, quantum
from payments.iso20022.messages import Direction, Money
from payments.iso20022.notes import Notes, refuse
from payments.iso20022.xml import line_of

_AMOUNT = re.compile(r"\s*\+?([0-9]*)(?:\.([0-9]*))?\s*").fullmatch
_CURRENCY = re.compile(r"[A-Z]{3}").fullmatch
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})?", re.ASCII).fullmatch
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?", re.ASCII).fullmatch
_INTEGER_DIGITS = 15  # DECIMAL(19,4) in the books
_DIRECTIONS: dict[str, Direction] = {"CRDT": "credit", "DBIT": "debit"}


def trimmed(element: etree._Element) -> str:
    """The text of an element without blanks around it."""
    text = element.text
    return text.strip() if text else ""


def money(element: etree._Element, notes: Notes, default: str = "") -> tuple[Decimal, str]:
    """An amount with its currency (attribute Ccy). `default` is the currency where our own formats allow
    none.
    """
    currency = element.get("Ccy") or default
    found = _AMOUNT(element.text or "")
    if found is None or len(element) or not currency:
        _refuse_money(element, currency)
    decimals = DECIMALS.get(currency)
    if decimals is None:
        decimals = _unknown(element, currency, notes)
    whole, fraction = found[1], found[2] or ""
    if whole and len(fraction) == decimals and len(whole) <= _INTEGER_DIGITS:
        return Decimal(f"{whole}.{fraction}"), currency
    return exact(whole, fraction, decimals, currency, element), currency


def exact(whole: str, fraction: str, decimals: int, currency: str, element: etree._Element) -> Decimal:
    """Digits as a Decimal with exactly the currency's decimals."""
    if len(fraction) != decimals:
        if len(fraction) > decimals:
            if fraction[decimals:].strip("0"):
                shown = f"{whole}.{fraction}"
                refuse(
                    "decimals",
                    line_of(element),
                    value=shown,
                    currency=currency,
                    decimals=decimals,
                    element=name_of(element),
                )
            fraction = fraction[:decimals]
        elif not whole and not fraction:
            refuse("amount_missing", line_of(element), element=name_of(element))
        else:
            fraction = fraction.ljust(decimals, "0")
    if len(whole) > _INTEGER_DIGITS and len(whole.lstrip("0")) > _INTEGER_DIGITS:
        refuse("amount_too_large", line_of(element), value=whole, element=name_of(element))
    return Decimal(f"{whole}.{fraction}" if fraction else whole or "0")


def _refuse_money(element: etree._Element, currency: str) -> NoReturn:
    """Say what is wrong with an amount that is known to be wrong."""
    name, line, shown = name_of(element), line_of(element), trimmed(element)
    if len(element):
        refuse("amount_has_elements", line, element=name)
    if not shown:
        refuse("amount_missing", line, element=name)
    if _AMOUNT(shown) is None:
        refuse("amount_bad", line, value=shown, element=name)
    refuse("currency_missing", line, value=shown, element=name)


def _unknown(element: etree._Element, currency: str, notes: Notes) -> int:
    if not _CURRENCY(currency):
        refuse("currency_bad", line_of(element), value=currency, element=name_of(element))
    notes.note("currency_unknown", line_of(element), currency=currency)
    return UNKNOWN_DECIMALS


def plain_number(element: etree._Element) -> Decimal:
    """A sum without currency (CtrlSum, TtlNetNtry of old versions): exact, sign and comma refused."""
    found = _AMOUNT(element.text or "")
    if found is None or len(element) or not (found[1] or found[2]):
        refuse("amount_bad", line_of(element), value=trimmed(element), element=name_of(element))
    return Decimal(f"{found[1] or 0}.{found[2] or 0}")


def rate(element: etree._Element) -> Decimal:
    """An exchange rate as the bank writes it."""
    found = _AMOUNT(element.text or "")
    if found is None or not (found[1] or found[2]):
        refuse("rate_bad", line_of(element), value=trimmed(element), element=name_of(element))
    return Decimal(trimmed(element).lstrip("+"))


def in_currency(amount: Decimal, currency: str) -> Money:
    """A sum as money with the currency's decimals."""
    return Money(amount.quantize(quantum(currency)), currency)


def whole_number(element: etree._Element) -> int:
    """A count (NbOfTxs, PgNb)."""
    text = trimmed(element)
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        refuse("number_bad", line_of(element), value=text, element=name_of(element))
    return int(text)


def direction(element: etree._Element) -> Direction:
    """Credit or debit; any other word is refused, for it would turn the money around."""
    found = _DIRECTIONS.get(element.text or "") or _DIRECTIONS.get(trimmed(element))
    if found is None:
        refuse("direction_bad", line_of(element), value=trimmed(element) or "nothing")
    return found


def truth(element: etree._Element, notes: Notes) -> bool:
    """true/false (1/0); a bank's YES or NO is taken with a warning."""
    text = trimmed(element)
    if text in ("true", "1"):
        return True
    if text in ("false", "0"):
        return False
    word = text.lower()
    if word not in ("yes", "no", "true", "false", "y", "n"):
        refuse("truth_bad", line_of(element), value=text, element=name_of(element))
    answer = word in ("yes", "true", "y")
    notes.note(
        "truth_word",
        line_of(element),
        value=text,
        element=name_of(element),
        read="true" if answer else "false",
    )
    return answer


@lru_cache(maxsize=4096)
def _day(text: str) -> date | None:
    text = text.strip()
    found = _DATE(text)
    if found is None and not _MOMENT(text):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def day(element: etree._Element) -> date:
    """A date as written; of a date and time the day as written, never moved to another time zone."""
    found = _day(element.text or "")
    if found is None:
        refuse("date_bad", line_of(element), value=trimmed(element), element=name_of(element))
    return found


def day_choice(element: etree._Element) -> date:
    """A date given as text, or inside as Dt or DtTm."""
    return day(element[0]) if len(element) else day(element)


def moment(element: etree._Element, notes: Notes) -> datetime | None:
    """A creation time. It books nothing, so a dialect (colon before the milliseconds) is only warned of."""
    text = trimmed(element)
    if _MOMENT(text):
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            pass
    notes.note("created_bad", line_of(element), value=text, element=name_of(element))
    try:
        return datetime.fromisoformat(text[:19])
    except ValueError:
        return None


def name_of(element: etree._Element) -> str:
    """The element's name without its namespace, for a sentence."""
    return str(element.tag).rpartition("}")[2]
