"""Credit notes are paid by paying an invoice less: which lines of one supplier make one transaction. Pure.

Invoices go one by one, so that the payee books each by its own reference; only where there are credit notes are
invoices put together with them, as few as are needed to leave more than zero. Source: mapping 1.10.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Protocol, TypeVar

from companies.accounts import account_key


class Line(Protocol):
    """What netting looks at; a credit note's amount is negative."""

    @property
    def amount(self) -> Decimal: ...
    @property
    def pay_date(self) -> date: ...
    @property
    def kid(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def line_no(self) -> int: ...


L = TypeVar("L", bound=Line)
ZERO = Decimal(0)
_date_and_number = attrgetter("pay_date", "line_no")


def put_together(lines: Sequence[L], may_net: Callable[[L], bool]) -> tuple[list[tuple[L, ...]], list[L]]:
    """Transactions of one supplier's lines in one currency, and the credit notes that found no invoice.

    Credit notes are set off on the first payment date whose invoices can carry them, large ones first; invoices
    without a reference are used before those with one. Invoices that go to different accounts are never one
    transaction: it would pay one account what is owed to the other.
    """
    credits = sorted([line for line in lines if line.amount < ZERO], key=attrgetter("amount", "line_no"))
    invoices = sorted([line for line in lines if line.amount > ZERO], key=_date_and_number)
    if not credits:
        return [(line,) for line in invoices], []
    made: list[tuple[L, ...]] = []
    for _day, run in groupby(invoices, lambda line: line.pay_date):
        of_the_day = list(run)
        netted, credits = _net(of_the_day, credits, may_net) if credits else ([], credits)
        used = {line.line_no for some in netted for line in some}
        made += netted
        made += [(line,) for line in of_the_day if line.line_no not in used]
    return made, credits


def _net(invoices: list[L], credits: list[L], may_net: Callable[[L], bool]) -> tuple[list[tuple[L, ...]], list[L]]:
    """The transactions of one day, one an account, that carry as many credit notes as they can, and those left over.

    A credit note goes with the invoices of its own account first.
    """
    usable: dict[str, list[L]] = defaultdict(list)
    for line in invoices:
        if may_net(line):
            usable[account_key(line.account)].append(line)
    room = {account: sum((line.amount for line in some), ZERO) for account, some in usable.items()}
    carried: dict[str, list[L]] = defaultdict(list)
    own = _carry(credits, room, carried, lambda line: [account_key(line.account)])
    left = _carry(own, room, carried, lambda _line: list(room))
    return [_fewest(usable[account], some) for account, some in carried.items()], left


def _carry(
    credits: list[L], room: dict[str, Decimal], carried: dict[str, list[L]], where: Callable[[L], list[str]]
) -> list[L]:
    """Put each credit note to the first of its accounts that still pays something then; those that fit nowhere."""
    left: list[L] = []
    for credit in credits:
        account = next((one for one in where(credit) if room.get(one, ZERO) + credit.amount > ZERO), None)
        if account is None:
            left.append(credit)
        else:
            room[account] += credit.amount
            carried[account].append(credit)
    return left


def _fewest(usable: list[L], carried: list[L]) -> tuple[L, ...]:
    """As few invoices as these credit notes need, and the credit notes."""
    total = sum((line.amount for line in carried), ZERO)
    needed: list[L] = []
    for line in sorted(usable, key=lambda line: (bool(line.kid), -line.amount, line.line_no)):
        if total > ZERO:
            break
        needed.append(line)
        total += line.amount
    return (*needed, *carried)
