"""What still stands against closing a month, counted from the rows: each answer is a number and the words for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from autopay_console.kernel.listing import HowMany
from companies.accounts import display
from companies.calendars import bank_day_until, calendars_for
from companies.models import Company
from payments.choices import (
    BatchState,
    ClosingCheck,
    FactKind,
    IncomingState,
    LineStatus,
    TransferState,
)
from payments.lists import statements
from payments.models import (
    Batch,
    IncomingPayment,
    OpenDebit,
    PaymentLine,
    SettlementFact,
    Transfer,
    Voucher,
)
from payments.month_end import reconciling

_NOT_POSTED = [state for state in BatchState if state != BatchState.POSTED]


@dataclass(frozen=True, slots=True)
class Span:
    """The month as days, both inclusive."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Counted:
    """How many things stand against it; `details` name a few (accounts, days)."""

    check: ClosingCheck
    count: int
    details: tuple[str, ...] = ()

    @property
    def green(self) -> bool:
        return self.count == 0


def span(year: int, month: int) -> Span:
    """First and last day of the month."""
    first = date(year, month, 1)
    return Span(first, date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1))


def rows(company: Company, days: Span) -> list[Counted]:
    """Everything a count answers; one query."""
    settled = SettlementFact.objects.filter(company=company, value_date__lte=days.last, kind=FactKind.SETTLED)
    # from the few batches that are not posted, not through all facts of ten years
    not_posted = Batch.objects.filter(company=company, state__in=_NOT_POSTED).order_by().values("pk")
    unposted = settled.filter(Q(batch__isnull=True) | Q(batch__in=not_posted))
    parked = IncomingPayment.objects.filter(
        company=company, state__in=(IncomingState.NEW, IncomingState.PARKED), value_date__lte=days.last
    )
    debits = OpenDebit.objects.filter(company=company, done_at__isnull=True, value_date__lte=days.last)
    lines = statements.waiting_lines(company).filter(booking_date__lte=days.last)
    own = Voucher.objects.filter(batch=OuterRef("pk"), value_date__lte=days.last)
    batches = Batch.objects.filter(Exists(own), company=company, state=BatchState.WAITING)
    wanted: dict[ClosingCheck, QuerySet[Any]] = {
        ClosingCheck.SETTLED: unposted,
        ClosingCheck.PARKED: parked,
        ClosingCheck.DEBITS: debits,
        ClosingCheck.LINES: lines,
        ClosingCheck.ANSWERS: _unanswered(company, days.last),
        ClosingCheck.BATCHES: batches,
    }
    counts = [HowMany(rows.order_by()) for rows in wanted.values()]
    found = Company.objects.filter(pk=company.pk).values_list(*counts).get()
    return [Counted(check, many) for check, many in zip(wanted, found, strict=True)]


def accounts(company: Company, days: Span) -> list[Counted]:
    """Statements without gaps up to the end of the month, and bank = ledger on its last day, account by account."""
    gaps: list[str] = []
    unproven: list[str] = []
    last = bank_day_until(days.last, calendars_for(company.country_id, company.currency_id))
    for account in statements.numbers(company):
        known = statements.of_account(company, account, counted=False)
        told = [(one, one.to_date) for one in known if one.to_date]
        for one, day in told:
            if one.missing_before and days.first <= day <= days.last:
                gaps.append(_("%(account)s: a hole before %(day)s") % {"account": display(account), "day": day})
        latest = max((day for _one, day in told), default=None)
        if latest is None or latest < last:
            gaps.append(_("%(account)s: told up to %(day)s") % {"account": display(account), "day": latest or "–"})
        if not reconciling.proof(company, account, days.last).holds:
            unproven.append(_("%(account)s: not explained") % {"account": display(account)})
    return [
        Counted(ClosingCheck.GAPS, len(gaps), tuple(gaps)),
        Counted(ClosingCheck.PROOF, len(unproven), tuple(unproven)),
    ]


def _unanswered(company: Company, last: date) -> QuerySet[Transfer]:
    """Files that are on their way or unknown, and those the bank side took without the bank answering."""
    silent = PaymentLine.objects.filter(
        item__transfer=OuterRef("pk"), status__in=(LineStatus.AT_EFT, LineStatus.TRANSFERRED)
    )
    made = Transfer.objects.filter(company=company, created_at__date__lte=last)
    under_way = Q(state__in=(TransferState.RELEASED, TransferState.SENDING, TransferState.UNKNOWN))
    return made.filter(under_way | (Q(state=TransferState.ACCEPTED) & Exists(silent)))
