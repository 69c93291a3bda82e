"""What the Approval screens read: who may sign which payment, and what about its receivers stands out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db.models import Count, F, QuerySet
from django.utils.translation import gettext as _

from companies.choices import Role
from companies.models import Company, Deputy, Membership, Person
from payments import queries
from payments.choices import Decision, RoundState, Severity
from payments.models import AcceptedFinding, Approval, Payment, PaymentLine
from payments.ordering import Desk
from payments.validation import payees

MOST = 20
FOUND_AGAIN = ("account_first_payment", "account_changed", "account_change_asked")


@dataclass(frozen=True, slots=True)
class StandsOut:
    """A receiver to look at twice: never paid before, or with an account that was changed lately."""

    line_no: int
    supplier: str
    text: str


def listed(company: Company, state: str) -> QuerySet[Payment]:
    """Payments of one tab; those that are still being sealed are nobody's yet."""
    rows = queries.payments(company).filter(needed__gt=0).select_related("bank_partner", "uploaded_by", "agreement")
    return rows.filter(round_state=state) if state else rows.exclude(round_state=RoundState.DRAFT)


def why_not(company: Company, person: Person, payments: Iterable[Payment], today: date) -> dict[int, str]:
    """Payments this person cannot sign, each with the reason; three queries. The signing itself looks again."""
    rows = list(payments)
    ids = [one.pk for one in rows]
    stands_in = Deputy.objects.filter(company=company, deputy=person, starts_on__lte=today, ends_on__gte=today)
    approver = Membership.objects.filter(company=company, person=person, role=Role.APPROVER).exists()
    may = approver or stands_in.exists()
    signed = set(
        Approval.objects.filter(payment_id__in=ids, round=F("payment__round"), person=person).values_list(
            "payment_id", flat=True
        )
    )
    found: dict[int, str] = {}
    for one in rows:
        if one.round_state != RoundState.WAITING:
            found[one.pk] = str(one.get_round_state_display())
        elif not may:
            found[one.pk] = _("you are no approver")
        elif one.uploaded_by_id == person.pk:
            found[one.pk] = _("you uploaded it")
        elif one.pk in signed:
            found[one.pk] = _("you signed it")
    return found


def leaves(payment: Payment, today: date) -> tuple[str, bool]:
    """When it leaves in words, and whether that is pressing: today by the cut-off, or a date that has passed."""
    first = payment.first_date
    if first is None:
        return "", False
    if first < today:
        return _("%(day)s has passed") % {"day": first.isoformat()}, True
    if first == today:
        cutoff = payment.agreement.cutoff
        return (_("today by %(time)s") % {"time": f"{cutoff:%H:%M}"} if cutoff else _("today")), True
    return first.isoformat(), False


def stands_out(payment: Payment) -> list[StandsOut]:
    """First payments to an account, and accounts changed in the last 30 days, as they are now; at most 20 of them."""
    found = list(islice(payees.check(Desk(payment)), MOST))
    lines = PaymentLine.objects.filter(pk__in=[one.line_id for one in found if one.line_id])
    rows = {pk: (number, name) for pk, number, name in lines.values_list("pk", "line_no", "supplier__name")}
    return [StandsOut(*rows[one.line_id], one.text) for one in found if one.line_id in rows]


def accepted(payment: Payment) -> list[AcceptedFinding]:
    """Warnings somebody took on at the upload, without those `stands_out` finds again."""
    rows = AcceptedFinding.objects.filter(payment=payment, severity=Severity.WARN).exclude(code__in=FOUND_AGAIN)
    return list(rows.select_related("person", "line").order_by("code", "pk")[:MOST])


def signatures(payment: Payment) -> list[Approval]:
    """Approvals of the round in force."""
    rows = Approval.objects.filter(payment=payment, round=payment.round, decision=Decision.APPROVED)
    return list(rows.select_related("person", "on_behalf_of").order_by("pk"))


def who_may(payment: Payment) -> list[Person]:
    """Approvers who have not signed and did not upload it."""
    signed = Approval.objects.filter(payment=payment, round=payment.round).values("person_id")
    people = Person.objects.filter(
        is_active=True, memberships__company=payment.company_id, memberships__role=Role.APPROVER
    )
    people = people.exclude(pk=payment.uploaded_by_id) if payment.uploaded_by_id else people
    return list(people.exclude(pk__in=signed).distinct().order_by("first_name")[:10])


def counts(company: Company) -> dict[str, int]:
    """How many payments each tab holds."""
    rows = Payment.objects.filter(company=company, needed__gt=0).order_by().values_list("round_state")
    return dict(rows.annotate(many=Count("pk")))
