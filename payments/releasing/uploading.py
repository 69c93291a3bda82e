"""Upload: a checked estimate becomes sealed files that wait for approval; its lines go 1 → 8.

Whoever presses first takes the payment by one UPDATE; a second click is told so. Then come preflight, sealing, the
lines in slices, and as the last step the opening for approval. A process that dies in between leaves a payment nobody
can approve; `finish_interrupted` completes it or gives it back as an estimate. Source: system §5, decisions §2, §4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import structlog
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from autopay_console.kernel.sets import chunks
from companies.choices import JobState, TwoFactorLevel
from companies.models import Job, Person
from payments import events, files, headers, lifecycle, texts
from payments.choices import LineStatus, RoundState, Severity
from payments.iso20022.schema import NotValid
from payments.models import AcceptedFinding, Payment, PaymentLine, Transfer
from payments.preparing import left_files, rounds, sealing
from payments.preparing.order_lines import live_lines
from payments.releasing import preapproving
from payments.story import tell
from payments.validation import Finding, findings

JOB = "upload"  # kind of the job a large upload is (payments.releasing.upload_jobs); its subject is the payment's row
CUT_OFF_AFTER = timedelta(minutes=15)  # then an upload that did not finish belongs to a process that died
log = structlog.get_logger(__name__)


class AlreadyUploaded(Exception):
    """Somebody uploaded the payment first, or is doing so."""


class SecondFactorNeeded(Exception):
    """The agreement asks for a second factor on upload too."""


class Stopped(Exception):
    """The preflight found what stops the upload; `findings` says all of it."""

    def __init__(self, found: Sequence[Finding]) -> None:
        self.findings = tuple(found)
        first = self.findings[0]
        more = _(" (%(more)s more)") % {"more": len(found) - 1} if len(found) > 1 else ""
        super().__init__(f"{first.text}{more}")


class NotAccepted(Exception):
    """There are warnings nobody took upon themselves yet."""

    def __init__(self, found: Sequence[Finding]) -> None:
        self.findings = tuple(found)
        self.codes = frozenset(one.code for one in found)
        super().__init__(_("Warnings must be accepted before the upload: %(text)s") % {"text": self.findings[0].text})


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """One sealed file."""

    msg_id: str
    transactions: int
    control_sum: Decimal
    digest: str


@dataclass(frozen=True, slots=True)
class UploadAnswer:
    """What was uploaded: the message that names payment numbers, counts and sums, as in the guide."""

    payment_numbers: tuple[int, ...]
    lines: int
    transactions: int
    sums: Mapping[str, Decimal]
    files: tuple[UploadedFile, ...]
    digest: str
    needed: int
    round: int


def upload(
    payment: Payment, by: Person, accepted: frozenset[str] = frozenset(), *, second_factor: bool = False
) -> UploadAnswer:
    """Check, seal and hand over a payment for approval. `accepted` holds the codes of warnings `by` takes on.

    Raises AlreadyUploaded, SecondFactorNeeded, Stopped, NotAccepted, sealing.CannotSeal or schema.NotValid; the
    payment is then as before.
    """
    if payment.agreement.two_factor >= TwoFactorLevel.UPLOAD_AND_APPROVAL and not second_factor:
        raise SecondFactorNeeded(_("The bank agreement asks for a second factor on upload."))
    moment = take(payment, by)
    return finish(payment.pk, moment, by, accepted)


def finish(
    pk: int, moment: datetime, by: Person, accepted: frozenset[str], *, guard: Callable[[], None] | None = None
) -> UploadAnswer:
    """Check, seal and hand over what `take` took at this moment; a payment that cannot be uploaded is given back.

    `guard` stands in the transaction that makes the sealed files the payment's own, and may still refuse.
    """
    payment = read(pk)
    try:
        warnings = _checked(payment, accepted)
        _set_foreign_costs(payment)
        sealed = sealing.seal(payment, payment.round)
        with transaction.atomic():
            if guard is not None:
                guard()
            _remember(payment, warnings, by)
            if not being_sealed(payment, moment).update(digest=sealed.digest, warning_count=len(warnings)):
                raise AlreadyUploaded(
                    _("The upload of payment %(number)s took too long and was taken back.") % {"number": payment.number}
                )
    except BaseException:
        give_back(payment, moment)
        raise
    return hand_over(payment, by)


def take(payment: Payment, by: Person) -> datetime:
    """draft → waiting with nobody needed, for the next round; only one click gets it. The moment is its token."""
    moment = timezone.now()
    taken = Payment.objects.filter(pk=payment.pk, round_state=RoundState.DRAFT).update(
        round_state=RoundState.WAITING,
        round=F("round") + 1,
        needed=0,
        given=0,
        digest="",
        uploaded_by=by,
        uploaded_at=moment,
    )
    if taken:
        return moment
    now = Payment.objects.filter(pk=payment.pk).select_related("uploaded_by").first()
    if now is None:
        raise AlreadyUploaded(_("Payment %(number)s was deleted meanwhile.") % {"number": payment.number})
    who = now.uploaded_by.shown if now.uploaded_by else "–"
    text = _("Payment %(number)s was already uploaded by %(who)s.")
    raise AlreadyUploaded(text % {"number": payment.number, "who": who})


def being_sealed(payment: Payment, moment: datetime | None) -> QuerySet[Payment]:
    """The payment, while the upload that took it at this moment is still at it."""
    return Payment.objects.filter(pk=payment.pk, round_state=RoundState.WAITING, needed=0, uploaded_at=moment)


def read(pk: int) -> Payment:
    """The payment with all an upload needs of it."""
    related = ("company", "bank_partner__profile", "bank_partner__company", "agreement", "uploaded_by")
    return Payment.objects.select_related(*related).get(pk=pk)


def _checked(payment: Payment, accepted: frozenset[str]) -> list[Finding]:
    """The warnings that were accepted; raises for stops and for warnings that were not."""
    found = findings(payment)
    if stops := [one for one in found if one.stops]:
        raise Stopped(stops)
    warnings = [one for one in found if one.severity == Severity.WARN]
    if missing := [one for one in warnings if one.code not in accepted]:
        raise NotAccepted(missing)
    return warnings


def _set_foreign_costs(payment: Payment) -> None:
    """Foreign cost from Text type 130 as it stands now; payments at home have none."""
    costs = texts.foreign_costs(payment.company, payment.bank_partner)
    abroad = live_lines(payment).exclude(supplier__country_id=payment.bank_partner.country_id)
    for code, words in costs.items():
        abroad.filter(fee_code=code).update(foreign_cost=words)


def _remember(payment: Payment, warnings: Sequence[Finding], by: Person) -> None:
    now = timezone.now()
    rows = (
        AcceptedFinding(
            payment=payment,
            line_id=one.line_id,
            code=one.code,
            severity=one.severity,
            text=one.text,
            person=by,
            at=now,
        )
        for one in warnings
    )
    AcceptedFinding.objects.bulk_create(rows, batch_size=1_000)


def give_back(payment: Payment, moment: datetime | None) -> None:
    """Back to an estimate, as it was; nothing of the round ever left, so its number may be used again."""
    transfers = Transfer.objects.filter(payment=payment, round=payment.round)
    paths = list(transfers.values_list("path", flat=True))
    with transaction.atomic():
        mine = (
            being_sealed(payment, moment)
            .filter(digest="")
            .update(  # what is sealed meanwhile is handed over
                round_state=RoundState.DRAFT,
                round=F("round") - 1,
                uploaded_by=None,
                uploaded_at=None,
                warning_count=0,
            )
        )
        if not mine:
            return
        sealing.discard(payment, payment.round)
        AcceptedFinding.objects.filter(payment=payment).delete()
        left_files.remove(payment, payment.round, moment)  # before anybody else can take the round
    for path in paths:
        files.remove(path)


def hand_over(payment: Payment, by: Person | None) -> UploadAnswer:
    """Sealed: lines 1 → 8 slice by slice, then the round is opened and approvers are asked. Safe to do again."""
    lines = PaymentLine.objects.filter(payment=payment, status=LineStatus.ESTIMATE).order_by("pk")
    for some in chunks(list(lines.values_list("pk", flat=True))):
        lifecycle.move(some, LineStatus.AT_EFT, source="upload", by=by)
    with transaction.atomic():
        headers.refresh_totals({payment.pk})
        payment.refresh_from_db()
        needed = rounds.needed_approvers(payment)
        if rounds.open_round(payment.pk, payment.round, payment.digest, needed):
            payment.needed = needed
            text = _("Uploaded: %(lines)s lines in %(items)s transactions, digest %(digest)s.")
            values = {"lines": payment.line_count, "items": payment.item_count, "digest": payment.digest[:16]}
            tell(payment.pk, "uploaded", text % values, by)
            events.approval_changed.send(sender=Payment, payment_id=payment.pk)
            preapproving.use(payment)
            payment.refresh_from_db()
    return answer(payment)


def answer(payment: Payment) -> UploadAnswer:
    """What an uploaded payment is, in numbers."""
    transfers = Transfer.objects.filter(payment=payment, round=payment.round).order_by("sequence")
    return UploadAnswer(
        payment_numbers=(payment.number,),
        lines=payment.line_count,
        transactions=payment.item_count,
        sums=dict(payment.totals.order_by("-lines", "currency_id").values_list("currency_id", "amount")),
        files=tuple(UploadedFile(one.msg_id, one.item_count, one.control_sum, one.digest) for one in transfers),
        digest=payment.digest,
        needed=payment.needed,
        round=payment.round,
    )


def at_work() -> set[int]:
    """Payments whose upload is a job that a worker is at, or takes up again."""
    jobs = Job.objects.filter(kind=JOB, state__in=(JobState.WAITING, JobState.RUNNING))
    return {int(subject) for subject in jobs.values_list("subject", flat=True)[:1000]}


def finish_interrupted() -> list[int]:
    """Uploads a dead process left: sealed ones are completed, others become estimates again. Their payment numbers."""
    late = Payment.objects.filter(
        round_state=RoundState.WAITING, needed=0, uploaded_at__lt=timezone.now() - CUT_OFF_AFTER
    )
    done, working = [], at_work()
    for pk in list(late.order_by("pk").values_list("pk", flat=True)[:100]):
        if pk in working:
            continue
        payment = read(pk)
        try:
            if payment.digest:
                hand_over(payment, payment.uploaded_by)
            else:
                give_back(payment, payment.uploaded_at)
        except Exception:  # one that cannot be finished holds up no other
            log.exception("upload_not_finished", payment=payment.number)
            continue
        log.warning("upload_finished_later", payment=payment.number, sealed=bool(payment.digest))
        done.append(payment.number)
    return done


__all__ = [
    "AlreadyUploaded",
    "NotAccepted",
    "NotValid",
    "SecondFactorNeeded",
    "Stopped",
    "UploadAnswer",
    "UploadedFile",
    "answer",
    "finish_interrupted",
    "upload",
]
