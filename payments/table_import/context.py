"""What every row of an import is checked against, read once: codes, rates, the company's own accounts."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from companies.models import BankPartner, Company, Country, Currency, CurrencyRate, VoucherType
from payments.choices import RowOutcome
from payments.preparing.planning import Planner
from payments.table_import.tables import Table

Raw = Mapping[str, Any]  # name of a column -> the cell as it came
Problems = list[tuple[str, str]]  # name of the column, what is wrong and what to do


@dataclass(slots=True)
class Planned:
    """What would become of one row."""

    row_no: int
    outcome: RowOutcome = RowOutcome.REFUSED
    key: str = ""
    label: str = ""
    object_id: int | None = None
    row: Any = None  # the new row, unsaved
    changes: dict[str, tuple[str, str]] = field(default_factory=dict)  # attribute -> before, after; as text
    seen: int = 0  # version of the row the changes are made from
    problems: Problems = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)  # guarded attribute -> account that must be accepted


class Context:
    """One import into one company; `payroll` says whether salary may be seen and touched."""

    def __init__(self, company: Company, table: Table, *, payroll: bool = False) -> None:
        self.company, self.table, self.payroll = company, table, payroll
        self.planner = Planner(company)

    @cached_property
    def countries(self) -> frozenset[str]:
        """Two-letter codes we know."""
        return frozenset(Country.objects.values_list("code", flat=True))

    @cached_property
    def currencies(self) -> dict[str, Currency]:
        """Currencies by code."""
        return {one.code: one for one in Currency.objects.all()}

    @cached_property
    def voucher_types(self) -> dict[int, VoucherType]:
        """The company's voucher types by number."""
        return {one.number: one for one in VoucherType.objects.filter(company=self.company)}

    @cached_property
    def voucher_type_ids(self) -> dict[int, VoucherType]:
        """The same by primary key."""
        return {one.pk: one for one in self.voucher_types.values()}

    @cached_property
    def bank_partners(self) -> dict[int, int]:
        """Primary keys of the company's bank partners by their number."""
        return dict(BankPartner.objects.filter(company=self.company).values_list("number", "pk"))

    @cached_property
    def _rates(self) -> dict[str, tuple[list[date], list[Decimal]]]:
        days: dict[str, list[date]] = defaultdict(list)
        rates: dict[str, list[Decimal]] = defaultdict(list)
        rows = CurrencyRate.objects.filter(company=self.company).order_by("currency_id", "valid_from")
        for currency, day, rate in rows.values_list("currency_id", "valid_from", "rate"):
            days[currency].append(day)
            rates[currency].append(rate)
        return {currency: (days[currency], rates[currency]) for currency in days}

    def rate(self, currency: str, day: date) -> Decimal | None:
        """What one unit of a currency costs in the company's on a day."""
        if currency == self.company.currency_id:
            return Decimal(1)
        days, rates = self._rates.get(currency, ([], []))
        place = bisect_right(days, day)
        return rates[place - 1] if place else None


def numbers_in(rows: Iterable[tuple[int, dict[str, Any]]], name: str) -> set[int]:
    """The numbers a slice of rows names in one column, for one question to the database."""
    return {values[name] for _row_no, values in rows if isinstance(values.get(name), int)}
