"""What is asked of the gateway and what it answered, as facts. Nothing of the line: `requests` is slow to load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from companies.models import Company
from integration.models import StoredFile


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked of the gateway. A call with a company is signed, one without uses the gateway user."""

    kind: str
    method: str
    path: str
    company: Company | None = None
    facts: Mapping[str, Any] | None = None
    file: Path | None = None
    digest: str = ""  # SHA-256 of `file`, hex
    into: IO[bytes] | None = None  # where the answer's bytes go
    open_call: bool = False  # no credentials at all
    reference: str = ""
    kept: StoredFile | None = None
    count: int | None = None
    total: Decimal | None = None

    @property
    def changes(self) -> bool:
        """Something may have happened at the other end even when no answer came."""
        return self.method != "GET"


@dataclass(slots=True)
class Reply:
    """A proven answer: its facts, or for a file its digest (SHA-256, hex) and size."""

    status: int
    facts: dict[str, Any] = field(default_factory=dict)
    digest: str = ""
    size: int = 0
