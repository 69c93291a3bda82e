"""A released file whose payment date passed before it could leave: sending was stopped, or nobody took it for days.

The bank would refuse it, or pay on a day nobody approved; a past date is never sent. The payment waits in Approval
again, where *Move to next bank day* makes new files for new approvals. When another file of the payment has left, that
is not possible any more: this one is cancelled, and its invoices are free. Source: decisions §4, mapping 3.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext as _

from companies.clock import business_date
from payments import events, headers, lifecycle, transfers
from payments.choices import LineStatus
from payments.models import Approval, PaymentLine, Transfer
from payments.releasing.approval import take_back
from payments.story import tell


def keep_back(transfer_id: int) -> bool:
    """True when this file would leave now with a date that is past: it does not, and the story says why."""
    late = transfers.leaving().filter(pk=transfer_id).select_related("payment__company").first()
    if late is None:
        return False
    first = late.items.aggregate(first=Min("execution_date"))["first"]
    if first is None or first >= business_date(late.payment.company):
        return False
    words = {"file": late.msg_id, "day": first.isoformat()}
    return _to_approval(late, words) or _cancel(late, words)


def _to_approval(late: Transfer, words: dict[str, str]) -> bool:
    payment = late.payment
    with transaction.atomic():
        if not take_back(payment):
            transaction.set_rollback(True)
            return False
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


def _cancel(late: Transfer, words: dict[str, str]) -> bool:
    why = _("Payment date %(day)s passed before the file could leave. Suggest its invoices again.") % words
    lines = PaymentLine.objects.filter(item__transfer=late).order_by("pk").values_list("pk", flat=True)
    with transaction.atomic():
        if not transfers.cancel_late(late.pk, why):
            return False
        reason = lifecycle.Reason("", why)
        lifecycle.move(list(lines), LineStatus.CANCELLED, source=f"late {late.msg_id}", reason=reason)
    return True
