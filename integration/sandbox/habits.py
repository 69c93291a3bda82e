"""How each bank answers: versions, levels of its answers, lump sums, references, fees.

A bank is known by the first four letters of its BIC. Sources: what the banks publish, as gathered in the
ISO 20022 mapping (§3.5, §4); where nothing is known, the CGI habit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

# How pain.002 comes:
#   one-file        GrpSts and the refused payments in one answer
#   two-step        GrpSts at once, refused payments in a second answer
#   listed          every payment listed with its status
#   received-first  RCVD, then as one-file
#   shells          GrpSts and PmtInfSts, payments listed without status or id (only their amounts and accounts)
ANSWERS = ("one-file", "two-step", "listed", "received-first", "shells")
# How debits are booked: every payment by itself; a lump sum with details; a lump sum without details.
BOOKINGS = ("item", "batch", "sum")
FEES = ("inside", "apart")


@dataclass(frozen=True)
class Habit:
    """One bank's ways. `references`: what of ours it gives back besides EndToEndId."""

    name: str
    pain002: str = "10"
    camt: str = "08"
    answers: str = "one-file"
    booking: str = "item"
    fee: str = "inside"
    references: frozenset[str] = frozenset({"MsgId", "PmtInfId", "InstrId", "AcctSvcrRef"})
    batch_total: bool = True
    full_exchange: bool = True
    shared_reference: bool = False
    narrative_reasons: bool = False
    incoming: str = "vip"
    statement: str = "details"


HABITS: dict[str, Habit] = {
    "DNBA": Habit("DNB", pain002="03", camt="02"),
    "NDEA": Habit("Nordea", answers="two-step", references=frozenset({"MsgId", "PmtInfId", "InstrId"})),
    "ESSE": Habit("SEB", pain002="03", camt="02", answers="listed", booking="batch", fee="apart"),
    "DABA": Habit("Danske Bank", pain002="03", camt="02", answers="two-step", batch_total=False, shared_reference=True),
    "HAND": Habit(
        "Handelsbanken", pain002="03", camt="02", answers="received-first", booking="sum", full_exchange=False
    ),
    "OKOY": Habit("OP", pain002="03", camt="02", answers="shells", references=frozenset({"PmtInfId"}), fee="apart"),
}
CGI = Habit("CGI")


def habit_of(bic: str, options: Mapping[str, Any]) -> Habit:
    """The bank's habit, with what the agreement says otherwise (`booking`, `fee`, `camt`, `pain002`, `answers` …)."""
    habit = HABITS.get(bic[:4].upper(), CGI)
    agreed = {
        name: options[name]
        for name in ("booking", "fee", "camt", "pain002", "answers", "incoming", "statement")
        if name in options
    }
    return replace(habit, narrative_reasons=bool(options.get("narrative")), **agreed)
