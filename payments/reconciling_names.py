"""The named differences between a bank account and its ledger account, each one sum asked of the database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy

from autopay_console.kernel.money import ZERO
from companies.models import Company
from payments import plans
from payments.choices import BankEntryKind, FactKind, ImportPhase, IncomingState
from payments.models import BankEntry, IncomingPayment, Match, OpenDebit, Posting, SettlementFact, Voucher


class Name(StrEnum):
    """Why bank and ledger differ."""

    BEFORE = "before"
    MISSING = "missing"
    PARKED = "parked"
    REPEATS = "repeats"
    WAITING = "waiting"
    DEBITS = "debits"
    KNOWN = "known"
    UNSETTLED = "unsettled"
    OTHER_DAY = "other_day"
    BANK_ONLY = "bank_only"
    NOT_YET = "not_yet"
    BOOKS_ONLY = "books_only"
    TRANSFERS = "transfers"
    PUZZLES = "puzzles"
    UNEXPLAINED = "unexplained"


NAMES = {
    Name.BEFORE: gettext_lazy("Balance when the first statement began"),
    Name.MISSING: gettext_lazy("Missing between statements"),
    Name.PARKED: gettext_lazy("Customer payments that are parked"),
    Name.REPEATS: gettext_lazy("Customer payments marked as repeats"),
    Name.WAITING: gettext_lazy("In batches that wait to be posted"),
    Name.DEBITS: gettext_lazy("Debits nobody has explained"),
    Name.KNOWN: gettext_lazy("Debits booked elsewhere"),
    Name.UNSETTLED: gettext_lazy("Settlements that are not booked yet"),
    Name.OTHER_DAY: gettext_lazy("Booked with another value date"),
    Name.BANK_ONLY: gettext_lazy("Only on the statement"),
    Name.NOT_YET: gettext_lazy("Booked, but on no statement yet"),
    Name.BOOKS_ONLY: gettext_lazy("Only in the ledger"),
    Name.TRANSFERS: gettext_lazy("Own transfers whose other side has not come"),
    Name.PUZZLES: gettext_lazy("Debits and returns of ours that contradict what is known"),
    Name.UNEXPLAINED: gettext_lazy("Not explained"),
}


def named_differences(
    company: Company,
    accounts: tuple[str, ...],
    postings: QuerySet[Posting],
    lines: QuerySet[BankEntry],
    first: date,
    last: date,
) -> dict[Name, Decimal]:
    """What the statement lines of the days say more than the ledger postings of these days, by reason."""
    only_proof = lines.filter(books=False, linked_to__isnull=True)
    booking = BankEntry.objects.filter(
        company=company, account__in=accounts, books=True, file__phase__gt=ImportPhase.STAGING
    )
    proofs = lines.filter(linked_to=OuterRef("pk"))
    proven = booking.filter(Exists(proofs) | Q(pk__in=lines.filter(books=True).values("pk")))
    tied_lines = only_proof.filter(voucher__isnull=False)
    tied = of_match(proven) | of_fact(proven) | of_debit(proven) | of_entry(proven) | of_entry(tied_lines)
    known = of_match(booking) | of_fact(booking) | of_debit(booking) | of_entry(booking)
    these_days = Q(voucher__value_date__gte=first, voucher__value_date__lte=last)
    posted = postings.filter(voucher__number__isnull=False)
    untied = posted.filter(these_days).filter(~tied)
    return {
        Name.PARKED: _payments(proven, (IncomingState.NEW, IncomingState.PARKED)),
        Name.REPEATS: _payments(proven, (IncomingState.DUPLICATE,)),
        Name.WAITING: _sum(postings.filter(tied, voucher__number__isnull=True)),
        Name.DEBITS: -_debits(proven, done_at__isnull=True),
        Name.KNOWN: -_debits(proven, done_at__isnull=False, voucher__isnull=True),
        Name.UNSETTLED: _unbooked_facts(proven),
        Name.PUZZLES: _puzzles(proven),
        Name.TRANSFERS: _amounts(proven.filter(kind=BankEntryKind.OWN_TRANSFER, amount__gt=ZERO, voucher__isnull=True)),
        Name.OTHER_DAY: _sum(posted.filter(tied).exclude(these_days)),
        Name.BANK_ONLY: _amounts(only_proof.filter(voucher__isnull=True)),
        Name.NOT_YET: -_sum(untied.filter(known)),
        Name.BOOKS_ONLY: -_sum(untied.filter(~known)),
    }


def _payments(proven: QuerySet[BankEntry], states: tuple[IncomingState, ...]) -> Decimal:
    """What of these payments is not in a voucher: their rest (a repeat has none left, so its amount), less the fee
    that is booked with the first round."""
    rows = IncomingPayment.objects.filter(entry__in=proven, state__in=states)
    if IncomingState.DUPLICATE in states:
        found = rows.aggregate(sum=Sum("amount"), fee=Sum("fee"))
        return (found["sum"] or ZERO) - (found["fee"] or ZERO)
    left = rows.aggregate(sum=Sum("rest"))["sum"] or ZERO
    untouched = rows.filter(~Exists(Match.objects.filter(incoming=OuterRef("pk"))))
    return left - (untouched.aggregate(sum=Sum("fee"))["sum"] or ZERO)


def _debits(proven: QuerySet[BankEntry], **condition: bool) -> Decimal:
    return OpenDebit.objects.filter(entry__in=proven, **condition).aggregate(sum=Sum("amount"))["sum"] or ZERO


def _unbooked_facts(proven: QuerySet[BankEntry]) -> Decimal:
    vouchers = Voucher.objects.filter(company_id=OuterRef("company_id"), source_key=OuterRef("source_key"))
    facts = SettlementFact.objects.filter(~Exists(vouchers), bank_entry__in=proven)
    out = facts.filter(kind=FactKind.SETTLED).aggregate(sum=Sum("account_amount"), fee=Sum("fee"))
    back = facts.filter(kind=FactKind.RETURNED).aggregate(sum=Sum("account_amount"))
    return (back["sum"] or ZERO) - (out["sum"] or ZERO) - (out["fee"] or ZERO)


def _puzzles(proven: QuerySet[BankEntry]) -> Decimal:
    """Money of ours the bank moved against what is known: planned by the entry, kept as a fact by nobody."""
    ours = proven.filter(kind__in=(BankEntryKind.SETTLEMENT, BankEntryKind.RETURN))
    planned = sum((plans.planned(entry) for entry in ours.iterator(500)), ZERO)
    facts = SettlementFact.objects.filter(bank_entry__in=ours)
    out = facts.filter(kind=FactKind.SETTLED).aggregate(sum=Sum("account_amount"), fee=Sum("fee"))
    back = facts.filter(kind=FactKind.RETURNED).aggregate(sum=Sum("account_amount"))["sum"] or ZERO
    return planned - (back - (out["sum"] or ZERO) - (out["fee"] or ZERO))


def of_match(entries: QuerySet[BankEntry] | None = None) -> Exists:
    rows = Match.objects.filter(source_key=OuterRef("voucher__source_key"), incoming__company_id=OuterRef("company_id"))
    return Exists(rows if entries is None else rows.filter(incoming__entry__in=entries))


def of_fact(entries: QuerySet[BankEntry] | None = None) -> Exists:
    rows = SettlementFact.objects.filter(source_key=OuterRef("voucher__source_key"), bank_entry__isnull=False)
    return Exists(rows if entries is None else rows.filter(bank_entry__in=entries))


def of_debit(entries: QuerySet[BankEntry] | None = None) -> Exists:
    rows = OpenDebit.objects.filter(voucher=OuterRef("voucher"))
    return Exists(rows if entries is None else rows.filter(entry__in=entries))


def of_entry(entries: QuerySet[BankEntry]) -> Exists:
    return Exists(entries.filter(voucher=OuterRef("voucher")))


def _sum(rows: QuerySet[Posting]) -> Decimal:
    return rows.aggregate(sum=Sum("currency_amount"))["sum"] or ZERO


def _amounts(rows: QuerySet[BankEntry]) -> Decimal:
    return rows.aggregate(sum=Sum("amount"))["sum"] or ZERO
