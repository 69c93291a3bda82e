"""How long files are kept, which may go, and which belong to nothing (`manage.py purge_files`).

A file's age is read from its place in the data area (`<company>/<yyyy>/<mm>/`), so that even a file no row knows of is
looked after. Never below the bookkeeping term of the company's country, whatever the file kind says.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import structlog
from django.db import transaction

from autopay_console.kernel.sets import chunks
from companies.clock import business_date
from companies.models import Company, Job
from integration import file_kinds
from integration.models import Exchange, FileKind, StoredFile
from payments import files
from payments.choices import FileState, TransferState
from payments.models import BankFile, Transfer
from payments.table_import import claiming

log = structlog.get_logger(__name__)
STILL_NEEDED = (TransferState.SEALED, TransferState.RELEASED, TransferState.SENDING, TransferState.UNKNOWN)
NOT_READ_YET = (FileState.NEW, FileState.VALIDATED, FileState.IMPORTING)


@dataclass(frozen=True, slots=True)
class Old:
    """A file whose time is over."""

    path: str
    kind: str
    size: int
    kept_until: date


def may_go(today: date | None = None) -> Iterator[Old]:
    """Files whose time is over and that nothing waits for, in the order of the data area."""
    today = today or business_date()
    over = (found for found in _dated() if found.kept_until < today)
    for part in chunks(over):
        needed = _needed([one.path for one in part])
        yield from (one for one in part if one.path not in needed)


def purge(today: date | None = None) -> list[Old]:
    """Delete them. Rows of payments, bank files and the log stay, with the digest as proof of what was there."""
    area, gone = files.data_area(), list[Old]()
    for part in chunks(may_go(today), 200):
        paths = [one.path for one in part]
        for path in paths:
            (area / path).unlink(missing_ok=True)
        with transaction.atomic():
            Exchange.objects.filter(file__path__in=paths).update(file=None)
            StoredFile.objects.filter(path__in=paths).delete()
        gone += part
        log.info("files_purged", count=len(part))
    return gone


def orphans() -> Iterator[str]:
    """Files of the data area that no row names: left by a crash between writing a file and committing its row."""
    jobs = Job.objects.filter(kind=claiming.KIND).values_list("parameters", flat=True)
    brought = {str(one.get("path", "")) for one in jobs.iterator(chunk_size=1000)}  # the spreadsheets of imports
    for part in chunks(files.stored_paths()):
        known = brought | set(StoredFile.objects.filter(path__in=part).values_list("path", flat=True))
        known |= set(Transfer.objects.filter(path__in=part).values_list("path", flat=True))
        known |= set(BankFile.objects.filter(path__in=part).values_list("path", flat=True))
        yield from (path for path in part if path not in known)


def missing() -> Iterator[StoredFile]:
    """Rows whose file is not in the data area any more: something outside the console deleted it."""
    area = files.data_area()
    for row in StoredFile.objects.order_by("path").iterator(chunk_size=1000):
        if not (area / row.path).is_file():
            yield row


def kept_until(stored: date, kind: str, country: str, keep_days: dict[str, int]) -> date:
    """The last day a file of this month, kind and country must be there."""
    by_kind = stored + timedelta(days=keep_days.get(kind, file_kinds.KEEP_DAYS))
    by_law = date(stored.year + file_kinds.keep_years(country), 12, 31)
    return max(by_kind, by_law)


def _dated() -> Iterator[Old]:
    countries = dict(Company.objects.values_list("number", "country_id"))
    keep_days = dict(FileKind.objects.values_list("kind", "keep_days"))
    area = files.data_area()
    for path in files.stored_paths():
        number, year, month, name = path.split("/")
        if not (number.isdigit() and year.isdigit() and month.isdigit() and 1 <= int(month) <= 12):
            continue
        last_day = date(int(year), int(month), calendar.monthrange(int(year), int(month))[1])
        kind = name.partition("-")[0]
        until = kept_until(last_day, kind, countries.get(int(number), ""), keep_days)
        yield Old(path, kind, (area / path).stat().st_size, until)


def _needed(paths: Iterable[str]) -> set[str]:
    paths = list(paths)
    waiting = Transfer.objects.filter(path__in=paths, state__in=STILL_NEEDED).values_list("path", flat=True)
    unread = BankFile.objects.filter(path__in=paths, state__in=NOT_READ_YET).values_list("path", flat=True)
    return set(waiting) | set(unread)
