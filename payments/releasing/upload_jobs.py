"""A large upload is a job: the request only takes the payment, a worker checks, seals and hands it over.

The payment is taken by the same UPDATE as a small one, so two clicks make one upload. One worker at a time has the
lease; when it dies, the next one removes what was left half-sealed and begins anew, or goes on where the sealed payment
is handed over. It can be stopped until it is sealed. Source: decisions §5 (jobs).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from autopay_console.kernel.nudging import nudge
from companies import jobs
from companies.choices import JobState, TwoFactorLevel
from companies.models import Job, Person
from payments import files
from payments.choices import LineStatus, RoundState
from payments.models import AcceptedFinding, Payment, PaymentLine, Transfer, TransferItem
from payments.preparing import left_files, sealing
from payments.releasing import uploading
from payments.releasing.uploading import JOB
from payments.story import tell

TASK = "payments.tasks.upload_payments"
LEASE = timedelta(seconds=400)  # longer than a task may run
MOST_ATTEMPTS = 4
_TOO_LATE = 1  # position of a job whose payment is sealed
log = structlog.get_logger(__name__)


class StoppedMeanwhile(Exception):
    """A person stopped the upload, or another worker took it over."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a large upload is, in words and percent."""

    job: Job
    step: str
    percent: int

    @property
    def may_stop(self) -> bool:
        """Not sealed yet."""
        return self.job.state in jobs.OPEN and self.job.position < _TOO_LATE


def is_large(payment: Payment) -> bool:
    """Whether the upload is a job."""
    return payment.line_count >= settings.UPLOAD_JOB_LINES


def start(payment: Payment, by: Person, accepted: frozenset[str], *, second_factor: bool = False) -> Job:
    """Take the payment and leave the work to a worker. Raises AlreadyUploaded or SecondFactorNeeded."""
    if payment.agreement.two_factor >= TwoFactorLevel.UPLOAD_AND_APPROVAL and not second_factor:
        raise uploading.SecondFactorNeeded(_("The bank agreement asks for a second factor on upload."))
    with transaction.atomic():
        uploading.take(payment, by)
        job = Job.objects.create(
            company_id=payment.company_id,
            kind=JOB,
            subject=str(payment.pk),
            total=payment.line_count,
            parameters={"accepted": sorted(accepted)},
            started_by=by,
        )
        nudge(TASK, [job.pk])
    return job


def latest(payment: Payment) -> Job | None:
    """The payment's newest upload job."""
    return Job.objects.filter(kind=JOB, subject=str(payment.pk)).order_by("-created_at").first()


def progress(payment: Payment) -> Progress | None:
    """What the page shows while a worker is at it; None when none is."""
    job = latest(payment)
    if job is None or job.state not in jobs.OPEN:
        return None
    total = max(job.total, 1)
    if job.position >= _TOO_LATE:
        done = PaymentLine.objects.filter(payment=payment, status=LineStatus.AT_EFT).count()
        return Progress(job, _("Lines are handed over"), 60 + min(40 * done // total, 40))
    items = TransferItem.objects.filter(payment=payment, transfer__round=payment.round).count()
    if items:
        return Progress(job, _("Files are sealed"), 20 + min(40 * items // total, 40))
    return Progress(job, _("Waits for a worker") if job.state == JobState.WAITING else _("Lines are checked"), 5)


def stop(payment: Payment, by: Person) -> bool:
    """Stop an upload that is not sealed yet; False when it is too late. The payment is an estimate again."""
    job = latest(payment)
    if job is None:
        return False
    now = timezone.now()
    mine = Job.objects.filter(pk=job.pk, state__in=jobs.OPEN, position__lt=_TOO_LATE)
    if not mine.update(state=JobState.STOPPED, finished_at=now, error=_("Stopped by %(who)s.") % {"who": by.shown}):
        return False
    tell(payment.pk, "upload_stopped", _("The upload was stopped before it was sealed."), by)
    if job.leased_until is None or job.leased_until < now:  # otherwise the worker at it gives it back
        _put_back(payment.pk)
    return True


def run(job_id: UUID) -> bool:
    """Work on one upload; False when it is over or somebody else's."""
    until = jobs.take(job_id, JOB, LEASE)
    if until is None:
        return False
    job = Job.objects.select_related("started_by").get(pk=job_id)
    language = job.started_by.language if job.started_by else ""
    with translation.override(language or settings.LANGUAGE_CODE):
        try:
            _work(job, until)
        except StoppedMeanwhile:
            log.info("upload_stopped", job=str(job_id))
            _let_go(job, until)
        except Exception as error:
            log.warning("upload_failed", job=str(job_id), error=str(error)[:300], exc_info=_unexpected(error))
            _end(job, until, JobState.FAILED, error=str(error)[:2000])
        else:
            _end(job, until, JobState.DONE)
    return True


def _unexpected(error: Exception) -> bool:
    known = (uploading.Stopped, uploading.NotAccepted, uploading.AlreadyUploaded, sealing.CannotSeal)
    return not isinstance(error, (*known, uploading.NotValid))


def _work(job: Job, until: datetime) -> None:
    payment = uploading.read(int(job.subject))
    by = job.started_by
    if payment.round_state != RoundState.WAITING or payment.needed or payment.uploaded_at is None or by is None:
        return  # handed over already, or given back
    if payment.digest:
        uploading.hand_over(payment, by)
        return
    if job.attempts > MOST_ATTEMPTS:
        _put_back(payment.pk)
        raise uploading.AlreadyUploaded(_("The upload was tried several times and failed; ask operations."))
    _clear(payment)

    def guard() -> None:
        if not jobs.held(job, until).update(position=_TOO_LATE):
            raise StoppedMeanwhile

    accepted = frozenset(job.parameters.get("accepted", ()))
    uploading.finish(payment.pk, payment.uploaded_at, by, accepted, guard=guard)


def _clear(payment: Payment) -> None:
    """What an earlier attempt left of the round: rows and files."""
    paths = list(Transfer.objects.filter(payment=payment, round=payment.round).values_list("path", flat=True))
    sealing.discard(payment, payment.round)
    AcceptedFinding.objects.filter(payment=payment).delete()
    for path in paths:
        files.remove(path)
    left_files.remove(payment, payment.round, payment.uploaded_at)


def _put_back(pk: int) -> None:
    payment = uploading.read(pk)
    if payment.round_state == RoundState.WAITING and not payment.needed and not payment.digest:
        uploading.give_back(payment, payment.uploaded_at)


def _end(job: Job, until: datetime, state: JobState, **values: Any) -> None:
    if not jobs.held(job, until).update(state=state, leased_until=None, finished_at=timezone.now(), **values):
        _let_go(job, until)


def _let_go(job: Job, until: datetime) -> None:
    """The worker of a stopped job has given the payment back: nobody must do it again, for it may be uploaded anew."""
    Job.objects.filter(pk=job.pk, leased_until=until, state=JobState.STOPPED).update(leased_until=None)


def due(limit: int = 100) -> list[str]:
    """Uploads nobody works on."""
    return [str(pk) for pk in jobs.left(JOB, limit)]


def put_stopped_back() -> int:
    """Payments whose upload was stopped while a worker was at it that died; how many are estimates again."""
    ended = Job.objects.filter(kind=JOB, state=JobState.STOPPED, leased_until__lt=timezone.now())
    done = 0
    for job in ended.order_by("created_at")[:100]:
        _put_back(int(job.subject))
        done += Job.objects.filter(pk=job.pk).update(leased_until=None)
    return done
