"""Sealed files of a round that was never opened and that no row names: left by a process that died at that moment.

A file is removed only when its payment groups carry the round's own name, so that nothing else can be meant.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import structlog

from payments import files
from payments.models import Payment, Transfer

_HEAD = 200_000  # bytes in which the first payment group stands
log = structlog.get_logger(__name__)


def group_prefix(payment: Payment, round_: int) -> str:
    """How the names of a round's payment groups begin."""
    return f"C{payment.company.number}-B{payment.number}-{round_}-"


def remove(payment: Payment, round_: int, since: datetime | None) -> int:
    """Delete the round's files without a row that were written since the upload began; how many there were."""
    if since is None:
        return 0
    mark, removed = f"<PmtInfId>{group_prefix(payment, round_)}".encode(), 0
    folder = files.data_area() / str(payment.company.number)
    for file in folder.glob("*/*/pain001-*"):
        if file.is_file() and file.stat().st_mtime >= since.timestamp() - 1 and _is_left(file, mark):
            file.unlink(missing_ok=True)
            log.warning("left_file_removed", payment=payment.number, round=round_, file=file.name)
            removed += 1
    return removed


def _is_left(file: Path, mark: bytes) -> bool:
    path = file.relative_to(files.data_area()).as_posix()
    if Transfer.objects.filter(path=path).exists():
        return False
    with file.open("rb") as source:
        return mark in source.read(_HEAD)
