"""A released file whose payment date passed before it could leave: sending was stopped, or nobody took it for days.

The bank would refuse it, or pay on a day nobody approved; a past date is never sent. The payment waits in Approval
again, where *Move to next bank day* makes new files for new approvals. When another file of the payment has left, that
is not possible any more: this one is cancelled, and its invoices are free. Source: decisions §4, mapping 3.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext as _

from companies.clock import business_date
from payments import events, headers, lifecycle, transfers
from payments.choices import LineStatus, TransferState
from payments.models import Approval, PaymentLine, Transfer
from payments.releasing.approval import take_back
from payments.story import tell
from payments.transfers import Claim


def claim(transfer_id: int) -> Claim | None:
    """Take a file that would leave now although its date is past; None when it would not, or its date is good.

    The bank side is asked about it first: after a restore it may hold what stands here as not sent.
    """
    late = transfers.leaving().filter(pk=transfer_id).select_related("company").first()
    return transfers.claim_late(transfer_id) if late is not None and _first_day(late) < _today(late) else None


def files_of(held: Claim) -> list[Transfer]:
    """The claimed file, and those of the same payment that go back to Approval with it."""
    late = held.transfer
    same = Transfer.objects.filter(payment=late.payment_id, round=late.round, state=TransferState.RELEASED)
    return [late, *same.exclude(pk=late.pk).select_related("company", "company__country", "payment__agreement")]


def keep_back(held: Claim) -> None:
    """The bank side has none of these files: none of them leaves, and the story says why."""
    late = held.transfer
    words = {"file": late.msg_id, "day": _first_day(late).isoformat()}
    with transaction.atomic():
        if transfers.let_go(held) and not _to_approval(late, words) and not _another_is_asked_about(late):
            _cancel(late, words)


def _first_day(transfer: Transfer) -> date:
    first: date | None = transfer.items.aggregate(first=Min("execution_date"))["first"]
    return first or date.max


def _today(transfer: Transfer) -> date:
    return business_date(transfer.company)


def _to_approval(late: Transfer, words: dict[str, str]) -> bool:
    payment = late.payment
    point = transaction.savepoint()
    if not take_back(payment):
        transaction.savepoint_rollback(point)
        return False
    transaction.savepoint_commit(point)
    last = Approval.objects.filter(payment=payment, round=payment.round).order_by("-pk").first()
    if last is not None:
        last.delete()
    text = _(
        "Payment date %(day)s passed before file %(file)s could leave. Nothing was sent; the payment waits in"
        " Approval again: move it to the next bank day."
    )
    tell(payment.pk, "undone", text % words)
    headers.refresh({payment.pk})
    events.approval_changed.send(sender=type(payment), payment_id=payment.pk)
    return True


def _another_is_asked_about(late: Transfer) -> bool:
    """Another worker asks about another late file of the payment now: whoever comes last takes all of them back."""
    same = Transfer.objects.filter(payment=late.payment_id, round=late.round)
    return same.filter(state=TransferState.UNKNOWN, sends=0).exists()


def _cancel(late: Transfer, words: dict[str, str]) -> None:
    why = _("Payment date %(day)s passed before the file could leave. Suggest its invoices again.") % words
    lines = PaymentLine.objects.filter(item__transfer=late).order_by("pk").values_list("pk", flat=True)
    if transfers.cancel_late(late.pk, why):
        reason = lifecycle.Reason("", why)
        lifecycle.move(list(lines), LineStatus.CANCELLED, source=f"late {late.msg_id}", reason=reason)
