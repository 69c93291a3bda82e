"""The parts every function of the sandbox works with."""

from __future__ import annotations

from dataclasses import dataclass, field

from integration.sandbox.clock import Clock, Schedule
from integration.sandbox.delivery import PostOffice
from integration.sandbox.money import DEFAULT_RATES
from integration.sandbox.rules import RuleBook
from integration.sandbox.store import Store, unpacked


@dataclass(frozen=True)
class Box:
    """Store, clock, events, rules and post of one running sandbox."""

    store: Store
    clock: Clock
    schedule: Schedule
    rules: RuleBook
    post: PostOffice
    seed: str
    user: str = field(repr=False)
    password: str = field(repr=False)

    def rates(self) -> dict[str, str]:
        """NOK for one unit of each currency."""
        return {**DEFAULT_RATES, **(unpacked(self.store.get("rates")) or {})}
