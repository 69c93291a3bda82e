"""Imports bank files: once and only once, in slices, so that a killed worker costs a delay and never a payment.

`receive` keeps a file (the same bytes are the same file). `import_file` reads it in two passes: the first decides
whether it may be booked at all and writes nothing; the second stages rows nobody sees, makes them live by one short
UPDATE, and then settles, matches and books.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from autopay_console.kernel.nudging import nudge
from companies.models import Company, Person
from payments import events, files
from payments.answering import answers
from payments.bank_files import importing_live, importing_staging
from payments.choices import FileState, ImportPhase
from payments.iso20022 import reading
from payments.iso20022.kinds import kind_of
from payments.iso20022.messages import Refused, Survey
from payments.iso20022.notes import Notes
from payments.iso20022.xml import opening
from payments.models import BankFile
from payments.receiving import importing_checks, importing_claim
from payments.receiving.importing_checks import ImportRefused
from payments.receiving.importing_claim import Claim, ClaimLost

log = structlog.get_logger(__name__)
SECONDS = 45  # work of one run; what is left goes on in the next
KINDS = {"vip": "vip", "status_report": "status", "pain.002": "pain002", "pain.001": "pain001"}
TASK = "payments.tasks.import_bank_files"


def receive(company: Company, content: bytes | Path, name: str, by: Person | None = None) -> BankFile:
    """Keep a bank file for import. The same bytes again are the same file, and that is noted on it."""
    with files.workspace(company) as folder:
        path = content if isinstance(content, Path) else folder / "received"
        if isinstance(content, bytes):
            path.write_bytes(content)
        stored = files.store(company, _kind(path), path)
    known = BankFile.objects.filter(company=company, digest=stored.digest)
    try:
        with transaction.atomic():
            file, new = known.get_or_create(
                company=company,
                digest=stored.digest,
                defaults={"path": stored.path, "size": stored.size, "name": Path(name).name[:200], "received_by": by},
            )
    except IntegrityError:  # another process received it at the same moment
        file, new = known.get(), False
    if new:
        events.file_received.send(sender=BankFile, file_id=file.pk)
    else:
        known.update(delivered_again=F("delivered_again") + 1)
        file.refresh_from_db()
    return file


def import_file(bank_file_id: UUID, *, seconds: float = SECONDS) -> bool:
    """Work on a file until it is imported, refused, or the time is up (then it nudges itself). True when nothing is
    left to do here."""
    claim = importing_claim.claim(bank_file_id)
    if claim is None:
        return BankFile.objects.filter(pk=bank_file_id).exclude(state__in=importing_claim.STARTABLE).exists()
    until = monotonic() + seconds
    try:
        with translation.override(claim.file.company.language):
            done = _import(claim, lambda: monotonic() < until)
    except ClaimLost:
        log.info("import_taken_over", file=str(bank_file_id))
        return False
    except Exception as error:
        log.exception("import_failed", file=str(bank_file_id))
        _failed(claim, error)
        return False
    if done:
        nudge(TASK, importing_claim.waiting_behind(claim.file))
    elif BankFile.objects.filter(pk=bank_file_id, claim=claim.token).exists():
        importing_claim.give_back(claim)
        nudge(TASK, [bank_file_id])
    return done


def again(file: BankFile) -> bool:
    """Try a refused file anew, after what refused it was mended. False when it is not refused."""
    changed = BankFile.objects.filter(pk=file.pk, state=FileState.ERROR, phase=ImportPhase.STAGING).update(
        state=FileState.NEW,
        claim="",
        claimed_until=None,
        not_before=None,
        error="",
        error_code="",
        attempts=0,
        position=0,
        repeat_count=0,
    )
    if changed:
        events.file_received.send(sender=BankFile, file_id=file.pk)
    return bool(changed)


def _import(claim: Claim, may_go_on: Callable[[], bool]) -> bool:
    file = claim.file
    if file.phase == ImportPhase.STAGING:
        try:
            survey = surveyed(files.full_path(file.path), file.digest)
            if survey.report is not None:
                return _answer(claim, survey)
            importing_checks.check_content(survey)
            own = importing_checks.owners(file.company, survey.accounts)
            if not _describe(claim, survey):
                return True
            if not importing_staging.stage(claim, survey, own, may_go_on):
                return False
        except (Refused, ImportRefused, files.FileGone) as refusal:
            _refuse(claim, refusal)
            return True
        importing_live.go_live(claim)
    return importing_live.run(claim, may_go_on)


@lru_cache(maxsize=4)
def surveyed(path: Path, digest: str) -> Survey:
    """Pass 1; kept in memory, so that going on with a long file in the same worker does not read it again."""
    survey = reading.survey(path)
    if survey.head.sha256 != digest:
        text = _("the file on disk is not the one that was received; fetch it again from the bank")
        raise Refused("changed", text, file=path.name)
    return survey


def _describe(claim: Claim, survey: Survey) -> bool:
    """Write down what the file is. False when an earlier file of the same message says the same: it is ignored."""
    file, key, figures = claim.file, importing_checks.message_key(survey), importing_checks.figures(survey)
    values: dict[str, Any] = {
        "type": survey.type,
        "version": survey.head.version[:12],
        "message_id": survey.head.message_id[:70],
        "message_key": key,
        "created_in_file": survey.head.created_at.isoformat() if survey.head.created_at else "",
        "entry_count": survey.entries,
        "warnings": {
            "list": [[one.code, one.text, one.line, one.entry] for one in survey.warnings],
            "left_out": survey.warnings_left_out,
            "figures": figures,
        },
    }
    earlier = importing_checks.earlier_delivery(file, key) if not file.position else None
    with transaction.atomic():
        if earlier is not None and earlier.warnings.get("figures") == figures:
            words = {"file": earlier.name or earlier.message_id, "day": earlier.received_at.date().isoformat()}
            text = _("The same message was imported from %(file)s on %(day)s; nothing was done again.") % words
            importing_claim.hold(
                claim, **values, state=FileState.IGNORED, repeat_of_id=earlier.pk, error=text, error_code="repeat"
            )
            return False
        importing_claim.hold(claim, **values, repeat_of_id=earlier.pk if earlier else None)
    return True


def _answer(claim: Claim, survey: Survey) -> bool:
    """Status reports and pain.002 speak of our payments, not of accounts."""
    file, report = claim.file, survey.report
    if report is not None:
        try:
            answers.apply(file.company, report, f"{survey.type} {file.name}"[:120], file)
        except answers.Parked as parked:
            raise ImportRefused("not_applied", parked.text) from parked
    with transaction.atomic():
        importing_claim.hold(
            claim,
            state=FileState.IMPORTED,
            phase=ImportPhase.DONE,
            imported_at=timezone.now(),
            type=survey.type,
            version=survey.head.version[:12],
            message_id=survey.head.message_id[:70],
        )
    return True


def _refuse(claim: Claim, refusal: Refused | ImportRefused | files.FileGone) -> None:
    """Nothing of the file is booked; the row says why, with the line."""
    importing_staging.remove(claim.file)
    code = "file_gone" if isinstance(refusal, files.FileGone) else refusal.code
    with transaction.atomic():
        importing_claim.hold(claim, state=FileState.ERROR, error_code=code[:40], error=str(refusal)[:500], position=0)


def _failed(claim: Claim, error: Exception) -> None:
    """A fault of the program or the machine: tried again, and given up with what was staged taken away."""
    last = importing_claim.failed(claim, f"{type(error).__name__}: {error}")
    if last and claim.file.phase == ImportPhase.STAGING:
        importing_staging.remove(claim.file)
        BankFile.objects.filter(pk=claim.file.pk, state=FileState.IMPORTING).update(
            state=FileState.ERROR, error_code="failed", position=0
        )


def _kind(path: Path) -> str:
    """The data area's kind of file, told from its first bytes."""
    try:
        kind = kind_of(opening(path), Notes()).type
    except Refused:
        return "other"
    return KINDS.get(kind, "camt")
