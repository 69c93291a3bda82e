"""Open customer entries for lists and for the search of the resolving screen."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Q, QuerySet

from autopay_console.kernel import amounts
from autopay_console.kernel.numbers import as_number
from companies.models import Company, Customer
from payments.choices import STILL_OPEN
from payments.models import CustomerEntry

MOST_FOUND = 12


def entries(company: Company) -> QuerySet[CustomerEntry]:
    """All customer entries with their customers."""
    return CustomerEntry.objects.filter(company=company).select_related("customer")


def open_entries(company: Company) -> QuerySet[CustomerEntry]:
    """Entries of which something is left."""
    return entries(company).filter(status__in=STILL_OPEN)


def by_word(word: str) -> Q:
    """What a plain word may be: invoice number, KID, customer number, or how a customer's name begins."""
    whole = Q(invoice_no=word) | Q(kid=word) | Q(customer__name__istartswith=word)
    if (number := as_number(word, None)) is not None:
        whole |= Q(customer__number=number)
    return whole


def find(company: Company, words: str) -> list[CustomerEntry]:
    """Open entries by invoice number, KID, customer or amount; exact or by beginning, so that it stays fast.

    Each way is asked for by itself: every one of them is an index lookup, which one OR over all would not be.
    """
    text = " ".join(words.split())
    if len(text) < 2:
        return []
    rows = open_entries(company)
    found: dict[int, CustomerEntry] = {}
    for condition in _ways(company, text):
        for entry in rows.filter(condition).order_by("due_date", "id")[:MOST_FOUND]:
            found.setdefault(entry.pk, entry)
        if len(found) >= MOST_FOUND:
            break
    return list(found.values())[:MOST_FOUND]


def _ways(company: Company, text: str) -> Iterable[Q]:
    plain = text.replace(" ", "")
    yield Q(invoice_no=plain)
    yield Q(kid=plain)
    if (amount := _amount(text)) is not None:
        yield Q(rest=amount)
    if (number := as_number(plain, None)) is not None:
        yield Q(customer__in=Customer.objects.filter(company=company, number=number))
    if not plain.isdecimal():
        yield Q(customer__in=customers(company, text))
    if plain.isdecimal() and len(plain) >= 3:
        yield Q(invoice_no__startswith=plain)


def _amount(text: str) -> Decimal | None:
    try:
        return amounts.read_amount(text)
    except amounts.NotAnAmount:
        return None


def customers(company: Company, words: str) -> list[Customer]:
    """Customers by number or by how the name begins (any case)."""
    text = " ".join(words.split())
    if not text:
        return []
    number = as_number(text, None)
    condition = Q(name__istartswith=text) if number is None else Q(number=number)
    return list(Customer.objects.filter(condition, company=company).order_by("name", "id")[:MOST_FOUND])
