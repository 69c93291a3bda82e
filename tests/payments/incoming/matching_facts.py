"""Entries and payments as the matching rules see them, without a database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from autopay_console.kernel.ids import new_id
from payments.matching.facts import Entry, Paid

DAY = date(2026, 11, 24)


def an_entry(**facts):
    """An open invoice of customer 10001."""
    values = {
        "id": 1,
        "customer_id": 1,
        "customer_no": 10001,
        "customer": "Nordlys Kafé AS",
        "kind": "invoice",
        "invoice_no": "12345",
        "kid": "",
        "currency": "NOK",
        "open": Decimal("1012.50"),
        "due": DAY,
        "discount_until": DAY,
    }
    return Entry(**(values | facts))


def paid(amount, **facts):
    """A payment of this amount that names nothing."""
    return Paid(**({"id": new_id(), "amount": amount, "currency": "NOK", "value_date": DAY} | facts))
