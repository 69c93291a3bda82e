"""What is wrong with a value, in words a person can act on; pure, so that formats and rules can speak too.

The web translates with `_(problem.message) % problem.params`; `problem.text` is the English sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def gettext_noop(message: str) -> str:
    """Mark a sentence for translation without translating it here."""
    return message


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: a stable code, a sentence with named places, and whether it stops a payment."""

    code: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict, hash=False)
    stops: bool = True

    @property
    def text(self) -> str:
        """The English sentence with its values."""
        return self.message % self.params if self.params else self.message


def stop(code: str, message: str, /, **params: object) -> Problem:
    """A finding that stops the payment."""
    return Problem(code, message, params)


def warning(code: str, message: str, /, **params: object) -> Problem:
    """A finding a person should know; the payment goes on."""
    return Problem(code, message, params, stops=False)
