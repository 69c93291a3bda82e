"""Who may do what where: one row for a person in a company, with roles, deputies, agreements and bank mandates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from autopay_console.kernel.search import Field
from companies.choices import AgreementState, Role
from companies.clock import business_now
from companies.models import BankAgreement, BankMandate, Company, Deputy, InstanceRole, Membership

CHUNK = 500
FIELDS = (
    Field("company", "number", "company__number", gettext_lazy("Company"), example="company:1"),
    Field("person", "text", "person__first_name", gettext_lazy("Person"), example="person:anna"),
    Field("active", "yes", "person__is_active", gettext_lazy("May log in"), example="active:no"),
)


@dataclass(slots=True)
class Right:
    """What one person may do in one company."""

    membership: Membership
    roles: set[str] = field(default_factory=set)
    stands_in: list[str] = field(default_factory=list)
    stood_in_by: list[str] = field(default_factory=list)
    agreements: list[str] = field(default_factory=list)
    mandates: list[str] = field(default_factory=list)

    @property
    def active(self) -> bool:
        """The person can log in at all."""
        return self.membership.person.is_active


def pairs(companies: QuerySet[Company]) -> QuerySet[Membership]:
    """One membership for each person in each of these companies."""
    earlier = Membership.objects.filter(company=OuterRef("company"), person=OuterRef("person"), pk__lt=OuterRef("pk"))
    rows = Membership.objects.filter(company__in=companies).filter(~Exists(earlier))
    return rows.select_related("company", "person")


def with_role(rows: QuerySet[Membership], role: str) -> QuerySet[Membership]:
    """Pairs in which the person holds this role."""
    held = Membership.objects.filter(company=OuterRef("company"), person=OuterRef("person"), role=role)
    return rows.filter(Exists(held))


def free(word: str) -> Q:
    """Name, user name, e-mail or company name begins with the word."""
    names = ("person__first_name", "person__last_name", "person__username", "person__email", "company__name")
    found = Q()
    for name in names:
        found |= Q(**{f"{name}__istartswith": word})
    return found


def rights(rows: Iterable[Membership]) -> list[Right]:
    """The whole rights of these pairs; five queries for any number up to some hundreds."""
    found = {(row.person_id, row.company_id): Right(row) for row in rows}
    people = {person for person, _company in found}
    companies = {right.membership.company_id: right.membership.company for right in found.values()}
    for person, company, role in Membership.objects.filter(person__in=people, company__in=companies).values_list(
        "person_id", "company_id", "role"
    ):
        if (person, company) in found:
            found[person, company].roles.add(role)
    may_sign = _deputies(found, people, companies)
    _agreements(found, companies, may_sign)
    mandates = BankMandate.objects.filter(person__in=people, agreement__company__in=companies).exclude(
        agreement__state=AgreementState.ENDED
    )
    for mandate in mandates.select_related("agreement__bank_partner").order_by("pk"):
        right = found.get((mandate.person_id, mandate.agreement.company_id))
        if right:
            right.mandates.append(str(mandate.agreement.bank_partner))
    return list(found.values())


def every(rows: QuerySet[Membership]) -> Iterator[Right]:
    """All rights of a query, a slice at a time: for a file of any length."""
    pages = rows.order_by("company__number", "pk").iterator(CHUNK)
    while some := list(islice(pages, CHUNK)):
        yield from rights(some)


def instance_roles(people: Iterable[int]) -> dict[int, list[str]]:
    """Rights over the installation, in words, by person."""
    found: dict[int, list[str]] = {}
    for row in InstanceRole.objects.filter(person__in=list(people)).order_by("role"):
        found.setdefault(row.person_id, []).append(str(row.get_role_display()))
    return found


def _deputies(
    found: dict[tuple[int, int], Right], people: set[int], companies: dict[int, Company]
) -> set[tuple[int, int]]:
    """Note who stands in for whom, now or later; the pairs that may sign today in somebody's place."""
    now = business_now()
    today = {pk: now.astimezone(ZoneInfo(company.time_zone)).date() for pk, company in companies.items()}
    first = min(today.values(), default=date.min)
    rows = Deputy.objects.filter(company__in=companies, ends_on__gte=first)
    rows = rows.filter(Q(person__in=people) | Q(deputy__in=people)).select_related("person", "deputy").order_by("pk")
    may_sign = set()
    for row in rows:
        dates = {"from": row.starts_on.isoformat(), "to": row.ends_on.isoformat()}
        inside, outside = found.get((row.deputy_id, row.company_id)), found.get((row.person_id, row.company_id))
        if inside:
            inside.stands_in.append(_("for %(who)s, %(from)s to %(to)s") % (dates | {"who": row.person.shown}))
            if row.starts_on <= today[row.company_id] <= row.ends_on:
                may_sign.add((row.deputy_id, row.company_id))
        if outside:
            outside.stood_in_by.append(_("%(who)s, %(from)s to %(to)s") % (dates | {"who": row.deputy.shown}))
    return may_sign


def _agreements(
    found: dict[tuple[int, int], Right], companies: dict[int, Company], may_sign: set[tuple[int, int]]
) -> None:
    """Active agreements for payments out, for whoever may sign them: as approver, or today in an approver's place."""
    rows = BankAgreement.objects.filter(company__in=companies, state=AgreementState.ACTIVE, active_outgoing=True)
    names: dict[int, list[str]] = {}
    for row in rows.select_related("bank_partner").order_by("bank_partner__number"):
        facts = {"bank": str(row.bank_partner), "n": row.approvers}
        names.setdefault(row.company_id, []).append(_("%(bank)s (needs %(n)s)") % facts)
    for pair, right in found.items():
        if Role.APPROVER in right.roles or pair in may_sign:
            right.agreements = names.get(pair[1], [])
