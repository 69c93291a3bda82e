"""Files the bank side took and then put into its error folder, with the reason beside them.

A delivered file is in the bank's hands, and what lies in the error folder may still be sent on by a person there. So
nothing is moved or paid again by itself: the payment says what happened, and a person decides.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.choices import Channel
from integration import channels, traffic
from integration.channels.base import Refusal
from integration.choices import Direction, Outcome
from payments import puzzles, story
from payments.choices import LineStatus, TransferState
from payments.models import AnswerException, PaymentLine, Transfer
from payments.puzzles import Puzzle, PuzzleKind

LOOKED_FOR = timedelta(days=10)
MOST = 100  # in one go; the newest first
log = structlog.get_logger(__name__)


def look() -> int:
    """Look for delivered files nobody answered yet; how many were found in an error folder for the first time."""
    return sum(_look_for(transfer) for transfer in _unanswered()[:MOST])


def _unanswered() -> QuerySet[Transfer]:
    open_lines = PaymentLine.objects.filter(item__transfer=OuterRef("pk"), status=LineStatus.TRANSFERRED)
    delivered = Transfer.objects.filter(
        channel__in=(Channel.FOLDER, Channel.SFTP),
        state=TransferState.ACCEPTED,
        accepted_at__gte=timezone.now() - LOOKED_FOR,
    )
    rows = delivered.filter(Exists(open_lines)).select_related("company", "payment__agreement", "payment__bank_partner")
    return rows.order_by("-accepted_at")


def _look_for(transfer: Transfer) -> bool:
    if AnswerException.objects.filter(key=_key(transfer)).exists():
        return False
    found = channels.channel_of(transfer).look_for(transfer)
    if not isinstance(found, Refusal):
        return False
    said = {"file": transfer.msg_id, "why": found.text}
    text = _("The bank side took file %(file)s and then put it into its error folder: %(why)s") % said
    new = puzzles.put_down(
        transfer.company,
        [Puzzle(_key(transfer), PuzzleKind.CONTRADICTION, text, f"{transfer.channel} error", transfer.payment_id)],
    )
    if new:
        with traffic.on_occasion(transfer=transfer):
            traffic.record(
                Direction.IN, "error-folder", Outcome.REFUSED, company=transfer.company,
                address=transfer.payment.agreement.channel_address, reference=transfer.msg_id, text=found.text,
            )  # fmt: skip
        story.tell(transfer.payment_id, "error-folder", text)
        log.warning("file_in_error_folder", transfer=transfer.pk)
    return bool(new)


def _key(transfer: Transfer) -> str:
    return f"error-folder:{transfer.msg_id}"
