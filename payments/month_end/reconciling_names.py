"""The named differences between a bank account and its ledger account, each one sum asked of the database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.translation import gettext_lazy

from autopay_console.kernel.money import ZERO
from companies.models import Company
from payments.choices import BankEntryKind, FactKind, ImportPhase, IncomingState
from payments.models import BankEntry, IncomingPayment, Match, OpenDebit, Posting, SettlementFact, Voucher
from payments.receiving import plans


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
    ours = proven.filter(kind__in=(BankEntryKind.SETTLEMENT, BankEntryKind.RETURN))
    found = _summed(
        company,
        {
            **_of_payments(proven),
            **_of_debits(proven),
            **_of_facts("unbooked", SettlementFact.objects.filter(~_booked(), bank_entry__in=proven)),
            **_of_facts("kept", SettlementFact.objects.filter(bank_entry__in=ours)),
            "waiting": (postings.filter(tied, voucher__number__isnull=True), "currency_amount"),
            "transfers": (proven.filter(_transfer(), voucher__isnull=True), "amount"),
            "other_day": (posted.filter(tied).exclude(these_days), "currency_amount"),
            "bank_only": (only_proof.filter(voucher__isnull=True), "amount"),
            "not_yet": (untied.filter(known), "currency_amount"),
            "books_only": (untied.filter(~known), "currency_amount"),
        },
    )
    planned = sum((plans.planned(entry) for entry in ours.iterator(500)), ZERO)
    return {
        Name.PARKED: found["parked"] - found["parked_fee"],
        Name.REPEATS: found["repeats"] - found["repeats_fee"],
        Name.WAITING: found["waiting"],
        Name.DEBITS: -found["debits"],
        Name.KNOWN: -found["known_debits"],
        Name.UNSETTLED: _moved(found, "unbooked"),
        Name.PUZZLES: planned - _moved(found, "kept"),
        Name.TRANSFERS: found["transfers"],
        Name.OTHER_DAY: found["other_day"],
        Name.BANK_ONLY: found["bank_only"],
        Name.NOT_YET: -found["not_yet"],
        Name.BOOKS_ONLY: -found["books_only"],
    }


_Sums = dict[str, tuple[QuerySet[Any], str]]


def _summed(company: Company, wanted: _Sums) -> dict[str, Decimal]:
    """The sum of a column of each set of rows, all in one query."""
    sums = [_one_sum(rows, column) for rows, column in wanted.values()]
    row = Company.objects.filter(pk=company.pk).values_list(*sums).get()
    return {name: amount or ZERO for name, amount in zip(wanted, row, strict=True)}


def _one_sum(rows: QuerySet[Any], column: str) -> Subquery:
    return Subquery(rows.order_by().values("company").annotate(sum=Sum(column)).values("sum"))


def _of_payments(proven: QuerySet[BankEntry]) -> _Sums:
    """What of payments is not in a voucher: the rest of a parked one, the amount of a repeat (it has no rest left);
    each less the fee that is booked with the first round."""
    rows = IncomingPayment.objects.filter(entry__in=proven)
    parked = rows.filter(state__in=(IncomingState.NEW, IncomingState.PARKED))
    repeats = rows.filter(state=IncomingState.DUPLICATE)
    untouched = parked.filter(~Exists(Match.objects.filter(incoming=OuterRef("pk"))))
    return {
        "parked": (parked, "rest"),
        "parked_fee": (untouched, "fee"),
        "repeats": (repeats, "amount"),
        "repeats_fee": (repeats, "fee"),
    }


def _of_debits(proven: QuerySet[BankEntry]) -> _Sums:
    rows = OpenDebit.objects.filter(entry__in=proven)
    return {
        "debits": (rows.filter(done_at__isnull=True), "amount"),
        "known_debits": (rows.filter(done_at__isnull=False, voucher__isnull=True), "amount"),
    }


def _booked() -> Exists:
    return Exists(Voucher.objects.filter(company_id=OuterRef("company_id"), source_key=OuterRef("source_key")))


def _transfer() -> Q:
    return Q(kind=BankEntryKind.OWN_TRANSFER, amount__gt=ZERO)


def _of_facts(name: str, facts: QuerySet[SettlementFact]) -> _Sums:
    out, back = facts.filter(kind=FactKind.SETTLED), facts.filter(kind=FactKind.RETURNED)
    return {
        f"{name}_out": (out, "account_amount"),
        f"{name}_fee": (out, "fee"),
        f"{name}_back": (back, "account_amount"),
    }


def _moved(found: dict[str, Decimal], name: str) -> Decimal:
    """What these facts change the account by."""
    return found[f"{name}_back"] - found[f"{name}_out"] - found[f"{name}_fee"]


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
