"""Who may approve: the role in the company, or a deputy's mandate for today and up to its amount.

A deputy's approval is the voice of the one stood in for: either of them signs, never both. Lists ask for many payments
and many people at once; the signing itself asks again for one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from autopay_console.kernel.once import once
from companies.access import people_with
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company, Deputy, Membership, Person
from payments.models import Approval, Payment
from payments.preparing import rates
from payments.preparing.rounds import home_total, worth


@dataclass(frozen=True, slots=True)
class Mandate:
    """The right to approve; `for_whom` when somebody stands in for another."""

    person: Person
    for_whom: Person | None = None

    @property
    def people(self) -> frozenset[int]:
        """Whose voice this is: the person's own, and that of the one stood in for."""
        return frozenset({self.person.pk} | ({self.for_whom.pk} if self.for_whom else set()))


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person can do about one payment: under which mandate, or why under none."""

    mandate: Mandate | None = None
    over_limit: bool = False
    own_upload: bool = False
    heard: bool = False


@dataclass(slots=True)
class Room:
    """Everybody who may approve in a company today, and whose voices were given: read once for many payments."""

    company: Company
    approvers: list[Person]
    deputies: list[Deputy]
    voices: Mapping[int, frozenset[int]] = field(default_factory=dict)
    known_rates: Mapping[str, Decimal] = field(default_factory=dict)

    def people(self) -> list[Person]:
        """Approvers first, then those who only stand in for somebody."""
        found = {one.pk: one for one in self.approvers}
        for row in self.deputies:
            found.setdefault(row.deputy_id, row.deputy)
        return list(found.values())

    def standing(self, payment: Payment, person: Person) -> Standing:
        """Without a query when the totals of the payment were fetched before."""
        found = [Mandate(person)] if any(one.pk == person.pk for one in self.approvers) else []
        mine = [row for row in self.deputies if row.deputy_id == person.pk]
        allowed = [row for row in mine if row.limit is None or self._worth(payment) <= row.limit]
        found += [Mandate(person, row.person) for row in allowed]
        if not found:
            return Standing(over_limit=bool(mine))
        uploader = payment.uploaded_by_id or payment.created_by_id
        independent = [one for one in found if uploader not in one.people]
        if not independent:
            return Standing(own_upload=True)
        heard = self.voices.get(payment.pk, frozenset())
        free = [one for one in independent if not one.people & heard]
        return Standing(free[0]) if free else Standing(heard=True)

    def can_still(self, payment: Payment) -> list[Mandate]:
        """Everybody who could sign this payment now; a deputy only when the one stood in for has not signed."""
        standings = (self.standing(payment, one) for one in self.people())
        return [one.mandate for one in standings if one.mandate is not None]

    def _worth(self, payment: Payment) -> Decimal:
        return worth(((one.amount, one.currency_id) for one in payment.totals.all()), self.known_rates)


def room(company: Company, payments: Iterable[Payment], today: date | None = None) -> Room:
    """Approvers, deputies in force, voices given in the round in force, and rates: four queries."""
    today = today or business_date(company)
    return Room(
        company,
        approvers(company),
        list(deputies(company, today)),
        given_voices(payments),
        rates.rates_on(company, today),
    )


def approvers(company: Company) -> list[Person]:
    """Active people with the role; asked once a page."""
    return once(("approvers", company.pk), lambda: people_with(company, [Role.APPROVER]))


def given_voices(payments: Iterable[Payment]) -> dict[int, frozenset[int]]:
    """Whose voices each payment has in the round in force; one query, asked once a page."""
    some = list(payments)
    if len(some) < 2:
        return {one.pk: heard(one) for one in some}
    rounds = {one.pk: one.round for one in some}
    return once(("voices", tuple(rounds.items())), lambda: _voices(rounds))


def _voices(rounds: Mapping[int, int]) -> dict[int, frozenset[int]]:
    voices: dict[int, set[int]] = defaultdict(set)
    given = Approval.objects.filter(payment_id__in=list(rounds)[:1000])
    for payment_id, round_, person, whom in given.values_list("payment_id", "round", "person_id", "on_behalf_of_id"):
        if rounds[payment_id] == round_:
            voices[payment_id] |= {one for one in (person, whom) if one is not None}
    return {pk: frozenset(some) for pk, some in voices.items()}


def of_round(payment: Payment) -> list[Approval]:
    """Every row about a signature in the round in force, the first one first."""
    rows = Approval.objects.filter(payment=payment, round=payment.round).select_related("person", "on_behalf_of")
    return once(("signatures", payment.pk, payment.round), lambda: list(rows.order_by("pk")))


def heard(payment: Payment) -> frozenset[int]:
    """Whose voices were given in this round, by themselves or by a deputy."""
    given = ((row.person_id, row.on_behalf_of_id) for row in of_round(payment))
    return frozenset(pk for pair in given for pk in pair if pk is not None)


def deputies(company: Company, today: date) -> Iterable[Deputy]:
    """Deputies in force on the day: both active, and the one stood in for an approver of the company."""
    return once(("deputies", company.pk, today), lambda: list(_in_force(company, today)))


def _in_force(company: Company, today: date) -> QuerySet[Deputy]:
    rows = Deputy.objects.filter(
        company=company,
        starts_on__lte=today,
        ends_on__gte=today,
        deputy__is_active=True,
        person__is_active=True,
        person__memberships__company=company,
        person__memberships__role=Role.APPROVER,
    )
    return rows.select_related("person", "deputy").order_by("pk")


def has_role(company: Company, person: Person, *roles: str) -> bool:
    """One of these roles in the company, by an active person."""
    return person.is_active and Membership.objects.filter(company=company, person=person, role__in=roles).exists()


def mandates(payment: Payment, person: Person) -> list[Mandate]:
    """Every way in which the person may approve, the own role first; none: they may not."""
    if not person.is_active:
        return []
    found = [Mandate(person)] if person in approvers(payment.company) else []
    total = None
    for row in deputies(payment.company, business_date(payment.company)):
        if row.deputy_id != person.pk:
            continue
        if row.limit is not None:
            total = home_total(payment) if total is None else total
            if total > row.limit:
                continue
        found.append(Mandate(person, row.person))
    return found


def in_place_of(payment: Payment, person: Person) -> str:
    """Added to what is told of an act: for whom a deputy did it. Empty when the person acts by the own role."""
    whom = next((one.for_whom for one in mandates(payment, person)[:1]), None)
    return f" {_('In place of %(name)s.') % {'name': whom.shown}}" if whom else ""


def may_sign(company: Company, person: Person) -> bool:
    """Whether the person approves anything at all today, by the role or for somebody."""
    if has_role(company, person, Role.APPROVER):
        return True
    return any(row.deputy_id == person.pk for row in deputies(company, business_date(company)))
