"""Files banks leave for us in folders and on SFTP servers: fetched whole, kept, put to use, then out of the way.

A file is archived at the other side only after it is stored here, so a crash in between means that it is read once
more, which changes nothing. What belongs to none of the companies that share the place is put aside there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import structlog

from companies.choices import AgreementState
from companies.choices import Channel as Kind
from companies.models import BankAgreement, Company, Person
from integration import receiving, traffic
from integration.channels.dropping import IN, Arrived, ChannelDown, Inlet, Misplaced
from integration.channels.folder import folder_inlet
from integration.channels.sftp import sftp_inlet
from integration.choices import Direction, MessageState, Outcome
from payments import files

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Collected:
    """What one place brought. `error`: it could not be looked at."""

    address: str
    taken: int = 0
    put_aside: int = 0
    error: str = ""


def collect_all(*, by: Person | None = None) -> list[Collected]:
    """Look into every folder and server of active agreements. A place that is down does not stop the others."""
    found = (
        BankAgreement.objects.filter(
            state=AgreementState.ACTIVE, active_download=True, channel__in=(Kind.FOLDER, Kind.SFTP)
        )
        .exclude(channel_address="")
        .select_related("company")
        .order_by("channel", "channel_address", "pk")
    )
    with traffic.on_occasion(person=by):
        return [_collect(list(sharing)) for _place, sharing in groupby(found, _place_of)]


def _place_of(agreement: BankAgreement) -> tuple[str, str]:
    return agreement.channel, agreement.channel_address


def _collect(sharing: Sequence[BankAgreement]) -> Collected:
    agreement = sharing[0]
    companies = list(dict.fromkeys(one.company for one in sharing))
    inlet = folder_inlet(agreement) if agreement.channel == Kind.FOLDER else sftp_inlet(agreement)
    taken = put_aside = 0
    try:
        for file in inlet.arrived():
            fits = _take(inlet, file, companies, agreement.channel_address)
            if fits is not None:
                taken, put_aside = taken + fits, put_aside + (not fits)
    except (ChannelDown, Misplaced) as error:
        log.warning("collecting_failed", address=traffic.redact(agreement.channel_address), reason=str(error))
        return Collected(agreement.channel_address, taken, put_aside, str(error))
    finally:
        inlet.close()
    return Collected(agreement.channel_address, taken, put_aside)


def _take(inlet: Inlet, file: Arrived, companies: Iterable[Company], address: str) -> bool | None:
    """Whether the file was one company's; None when it was not whole yet."""
    why = ""
    for company in companies:
        with files.workspace(company) as folder:
            path = folder / "arrived.xml"
            if not _fetched(inlet, file, path):
                return None
            try:
                result = receiving.take_in(company, path, file.name, f"{IN} {file.name}")
            except receiving.Unfit as error:
                why = str(error)
                continue
        outcome = Outcome.OK if result.state == MessageState.HANDLED else Outcome.REFUSED
        _log(company, file, address, outcome, result)
        inlet.taken(file)
        return True
    traffic.record(
        Direction.IN, "file", Outcome.REFUSED, address=f"{address}/{IN}/{file.name}", size=file.size, text=why
    )
    inlet.put_aside(file)
    return False


def _fetched(inlet: Inlet, file: Arrived, path: Path) -> bool:
    with path.open("wb") as into:
        return inlet.fetch(file, into)


def _log(company: Company, file: Arrived, address: str, outcome: Outcome, result: receiving.Result) -> None:
    with traffic.on_occasion(bank_file=result.bank_file):
        traffic.record(
            Direction.IN,
            "file",
            outcome,
            company=company,
            address=f"{address}/{IN}/{file.name}",
            size=file.size,
            file=traffic.keep_bank_file(result.bank_file) if result.bank_file else None,
            reference=file.name,
            text=result.reason,
        )
