"""Waiting for what other processes do."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(check: Callable[[], T], seconds: float = 120, every: float = 0.05) -> T:
    """Wait until `check()` gives something true and return it; an assertion error says that it never did."""
    end = time.monotonic() + seconds
    while True:
        if found := check():
            return found
        assert time.monotonic() < end, f"not true within {seconds:g} s: {check}"
        time.sleep(every)
