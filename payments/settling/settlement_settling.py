"""The account was debited: lines 2, 3 to 5, once per item and round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext as _

from autopay_console.kernel.rows import store
from companies.models import Person, Supplier
from payments import puzzles
from payments.choices import ON_THE_WAY, RELEASES_ENTRY, FactKind, LineStatus
from payments.lifecycle import Reason
from payments.models import PaymentLine, SettlementFact, TransferItem
from payments.puzzles import PuzzleKind
from payments.settling import first_payments
from payments.settling.returns import take_back
from payments.settling.settlement_facts import SettledFact
from payments.settling.settlement_keeping import (
    DELIVERED,
    Outcome,
    Slice,
    fact_row,
    in_slices,
    move_all,
    prove_delivery,
    put_down,
    puzzle,
    same_debit,
    spread_over_lines,
)

_LINES_A_CASE = 120


def settle(facts: Iterable[SettledFact], *, tell: bool = True) -> Outcome:
    """The account was debited for these items: keep it once, move their lines to 5, and see to the booking.

    Told for a line that was rejected, cancelled or refused, or never sent: nothing moves, a person must look. A long
    file is told in parts with `tell=False` and announced at its end (`announce_file`): a payment gets one batch.
    """
    return in_slices(facts, _settle, tell)


def _settle(told: Sequence[SettledFact]) -> Outcome:
    outcome = Outcome()
    found = Slice.of([fact.item_id for fact in told])
    kept: list[tuple[TransferItem, SettledFact, SettlementFact]] = []
    for fact in told:
        item = found.items[fact.item_id]
        if _heard_before(found, item, fact):
            outcome.heard += 1
        elif question := _doubt(found, item, fact):
            outcome.puzzles.append(question)
        else:
            row = fact_row(item, fact, FactKind.SETTLED, fact.amount)
            found.facts[item.pk].append(row)
            kept.append((item, fact, row))
    if kept:
        _mark_for_advice(kept)
        _keep(found, kept)
        outcome.new = len(kept)
        outcome.to_book = {(row.payment_id, row.value_date) for _item, _fact, row in kept}
        _returned_before(found, [item for item, _fact, _row in kept])
    put_down(found, outcome.puzzles)
    return outcome


def _heard_before(found: Slice, item: TransferItem, told: SettledFact) -> bool:
    """The same debit by another message, also when its money has come back since."""
    return any(
        same_debit(fact, told) and (fact.round == item.settlement_round or fact.value_date == told.value_date)
        for fact in found.heard(item, FactKind.SETTLED)
    )


def _doubt(found: Slice, item: TransferItem, told: SettledFact) -> puzzles.Puzzle | None:
    statuses = found.statuses(item)
    names = {"id": item.end_to_end_id, "amount": f"{told.account_amount:.2f} {told.account_currency}"}
    if any(fact.round == item.settlement_round for fact in found.heard(item, FactKind.SETTLED)):
        text = _("The account was debited %(amount)s for %(id)s a second time. Ask the bank.") % names
        return puzzle(item, PuzzleKind.SECOND_DEBIT, text, told)
    if statuses & set(RELEASES_ENTRY):
        text = _("The account was debited %(amount)s for %(id)s, which was rejected, cancelled or refused.") % names
        return puzzle(item, PuzzleKind.DEBIT_AFTER_END, text, told)
    if not statuses or not statuses <= set(ON_THE_WAY) or item.transfer.state not in DELIVERED:
        text = _("The account was debited %(amount)s for %(id)s, which was never sent. Call the bank.") % names
        return puzzle(item, PuzzleKind.NEVER_SENT, text, told)
    if told.amount > item.amount or told.amount <= 0:
        text = _("%(amount)s was debited for %(id)s, %(ordered)s was ordered.") % {
            **names,
            "ordered": f"{item.amount:.2f} {item.currency_id}",
        }
        return puzzle(item, PuzzleKind.PAID_MORE, text, told)
    return None


def _keep(found: Slice, kept: Sequence[tuple[TransferItem, SettledFact, SettlementFact]]) -> None:
    store(SettlementFact, [row for _item, _fact, row in kept])
    prove_delivery([item for item, _fact, _row in kept])
    moves: dict[tuple[str, int | None], dict[int, Reason]] = defaultdict(dict)
    for item, fact, _row in kept:
        why = Reason("", fact.reason)
        moves[fact.source, fact.by_id].update(dict.fromkeys(found.line_ids([item]), why))
    for (source, by_id), why_of in moves.items():
        by = Person.objects.get(pk=by_id) if by_id else None
        move_all(list(why_of), LineStatus.SETTLED, source, why_of, by)
    _write_paid(found, kept)
    first_payments.note((line, fact.value_date) for item, fact, _row in kept for line in found.lines[item.pk])


def _mark_for_advice(kept: Sequence[tuple[TransferItem, SettledFact, SettlementFact]]) -> None:
    """Suppliers of companies that want it are told what was paid (payments.mailing.advising); salaries never."""
    items = {item.supplier_id for item, _fact, _row in kept if item.company.remittance_advice}
    if not items:
        return
    wanted = Supplier.objects.filter(pk__in=items, remittance_advice=True, is_payroll=False).exclude(email="")
    told = set(wanted.values_list("pk", flat=True))
    for item, _fact, row in kept:
        row.advise = item.supplier_id in told and item.company.remittance_advice


def _write_paid(found: Slice, kept: Sequence[tuple[TransferItem, SettledFact, SettlementFact]]) -> None:
    """What was truly paid of each line, when, and the bank's reference: from the facts just kept, by one UPDATE."""
    facts = SettlementFact.objects.filter(item=OuterRef("item_id"), kind=FactKind.SETTLED).order_by("-round")
    PaymentLine.objects.filter(item__in=[item.pk for item, _fact, _row in kept]).update(
        paid_amount=F("amount"),
        paid_on=Subquery(facts.values("value_date")[:1]),
        bank_reference=Subquery(facts.values("bank_reference")[:1]),
    )
    short: list[PaymentLine] = []
    for item, fact, _row in kept:
        if fact.amount < item.amount:
            lines = found.lines[item.pk]
            for line, part in zip(lines, spread_over_lines(item.amount, fact.amount, lines), strict=True):
                line.paid_amount = part
                short.append(line)
    PaymentLine.objects.bulk_update(short, ["paid_amount"], batch_size=_LINES_A_CASE)


def _returned_before(found: Slice, items: Sequence[TransferItem]) -> None:
    """Returns that were told before their debit take effect now."""
    waiting = [
        (item, fact, "")
        for item in items
        for fact in found.heard(item, FactKind.RETURNED)
        if fact.round == item.settlement_round
    ]
    take_back(found, waiting)
