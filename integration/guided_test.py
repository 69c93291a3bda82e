"""The guide's own test: a payment of 1.00 is uploaded and cancelled at AutoPay central, and the 7 comes back.

It proves with real rows that files leave and that answers return through the queue. Nothing is kept for the test:
every step is read from the payment, its file, its lines and the inbox, so the page tells the truth whenever it is
opened, and again after a restart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from companies import stopping
from companies.choices import Channel
from companies.clock import business_date
from companies.models import BankPartner, Company, Person, Supplier
from integration.choices import MessageState, MessageType, ServiceState
from integration.models import InboxMessage
from integration.queue import registration
from payments import files
from payments.bank_files import importing
from payments.choices import LineStatus, RoundState, TransferState
from payments.iso20022.messages import Refused
from payments.models import BankFile, LineChange, Payment, PaymentLine, PaymentTotal, Transfer
from payments.preparing import planning
from payments.suggesting import suggestion

AMOUNT = Decimal("1.00")
SMALL = Decimal("10.00")  # more is no test payment any longer
OFFERED = 10
MOST_LINES = 50
END = 90  # rank of an answer that ends a payment (payments.iso20022.codes)
SLACK = timedelta(minutes=1)  # an answer may be received before our own call to cancel returned
LOOKED_AT = 50
LARGEST_ANSWER = 1_000_000  # bytes; the answer to one small payment is far below
DONE, NOW, WAITING, BAD = "done", "now", "waiting", "bad"


@dataclass(frozen=True, slots=True)
class Seen:
    """How a step stands. `bad`: it cannot be done any more with this payment. `act` names where it is done."""

    state: str
    text: str = ""
    at: datetime | None = None
    remedy: str = ""
    act: str = ""
    message: InboxMessage | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the test with what was seen of it."""

    title: str
    seen: Seen


@dataclass(frozen=True, slots=True)
class Progress:
    """All steps of one payment, and its file when it has one."""

    payment: Payment
    steps: list[Step]
    file: Transfer | None
    large: bool

    @property
    def over(self) -> bool:
        """Nothing changes any more: the test passed, or this payment cannot pass it."""
        return any(step.seen.state == BAD for step in self.steps) or self.passed

    @property
    def passed(self) -> bool:
        """The 7 came back through the queue."""
        return all(step.seen.state == DONE for step in self.steps)


@dataclass(frozen=True, slots=True)
class _Facts:
    payment: Payment
    totals: list[PaymentTotal]
    lines: list[PaymentLine]
    file: Transfer | None

    def all_at(self, *statuses: LineStatus) -> bool:
        return bool(self.lines) and all(line.status in statuses for line in self.lines)


def offered(company: Company) -> QuerySet[Payment]:
    """The newest small payments of one line, to go on with; salaries are never used for a test."""
    small = PaymentTotal.objects.filter(amount__lte=SMALL, payment__company=company).values("payment_id")
    rows = Payment.objects.filter(company=company, salary=False, line_count=1, pk__in=small)
    return rows.select_related("bank_partner").order_by("-pk")[:OFFERED]


def make(company: Company, supplier: Supplier, partner: BankPartner, by: Person) -> Payment:
    """Register an entry of 1.00 by hand for the supplier and suggest it alone. Raises what the suggestion raises."""
    today = business_date(company)
    name = f"TEST-{timezone.now():%Y%m%d-%H%M%S}"
    new = planning.NewEntry(name, AMOUNT, today, today, currency=company.currency_id, extra_text=_("Test payment"))
    with transaction.atomic():
        entry = planning.register_supplier_entry(company, supplier, new)
        return suggestion.create_of(entry, partner, by, description=_("Test with 1.00"))


def progress(payment: Payment) -> Progress:
    """How far the test is with this payment. Steps after the first open one are not looked at."""
    lines = PaymentLine.objects.filter(payment=payment).select_related("supplier", "item").order_by("line_no")
    file = file_of(payment)
    facts = _Facts(payment, list(payment.totals.all()), list(lines[:MOST_LINES]), file)
    steps, fine = [], True
    for title, look in _looks():
        seen = look(facts) if fine else Seen(WAITING)
        fine = fine and seen.state == DONE
        steps.append(Step(title, seen))
    large = payment.line_count > 1 or any(total.amount > SMALL for total in facts.totals)
    return Progress(payment, steps, file, large)


