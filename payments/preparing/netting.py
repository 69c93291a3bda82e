"""Credit notes are paid by paying an invoice less: which lines of one supplier make one transaction. Pure.

Invoices go one by one, so that the payee books each by its own reference; only where there are credit notes are
invoices put together with them, as few as are needed to leave more than zero. Source: mapping 1.10.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Protocol, TypeVar


class Line(Protocol):
    """What netting looks at; a credit note's amount is negative."""

    @property
    def amount(self) -> Decimal: ...
    @property
    def pay_date(self) -> date: ...
    @property
    def kid(self) -> str: ...
    @property
    def line_no(self) -> int: ...


L = TypeVar("L", bound=Line)
ZERO = Decimal(0)
_date_and_number = attrgetter("pay_date", "line_no")


def put_together(lines: Sequence[L], may_net: Callable[[L], bool]) -> tuple[list[tuple[L, ...]], list[L]]:
    """Transactions of one supplier's lines in one currency, and the credit notes that found no invoice.

    Credit notes are set off on the first payment date whose invoices can carry them, large ones first; invoices
    without a reference are used before those with one.
    """
    credits = sorted([line for line in lines if line.amount < ZERO], key=attrgetter("amount", "line_no"))
    invoices = sorted([line for line in lines if line.amount > ZERO], key=_date_and_number)
    if not credits:
        return [(line,) for line in invoices], []
    made: list[tuple[L, ...]] = []
    for _day, run in groupby(invoices, lambda line: line.pay_date):
        of_the_day = list(run)
        netted, credits = _net(of_the_day, credits, may_net) if credits else ((), credits)
        used = {line.line_no for line in netted}
        made += [netted] if netted else []
        made += [(line,) for line in of_the_day if line.line_no not in used]
    return made, credits


def _net(invoices: list[L], credits: list[L], may_net: Callable[[L], bool]) -> tuple[tuple[L, ...], list[L]]:
    """The transaction of one day that carries as many credit notes as it can, and those left over."""
    usable = sorted(
        (line for line in invoices if may_net(line)),
        key=lambda line: (bool(line.kid), -line.amount, line.line_no),
    )
    room = sum((line.amount for line in usable), ZERO)
    carried: list[L] = []
    left: list[L] = []
    for credit in credits:
        if room + credit.amount > ZERO:
            room += credit.amount
            carried.append(credit)
        else:
            left.append(credit)
    if not carried:
        return (), left
    total = sum((line.amount for line in carried), ZERO)
    needed: list[L] = []
    for line in usable:
        if total > ZERO:
            break
        needed.append(line)
        total += line.amount
    return (*needed, *carried), left
