"""One thing that waits for somebody, and how several of them are put in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from autopay_console.kernel import amounts
from autopay_console.shell import safe_url
from payments.models import Payment

NOW, TODAY, WEEK = "now", "today", "week"
Amounts = tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Todo:
    """What to do, about how much money, and where."""

    when: str
    icon: str
    title: str
    sub: str
    url: str
    verb: str
    tone: str = ""
    amounts: Amounts = ()
    beside: str = ""

    @property
    def currency(self) -> str:
        return self.amounts[0][0] if self.amounts else ""

    @property
    def amount(self) -> Decimal | None:
        return self.amounts[0][1] if self.amounts else None

    @property
    def under(self) -> str:
        """What stands under the amount: the other currencies, never added together, or a word."""
        others = self.amounts[1:]
        if len(others) == 1:
            return f"+ {amounts.shown(others[0][1])} {others[0][0]}"
        if others:
            return _("+ %(n)s currencies") % {"n": len(others)}
        return self.beside


@dataclass(slots=True)
class Group:
    """To-dos of one urgency under a heading."""

    label: str
    beside: str
    todos: list[Todo] = field(default_factory=list)


def grouped(todos: Iterable[Todo], cut_off: str) -> list[Group]:
    """Now, today, this week; empty groups are left out."""
    before = _("before %(time)s") % {"time": cut_off} if cut_off else ""
    groups = {NOW: Group(_("Now"), before), TODAY: Group(_("Today"), ""), WEEK: Group(_("This week"), "")}
    for todo in todos:
        groups[todo.when].todos.append(todo)
    for group in groups.values():
        group.beside = group.beside or str(len(group.todos))
    return [group for group in groups.values() if group.todos]


def largest_first(sums: Iterable[tuple[str, Decimal]]) -> Amounts:
    """One sum per currency, the largest figure first."""
    together: dict[str, Decimal] = {}
    for currency, amount in sums:
        together[currency] = together.get(currency, Decimal(0)) + amount
    return tuple(sorted(together.items(), key=lambda pair: -abs(pair[1])))


def totals_of(payments: Iterable[Payment]) -> Amounts:
    """Sums of payments whose totals were fetched with them."""
    return largest_first((total.currency_id, total.amount) for payment in payments for total in payment.totals.all())


def numbers_of(payments: Iterable[Any], limit: int = 4) -> str:
    """Payment numbers in a row; beyond a few it says how many more."""
    numbers = [str(payment.number) for payment in payments]
    shown = " · ".join(numbers[:limit])
    return (
        _("%(shown)s and %(n)s more") % {"shown": shown, "n": len(numbers) - limit} if len(numbers) > limit else shown
    )


def address(name: str, *args: Any) -> str:
    """Where the to-do is done."""
    return safe_url(name, *args)
