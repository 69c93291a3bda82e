"""From a queue message to facts in the books: fetch the file, prove it, keep it, hand it to whom it concerns.

What a file is, is read from the file itself; the message only says where it lies. The file's own account decides whose
it is: a file that belongs to another company than the message says is parked, never booked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.accounts import account_key
from companies.models import BankPartner, Company
from integration import traffic
from integration.choices import Direction, MessageState, MessageType, Outcome
from integration.gateway import client
from integration.models import InboxMessage
from payments import files
from payments.choices import FileState
from payments.iso20022 import reading
from payments.iso20022.messages import Refused, Survey
from payments.models import BankFile, Transfer

log = structlog.get_logger(__name__)


class Unfit(Exception):
    """The message or its file cannot be used as it is; trying again changes nothing until a person did something."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a message ended: handled or parked, the reason in words, and the file that came of it."""

    state: MessageState = MessageState.HANDLED
    reason: str = ""
    bank_file: BankFile | None = None


def handle(message: InboxMessage) -> Result:
    """Fetch the file a message names and put it to use. Safe to hear twice. Raises GatewayError and `Unfit`."""
    company = message.company
    if company is None:
        raise Unfit(_("No company here is linked as %(id)s.") % {"id": message.remote_company_id})
    with traffic.on_occasion(message=message):
        if known := BankFile.objects.filter(company=company, digest=message.file_digest).first():
            return _use(_source(message), known, files.full_path(known.path))
        with files.workspace(company) as folder:
            path = folder / f"{message.file_kind}-{message.file_id}.xml"
            _fetch(message, company, path)
            if message.message_type == MessageType.MANDATES:
                return _keep_mandates(message, company, path)
            return take_in(company, path, path.name, _source(message))


def take_in(company: Company, path: Path, name: str, source: str) -> Result:
    """Keep a file of a bank or of AutoPay and put it to use, whichever way it came. Raises `Unfit`."""
    from payments import importing

    survey = _survey(company, path)
    bank_file = importing.receive(company, path, name)
    return _use(source, bank_file, files.full_path(bank_file.path), survey)


def _fetch(message: InboxMessage, company: Company, path: Path) -> None:
    """Stream the file to disk; its digest must be the one the message names."""
    with client.connect() as gateway, path.open("wb") as out:
        reply = gateway.fetch_file(company, message.file_id, out)
    if reply.digest != message.file_digest:
        said = {"file": message.file_id, "is": reply.digest[:16], "told": message.file_digest[:16]}
        raise Unfit(_("File %(file)s has the digest %(is)s…, the message says %(told)s….") % said)


def _survey(company: Company, path: Path) -> Survey | None:
    """Read the file once without writing anything. None: it cannot be read; it is kept all the same."""
    try:
        survey = reading.survey(path)
    except Refused:
        return None
    check_owner(company, survey)
    return survey


def check_owner(company: Company, survey: Survey) -> None:
    """Refuse a file whose accounts or payments are another company's of ours."""
    said = {account_key(one.id): one.id for one in survey.accounts if one.id}
    if survey.report is not None:
        named = Transfer.objects.filter(msg_id=survey.report.original_message_id).select_related("company").first()
        if named is not None and named.company_id != company.pk:
            raise Unfit(_not_yours(survey.report.original_message_id, named.company, company))
    if not said:
        return
    owners: dict[str, list[Company]] = {}
    for partner in BankPartner.objects.select_related("company"):
        owners.setdefault(account_key(partner.account), []).append(partner.company)
    for key, written in said.items():
        holders = owners.get(key, [])
        if holders and company not in holders:
            raise Unfit(_not_yours(written, holders[0], company))


def _not_yours(what: str, owner: Company, told: Company) -> str:
    values = {"what": what, "owner": owner, "told": told}
    return _("The file is about %(what)s of company %(owner)s; the message was for company %(told)s.") % values


def _use(source: str, bank_file: BankFile, path: Path, survey: Survey | None = None) -> Result:
    """Answers to our files are applied at once; entries are imported in slices, each committed."""
    if bank_file.state == FileState.IMPORTED:
        return Result(bank_file=bank_file, reason=_("The file was imported before."))
    from payments import answers, importing

    survey = survey or _survey(bank_file.company, path)
    if survey is not None and survey.report is not None:
        answers.apply(bank_file.company, survey.report, source, bank_file)
        BankFile.objects.filter(pk=bank_file.pk).exclude(state=FileState.IMPORTED).update(
            state=FileState.IMPORTED, imported_at=timezone.now(), type=survey.type, version=survey.head.version
        )
    else:
        importing.import_file(bank_file.pk)
    bank_file.refresh_from_db()
    if bank_file.state == FileState.ERROR:
        return Result(MessageState.PARKED, bank_file.error, bank_file)
    return Result(bank_file=bank_file)


def _source(message: InboxMessage) -> str:
    return f"{message.message_type} {message.file_kind} {message.file_id}"[:120]


def _keep_mandates(message: InboxMessage, company: Company, path: Path) -> Result:
    """Direct-debit mandates are kept and shown; nothing here pays or books by them."""
    stored = traffic.keep(company, "mandates", path)
    text = _("Direct-debit mandates stored.")
    traffic.record(
        Direction.IN, "mandates", Outcome.OK, company=company, file=stored, reference=message.file_id,
        size=stored.size, text=text,
    )  # fmt: skip
    return Result(reason=text)
