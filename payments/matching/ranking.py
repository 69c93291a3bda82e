"""Puts proposals into the order a person should read them in. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from payments.choices import ParkReason, Rule
from payments.matching.facts import Paid, Verdict

MOST_PROPOSALS = 5
_BY_RULE = {rule: place for place, rule in enumerate(Rule)}
_BY_RULE[Rule.PHRASE] = _BY_RULE[Rule.SUM]  # a person said what the words mean; who paid from an account before did not


def ranked(paid: Paid, verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Best first, the same entries only once: what would have been proven, what takes the whole amount, what the
    payment names itself, then what only fits the payer."""
    found: dict[tuple[object, ...], Verdict] = {}
    for verdict in sorted(verdicts, key=lambda one: _place(paid, one)):
        if verdict.parts:
            found.setdefault(tuple(sorted((part.entry.id, str(part.amount)) for part in verdict.parts)), verdict)
        elif verdict.to_account:
            found.setdefault((verdict.gl_account, verdict.customer_id), verdict)
    return tuple(found.values())[:MOST_PROPOSALS]


def _place(paid: Paid, verdict: Verdict) -> tuple[bool, bool, bool, int, int, int]:
    return (
        verdict.reason is not ParkReason.SWITCHED_OFF,
        verdict.placed != paid.amount,
        not verdict.parts and verdict.customer_id is not None,  # on account: when no invoice takes it
        _BY_RULE[verdict.rule],
        len(verdict.parts),
        min((part.entry.id for part in verdict.parts), default=0),
    )
