"""The traffic log: one row per call or file between us and the outside. The only writer of Exchange and StoredFile.

Finance and operations read here what happened, when, by whom and with which answer, years later. Secrets never come in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from companies.models import Company, Person
from integration.choices import Direction, Outcome
from integration.models import Exchange, InboxMessage, StoredFile
from integration.service_person import who_serves
from payments import files
from payments.models import BankFile, Transfer

_SECRETS = (
    (re.compile(r'("(?:signingKey|password|secret|token)"\s*:\s*)"[^"]*"', re.IGNORECASE), r'\1"…"'),
    (re.compile(r"\b(Basic|Bearer)\s+[A-Za-z0-9+/=._-]{4,}"), r"\1 …"),
    (re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=(?![A-Za-z0-9+/=])"), "…"),  # 32 bytes in base64: a signing key
    (re.compile(r"sig1=:[A-Za-z0-9+/=]+:"), "sig1=:…:"),
    (re.compile(r"(://[^/\s:@]*:)[^/\s@]+@"), r"\1…@"),
)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why a call is made: by the service or by a person, and which rows it belongs to."""

    person: Person | None = None
    transfer: Transfer | None = None
    message: InboxMessage | None = None
    bank_file: BankFile | None = None


_OCCASION: ContextVar[Occasion] = ContextVar("traffic_occasion", default=Occasion())  # noqa: B039 (frozen)


@contextmanager
def on_occasion(
    *,
    person: Person | None = None,
    transfer: Transfer | None = None,
    message: InboxMessage | None = None,
    bank_file: BankFile | None = None,
) -> Iterator[None]:
    """Every exchange recorded inside belongs to these rows, and every log line names them; with a person it was done
    by hand."""
    named = {"person": person, "transfer": transfer, "message": message, "bank_file": bank_file}
    before = _OCCASION.get()
    mark = _OCCASION.set(replace(before, **{name: row for name, row in named.items() if row is not None}))  # type: ignore[arg-type]
    ids = {"transfer_id": transfer.pk, "payment_id": transfer.payment_id} if transfer is not None else {}
    try:
        with bound_contextvars(**ids):
            yield
    finally:
        _OCCASION.reset(mark)


def record(
    direction: Direction,
    kind: str,
    outcome: Outcome,
    *,
    company: Company | None = None,
    address: str = "",
    status_code: int | None = None,
    milliseconds: int = 0,
    size: int = 0,
    file: StoredFile | None = None,
    reference: str = "",
    count: int | None = None,
    total: Decimal | None = None,
    text: str = "",
    by_service: bool = True,
) -> Exchange:
    """Write one row. `text` is redacted here, so that no caller can let a secret slip.

    What no person did, the service did, in the name of its service person; `by_service` False: another program did.
    """
    occasion = _OCCASION.get()
    transfer, person = occasion.transfer, occasion.person
    by_service = by_service and person is None
    return Exchange.objects.create(
        company=company,
        at=timezone.now(),
        direction=direction,
        kind=kind,
        outcome=outcome,
        by_service=by_service,
        person=who_serves() if by_service else person,
        address=redact(address)[:255],
        status_code=status_code,
        milliseconds=milliseconds,
        size=size,
        file=file,
        reference=reference[:100],
        count=count,
        total=total,
        text=redact(text)[:500],
        payment_id=transfer.payment_id if transfer else None,
        transfer=transfer,
        bank_file=occasion.bank_file,
        message=occasion.message,
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", ""))[:40],
    )


def redact(text: str) -> str:
    """The text without signing keys, passwords, signatures and the like."""
    for pattern, shown in _SECRETS:
        text = pattern.sub(shown, text)
    return text


def keep(company: Company, kind: str, content: bytes | Path) -> StoredFile:
    """Put bytes (or a copy of a file) into the data area and the log: once per company and digest."""
    return keep_row(company, kind, files.store(company, kind, content))


def keep_row(company: Company, kind: str, stored: files.Stored) -> StoredFile:
    """The row of a file that lies in the data area already; the same digest in the same company is one row."""
    if known := StoredFile.objects.filter(company=company, digest=stored.digest).first():
        return known
    try:
        with transaction.atomic():
            return StoredFile.objects.create(
                company=company, kind=kind, digest=stored.digest, size=stored.size, path=stored.path
            )
    except IntegrityError:  # another worker kept the same file at the same moment
        return StoredFile.objects.get(company=company, digest=stored.digest)


def keep_transfer(transfer: Transfer) -> StoredFile:
    """The row of a sealed payment file."""
    return keep_row(transfer.company, "pain001", files.Stored(transfer.path, transfer.digest, transfer.size))


def keep_bank_file(bank_file: BankFile) -> StoredFile:
    """The row of a file a bank sent."""
    kind = Path(bank_file.path).name.partition("-")[0]
    return keep_row(bank_file.company, kind, files.Stored(bank_file.path, bank_file.digest, bank_file.size))
