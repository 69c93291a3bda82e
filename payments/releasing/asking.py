"""Asks approvers: when a payment comes, when it has waited for long, and once more two hours before the cut-off.

One mail a person and run names all that waits for them. Who is asked is who can still sign: deputies included, nobody
who uploaded it or whose voice was given. Source: decisions §4 (who can still approve), domain facts 3.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from companies.calendars import calendars_for, is_bank_day
from companies.clock import business_now
from companies.models import Company, Person
from payments.choices import NoticeWhy, RoundState
from payments.models import Payment
from payments.preparing import noticing
from payments.preparing.mandates import Room, room
from payments.preparing.noticing import Item, Receiver

PATIENCE = timedelta(hours=4)
BEFORE_CUT_OFF = timedelta(hours=2)
SHOWN = 30


@dataclass(frozen=True, slots=True)
class Closing:
    """The cut-off a payment must be approved before, and who still can."""

    at: datetime
    left: timedelta
    people: tuple[str, ...]

    @property
    def minutes(self) -> int:
        """Whole minutes until then."""
        return int(self.left.total_seconds() // 60)

    @property
    def names(self) -> str:
        return ", ".join(self.people)


def cut_off_of(payment: Payment, now: datetime) -> datetime | None:
    """The moment the payment's first day ends at the bank, on the company's clock; None when it is another day's.

    Local wall time is put into the zone before it is compared, so that the two hours before it are two true hours also
    on the days clocks are changed.
    """
    zone, cutoff = ZoneInfo(payment.company.time_zone), payment.agreement.cutoff
    local = now.astimezone(zone)
    if cutoff is None or payment.first_date is None or payment.first_date > local.date():
        return None
    if not is_bank_day(local.date(), calendars_for(payment.bank_partner.country_id, payment.agreement.currency_id)):
        return None
    return datetime.combine(local.date(), cutoff, zone)


def closing(payment: Payment, people: Room, now: datetime) -> Closing | None:
    """The cut-off of today that is at most two hours away, with the names of those who can still sign."""
    at = cut_off_of(payment, now)
    if at is None or not _comes(at, now):
        return None
    return Closing(at, left_until(at, now), tuple(named(one.person, one.for_whom) for one in people.can_still(payment)))


def closes_soon(payment: Payment, now: datetime) -> bool:
    """Whether the cut-off of today is at most two hours away; asks the database nothing."""
    at = cut_off_of(payment, now)
    return at is not None and _comes(at, now)


def left_until(at: datetime, now: datetime) -> timedelta:
    """True time between two moments; in one zone Python would subtract the hands of the clock."""
    return at.astimezone(UTC) - now.astimezone(UTC)


def _comes(at: datetime, now: datetime) -> bool:
    return timedelta(0) < left_until(at, now) <= BEFORE_CUT_OFF


def named(person: Person, for_whom: Person | None) -> str:
    """The person, and whom they stand in for."""
    if for_whom is None:
        return person.shown
    return _("%(who)s for %(whom)s") % {"who": person.shown, "whom": for_whom.shown}


def ask(company: Company) -> int:
    """Mail everybody who can still sign something what they were not told yet; how many mails."""
    related = ("company", "agreement", "bank_partner", "uploaded_by")
    rows = Payment.objects.filter(company=company, round_state=RoundState.WAITING, needed__gt=0)
    payments = list(rows.select_related(*related).prefetch_related("totals").order_by("first_date", "number")[:1000])
    if not payments:
        return 0
    now, people = business_now(company), room(company, payments)
    items = {one.pk: _items(one, now) for one in payments}
    sent = 0
    asked: set[str] = set()
    for person in people.people():
        if person.wants_mail and person.email:
            asked.add(person.email.casefold())
            mine = [one for one in payments if people.standing(one, person).mandate is not None]
            sent += _mail(noticing.receiver(company, person), [item for one in mine for item in items[one.pk]], now)
    by_address: dict[str, tuple[Receiver, list[Item]]] = {}
    for one in payments:
        for to in noticing.receivers(company, one.agreement.approver_emails):
            if to.address.casefold() not in asked:
                by_address.setdefault(to.address.casefold(), (to, []))[1].extend(items[one.pk][:1])
    return sent + sum(_mail(to, some, now) for to, some in by_address.values())


def _items(payment: Payment, now: datetime) -> list[Item]:
    """What there is to say of a payment now: that it came, that it still waits, that the cut-off comes."""
    found = [Item(payment, NoticeWhy.NEW)]
    today = now.date()
    waited = payment.uploaded_at is not None and payment.uploaded_at < timezone.now() - PATIENCE
    if waited or (payment.first_date is not None and payment.first_date <= today):
        found.append(Item(payment, NoticeWhy.AGAIN, today.isoformat()))
    at = cut_off_of(payment, now)
    if at is not None and _comes(at, now):
        found.append(Item(payment, NoticeWhy.CUT_OFF, at.strftime("%Y-%m-%dT%H:%M")))
    return found


def _mail(to: Receiver, items: Sequence[Item], now: datetime) -> bool:
    fresh = noticing.untold(items, to.address)
    if not fresh:
        return False
    company = fresh[0].payment.company
    payments = list({one.payment.pk: one.payment for one in fresh}.values())
    pressing = [one for one in fresh if one.why == NoticeWhy.CUT_OFF]
    with translation.override(to.language):
        return noticing.send(to, fresh, _subject(company, payments, pressing, now), _body(company, fresh), company)


def _subject(company: Company, payments: Sequence[Payment], pressing: Sequence[Item], now: datetime) -> str:
    words = {"company": company.name, "n": len(payments)}
    if pressing:
        first = min(at for one in pressing if (at := cut_off_of(one.payment, now)))
        text = ngettext(
            "Before %(time)s: %(n)s payment of %(company)s waits for approval",
            "Before %(time)s: %(n)s payments of %(company)s wait for approval",
            len(payments),
        )
        return text % {**words, "time": f"{first:%H:%M}"}
    if len(payments) == 1:
        return _("Payment %(number)s of %(company)s waits for approval") % {**words, "number": payments[0].number}
    return _("%(n)s payments of %(company)s wait for approval") % words


def _body(company: Company, items: Sequence[Item]) -> str:
    """A paragraph for each payment, with its own address; salaries without an amount."""
    pressing = {one.payment.pk for one in items if one.why == NoticeWhy.CUT_OFF}
    by_pk = {one.payment.pk: one.payment for one in items}
    payments = sorted(by_pk.values(), key=lambda one: (one.pk not in pressing, one.number))
    parts = [_paragraph(company, one, one.pk in pressing) for one in payments[:SHOWN]]
    if len(payments) > SHOWN:
        parts.append(_("and %(count)s more") % {"count": len(payments) - SHOWN})
    parts.append(_("All that waits: %(address)s") % {"address": noticing.link(company, "mail_approvals")})
    return "\n\n".join(parts) + "\n"


def _paragraph(company: Company, payment: Payment, pressing: bool) -> str:
    amounts = ", ".join(f"{total.amount:.2f} {total.currency_id}" for total in payment.totals.all())
    if payment.salary:
        amounts = _("amounts are shown in the console only")
    words = {
        "number": payment.number,
        "lines": payment.line_count,
        "amounts": amounts,
        "left": payment.needed - payment.given,
        "day": payment.first_date.isoformat() if payment.first_date else "–",
        "time": f"{payment.agreement.cutoff:%H:%M}" if payment.agreement.cutoff else "",
    }
    text = ngettext(
        "Payment %(number)s: %(lines)s lines, %(amounts)s, to be paid %(day)s. %(left)s approval is missing.",
        "Payment %(number)s: %(lines)s lines, %(amounts)s, to be paid %(day)s. %(left)s approvals are missing.",
        payment.needed - payment.given,
    )
    lines = [text % words]
    if pressing:
        lines.append(_("It leaves today only when it is approved before %(time)s.") % words)
    lines.append(noticing.link(company, "mail_approval", payment.number))
    return "\n".join(lines)
