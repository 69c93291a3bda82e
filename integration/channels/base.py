"""What every channel to the bank side can do, and the four ways a delivery can end.

A channel never decides what becomes of a payment: it says what it knows, and `integration.sending` draws the
consequence. Anything a channel cannot be sure about is `Lost`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from payments.models import Transfer


@dataclass(frozen=True, slots=True)
class Delivered:
    """The bank side has the file. `at_bank`: delivery is all there is (folder, SFTP), so the lines are at 2."""

    remote_id: str = ""
    at_bank: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """The file as such was refused; nothing of it will be paid."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Lost:
    """Nobody can tell whether the file arrived: it must be asked about before anything else."""

    text: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """The file surely did not leave; it may be tried again."""

    text: str


@dataclass(frozen=True, slots=True)
class Absent:
    """Asked about: the bank side never got it."""


Outcome = Delivered | Refusal | Lost | NotSent
Found = Delivered | Refusal | Lost | Absent


class Channel(Protocol):
    """A way to the bank side."""

    def send(self, transfer: Transfer, file: Path) -> Outcome:
        """Hand over the sealed bytes under their message id."""
        ...

    def look_for(self, transfer: Transfer) -> Found:
        """Ask what became of an earlier attempt."""
        ...