def file_of(payment: Payment) -> Transfer | None:
    """The one file of a small payment, in its present round."""
    return Transfer.objects.filter(payment=payment, round=payment.round).order_by("sequence").first()


def _looks() -> list[tuple[str, Callable[[_Facts], Seen]]]:
    return [
        (_("A payment of 1.00 exists"), _exists),
        (_("It is uploaded"), _uploaded),
        (_("It is approved, and AutoPay central has it"), _accepted),
        (_("It is cancelled at AutoPay central"), _cancelled),
        (_("The answer 7 came back through the queue"), _answered),
    ]


def _exists(facts: _Facts) -> Seen:
    sums = ", ".join(f"{total.amount:.2f} {total.currency_id}" for total in facts.totals)
    payees = ", ".join(dict.fromkeys(line.supplier.name for line in facts.lines[:3]))
    text = _("Payment %(number)s: %(sums)s to %(payees)s.")
    said = {"number": facts.payment.number, "sums": sums, "payees": payees}
    return Seen(DONE, text % said, facts.payment.created_at)


def _uploaded(facts: _Facts) -> Seen:
    payment = facts.payment
    if payment.round_state == RoundState.DRAFT:
        return Seen(NOW, _("The payment is an estimate."), remedy=_("An accountant uploads it."), act="upload")
    by = payment.uploaded_by.shown if payment.uploaded_by else ""
    return Seen(DONE, by, payment.uploaded_at)


def _accepted(facts: _Facts) -> Seen:
    payment, file = facts.payment, facts.file
    if payment.round_state == RoundState.CANCELLED or (file and file.state == "cancelled" and not file.sent_at):
        text = _("The payment was cancelled here, before its file left.")
        return Seen(BAD, text, remedy=_("Begin again with a new payment and cancel it at AutoPay central."))
    if payment.round_state == RoundState.WAITING or file is None:
        text = _("%(given)s of %(needed)s approvals.") % {"given": payment.given, "needed": payment.needed}
        return Seen(NOW, text, remedy=_("The approvers sign it under Approval."), act="approval")
    if file.channel != Channel.GATEWAY:
        text = _("The file goes by folder or SFTP and never reaches AutoPay central.")
        return Seen(BAD, text, remedy=_("Begin again with a bank partner that sends through the gateway."))
    if file.state == TransferState.REFUSED:
        text = _("The file was refused: %(why)s") % {"why": file.refused_text or file.refused_code}
        return Seen(BAD, text, file.answered_at, _("Mend what is named, then begin again with a new payment."))
    if file.state in (TransferState.ACCEPTED, TransferState.CANCELLED):
        return Seen(DONE, _("File %(file)s.") % {"file": file.msg_id}, file.accepted_at or file.sent_at)
    return _on_its_way(file)


def _on_its_way(file: Transfer) -> Seen:
    text = _("The file is: %(state)s.") % {"state": file.get_state_display()}
    if stopping.in_force(file.company):
        return Seen(NOW, text, remedy=_("Sending is stopped; two people let it go on under Sending."), act="sending")
    if file.state == TransferState.UNKNOWN:
        return Seen(NOW, text, remedy=_("It is asked about by itself; Ask again does it at once."), act="sending")
    return Seen(NOW, text, remedy=file.last_error or _("It leaves within half a minute after its hold."), act="sending")


def _cancelled(facts: _Facts) -> Seen:
    file = facts.file
    if file is not None and file.state == TransferState.CANCELLED:
        return Seen(DONE, _who_cancelled(facts.payment), file.answered_at)
    if facts.all_at(LineStatus.AT_EFT):
        why = _("Press Cancel at central while AutoPay central still holds the file.")
        return Seen(NOW, _("AutoPay central holds the file."), remedy=why, act="cancel")
    status = LineStatus(facts.lines[0].status) if facts.lines else LineStatus.LINES_MISSING
    text = _("AutoPay central has sent it on: the line stands at %(status)s.") % {
        "status": f"{status:d} {status.label}"
    }
    why = _("Let AutoPay central hold files (in the sandbox by a rule), then begin again with a new payment.")
    return Seen(BAD, text, remedy=why)


