"""Incoming payments: matched in sets, in the company's turn, so that two files never close the same invoice twice.

What is proven becomes matches; what is not is parked with its reason and proposals. Nothing is booked here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import translation

from autopay_console.kernel.rows import store, update_rows
from autopay_console.kernel.sets import chunks
from companies.models import Company, FactoringCompany
from payments.choices import ImportPhase, IncomingState, ParkReason, Rule
from payments.interpretation import Definition, read_definition
from payments.matching import deciding, payer_accounts, rules
from payments.matching.deciding import Decision
from payments.matching.facts import Paid, Part, Verdict, documents_of
from payments.models import IncomingPayment, Match, MatchCandidate
from payments.receiving.importing_claim import take_turn

SLICE = 1000
_TOLD = ("state", "rule", "reason", "explanation", "rest", "version")
# Parked for these reasons, a payment may be matched later: an invoice was registered, a rule or definition changed.
MAY_MATCH_LATER = (
    ParkReason.NO_REFERENCE,
    ParkReason.KID_UNKNOWN,
    ParkReason.AMOUNT_DIFFERS,
    ParkReason.AMBIGUOUS,
    ParkReason.CURRENCY,
    ParkReason.NO_DEFINITION,
    ParkReason.CUSTOMER_ONLY,
    ParkReason.SWITCHED_OFF,
    ParkReason.DOUBLE,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the Factoring row of the receiving account says of references; without a row they are not split."""

    definition: Definition | None = None
    search_open: bool = True
    search_closed: bool = True


@dataclass(slots=True)
class Outcome:
    """How many were matched and parked."""

    matched: int = 0
    parked: int = 0

    def add(self, other: Outcome) -> None:
        self.matched += other.matched
        self.parked += other.parked


def match(company: Company, payment_ids: Sequence[UUID], *, state: IncomingState = IncomingState.NEW) -> Outcome:
    """Match these payments that are still in the state; a thousand or so at a time, each slice one transaction."""
    whole = Outcome()
    steps = rules.steps(company)
    readings = readings_of(company)
    with translation.override(company.language):
        for part in chunks(payment_ids, SLICE):
            with transaction.atomic():
                take_turn(company)
                rows = list(
                    IncomingPayment.objects.filter(company=company, pk__in=part, state=state).order_by("number", "id")
                )
                payments = [paid_of(row, readings.get(row.factoring_id, Reading())) for row in rows]
                decisions = deciding.decide(company, payments, steps)
                if state == IncomingState.PARKED:
                    rows, decisions = _news(rows, decisions)
                whole.add(_write(company, rows, decisions))
    return whole


def _news(
    rows: Sequence[IncomingPayment], decisions: Sequence[Decision]
) -> tuple[list[IncomingPayment], list[Decision]]:
    """Those about which the rules say something else than before: whoever looks at another one is not disturbed."""
    before: dict[UUID, list[Any]] = defaultdict(list)
    known = MatchCandidate.objects.filter(incoming_id__in=[row.pk for row in rows]).order_by("rank")
    for candidate in known:
        before[candidate.incoming_id].append((candidate.rule, candidate.entries))
    pairs = [
        (row, one)
        for row, one in zip(rows, decisions, strict=True)
        if one.proof is not None
        or one.reason != row.reason
        or [(found.rule, proposal_of(found)) for found in one.proposals] != before[row.pk]
    ]
    return [row for row, _one in pairs], [one for _row, one in pairs]


def match_parked(company: Company) -> list[UUID]:
    """Try parked payments again that nobody has touched: the invoice may have been registered meanwhile. Answers
    those that found their invoice and are not booked; posting_incoming.book_matched books them."""
    waiting = IncomingPayment.objects.filter(
        company=company,
        state=IncomingState.PARKED,
        reason__in=MAY_MATCH_LATER,
        rest=F("amount"),
        decided_by__isnull=True,
        assigned_to__isnull=True,
        note="",
    )
    ids = list(waiting.order_by("value_date", "id").values_list("pk", flat=True))
    match(company, ids, state=IncomingState.PARKED)
    return list(unbooked(company).order_by("value_date", "id").values_list("pk", flat=True))


def unbooked(company: Company | None = None) -> QuerySet[IncomingPayment]:
    """Payments the rules matched after their file was through and that have no voucher: matched just now, or before a
    worker died or a rate was missing."""
    rows = IncomingPayment.objects.filter(
        state__in=(IncomingState.MATCHED, IncomingState.PARKED),
        rest__lt=F("amount"),
        voucher__isnull=True,
        file__phase=ImportPhase.DONE,
    )
    return rows if company is None else rows.filter(company=company)


def propose(payment: IncomingPayment) -> deciding.Decision:
    """Fresh proposals for a payment a person decides about; what the rules would prove stands first. Answers what
    the rules say of it now."""
    steps, readings = rules.steps(payment.company), readings_of(payment.company)
    paid = paid_of(payment, readings.get(payment.factoring_id, Reading()))
    (decision,) = deciding.decide(payment.company, [replace(paid, amount=payment.rest)], steps)
    found = [decision.proof, *decision.proposals] if decision.proof else list(decision.proposals)
    _forget_candidates([payment.pk])
    MatchCandidate.objects.bulk_create([_candidate(payment, place, one) for place, one in enumerate(found, 1)])
    return decision


