"""What the screens of incoming payments read: sums of the parked ones, proposals for one, debits, repeats."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum

from companies.models import Company, Customer
from payments.choices import IncomingState, ParkReason, Rule
from payments.models import BankFile, CustomerEntry, IncomingPayment, MatchCandidate, OpenDebit, RepeatedEntry


@dataclass(frozen=True, slots=True)
class ProposedPart:
    """One entry of a proposal; `left` is what would stay open on it now."""

    entry: CustomerEntry
    amount: Decimal
    closes: Decimal
    discount: Decimal
    write_off: Decimal

    @property
    def left(self) -> Decimal:
        return self.entry.rest - self.closes


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as a person reads it. `segments` are the digits of the reference: role, text, start."""

    rank: int
    rule: str
    rule_name: str
    why: str
    customer: str
    parts: tuple[ProposedPart, ...]
    placed: Decimal
    rest: Decimal
    segments: tuple[dict[str, Any], ...]
    proof: dict[str, Any]
    gl_account: str = ""  # all of it to this ledger account
    on_account: Customer | None = None  # or as an advance to this customer


def parked(company: Company) -> QuerySet[IncomingPayment]:
    """Payments that wait for a person."""
    return IncomingPayment.objects.filter(company=company, state=IncomingState.PARKED)


def totals(company: Company) -> list[tuple[str, str, int, Decimal]]:
    """Reason, currency, count and sum of what is parked; reasons in their documented order."""
    found = parked(company).order_by().values_list("reason", "currency_code").annotate(n=Count("id"), sum=Sum("rest"))
    places = {reason: place for place, reason in enumerate(ParkReason.values)}
    return sorted(
        ((reason, currency, n, total) for reason, currency, n, total in found),
        key=lambda row: (places.get(row[0], 99), row[1]),
    )


def proposals(payment: IncomingPayment) -> list[Proposal]:
    """Ranked proposals with what they would do to each entry as it is now, and the proof behind them."""
    rows = list(MatchCandidate.objects.filter(incoming=payment).select_related("customer").order_by("rank"))
    ids = {part["entry"] for row in rows for part in row.entries["parts"]}
    entries = CustomerEntry.objects.select_related("customer").in_bulk(ids)
    return [_proposal(payment, row, entries) for row in rows]


def _proposal(payment: IncomingPayment, row: MatchCandidate, entries: dict[int, CustomerEntry]) -> Proposal:
    parts = tuple(
        ProposedPart(
            entries[part["entry"]],
            Decimal(part["amount"]),
            Decimal(part["closes"]),
            Decimal(part["discount"]),
            Decimal(part["write_off"]),
        )
        for part in row.entries["parts"]
        if part["entry"] in entries
    )
    proof = row.entries.get("proof", {})
    to_account = Decimal(row.entries.get("to_account", "0"))
    gl_account = row.entries.get("gl_account", "")
    placed = sum((part.amount for part in parts), to_account)
    return Proposal(
        rank=row.rank,
        rule=row.rule,
        rule_name=str(dict(Rule.choices).get(row.rule, row.rule)),
        why=row.why,
        customer=str(row.customer or ""),
        parts=parts,
        placed=placed,
        rest=payment.rest - placed,
        segments=tuple(proof.get("segments", ())),
        proof=proof,
        gl_account=gl_account,
        on_account=row.customer if to_account and not gl_account else None,
    )


def waiting_debits(company: Company) -> QuerySet[OpenDebit]:
    """Debits nobody has said anything about, oldest first."""
    rows = OpenDebit.objects.filter(company=company, done_at__isnull=True)
    return rows.select_related("entry__file", "assigned_to").order_by("value_date", "id")


def repeats(file: BankFile) -> QuerySet[RepeatedEntry]:
    """Rows of a file that were here before, each with the entry it repeats and that entry's file."""
    return RepeatedEntry.objects.filter(file=file).select_related("entry__file").order_by("index")
