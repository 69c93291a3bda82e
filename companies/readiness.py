"""Why can this company not pay yet? Conditions, each good or with a sentence and what to do about it.

The apps above register their checks when they start, so that this module knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from companies.models import Company


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must be in order. `remedy` says where and how a person mends it; empty when it is good."""

    code: str
    good: bool
    text: str
    remedy: str = ""


Check = Callable[[Company], Iterable[Condition]]
_CHECKS: list[Check] = []


def register(check: Check) -> Check:
    """Add a check (once); usable as a decorator. Called from `AppConfig.ready`."""
    if check not in _CHECKS:
        _CHECKS.append(check)
    return check


def conditions(company: Company) -> list[Condition]:
    """Everything that must be in order before the company can pay, in the order the checks were registered."""
    return [condition for check in _CHECKS for condition in check(company)]


def missing(company: Company) -> list[Condition]:
    """Only what is not in order."""
    return [condition for condition in conditions(company) if not condition.good]
