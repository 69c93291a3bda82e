"""To-dos of money that goes out: sign, upload, mend, ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Case, Count, QuerySet, Sum, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from autopay_console.home.clock import Clock
from autopay_console.home.todo import NOW, TODAY, WEEK, Todo, address, largest_first, numbers_of, totals_of
from autopay_console.kernel.days import short_day
from autopay_console.shell import to_approve
from companies.access import Rights
from companies.models import Company, Person
from payments.choices import STILL_OPEN, LineStatus, RoundState
from payments.models import Payment, PaymentLine, SupplierEntry
from payments.preparing.due import takeable
from payments.preparing.mandates import room
from payments.releasing.asking import named

SHOWN = 100
REJECTED_SHOWN = 4
AHEAD = timedelta(days=7)


def approvals(company: Company, person: Person, rights: Rights, clock: Clock) -> list[Todo]:
    """What this person may sign, split into what leaves today and what has time."""
    if not rights.approver:
        return []
    rows = to_approve(company, person).select_related("uploaded_by").prefetch_related("totals")
    waiting = list(rows.order_by("first_date", "pk")[:SHOWN])
    urgent = [one for one in waiting if one.first_date is None or one.first_date <= clock.today]
    later = [one for one in waiting if one not in urgent]
    found = []
    if urgent:
        title = ngettext(
            "Approve %(n)s payment that is due today", "Approve %(n)s payments that are due today", len(urgent)
        )
        found.append(_sign(NOW, title % {"n": len(urgent)}, _who_uploaded(urgent), urgent, "bad"))
    if later:
        title = ngettext("Approve %(n)s payment", "Approve %(n)s payments", len(later)) % {"n": len(later)}
        found.append(_sign(TODAY, title, numbers_of(later), later, ""))
    return found


def _sign(when: str, title: str, sub: str, payments: Sequence[Payment], tone: str) -> Todo:
    return Todo(when, "shield-check", title, sub, address("approval"), _("Approve"), tone, totals_of(payments))


def _who_uploaded(payments: Sequence[Payment]) -> str:
    words = []
    for one in payments[:3]:
        given = _(", %(given)s of %(needed)s given") % {"given": one.given, "needed": one.needed} if one.given else ""
        words.append(f"{one.number} {one.uploaded_by.shown if one.uploaded_by else ''}{given}".strip())
    return " · ".join(words)


def others_must_sign(company: Company, person: Person, clock: Clock) -> list[Todo]:
    """Payments that leave today only when somebody else signs before cut-off: who still can."""
    waiting = Payment.objects.filter(
        company=company, round_state=RoundState.WAITING, first_date__lte=clock.today, uploaded_by=person
    )
    rows = list(waiting.prefetch_related("totals").order_by("transfer_date", "pk")[:3])
    if not rows or clock.is_closed:
        return []
    people = room(company, rows, clock.today)
    found = []
    for one in rows:
        able = [named(free.person, free.for_whom) for free in people.can_still(one)]
        sub = _("can still approve: %(names)s") % {"names": ", ".join(able)} if able else _("nobody is left to approve")
        title = _("Your payment %(number)s leaves today only when it is approved") % {"number": one.number}
        tone = "warn" if able else "bad"
        found.append(
            Todo(NOW, "hourglass", title, sub, address("payment", one.number), _("Look"), tone, totals_of([one]))
        )
    return found


def rejected(company: Company, rights: Rights) -> list[Todo]:
    """Lines a bank or AutoPay refused whose invoice is still open and in no new payment; credit notes behind."""
    if not (rights.accountant or rights.payroll):
        return []
    free = PaymentLine.objects.filter(
        company=company,
        status__in=(LineStatus.REJECTED, LineStatus.REFUSED),
        entry__status__in=(1, 2),
        entry__remitted=False,
    )
    if not rights.payroll:
        free = free.filter(payment__salary=False)  # who earns what is nobody else's business
    credit_last = Case(When(amount__lt=0, then=1), default=0)
    # an invoice that was rejected twice waits once, with what was said last
    latest: dict[int, PaymentLine] = {}
    for line in free.select_related("payment", "supplier").order_by(credit_last, "-pk")[:SHOWN]:
        latest.setdefault(line.entry_id, line)
    rows = list(latest.values())
    found = []
    for line in rows[:REJECTED_SHOWN]:
        credit = line.amount < 0  # nobody waits for it: it only came back with the transaction it was set off in
        by = _("Credit note of a rejected transaction") if credit else _rejected_by(line)
        reason = " ".join(filter(None, (line.reason_code, line.reason_text)))[:80].rstrip(" .")
        place = _("payment %(payment)s line %(line)s") % {"payment": line.payment.number, "line": line.line_no}
        sub = " · ".join(filter(None, (place, reason, _("entry is free again"))))
        found.append(
            Todo(
                TODAY if credit else NOW,
                "circle-alert",
                f"{by}: {line.supplier.name}",
                sub,
                address("payment", line.payment.number),
                _("See what to do"),
                "" if credit else "bad",
                ((line.currency_id, line.amount),),
            )
        )
    return [*found, _more_rejected()] if len(rows) > REJECTED_SHOWN else found


def _more_rejected() -> Todo:
    words = _("these are the latest %(n)s; all others stand in the overview") % {"n": REJECTED_SHOWN}
    url = f"{address('overview')}?q=line:4,10"
    return Todo(TODAY, "circle-alert", _("More lines were rejected"), words, url, _("See all"))


def _rejected_by(line: PaymentLine) -> str:
    return _("Rejected by the bank") if line.status == LineStatus.REJECTED else _("Rejected by AutoPay")


def drafts(company: Company, rights: Rights) -> list[Todo]:
    """Payments that were suggested and not yet uploaded."""
    if not (rights.accountant or rights.payroll):
        return []
    rows: QuerySet[Payment] = Payment.objects.filter(company=company, round_state=RoundState.DRAFT, line_count__gt=0)
    if not rights.payroll:
        rows = rows.filter(salary=False)
    found = []
    for one in rows.prefetch_related("totals").order_by("transfer_date", "pk")[:5]:
        lines = ngettext("%(n)s line", "%(n)s lines", one.line_count) % {"n": one.line_count}
        leaves = _("leaves %(day)s") % {"day": short_day(one.transfer_date)}
        title = _("Check and upload payment %(number)s") % {"number": one.number}
        sub = " · ".join(filter(None, (lines, one.description, leaves)))
        tone = "warn" if one.warning_count else ""
        found.append(
            Todo(TODAY, "upload", title, sub, address("payment", one.number), _("Open lines"), tone, totals_of([one]))
        )
    return found


def unanswered(company: Company) -> list[Todo]:
    """Files nobody has answered for longer than the agreement allows."""
    silent = Payment.objects.filter(company=company, unanswered_since__isnull=False)
    rows = silent.select_related("agreement").prefetch_related("totals")
    found = []
    for one in rows.order_by("unanswered_since")[:10]:
        since = one.unanswered_since
        if since is None:
            continue
        hours = int((timezone.now() - since).total_seconds() // 3600)
        if hours < one.agreement.no_answer_hours:
            continue
        title = _("Payment %(number)s has no answer for %(hours)s hours") % {"number": one.number, "hours": hours}
        sub = _("sent %(day)s · asking again does not send again") % {"day": short_day(timezone.localtime(since))}
        found.append(
            Todo(TODAY, "clock", title, sub, address("payment", one.number), _("Ask again"), "warn", totals_of([one]))
        )
    return found[:3]


def to_suggest(company: Company, rights: Rights, clock: Clock) -> list[Todo]:
    """Open invoices that fall due within a week and are in no payment; those of blocked suppliers are only counted."""
    if not rights.accountant:
        return []
    open_entries = SupplierEntry.objects.filter(
        takeable(company), company=company, status__in=STILL_OPEN, planned_date__lte=clock.today + AHEAD
    )
    rows = (
        open_entries.order_by()
        .values_list("currency", "supplier__blocked")
        .annotate(rest=Sum("rest"), taken=Sum("in_payment"), many=Count("pk"))
    )
    sums = [(currency, rest - taken, n, blocked) for currency, blocked, rest, taken, n in rows]
    many = sum(n for _currency, _rest, n, blocked in sums if not blocked)
    if not many:
        return []
    until = short_day(clock.today + AHEAD)
    words = [ngettext("%(n)s open entry", "%(n)s open entries", many) % {"n": many}]
    if left_out := sum(n for _currency, _rest, n, blocked in sums if blocked):
        more = ngettext("%(n)s more of a blocked supplier", "%(n)s more of blocked suppliers", left_out)
        words.append(more % {"n": left_out})
    return [
        Todo(
            WEEK,
            "list-checks",
            _("Suggest what falls due until %(day)s") % {"day": until},
            " · ".join(words),
            address("suggestion"),
            _("Suggest"),
            "",
            largest_first((currency, rest) for currency, rest, _n, blocked in sums if not blocked),
        )
    ]
