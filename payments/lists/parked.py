"""The queue of parked payments: one after the other, fast also when ten thousand wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from autopay_console.kernel import paging
from autopay_console.kernel.listing import count_up_to
from companies.models import Company, Person
from payments.choices import IncomingState, ParkReason
from payments.models import CustomerEntry, IncomingPayment

OLDEST, LARGEST = "oldest", "largest"
ORDERS = (OLDEST, LARGEST)
_WITH = ("file", "entry", "assigned_to", "repeat_of", "company")
BEFORE, AFTER = 4, 40  # rows shown above and below the payment in work


@dataclass(frozen=True, slots=True)
class Wish:
    """In which order a person works, and what of the queue: a reason, or only what was handed over."""

    order: str = OLDEST
    reason: str = ""
    mine: bool = False

    @property
    def query(self) -> str:
        """The wish as part of an address."""
        parts = [f"order={self.order}"] if self.order != OLDEST else []
        parts += [f"reason={self.reason}"] if self.reason else []
        parts += ["mine=1"] if self.mine else []
        return "&".join(parts)


def read_wish(values: Any) -> Wish:
    """From an address; what makes no sense is left out."""
    order, reason = values.get("order", ""), values.get("reason", "")
    return Wish(
        order if order in ORDERS else OLDEST, reason if reason in ParkReason.values else "", values.get("mine") == "1"
    )


def queue(company: Company, person: Person, wish: Wish) -> QuerySet[IncomingPayment]:
    """Parked payments of the wish. What a colleague took over is shown only to that colleague and on the full list."""
    rows = IncomingPayment.objects.filter(company=company, state=IncomingState.PARKED)
    if wish.reason:
        rows = rows.filter(reason=wish.reason)
    if wish.mine:
        return rows.filter(assigned_to=person)
    return rows.filter(Q(assigned_to__isnull=True) | Q(assigned_to=person))


@dataclass(frozen=True, slots=True)
class Around:
    """The payment in work with what stands before and after it in the queue."""

    before: list[IncomingPayment]
    after: list[IncomingPayment]
    count: int

    @property
    def next(self) -> IncomingPayment | None:
        return self.after[0] if self.after else None

    @property
    def previous(self) -> IncomingPayment | None:
        return self.before[-1] if self.before else None


def first(company: Company, person: Person, wish: Wish) -> IncomingPayment | None:
    """Where work begins."""
    rows = queue(company, person, wish).order_by(*_order(wish))
    # the key alone, which one index answers; what the payment joins afterwards
    return IncomingPayment.objects.filter(pk__in=rows.values("pk")[:1]).select_related(*_WITH).first()


def around(company: Company, person: Person, wish: Wish, payment: IncomingPayment) -> Around:
    """Neighbours by key, so that the ten-thousandth is found as fast as the first."""
    rows = queue(company, person, wish)
    back = [name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in _order(wish)]
    before = list(rows.filter(_beyond(wish, payment, forward=False)).order_by(*back)[:BEFORE])
    after = list(rows.filter(_beyond(wish, payment, forward=True)).order_by(*_order(wish))[:AFTER])
    return Around(before[::-1], after, count_up_to(rows))


def _order(wish: Wish) -> tuple[str, str]:
    return ("-amount", "id") if wish.order == LARGEST else ("value_date", "id")


def _beyond(wish: Wish, payment: IncomingPayment, *, forward: bool) -> Q:
    column = "amount" if wish.order == LARGEST else "value_date"
    rising = (wish.order != LARGEST) == forward
    return paging.beyond(column, getattr(payment, column), payment.pk, rising=rising, key_rising=forward)


def chosen_entries(company: Company, ids: list[int]) -> list[CustomerEntry]:
    """Open entries a person put into the split, in the order they were taken."""
    rows = CustomerEntry.objects.filter(company=company, pk__in=ids[:100]).select_related("customer")
    found = {row.pk: row for row in rows}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


def colleagues(company: Company, person: Person) -> QuerySet[Person]:
    """Who else may resolve payments of the company."""
    rows = Person.objects.filter(is_active=True, memberships__company=company, memberships__role="accountant")
    return rows.exclude(pk=person.pk).distinct().order_by("first_name", "username")


def by_id(company: Company, payment_id: UUID) -> IncomingPayment | None:
    """One payment of the company, parked or not."""
    rows = IncomingPayment.objects.filter(company=company).select_related(*_WITH)
    return rows.filter(pk=payment_id).first()
