"""What a measured part says: its figure, what is normal, what it means and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PROBE_SECONDS = 60  # how often the schedule measures every part
SCHEDULE = "schedule"  # part, and name and kind of the row the sweep writes


NAMES = {
    "database": gettext_lazy("Database"),
    "broker": gettext_lazy("Broker"),
    "gateway": gettext_lazy("Gateway"),
    "queue": gettext_lazy("Queue"),
    "consumer": gettext_lazy("Consumer"),
    "workers": gettext_lazy("Workers"),
    "schedule": gettext_lazy("Schedule"),
    "certificate": gettext_lazy("Certificate"),
    "disk": gettext_lazy("Disk"),
    "registration": gettext_lazy("Registration"),
    "dead": gettext_lazy("Given up messages"),
    "parked": gettext_lazy("Parked messages"),
    "payments_parked": gettext_lazy("Parked payments"),
    "files": gettext_lazy("Refused bank files"),
    "transfers": gettext_lazy("Files without answer"),
    "files_in": gettext_lazy("Files in today"),
    "files_out": gettext_lazy("Files out today"),
    "mail": gettext_lazy("Mail"),
    "stop": gettext_lazy("Sending"),
}


class Level(StrEnum):
    """How a part is: good, worth a look, or in trouble (somebody gets mail)."""

    GOOD = "good"
    ATTENTION = "attention"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Part:
    """One measured part. `value` in `unit` (ms, s, messages, …), `normal` the range in words, `remedy` what to do.

    `fact` is what was found, with its `facts`, for parts that are told again later; `at` when, where it was not
    just now.
    """

    code: str
    level: Level
    value: int
    unit: str
    normal: str
    words: str
    remedy: str = ""
    fact: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        return str(NAMES.get(self.code, self.code.replace("_", " ").capitalize()))

    @property
    def good(self) -> bool:
        return self.level != Level.TROUBLE


Check = Callable[[], Iterable[Part]]


def failed(code: str, error: Exception) -> Part:
    """A part that could not even be measured."""
    text = _("Cannot be measured: %(error)s") % {"error": str(error)[:200] or type(error).__name__}
    return Part(code, Level.TROUBLE, 0, "", "", text, _("See the log of the process that measures."))
