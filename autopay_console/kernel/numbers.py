"""Whole numbers as a page, an address or a search box sent them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

LARGEST_NUMBER = 2**31 - 1  # what a whole-number column holds
LARGEST_KEY = 2**63 - 1  # what the key of a row holds

Otherwise = TypeVar("Otherwise", int, None)


def as_number(text: str, otherwise: Otherwise, *, most: int = LARGEST_NUMBER) -> int | Otherwise:
    """The number these plain digits say; `otherwise` for anything else, and for more than a column can hold."""
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        return otherwise
    number = int(text)
    return number if number <= most else otherwise


def as_key(text: str) -> int:
    """The key of a row; 0, which no row has, for anything else."""
    return as_number(text, 0, most=LARGEST_KEY)


def as_keys(texts: Iterable[str]) -> list[int]:
    """The keys among these texts, in order; what is no key is left out."""
    return [key for key in map(as_key, texts) if key]
