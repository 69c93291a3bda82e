"""Where the reader writes down what it accepted although it should not have been so."""

from __future__ import annotations

from collections import Counter
from typing import NoReturn

from payments.iso20022.messages import ReadWarning, Refused
from payments.iso20022.words import REFUSALS, SERIOUS, WARNINGS

PER_CODE = 25  # a file with a million odd entries must not fill the memory with sentences


def refuse(code: str, line: int | None = None, **values: object) -> NoReturn:
    """Refuse the file; the reading loop adds the file's name and the entry's number."""
    raise Refused(code, REFUSALS[code] % values, line or 0)


class Notes:
    """The warnings of one reading, in file order; only the first of each kind are kept whole, the rest
    counted.
    """

    def __init__(self) -> None:
        self.entry = 0
        self.problems: list[str] = []  # serious codes of the entry being read
        self.left_out = 0
        self._kept: list[ReadWarning] = []
        self._counts: Counter[str] = Counter()

    def note(self, code: str, line: int | None = None, **values: object) -> None:
        """Record one warning, with the entry it belongs to."""
        if code in SERIOUS:
            self.problems.append(code)
        self._counts[code] += 1
        if self._counts[code] > PER_CODE:
            self.left_out += 1
            return
        words = {name: str(value) for name, value in values.items()}
        text = WARNINGS[code] % words
        self._kept.append(ReadWarning(code, text, line or 0, self.entry, tuple(words.items())))

    def begin_entry(self, number: int) -> None:
        self.entry = number
        if self.problems:
            self.problems = []

    def end_entries(self) -> None:
        self.entry = 0

    @property
    def warnings(self) -> tuple[ReadWarning, ...]:
        return tuple(self._kept)
