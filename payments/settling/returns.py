"""Money that came back: the bank paid, then the payee's bank returned it.

The line goes to 4 with the reason of the *return* list, the whole voucher is turned round at the return's value date
(payments.settling.settlement_booking), and the invoice can be paid anew in another settlement round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import F
from django.utils.translation import gettext as _

from payments import puzzles
from payments.choices import ON_THE_WAY, RELEASES_ENTRY, FactKind, LineStatus
from payments.iso20022 import reasons
from payments.lifecycle import Reason
from payments.models import SettlementFact, TransferItem
from payments.puzzles import PuzzleKind
from payments.settling.settlement_facts import ReturnedFact
from payments.settling.settlement_keeping import (
    BOOKED,
    DELIVERED,
    Outcome,
    Slice,
    fact_row,
    in_slices,
    move_all,
    put_down,
    puzzle,
)


def bring_back(facts: Iterable[ReturnedFact], *, tell: bool = True) -> Outcome:
    """The money of these items came back: lines 5, 6 to 4; entries open again when the reversal is posted.

    A return heard before its debit is kept and takes effect as soon as the debit is told.
    """
    return in_slices(facts, _bring_back, tell)


def _bring_back(told: Sequence[ReturnedFact]) -> Outcome:
    outcome = Outcome()
    found = Slice.of([fact.item_id for fact in told])
    rows: list[SettlementFact] = []
    back: list[tuple[TransferItem, SettlementFact, str]] = []
    for fact in told:
        item = found.items[fact.item_id]
        if any(_same_return(known, fact) for known in found.heard(item, FactKind.RETURNED)):
            outcome.heard += 1
            continue
        if question := _doubt(found, item, fact):
            outcome.puzzles.append(question)
            if question.kind != PuzzleKind.RETURN_FIRST:
                continue
        row = fact_row(item, fact, FactKind.RETURNED, fact.amount or item.amount)
        rows.append(row)
        found.facts[item.pk].append(row)
        outcome.new += 1
        if found.statuses(item) <= set(BOOKED):
            back.append((item, row, fact.reason_text))
            outcome.to_book.add((item.payment_id, row.value_date))
    SettlementFact.objects.bulk_create(rows, batch_size=100)
    take_back(found, back)
    put_down(found, outcome.puzzles)
    return outcome


def take_back(found: Slice, back: Sequence[tuple[TransferItem, SettlementFact, str]]) -> None:
    """Lines at 5 or 6 to 4 and the item into its next settlement round, for returns that are kept."""
    by_source: dict[str, dict[int, Reason]] = defaultdict(dict)
    for item, row, words in back:
        why = reason_of(row.reason_code, words)
        by_source[row.source].update(dict.fromkeys(found.line_ids([item]), why))
    for source, why_of in by_source.items():
        move_all(list(why_of), LineStatus.REJECTED, source, why_of)
    items = [item.pk for item, _row, _words in back]
    TransferItem.objects.filter(pk__in=items).update(settlement_round=F("settlement_round") + 1)


def reason_of(code: str, words: str) -> Reason:
    """The bank's reason for a return in plain words; its own text behind them."""
    if not code:
        return Reason("", words or _("Returned by the bank without a reason."))
    meaning = _(reasons.reason(code, "return").text)
    return Reason(code, f"{meaning}: {words}" if words else meaning)


def _same_return(known: SettlementFact, told: ReturnedFact) -> bool:
    if known.bank_entry_id and known.bank_entry_id == told.bank_entry_id:
        return True
    return (known.account_amount, known.value_date) == (told.account_amount, told.value_date)


def _doubt(found: Slice, item: TransferItem, told: ReturnedFact) -> puzzles.Puzzle | None:
    statuses = found.statuses(item)
    names = {"id": item.end_to_end_id, "amount": f"{told.account_amount:.2f} {told.account_currency}"}
    if statuses and statuses <= set(BOOKED):
        return None
    if statuses & set(RELEASES_ENTRY):
        text = _("%(amount)s came back for %(id)s, which was rejected, cancelled or returned before.") % names
        return puzzle(item, PuzzleKind.RETURN_AFTER_END, text, told)
    if statuses <= set(ON_THE_WAY) and item.transfer.state in DELIVERED:
        if any(fact.round == item.settlement_round for fact in found.heard(item, FactKind.RETURNED)):
            text = _("%(amount)s came back for %(id)s once more; no debit was told yet.") % names
            return puzzle(item, PuzzleKind.RETURN_AFTER_END, text, told)
        text = _("%(amount)s came back for %(id)s, but no debit was told yet. It is kept until then.") % names
        return puzzle(item, PuzzleKind.RETURN_FIRST, text, told)
    text = _("%(amount)s came back for %(id)s, which was never sent.") % names
    return puzzle(item, PuzzleKind.NEVER_SENT, text, told)
