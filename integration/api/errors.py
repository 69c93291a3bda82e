"""Faults of a call in one form: a code, a sentence, and where they belong to a field, the entry and the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ninja.errors import ValidationError


class Refused(Exception):
    """The call cannot be answered; becomes the answer with this status."""

    def __init__(self, status: int, code: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.status, self.code, self.text = status, code, text
        self.headers = dict(headers or {})


def body(code: str, text: str, fields: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """What every refused call answers."""
    return {"error": {"code": code, "text": text, "fields": list(fields)}}


def fields_of(error: ValidationError) -> list[dict[str, Any]]:
    """Where the body or an address is wrong: the entry counts from 0, as in the array that was sent."""
    found = []
    for one in error.errors:
        way = [part for part in one.get("loc", ()) if part not in ("body", "query", "path", "header")]
        entry = next((part for part in way if isinstance(part, int)), None)
        names = [part for part in way if isinstance(part, str)]
        found.append({"entry": entry, "field": names[-1] if names else "", "text": str(one.get("msg", ""))})
    return found
