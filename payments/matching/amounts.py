"""Does the paid amount fit an open entry? Exactly, with cash discount, within the small difference, or not. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from autopay_console.kernel.money import ZERO
from payments.matching.facts import Entry, Limits, Paid, Part


class Fit(StrEnum):
    """How an amount and an open entry stand to each other."""

    EXACT = "exact"
    DISCOUNT = "discount"
    TOLERANCE = "tolerance"
    UNDER = "under"
    OVER = "over"
    CLOSED = "closed"
    CURRENCY = "currency"


SETTLED = (Fit.EXACT, Fit.DISCOUNT, Fit.TOLERANCE)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The answer: how it fits, what goes onto the entry, and the difference (positive: paid too much)."""

    fit: Fit
    part: Part | None = None
    difference: Decimal = ZERO


def fit(paid: Paid, entry: Entry, limits: Limits, amount: Decimal | None = None) -> Fitted:
    """Hold an amount (the whole payment unless a share is given) against what is open on the entry."""
    if entry.open == ZERO:
        return Fitted(Fit.CLOSED)
    if entry.currency != paid.currency:
        return _in_other_currency(paid, entry) if amount is None else Fitted(Fit.CURRENCY)
    given = paid.amount if amount is None else amount
    if given == entry.open:
        return Fitted(Fit.EXACT, Part(entry, given, given))
    if (discount := discount_for(paid, entry)) and given == entry.open - discount:
        return Fitted(Fit.DISCOUNT, Part(entry, given, entry.open, discount=discount))
    if entry.open < ZERO or given <= ZERO:
        return Fitted(Fit.OVER if given > entry.open else Fit.UNDER, difference=given - entry.open)
    difference = given - entry.open
    if paid.currency == limits.write_off_currency and abs(difference) <= limits.write_off:
        return Fitted(Fit.TOLERANCE, Part(entry, given, entry.open, write_off=-difference), difference)
    if difference < ZERO:
        return Fitted(Fit.UNDER, Part(entry, given, given), difference)
    return Fitted(Fit.OVER, Part(entry, entry.open, entry.open), difference)


def discount_for(paid: Paid, entry: Entry) -> Decimal:
    """The cash discount the payer may take: the money was there in time (value date)."""
    if not entry.discount or entry.discount_until is None or paid.value_date > entry.discount_until:
        return ZERO
    return entry.discount if abs(entry.discount) < abs(entry.open) else ZERO


def _in_other_currency(paid: Paid, entry: Entry) -> Fitted:
    """The payer ordered in the invoice's currency: what he ordered closes the entry, the books carry the rest."""
    if paid.instructed is None or paid.instructed_currency != entry.currency:
        return Fitted(Fit.CURRENCY)
    difference = paid.instructed - entry.open
    if not difference:
        return Fitted(Fit.EXACT, Part(entry, paid.amount, entry.open))
    if (discount := discount_for(paid, entry)) and paid.instructed == entry.open - discount:
        # the discount stays in the entry's currency: it is part of what the booking difference explains
        return Fitted(Fit.DISCOUNT, Part(entry, paid.amount, entry.open, discount=discount))
    if difference < ZERO:
        return Fitted(Fit.UNDER, Part(entry, paid.amount, paid.instructed), difference)
    return Fitted(Fit.CURRENCY, difference=difference)
