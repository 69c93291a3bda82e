"""What a check of the books finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit: which check, which row (`about`, as people name it), and what differs."""

    check: str
    about: str
    text: str

    def __str__(self) -> str:
        return f"{self.check}: {self.about}: {self.text}"
