"""What the Approval screens read: who may sign which payment, and what about its receivers stands out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import CharField, Count, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from companies.choices import Role
from companies.clock import business_now
from companies.models import Company, Deputy, Membership, PayeeAccount, Person
from payments import queries
from payments.choices import Decision, RoundState, Severity
from payments.models import AcceptedFinding, Approval, Payment, PaymentLine
from payments.ordering import live_lines

LATELY = timedelta(days=30)  # how long a changed account is pointed out (system §5, preflight)
MOST = 20
FOUND_AGAIN = ("account_first_payment", "account_changed")


@dataclass(frozen=True, slots=True)
class StandsOut:
    """A receiver to look at twice: never paid before, or with an account that was changed lately."""

    line: PaymentLine
    title: str
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
    """First payment to an account, and accounts entered in the last 30 days; at most 20 of them."""
    since = business_now(payment.company) - LATELY
    accounts = PayeeAccount.objects.filter(supplier_id=OuterRef("supplier_id"), account=OuterRef("account"))
    lines = live_lines(payment).filter(amount__gt=0).select_related("supplier")
    lines = lines.annotate(
        entered=Subquery(accounts.values("entered_at")[:1]),
        first_paid=Subquery(accounts.values("first_paid_on")[:1]),
        by=Subquery(accounts.values("entered_by__first_name")[:1], output_field=CharField()),
        second=Subquery(accounts.values("accepted_by__first_name")[:1], output_field=CharField()),
    )
    found: dict[tuple[int, str], StandsOut] = {}
    for line in lines.filter(Q(first_paid__isnull=True) | Q(entered__gte=since)).order_by("line_no")[: MOST * 3]:
        found.setdefault((line.supplier_id, line.account), _out(line, since))
    return list(found.values())[:MOST]


def _out(line: PaymentLine, since: datetime) -> StandsOut:
    facts = vars(line)
    entered, first_paid = facts["entered"], facts["first_paid"]
    who = {"supplier": line.supplier.name, "by": facts["by"] or "–", "second": facts["second"] or "–"}
    if entered is not None and entered >= since and first_paid is None:
        days = (since + LATELY - entered).days
        title = _("%(supplier)s: account entered %(days)s days ago, never paid before") % (who | {"days": days})
        return StandsOut(line, title, _("Entered by %(by)s, accepted by %(second)s.") % who)
    if first_paid is None:
        return StandsOut(line, _("%(supplier)s: first payment to this account") % who, line.account)
    days = (since + LATELY - entered).days if entered else 0
    title = _("%(supplier)s: account changed %(days)s days ago") % (who | {"days": days})
    return StandsOut(line, title, _("Entered by %(by)s, accepted by %(second)s.") % who)


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
