"""What an amount is worth in the company's currency: for limits and declarations, never for booking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property

from autopay_console.kernel.money import rounded
from autopay_console.kernel.once import once
from companies.models import Company, CurrencyRate


class Rates(Mapping[str, Decimal]):
    """The rate in force for every currency of a company's table. Its own currency is 1, without a look at the table."""

    def __init__(self, company: Company, day: date) -> None:
        self._company, self._day = company, day

    @cached_property
    def _table(self) -> dict[str, Decimal]:
        rows = CurrencyRate.objects.filter(company=self._company, valid_from__lte=self._day)
        found = rows.order_by("currency_id", "valid_from").values_list("currency_id", "rate")
        return {**dict(found), self._company.currency_id: Decimal(1)}

    def __getitem__(self, currency: str) -> Decimal:
        return Decimal(1) if currency == self._company.currency_id else self._table[currency]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)


def rates_on(company: Company, day: date) -> Rates:
    """The rates in force on the day; read when a foreign currency is asked for."""
    return once(("rates", company.pk, day), lambda: Rates(company, day))


def in_home_currency(amount: Decimal, currency: str, rates: Mapping[str, Decimal]) -> Decimal | None:
    """The amount in company currency with two decimals; None when the table has no rate."""
    rate = rates.get(currency)
    return None if rate is None else rounded(amount * rate)
