"""What the bank did with our money: the one place the rest of the console asks.

Finance relies on three things: a payment is settled once however many messages tell it, a payment that was rejected or
cancelled is never settled silently, and everything that was settled is booked, once.

- `facts_of` reads bank entries: what they settle, cost or bring back; `find_items`, `find_block`, `propose` link them
- `settle` moves lines to 5, `bring_back` to 4; both keep every fact once
- `collect` books a payment's facts of one value date; `due` says what waits; `create_batch_by_hand` is a person's way
"""

from __future__ import annotations

from payments.matching.linking import find_block, find_items, propose
from payments.settling.returns import bring_back
from payments.settling.settlement_booking import collect, due, post_waiting
from payments.settling.settlement_by_hand import UNCONFIRMED, ReasonNeeded, create_batch_by_hand, propose_batch
from payments.settling.settlement_entries import EntryFacts, Told, facts_of
from payments.settling.settlement_facts import ReturnedFact, SettledFact
from payments.settling.settlement_keeping import Outcome, announce, announce_file
from payments.settling.settlement_settling import settle

__all__ = [
    "UNCONFIRMED",
    "EntryFacts",
    "Outcome",
    "ReasonNeeded",
    "ReturnedFact",
    "SettledFact",
    "Told",
    "announce",
    "announce_file",
    "bring_back",
    "collect",
    "create_batch_by_hand",
    "due",
    "facts_of",
    "find_block",
    "find_items",
    "post_waiting",
    "propose",
    "propose_batch",
    "settle",
]
