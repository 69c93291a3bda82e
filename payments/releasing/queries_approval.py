"""What the Approval screens read: who may sign which payment, and what about its receivers stands out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from autopay_console.kernel.listing import COUNT_LIMIT, HowMany
from companies.clock import business_date, business_now
from companies.models import Company, Person
from payments.choices import Decision, RoundState, Severity
from payments.lists import queries
from payments.models import AcceptedFinding, Approval, Notice, Payment, PaymentLine, PaymentNote
from payments.preparing.mandates import Mandate, Room, given_voices, of_round, room
from payments.preparing.ordering import Desk
from payments.releasing.asking import Closing, closes_soon, closing
from payments.validation import Finding, lines

MOST = 20
TABS = (RoundState.WAITING, RoundState.RELEASED, RoundState.CANCELLED)
LOOKED_THROUGH = 10_000  # lines
FOUND_AGAIN = ("account_first_payment", "account_changed", "account_change_asked", "account_refused_before")


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


@dataclass(frozen=True, slots=True)
class Seat:
    """What one person can do about one payment of a list."""

    why_not: str = ""
    for_whom: str = ""


def seats(
    company: Company, person: Person, payments: Iterable[Payment], today: date, *, approver: bool
) -> dict[int, Seat]:
    """Whether this person can sign each payment, for whom, or why not. The signing itself looks again.

    An approver needs one query: standing in for others adds no voice to the one they have. A deputy needs four.
    """
    rows = list(payments)
    waiting = [one for one in rows if one.round_state == RoundState.WAITING]
    people = _room(company, person, waiting, today, approver=approver)
    return {one.pk: _seat(people, person, one) for one in rows}


def _room(company: Company, person: Person, waiting: list[Payment], today: date, *, approver: bool) -> Room:
    if not approver:
        return room(company, waiting, today)
    return Room(company, [person], [], given_voices(waiting))


def _seat(people: Room, person: Person, payment: Payment) -> Seat:
    if payment.round_state != RoundState.WAITING:
        return Seat(str(payment.get_round_state_display()))
    found = people.standing(payment, person)
    if found.mandate is not None:
        whom = found.mandate.for_whom
        return Seat(for_whom=whom.shown if whom else "")
    if found.own_upload:
        return Seat(_("you uploaded it"))
    if found.heard:
        return Seat(_("you signed it"))
    return Seat(_("above the amount you stand in for") if found.over_limit else _("you are no approver"))


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
    """What the preflight says of receivers now: first payments to an account, accounts changed lately, and payments
    that became possible duplicates since the upload; at most 20."""
    found = list(islice(_news(payment), MOST))
    if not found:
        return []
    named = PaymentLine.objects.filter(pk__in=[one.line_id for one in found if one.line_id])
    rows = {pk: (number, name) for pk, number, name in named.values_list("pk", "line_no", "supplier__name")}
    return [StandsOut(*rows[one.line_id], one.text) for one in found if one.line_id in rows]


def _news(payment: Payment) -> Iterator[Finding]:
    """Of duplicates only those nobody took on at the upload; very large payments are compared only there."""
    known: set[int | None] | None = None
    for one in lines.check(Desk(payment), doubles=payment.line_count <= LOOKED_THROUGH):
        if one.code == "duplicate":
            if known is None:
                rows = AcceptedFinding.objects.filter(payment=payment, code="duplicate")
                known = set(rows.values_list("line_id", flat=True))
            if one.line_id in known:
                continue
        yield one


def accepted(payment: Payment) -> list[AcceptedFinding]:
    """Warnings somebody took on at the upload, without those `stands_out` finds again."""
    rows = AcceptedFinding.objects.filter(payment=payment, severity=Severity.WARN).exclude(code__in=FOUND_AGAIN)
    return list(rows.select_related("person", "line").order_by("code", "pk")[:MOST])


def signatures(payment: Payment) -> list[Approval]:
    """Approvals of the round in force."""
    return [row for row in of_round(payment) if row.decision != Decision.CANCELLED]


def signatures_of(payments: list[Payment]) -> dict[int, list[Approval]]:
    """The same for many payments, by payment; one query."""
    rounds = {one.pk: one.round for one in payments}
    rows = Approval.objects.filter(payment_id__in=list(rounds)[:1000]).exclude(decision=Decision.CANCELLED)
    found: dict[int, list[Approval]] = {}
    for row in rows.select_related("person", "on_behalf_of").order_by("pk"):
        if row.round == rounds[row.payment_id]:
            found.setdefault(row.payment_id, []).append(row)
    return found


def told(payment: Payment) -> list[Notice]:
    """Who was asked by mail in this round, the latest of each person, newest first."""
    rows = Notice.objects.filter(payment=payment, round=payment.round, person__isnull=False)
    latest = {row.person_id: row for row in rows.select_related("person").order_by("pk")[:200]}
    return sorted(latest.values(), key=lambda one: -one.pk)


def notes(payment: Payment) -> list[PaymentNote]:
    """The last remarks of colleagues, newest first."""
    return list(PaymentNote.objects.filter(payment=payment).select_related("person").order_by("-pk")[:3])


def who_may(payment: Payment) -> list[Mandate]:
    """Everybody who can still sign: approvers, and deputies for those who are away."""
    return room(payment.company, [payment]).can_still(payment)[:10]


@dataclass(frozen=True, slots=True)
class ClosingSoon:
    """Payments of one cut-off that the same people can still approve."""

    at: Closing
    payments: list[Payment]

    @property
    def numbers(self) -> str:
        return ", ".join(str(one.number) for one in self.payments)


def closing_soon(company: Company, waiting: Iterable[Payment] | None = None) -> list[ClosingSoon]:
    """Payments that leave today only when they are approved in the next two hours, and who still can.

    `waiting`: all that wait, as `listed` reads them, when the page has read them already.
    """
    now, today = business_now(company), business_date(company)
    rows = list(_of_today(company, today) if waiting is None else waiting)
    for one in rows:
        one.company = company
    soon = [one for one in rows if closes_soon(one, now)]
    if not soon:
        return []
    people = room(company, rows, today)
    found: dict[Closing, list[Payment]] = {}
    for one in sorted(soon, key=lambda one: (one.agreement.cutoff, one.number))[:MOST]:
        if (at := closing(one, people, now)) is not None:
            found.setdefault(at, []).append(one)
    return [ClosingSoon(at, some) for at, some in found.items()]


def _of_today(company: Company, today: date) -> QuerySet[Payment]:
    rows = listed(company, RoundState.WAITING).filter(first_date__lte=today, agreement__cutoff__isnull=False)
    return rows.order_by("agreement__cutoff", "number")[:MOST]


def counts(company: Company) -> dict[str, int]:
    """How many payments each tab holds, as far as lists count; one query."""
    rows = Payment.objects.filter(company=company, needed__gt=0)
    counted = [HowMany(rows.filter(round_state=state)[: COUNT_LIMIT + 1]) for state in TABS]
    return dict(zip(TABS, Company.objects.filter(pk=company.pk).values_list(*counted).get(), strict=True))