def _who_cancelled(payment: Payment) -> str:
    rows = LineChange.objects.filter(payment=payment, after=LineStatus.CANCELLED).select_related("made_by")
    change = rows.order_by("pk").first()
    if change is None or change.made_by is None:
        return _("A person at AutoPay central cancelled it.")
    return ": ".join(filter(None, (change.made_by.shown, change.reason_text)))


def _answered(facts: _Facts) -> Seen:
    file = facts.file
    if file is None or file.answered_at is None:
        return Seen(WAITING)
    heard = all(line.item is not None and line.item.rank >= END for line in facts.lines)
    if not heard or not facts.all_at(LineStatus.CANCELLED):
        text = _("The cancel was taken; the status report of AutoPay central is not here yet.")
        return Seen(NOW, text, remedy=_why_not_yet(file, file.answered_at))
    message = _bringer(file, file.answered_at)
    if message is None or message.handled_at is None:
        text = _("The answer is here, but no message of the queue brought it: its file was put in by hand.")
        return Seen(BAD, text, remedy=_("Begin again with a new payment and leave its answer to the queue."))
    seconds = max((message.handled_at - file.answered_at).total_seconds(), 0.0)
    said = {"id": message.message_id or message.key, "seconds": f"{seconds:.1f}"}
    if message.by_download:
        text = _("Message %(id)s brought the 7 by Download, not through the queue.") % said
        return Seen(BAD, text, message.handled_at, _("Start the consumer, then begin again with a new payment."))
    text = _("Message %(id)s brought the 7, %(seconds)s s after the cancel.") % said
    return Seen(DONE, text, message.handled_at, message=message)


def _why_not_yet(file: Transfer, since: datetime) -> str:
    """What to do while the answer is missing: the reader, a message that stands still, or the way as a whole."""
    state = registration.service_state()
    if state == ServiceState.PAUSED:
        return _("Reading the queue is paused: operations resume it on the page Message queue.")
    if state != ServiceState.RUNNING:
        text = _("The message queue service is: %(state)s. Operations start it; see the page Message queue.")
        return text % {"state": state.label}
    stuck = _status_messages(file, since).filter(
        state__in=(MessageState.PARKED, MessageState.FAILED, MessageState.DEAD)
    )
    if message := stuck.first():
        said = {"state": message.get_state_display(), "why": message.reason}
        return _("A status message stands at: %(state)s. %(why)s Operations find it under Messages.") % said
    if timezone.now() - since > SLACK:
        return _("Nothing came for more than a minute: “Test the whole way” under Operations finds the hop that fails.")
    return _("It usually takes a few seconds.")


def _status_messages(file: Transfer, since: datetime) -> QuerySet[InboxMessage]:
    rows = InboxMessage.objects.filter(company=file.company_id, message_type=MessageType.STATUS)
    return rows.filter(received_at__gte=since - SLACK).select_related("bank_file").order_by("received_at")


def _bringer(file: Transfer, since: datetime) -> InboxMessage | None:
    """The message whose file answers ours. Read only after the answer was heard, so at most once a look."""
    handled = _status_messages(file, since).filter(state=MessageState.HANDLED, bank_file__isnull=False)
    for message in handled[:LOOKED_AT]:
        if message.bank_file is not None and _answers(message.bank_file, file):
            return message
    return None


def _answers(answer: BankFile, file: Transfer) -> bool:
    if answer.size > LARGEST_ANSWER:
        return False
    try:
        report = importing.surveyed(files.full_path(answer.path), answer.digest).report
    except (Refused, files.FileGone, OSError):
        return False
    return report is not None and report.original_message_id.strip() == file.msg_id
