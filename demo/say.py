"""What the demo tells the person at the keyboard: steps with their time, tables of numbers, who can log in."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from demo import names


def amount(value: Decimal) -> str:
    """Thousands by a narrow blank, two decimals."""
    return f"{value:,.2f}".replace(",", " ").replace("-", "−")


class Teller:
    """Prints progress while work is under way and facts when it is done."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()

    def line(self, text: str = "") -> None:
        """One line at once, also through a pipe."""
        print(text, flush=True)

    def head(self, text: str) -> None:
        """A heading."""
        self.line(f"\n{text}\n{'─' * len(text)}")

    @contextmanager
    def step(self, text: str) -> Iterator[list[str]]:
        """A step with its time; what is put into the list is printed behind it."""
        if self._live:
            print(f"  … {text}", end="", flush=True)
        start = time.monotonic()
        told: list[str] = []
        try:
            yield told
        finally:
            if self._live:
                print("\r\033[2K", end="")
            took = time.monotonic() - start
            self.line(f"  {took:5.1f} s  {text}" + (f": {told[0]}" if told else ""))
            for more in told[1:]:
                self.line(f"           {more}")

    def people(self, port: int) -> None:
        """Where the console is and who can log in."""
        self.head(f"The console is at http://localhost:{port}")
        self.line(f"Password of everybody: {names.PASSWORD}")
        for username, first, last, roles, instance in names.PEOPLE:
            told = ", ".join([*roles, *(f"instance {one}" if one == "administrator" else one for one in instance)])
            name = f"{first} {last}"
            self.line(f"  {username:<9} {name:<14} {told}")
        self.line("\nCtrl-C stops everything that was started here.")
