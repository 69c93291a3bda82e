"""Which colour and shape a state has. Colour means state and nothing else."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from companies.choices import AgreementState, JobState, LinkState, PendingState, PeriodState
from integration.choices import MessageState, Outcome, ServiceState
from payments.choices import BatchState, BatchWord, FileState, IncomingState, LineStatus, RoundState, TransferState
from payments.iso20022 import currencies

STATUS: dict[int, str] = {
    LineStatus.TRANSFERRED: "info",
    LineStatus.ACKNOWLEDGED: "info",
    LineStatus.AT_EFT: "info",
    LineStatus.SETTLED: "good",
    LineStatus.POSTED: "good",
    LineStatus.REJECTED: "bad",
    LineStatus.LINES_MISSING: "bad",
    LineStatus.REFUSED: "bad",
}
_BY_KIND: dict[type[Any], dict[str, str]] = {
    BatchWord: {
        "waiting": "warn",
        "approved": "info",
        "sent": "info",
        "received": "info",
        "rejected": "bad",
        "partly": "warn",
        "completed": "good",
        "error": "bad",
    },
    RoundState: {"waiting": "warn", "released": "good"},
    TransferState: {
        "released": "info",
        "sending": "info",
        "accepted": "good",
        "refused": "bad",
        "unknown": "warn",
    },
    FileState: {"validated": "info", "error": "bad", "importing": "info", "imported": "good"},
    IncomingState: {
        "new": "info",
        "matched": "info",
        "parked": "warn",
        "posted": "good",
        "refund": "warn",
    },
    BatchState: {"building": "info", "waiting": "warn", "posted": "good"},
    AgreementState: {"ordered": "warn", "confirmed": "info", "active": "good"},
    LinkState: {"linking": "info", "linked": "good", "failed": "bad"},
    JobState: {"running": "info", "done": "good", "failed": "bad", "stopped": "warn"},
    PendingState: {"waiting": "warn", "accepted": "good", "refused": "bad"},
    PeriodState: {"open": "good"},
    MessageState: {
        "received": "info",
        "in_work": "info",
        "handled": "good",
        "parked": "warn",
        "failed": "warn",
        "dead": "bad",
    },
    Outcome: {"ok": "good", "refused": "bad", "failed": "bad", "unknown": "warn"},
    ServiceState: {"running": "good", "paused": "warn", "stopped": "bad", "credentials": "info", "installed": "info"},
}


@lru_cache(maxsize=128)
def _tones_for(values: frozenset[str]) -> dict[str, str]:
    for kind, tones in _BY_KIND.items():
        if frozenset(kind.values) == values:
            return tones
    return {}


def tone_of(row: Any, name: str, value: Any) -> str:
    """Tone of a choices field's value; quiet when none is known."""
    choices = row._meta.get_field(name).choices or ()
    return _tones_for(frozenset(str(one) for one, _word in choices)).get(str(value), "")


def decimals_of(currency: Any) -> int:
    """How many decimals an amount of this currency shows: two, but none for yen and three for dinars."""
    if hasattr(currency, "decimals"):
        return int(currency.decimals)
    return currencies.DECIMALS.get(str(currency), 2)