def readings_of(company: Company) -> dict[int | None, Reading]:
    """How references are read and where they are looked for, by Factoring row."""
    found: dict[int | None, Reading] = {}
    for row in FactoringCompany.objects.filter(company=company):
        read = read_definition(row.factoring_id, row.customer_length, row.reference_length)
        usable = read if isinstance(read, Definition) and row.is_cid_definition else None
        found[row.pk] = Reading(usable, row.search_open_entries, row.search_transactions)
    return found


def paid_of(row: IncomingPayment, reading: Reading) -> Paid:
    """A payment as the rules see it."""
    return Paid(
        id=row.pk,
        amount=row.amount,
        currency=row.currency_code,
        value_date=row.value_date,
        reference=row.reference,
        reference_kind=row.reference_kind,
        reference_valid=row.reference_valid,
        documents=documents_of(row.documents),
        text=row.text,
        payer_name=row.payer_name,
        payer_account=row.payer_account,
        instructed=row.instructed_amount,
        instructed_currency=row.instructed_currency,
        definition=reading.definition,
        search_open=reading.search_open,
        search_closed=reading.search_closed,
    )


def source_key(payment: IncomingPayment, round: int) -> str:
    """The voucher of one round of decisions about a payment; the payment's key never changes."""
    return f"in:{payment.key}:{round}"


def match_row(payment: IncomingPayment, part: Part, verdict: Verdict, round: int = 1) -> Match:
    """A match with its proof."""
    return Match(
        incoming_id=payment.pk,
        entry_id=part.entry.id,
        customer_id=part.entry.customer_id,
        amount=part.amount,
        discount=part.discount,
        write_off=part.write_off,
        closes=part.closes,
        round=round,
        source_key=source_key(payment, round),
        rule=verdict.rule,
        proof={**verdict.proof, "why": verdict.why},
    )


def _account_row(payment: IncomingPayment, verdict: Verdict) -> Match:
    """What a phrase posts to a ledger account."""
    return Match(
        incoming_id=payment.pk,
        gl_account=verdict.gl_account,
        amount=verdict.to_account,
        source_key=source_key(payment, 1),
        rule=verdict.rule,
        proof={**verdict.proof, "why": verdict.why},
    )


def _write(company: Company, rows: Sequence[IncomingPayment], decisions: Sequence[Decision]) -> Outcome:
    matches: list[Match] = []
    candidates: list[MatchCandidate] = []
    plain: dict[Rule, list[UUID]] = defaultdict(list)
    told: list[IncomingPayment] = []
    learned: list[tuple[IncomingPayment, int]] = []
    for row, decision in zip(rows, decisions, strict=True):
        proof = decision.proof
        if proof is not None:
            matches += [match_row(row, part, proof) for part in proof.parts]
            if proof.to_account:
                matches.append(_account_row(row, proof))
            if proof.customer_id is not None:
                learned.append((row, proof.customer_id))
            if proof.parts and not decision.rest and _plain(proof):
                plain[proof.rule].append(row.pk)
                continue
        else:
            candidates += [_candidate(row, place, one) for place, one in enumerate(decision.proposals, 1)]
        told.append(apply(row, decision))
    _forget_candidates(row.pk for row in rows)
    store(Match, matches)
    store(MatchCandidate, candidates)
    for rule, ids in plain.items():
        IncomingPayment.objects.filter(pk__in=ids).update(
            state=IncomingState.MATCHED, rule=rule, reason="", explanation="", rest=Decimal(0), version=F("version") + 1
        )
    update_rows(IncomingPayment, _TOLD, map(attrgetter(*_TOLD, "pk"), told))
    payer_accounts.learn(company, learned)
    parked = sum(1 for row in told if row.state == IncomingState.PARKED)
    return Outcome(len(rows) - parked, parked)


def _plain(proof: Verdict) -> bool:
    """Every entry closed by what was paid for it, with nothing to explain."""
    return all(part.closes == part.amount == part.entry.open for part in proof.parts)


def apply(row: IncomingPayment, decision: Decision) -> IncomingPayment:
    """State, reason and sentence of a payment that is more than a plain match."""
    matched = decision.proof is not None and not decision.rest
    row.state = IncomingState.MATCHED if matched else IncomingState.PARKED
    row.rule = decision.proof.rule if decision.proof else ""
    row.reason = "" if matched else (decision.reason or ParkReason.NO_REFERENCE)
    row.explanation = (decision.proof.why if decision.proof else decision.explanation)[:500]
    row.rest = decision.rest
    row.version += 1
    return row


def _candidate(row: IncomingPayment, rank: int, verdict: Verdict) -> MatchCandidate:
    return MatchCandidate(
        incoming_id=row.pk,
        rank=rank,
        rule=verdict.rule,
        customer_id=verdict.customer_id,
        entries=proposal_of(verdict),
        why=verdict.why[:300],
    )


def proposal_of(verdict: Verdict) -> dict[str, Any]:
    """A proposal as it is kept: parts to be taken over as they stand, and the proof to show."""
    return {
        "parts": [
            {
                "entry": part.entry.id,
                "invoice": part.entry.invoice_no,
                "amount": str(part.amount),
                "closes": str(part.closes),
                "discount": str(part.discount),
                "write_off": str(part.write_off),
            }
            for part in verdict.parts
        ],
        "proof": dict(verdict.proof),
        "to_account": str(verdict.to_account),
        "gl_account": verdict.gl_account,
    }


def _forget_candidates(ids: Any) -> None:
    for part in chunks(ids):
        MatchCandidate.objects.filter(incoming_id__in=part).delete()
