"""What waits for a person in payments, shown before the person is deactivated."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Exists, F, Max, OuterRef
from django.utils.translation import ngettext

from companies.choices import Role
from companies.leaving import Waiting
from companies.models import Company, Membership, Person
from payments.choices import RoundState
from payments.models import Approval, Payment


def waits(person: Person) -> Iterable[Waiting]:
    """Payments that wait for this person's signature, and drafts nobody else may know of."""
    yield from _signatures(person)
    drafts = Payment.objects.filter(round_state=RoundState.DRAFT, created_by=person)
    for company, many in _by_company(drafts.values_list("company").annotate(many=Count("pk"))):
        text = ngettext("%(n)s suggestion is not uploaded yet.", "%(n)s suggestions are not uploaded yet.", many)
        yield Waiting(company, text % {"n": many})


def _signatures(person: Person) -> Iterable[Waiting]:
    mine = Membership.objects.filter(person=person, role=Role.APPROVER).values("company_id")
    signed = Approval.objects.filter(payment=OuterRef("pk"), round=OuterRef("round"), person=person)
    rows = Payment.objects.filter(company__in=mine, round_state=RoundState.WAITING).exclude(uploaded_by=person)
    counted = rows.filter(~Exists(signed)).values_list("company").order_by("company")
    found = counted.annotate(many=Count("pk"), missing=Max(F("needed") - F("given")))
    missing = {company: needed for company, _many, needed in found}
    for company, many in _by_company((pk, many) for pk, many, _needed in found):
        others = _other_approvers(company, person)
        text = ngettext(
            "%(n)s payment waits for a signature this person may give; %(others)s other approvers are left.",
            "%(n)s payments wait for a signature this person may give; %(others)s other approvers are left.",
            many,
        )
        yield Waiting(company, text % {"n": many, "others": others}, stops=others < missing[company.pk])


def _other_approvers(company: Company, person: Person) -> int:
    rows = Membership.objects.filter(company=company, role=Role.APPROVER, person__is_active=True)
    return rows.exclude(person=person).count()


def _by_company(found: Iterable[tuple[int, int]]) -> Iterable[tuple[Company, int]]:
    counts = dict(found)
    for company in Company.objects.filter(pk__in=counts).order_by("number"):
        yield company, counts[company.pk]
