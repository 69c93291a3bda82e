"""Who may approve: the role in the company, or a deputy's mandate for today and up to its amount."""

from __future__ import annotations

from dataclasses import dataclass

from companies.choices import Role
from companies.clock import business_date
from companies.models import Company, Deputy, Membership, Person
from payments.models import Payment
from payments.rounds import home_total


@dataclass(frozen=True, slots=True)
class Mandate:
    """The right to approve; `for_whom` when somebody stands in for another."""

    person: Person
    for_whom: Person | None = None

    @property
    def people(self) -> frozenset[int]:
        """Whose voice this is: the person's own, and that of the one stood in for."""
        return frozenset({self.person.pk} | ({self.for_whom.pk} if self.for_whom else set()))


def has_role(company: Company, person: Person, *roles: str) -> bool:
    """One of these roles in the company, by an active person."""
    return person.is_active and Membership.objects.filter(company=company, person=person, role__in=roles).exists()


def mandates(payment: Payment, person: Person) -> list[Mandate]:
    """Every way in which the person may approve, the own role first; none: they may not."""
    if not person.is_active:
        return []
    found = [Mandate(person)] if has_role(payment.company, person, Role.APPROVER) else []
    today = business_date(payment.company)
    rows = Deputy.objects.filter(
        company=payment.company,
        deputy=person,
        starts_on__lte=today,
        ends_on__gte=today,
        person__is_active=True,
        person__memberships__company=payment.company,
        person__memberships__role=Role.APPROVER,
    )
    total = None
    for row in rows.select_related("person").order_by("pk"):
        if row.limit is not None:
            total = home_total(payment) if total is None else total
            if total > row.limit:
                continue
        found.append(Mandate(person, row.person))
    return found
