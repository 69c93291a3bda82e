"""From a queue message to facts in the books: fetch the file, prove it, keep it, hand it to the import.

What a file is and whose it is, is read from the file itself; the message only says where it lies. A file whose account
is another company's, or nobody's, is refused by the import and its message parked: nothing of it is booked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from companies.models import Company
from integration import traffic
from integration.choices import Direction, MessageState, MessageType, Outcome
from integration.gateway import client
from integration.models import InboxMessage
from payments import files
from payments.bank_files import importing
from payments.choices import FileState
from payments.models import BankFile

_ODD = re.compile(r"[^A-Za-z0-9_-]")  # signs of a file id that do not go into a file's name
SECONDS = 10.0  # what a small file takes at most; a larger one goes on by itself in the queue of imports


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
        known = BankFile.objects.filter(company=company, digest=message.file_digest).first()
        if known is not None:
            return _use(known)
        with files.workspace(company) as folder:
            path = folder / f"{message.file_kind}-{_ODD.sub('_', message.file_id)}.xml"
            _fetch(message, company, path)
            if message.message_type == MessageType.MANDATES:
                return _keep_mandates(message, company, path)
            bank_file = importing.receive(company, path, path.name)
        return _use(bank_file)


def _fetch(message: InboxMessage, company: Company, path: Path) -> None:
    """Stream the file to disk; its digest must be the one the message names."""
    with client.connect() as gateway, path.open("wb") as out:
        reply = gateway.fetch_file(company, message.file_id, out)
    if reply.digest != message.file_digest:
        said = {"file": message.file_id, "is": reply.digest[:16], "told": message.file_digest[:16]}
        raise Unfit(_("File %(file)s has the digest %(is)s…, the message says %(told)s….") % said)


def _use(bank_file: BankFile) -> Result:
    """Import now what can be imported in a short time. The file's own row says how far it is."""
    if bank_file.state == FileState.IMPORTED:
        return Result(bank_file=bank_file, reason=_("The file was imported before."))
    if bank_file.state == FileState.ERROR:
        importing.again(bank_file)  # a person mended what refused it, and tries the message again
    importing.import_file(bank_file.pk, seconds=SECONDS)
    bank_file.refresh_from_db()
    traffic.keep_bank_file(bank_file)
    if bank_file.state == FileState.ERROR:
        return Result(MessageState.PARKED, bank_file.error, bank_file)
    return Result(bank_file=bank_file, reason=bank_file.error)


def _keep_mandates(message: InboxMessage, company: Company, path: Path) -> Result:
    """Direct-debit mandates are kept and shown; nothing here pays or books by them."""
    stored = traffic.keep(company, "mandates", path)
    text = _("Direct-debit mandates stored.")
    traffic.record(
        Direction.IN, "mandates", Outcome.OK, company=company, file=stored, reference=message.file_id,
        size=stored.size, text=text,
    )  # fmt: skip
    return Result(reason=text)
