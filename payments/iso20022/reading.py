"""Reading a bank file in two passes.

Pass 1 (`survey`) reads the whole file and writes nothing: is it safe, well-formed, known, do its figures
agree? Only when it returns may rows be written; then `entries` streams the file again, in slices if need be.
A truncated file is refused in pass 1 and so books nothing. Memory stays flat in both: only the largest
single entry counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from payments.iso20022.camt import CamtReading
from payments.iso20022.camt_parts import Reading
from payments.iso20022.kinds import CAMT, Kind, kind_of
from payments.iso20022.messages import Account, Entry, FileHead, Refused, StatusReport, Survey
from payments.iso20022.notes import Notes, refuse
from payments.iso20022.pain001_reading import Pain001Reading
from payments.iso20022.pain002 import Pain002Reading
from payments.iso20022.shapes import Shapes, Unwatched
from payments.iso20022.status_report import StatusReportReading
from payments.iso20022.vip import VipReading
from payments.iso20022.xml import Measured, Opening, opening, placed

_EntryReading = CamtReading | VipReading | Pain001Reading
_ENTRY_TYPES = frozenset({*CAMT, "vip", "pain.001"})


def survey(path: Path | str) -> Survey:
    """Everything that can be known before a row is written; raises `Refused` with file, entry and line."""
    path = Path(path)
    notes = Notes()
    try:
        opened = opening(path)
        kind = kind_of(opened, notes)
    except Refused as error:
        raise placed(error, path.name, 0) from None
    reading = _reading(kind, notes, path, opened.namespace)
    with Measured(path) as source:
        if kind.type in _ENTRY_TYPES:
            return _survey_entries(kind, _entry_reading(kind, reading, ()), source, opened, path)
        return _survey_status(kind, reading, source, opened, path)


def entries(path: Path | str, survey: Survey) -> Iterator[tuple[Account, Entry]]:
    """Pass 2: every entry with its account, in file order, streamed. The accounts are those of the survey.

    Raises `Refused` when the file is not the one that was surveyed (its digest differs at the end), so run
    the last slice and this check before anything is made live.
    """
    path = Path(path)
    if survey.type not in _ENTRY_TYPES:
        return
    kind = Kind(survey.type, survey.head.version, _edition(survey.head.version))
    reading = _entry_reading(kind, _reading(kind, Notes(), path, watched=False), survey.accounts)
    with Measured(path) as source:
        yield from reading.walk(source)
        if source.sha256 != survey.head.sha256:
            try:
                refuse("changed")
            except Refused as error:
                raise placed(error, path.name, 0) from None


def status_report(path: Path | str, survey: Survey) -> StatusReport:
    """The answer a pain.002 or status report holds; it was read whole in pass 1."""
    if survey.report is None:
        raise Refused("unknown_type", f"{survey.type} is not an answer to a payment file", file=Path(path).name)
    return survey.report


def _edition(version: str) -> int:
    return int(version[-2:]) if version[-2:].isdigit() and "." in version else 0


def _reading(kind: Kind, notes: Notes, path: Path, namespace: str = "", *, watched: bool = True) -> Reading:
    family = kind.type if kind.type in ("pain.001", "pain.002") else "camt"
    shapes = (Shapes if watched else Unwatched)(family, kind.edition, notes)
    facts = not watched or kind.type not in _ENTRY_TYPES  # an answer is read whole in pass 1
    return Reading(notes, shapes, kind.edition, path.name, namespace, facts)


def _entry_reading(kind: Kind, reading: Reading, known: tuple[Account, ...]) -> _EntryReading:
    if kind.type == "vip":
        return VipReading(reading, known)
    if kind.type == "pain.001":
        return Pain001Reading(reading, known)
    return CamtReading(reading, known)


def _survey_entries(kind: Kind, found: _EntryReading, source: Measured, opened: Opening, path: Path) -> Survey:
    for _ in found.walk(source):
        pass
    notes = found.reading.notes
    if not found.accounts:
        notes.note("nothing_inside", opened.line, element="payments" if kind.type == "pain.001" else "statement")
    if not found.head.message_id and "no_message_id" not in {warning.code for warning in notes.warnings}:
        notes.note("no_message_id", opened.line)
    head = FileHead(
        name=path.name,
        sha256=source.sha256,
        bytes=source.size,
        encoding=opened.encoding,
        type=kind.type,
        version=kind.version,
        message_id=found.head.message_id,
        created_at=found.head.created_at,
        page=found.head.page,
        last_page=found.head.last_page,
        additional=found.head.additional,
        sender=found.sender if isinstance(found, Pain001Reading) else "",
        organisation=found.organisation if isinstance(found, VipReading) else "",
        reference=found.reference if isinstance(found, VipReading) else "",
        count=found.stated_count if isinstance(found, Pain001Reading) else None,
        total=found.stated_total if isinstance(found, Pain001Reading) else None,
    )
    return Survey(
        head=head,
        accounts=tuple(found.accounts),
        entries=found.entries,
        details=found.details,
        not_adding_up=found.not_adding_up,
        sums=tuple(found.sums),
        warnings=notes.warnings,
        warnings_left_out=notes.left_out,
    )


def _survey_status(kind: Kind, reading: Reading, source: Measured, opened: Opening, path: Path) -> Survey:
    found: Pain002Reading | StatusReportReading
    found = Pain002Reading(reading) if kind.type == "pain.002" else StatusReportReading(reading)
    found.read(source)
    head = FileHead(
        name=path.name,
        sha256=source.sha256,
        bytes=source.size,
        encoding=opened.encoding,
        type=kind.type,
        version=kind.version,
        message_id=found.head.message_id,
        created_at=found.head.created_at,
        sender=found.sender if isinstance(found, Pain002Reading) else "",
        organisation=found.organisation if isinstance(found, StatusReportReading) else "",
    )
    notes = reading.notes
    return Survey(
        head=head,
        details=found.transactions,
        warnings=notes.warnings,
        warnings_left_out=notes.left_out,
        report=found.report(head),
    )
