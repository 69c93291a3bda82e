"""What a staged bank entry will do once its file is live, kept with its row: settle, bring back, book fees, transfer.

Keeping it as plain values lets a killed import go on without reading the file again, and lets a screen say what an
entry did.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from autopay_console.kernel.money import ZERO
from payments.models import BankEntry
from payments.settling.settlement_entries import EntryFacts
from payments.settling.settlement_facts import ReturnedFact, SettledFact

_AMOUNTS = frozenset({"amount", "account_amount", "fee"})
_DAYS = frozenset({"value_date", "booking_date"})
_IDS = frozenset({"item_id", "bank_entry_id"})


def of_facts(facts: EntryFacts) -> dict[str, Any]:
    """The plan of an entry that speaks of our payments; empty for any other."""
    plan: dict[str, Any] = {}
    if facts.settled:
        plan["settled"] = [_plain(fact) for fact in facts.settled]
    if facts.returned:
        plan["returned"] = [_plain(fact) for fact in facts.returned]
    return plan


def moved(facts: EntryFacts) -> Decimal:
    """What these facts change the account by."""
    out = sum((fact.account_amount + fact.fee for fact in facts.settled), ZERO)
    back = sum((fact.account_amount for fact in facts.returned), ZERO)
    return back - out


def settled_of(entry: BankEntry) -> list[SettledFact]:
    return [SettledFact(**_typed(row)) for row in entry.plan.get("settled", ())]


def returned_of(entry: BankEntry) -> list[ReturnedFact]:
    return [ReturnedFact(**_typed(row)) for row in entry.plan.get("returned", ())]


def planned(entry: BankEntry) -> Decimal:
    """What the entry's facts about our payments change the account by."""
    out = sum((fact.account_amount + fact.fee for fact in settled_of(entry)), ZERO)
    return sum((fact.account_amount for fact in returned_of(entry)), ZERO) - out


def fees_of(entry: BankEntry) -> list[tuple[Decimal, str]]:
    """Changes of the account that are fees or interest (negative: paid), with the bank's words."""
    return [(Decimal(amount), text) for amount, text in entry.plan.get("fees", ())]


def transfers_of(entry: BankEntry) -> list[tuple[Decimal, str]]:
    """Changes of the account that went to or came from another of our accounts (its key)."""
    return [(Decimal(amount), other) for amount, other in entry.plan.get("transfers", ())]


def _plain(fact: SettledFact | ReturnedFact) -> dict[str, Any]:
    return {
        one.name: str(value) if isinstance(value, Decimal | date | UUID) else value
        for one in fields(fact)
        if (value := getattr(fact, one.name)) is not None
    }


def _typed(row: dict[str, Any]) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for name, value in row.items():
        if name in _AMOUNTS:
            typed[name] = Decimal(value)
        elif name in _DAYS:
            typed[name] = date.fromisoformat(value)
        else:
            typed[name] = UUID(value) if name in _IDS else value
    return typed
