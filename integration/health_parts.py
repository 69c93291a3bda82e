"""What a measured part says: its figure, what is normal, what it means and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PROBE_SECONDS = 60  # how often the schedule measures every part
OLD_SECONDS = 3 * PROBE_SECONDS  # what was measured before that proves nothing
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


class Fact(StrEnum):
    """What was found, where more hangs on it than a level; told in the language of whoever reads it."""

    NO_ADDRESS = "no-address"
    NOT_ASKED = "not-asked"
    OLD = "old"  # the gateway was asked too long ago
    SILENT = "silent"
    CUT_OFF = "cut-off"
    CONNECTED = "connected"
    KNOWN = "known"
    FORGOTTEN = "forgotten"
    PAUSED = "paused"  # a person holds back what comes in
    STOPPED = "stopped"  # a person holds back everything that leaves
    UNSEEN = "unseen"  # what it hangs on is away, so nobody can look; never kept as a measurement


HELD = (Fact.PAUSED, Fact.STOPPED)
UNKNOWN = (Fact.NO_ADDRESS, Fact.NOT_ASKED, Fact.OLD)  # nobody can say whether money moves


class Verdict(StrEnum):
    """Is money moving? The worst that can be said of all parts together, the same on every page."""

    TROUBLE = "trouble"
    HELD = "held"
    UNKNOWN = "unknown"
    MOVING = "moving"


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


def verdict(found: Iterable[tuple[bool, str]]) -> Verdict:
    """Of parts, each as whether it is good and which fact was found."""
    parts = list(found)
    facts = {fact for _good, fact in parts}
    if not all(good for good, _fact in parts):
        return Verdict.TROUBLE
    if facts.intersection(HELD):
        return Verdict.HELD
    return Verdict.UNKNOWN if facts.intersection(UNKNOWN) or not parts else Verdict.MOVING


Check = Callable[[], Iterable[Part]]


def failed(code: str, error: Exception) -> Part:
    """A part that could not even be measured."""
    text = _("Cannot be measured: %(error)s") % {"error": str(error)[:200] or type(error).__name__}
    return Part(code, Level.TROUBLE, 0, "", "", text, _("See the log of the process that measures."))


def ago(age: timedelta) -> str:
    """4 s ago, 12 min ago, 3 h ago, 2 d ago."""
    seconds = max(0, int(age.total_seconds()))
    if seconds < 120:
        return _("%(n)s s ago") % {"n": seconds}
    if seconds < 7200:
        return _("%(n)s min ago") % {"n": seconds // 60}
    if seconds < 172800:
        return _("%(n)s h ago") % {"n": seconds // 3600}
    return _("%(n)s d ago") % {"n": seconds // 86400}


def span(seconds: int) -> str:
    """A measured time as a figure: 4 s, 12 min, 3 h, 2 d."""
    if seconds < 120:
        return _("%(n)s s") % {"n": seconds}
    if seconds < 7200:
        return _("%(n)s min") % {"n": seconds // 60}
    if seconds < 172800:
        return _("%(n)s h") % {"n": seconds // 3600}
    return _("%(n)s d") % {"n": seconds // 86400}
