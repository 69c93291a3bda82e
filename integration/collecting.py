"""Files banks leave for us in folders and on SFTP servers: fetched whole, kept for import, then out of the way.

A file is archived at the other side only after it is stored here, so a crash in between means that it is read once
more, which changes nothing. What belongs to none of the companies that share the place is put aside there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import structlog
from django.utils.translation import gettext as _

from companies.accounts import account_key
from companies.choices import AgreementState
from companies.choices import Channel as Kind
from companies.models import BankAgreement, BankPartner, Company, Person
from integration import traffic
from integration.channels import inlet_of
from integration.channels.dropping import IN, Arrived, ChannelDown, Inlet, Misplaced
from integration.choices import Direction, Outcome
from payments import files
from payments.bank_files import importing
from payments.iso20022 import reading
from payments.iso20022.messages import Refused
from payments.models import Transfer

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Collected:
    """What one place brought. `error`: it could not be looked at."""

    address: str
    taken: int = 0
    put_aside: int = 0
    error: str = ""


def collect_all(company: Company | None = None, *, by: Person | None = None) -> list[Collected]:
    """Look into every folder and server of active agreements. A place that is down does not stop the others.

    With a company: only into the places it uses; companies may share one.
    """
    found = (
        BankAgreement.objects.filter(
            state=AgreementState.ACTIVE, active_download=True, channel__in=(Kind.FOLDER, Kind.SFTP)
        )
        .exclude(channel_address="")
        .select_related("company")
        .order_by("channel", "channel_address", "pk")
    )
    with traffic.on_occasion(person=by):
        places = [list(sharing) for _place, sharing in groupby(found, _place_of)]
        wanted = [one for one in places if company is None or company in [agreement.company for agreement in one]]
        return [_collect(sharing) for sharing in wanted]


def _place_of(agreement: BankAgreement) -> tuple[str, str]:
    return agreement.channel, agreement.channel_address


def _collect(sharing: Sequence[BankAgreement]) -> Collected:
    agreement = sharing[0]
    companies = list(dict.fromkeys(one.company for one in sharing))
    inlet = inlet_of(agreement)
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


def _take(inlet: Inlet, file: Arrived, companies: Sequence[Company], address: str) -> bool | None:
    """Whether the file was one company's; None when it was not whole yet."""
    where = f"{address}/{IN}/{file.name}"
    with files.workspace(companies[0]) as folder:
        path = folder / "arrived"
        with path.open("wb") as into:
            if not inlet.fetch(file, into):
                return None
        company = _owner(companies, path)
        if company is None:
            text = _("The file is about an account of another company; it was put aside there.")
            traffic.record(
                Direction.IN, "file", Outcome.REFUSED, address=where, size=file.size, reference=file.name, text=text
            )
            inlet.put_aside(file)
            return False
        bank_file = importing.receive(company, path, file.name)
    with traffic.on_occasion(bank_file=bank_file):
        traffic.record(
            Direction.IN,
            "file",
            Outcome.REPEAT if bank_file.delivered_again else Outcome.OK,
            company=company,
            address=where,
            size=file.size,
            file=traffic.keep_bank_file(bank_file),
            reference=file.name,
        )
    inlet.taken(file)
    return True


def _owner(companies: Sequence[Company], path: Path) -> Company | None:
    """Which of the companies that share the place a file is about; None when it is about another company of ours.

    What cannot be read, or names an account nobody has entered, goes to the first: its import says what is wrong.
    """
    try:
        survey = reading.survey(path)
    except Refused:
        return companies[0]
    if survey.report is not None:
        msg_id = survey.report.original_message_id
        owners = set(Transfer.objects.filter(msg_id=msg_id).values_list("company_id", flat=True))
    else:
        said = {account_key(number) for one in survey.accounts for number in (one.id, one.iban, one.bban) if number}
        rows = BankPartner.objects.values_list("account", "company_id")
        owners = {company_id for account, company_id in rows if account_key(account) in said}
    if not owners:
        return companies[0]
    return next((company for company in companies if company.pk in owners), None)
