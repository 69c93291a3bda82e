"""What an amount is worth in the company's currency: for limits and declarations, never for booking."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from autopay_console.kernel.money import rounded
from autopay_console.kernel.once import once
from companies.models import Company, CurrencyRate


def rates_on(company: Company, day: date) -> dict[str, Decimal]:
    """The rate in force for every currency of the company's table; its own currency is 1."""
    return once(("rates", company.pk, day), lambda: _in_force(company, day))


def _in_force(company: Company, day: date) -> dict[str, Decimal]:
    rows = CurrencyRate.objects.filter(company=company, valid_from__lte=day).order_by("currency_id", "valid_from")
    return {**dict(rows.values_list("currency_id", "rate")), company.currency_id: Decimal(1)}


def in_home_currency(amount: Decimal, currency: str, rates: dict[str, Decimal]) -> Decimal | None:
    """The amount in company currency with two decimals; None when the table has no rate."""
    rate = rates.get(currency)
    return None if rate is None else rounded(amount * rate)
