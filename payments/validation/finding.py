"""One finding of the preflight."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from companies.problems import Problem
from payments.choices import Severity
from payments.preparing.planning import said


@dataclass(frozen=True, slots=True)
class Remedy:
    """Where a finding is mended: the name of an address and its arguments; the screens make the link."""

    url: str
    args: tuple[int | str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong (`code`, a sentence), how much it weighs, and with which line; None: with the whole payment."""

    code: str
    severity: Severity
    text: str
    line_id: int | None = None
    remedy: Remedy | None = None

    @property
    def stops(self) -> bool:
        """Nobody can accept it; it must be mended."""
        return self.severity == Severity.STOP


# What the order file does by itself: told, but nobody needs to take it upon themselves.
_NOTES = frozenset({"letters_replaced", "text_cut", "text_dropped", "fee_code_sepa"})
_ORDER = {Severity.STOP: 0, Severity.WARN: 1, Severity.NOTE: 2}


def from_problem(problem: Problem, line_id: int | None, remedy: Remedy | None) -> Finding:
    """A finding of the pure rules."""
    severity = Severity.STOP if problem.stops else Severity.WARN
    if problem.code in _NOTES:
        severity = Severity.NOTE
    return Finding(problem.code, severity, said(problem)[:500], line_id, remedy)


def stop(code: str, text: str, line_id: int | None = None, remedy: Remedy | None = None) -> Finding:
    """A finding that stops the upload."""
    return Finding(code, Severity.STOP, text[:500], line_id, remedy)


def warn(code: str, text: str, line_id: int | None = None, remedy: Remedy | None = None) -> Finding:
    """A finding somebody must accept by name."""
    return Finding(code, Severity.WARN, text[:500], line_id, remedy)


def ordered(found: Iterable[Finding]) -> list[Finding]:
    """Stops first, the payment's own before its lines'; each thing said once per line."""
    once = dict.fromkeys(found)
    return sorted(once, key=lambda one: (_ORDER[one.severity], one.line_id or 0, one.code))
