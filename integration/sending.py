"""Sealed files on their way to the bank side: claim, send, keep what was answered (decisions §2, §4).

The row is the truth: it says *being sent* before the first byte leaves, and whatever happens then, the file is
accepted, refused, waiting again, or unknown. Unknown files are asked about by their message id; only when the bank side
never saw one do the same bytes go out again. A payment is never sent twice.
"""

from __future__ import annotations

import time

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from companies import stopping
from companies.choices import Channel as ChannelKind
from companies.models import Company, Person
from integration import channels, traffic
from integration.channels.base import Absent, Delivered, Found, Lost, NotSent, Outcome, Refusal
from integration.gateway import client
from integration.gateway.answers import Upload
from payments import files, lifecycle, transfers
from payments.choices import LineStatus, TransferState
from payments.lifecycle import Reason
from payments.models import PaymentLine, Transfer
from payments.releasing import late_files, payee_checks
from payments.transfers import Claim

log = structlog.get_logger(__name__)
SLICE_SECONDS = 20


class NotPossible(Exception):
    """What was asked of a transfer cannot be done with it; the text says why."""


def send_transfer(transfer_id: int) -> TransferState | None:
    """Send one transfer, or ask about it when an earlier answer is unknown. None: nothing was due for this worker.

    One whose payment date has passed meanwhile does not leave.
    """
    if held := late_files.claim(transfer_id):
        _keep_back(held)
    elif held := transfers.claim(transfer_id):
        _send(held)
    elif held := transfers.claim_question(transfer_id):
        _ask(held)
    else:
        return None
    return _state(transfer_id)


def send_transfers(transfer_ids: list[int]) -> int:
    """Send several, one after the other; how many were this worker's. One that fails does not stop the others.

    After some seconds no further file is begun: the sweep nudges what is left, and other work gets its turn.
    """
    done, end = 0, time.monotonic() + SLICE_SECONDS
    for transfer_id in transfer_ids:
        if time.monotonic() > end:
            break
        try:
            done += send_transfer(transfer_id) is not None
        except Exception:  # the lease runs out and the transfer becomes unknown, to be asked about
            log.exception("transfer_failed", transfer=transfer_id)
    return done


def ask_status(transfer_id: int, *, by: Person | None = None) -> TransferState | None:
    """Ask now about an unknown transfer (button *Ask again*). None: it is not unknown, or somebody asks already."""
    Transfer.objects.filter(pk=transfer_id, state=TransferState.UNKNOWN).update(not_before=None)
    held = transfers.claim_question(transfer_id)
    if held is None:
        return None
    with traffic.on_occasion(person=by):
        _ask(held)
    return _state(transfer_id)


def cancel_at_central(transfer_id: int, *, by: Person, reason: str) -> bool:
    """Cancel a file AutoPay central has but has not sent on: its lines become 7. Refused when it went to the bank."""
    transfer = _at_central(transfer_id)
    with traffic.on_occasion(person=by, transfer=transfer), client.connect() as gateway:
        answer = gateway.cancel(transfer.company, transfer.msg_id, by.shown, reason)
        log.info("cancel_answered", state=answer.state)
    if answer.state != "cancelled":
        return False
    with transaction.atomic():
        transfers.cancelled(transfer.pk, reason)
        lifecycle.move(
            _lines(transfer), LineStatus.CANCELLED, source=f"cancel {transfer.msg_id}", by=by, reason=Reason("", reason)
        )
    return True


def approve_at_central(transfer_id: int, *, by: Person) -> Upload:
    """Let a batch that AutoPay central holds back go on to the bank; its status report moves the lines.

    Not while sending is stopped: the money would leave. Nor while the bank holds it because of names: two people
    decide about those (payments.releasing.payee_checks).
    """
    transfer = _at_central(transfer_id)
    not_while_stopped(transfer.company)
    if payee_checks.undecided(transfer):
        raise NotPossible(_("The bank found other names behind accounts in this file: two people decide about them."))
    with traffic.on_occasion(person=by, transfer=transfer), client.connect() as gateway:
        answer = gateway.approve(transfer.company, transfer.msg_id, by.shown)
        log.info("approval_answered", state=answer.state)
        return answer


def not_while_stopped(company: Company) -> None:
    """Nothing AutoPay central holds goes on to the bank meanwhile. Raises NotPossible."""
    if stopping.in_force(company):
        raise NotPossible(_("Sending is stopped; the batch stays at AutoPay central until it goes on."))


def _send(held: Claim) -> None:
    transfer = held.transfer
    try:
        file = files.full_path(transfer.path)
        files.check_digest(transfer.path, transfer.digest)
    except (files.FileGone, files.FileChanged) as error:
        log.error("sealed_file_unusable", transfer=transfer.pk, reason=str(error))
        text = _("The sealed file is not the one that was approved: %(why)s. It was not sent; tell operations.")
        transfers.put_back(held, text % {"why": error})
        return
    with traffic.on_occasion(transfer=transfer):
        _keep(held, channels.channel_of(transfer).send(transfer, file))


def _keep_back(held: Claim) -> None:
    """A late file goes back when the bank side never had it, nor any other file that goes back with it."""
    for transfer in late_files.files_of(held):
        with traffic.on_occasion(transfer=transfer):
            found: Found = channels.channel_of(transfer).look_for(transfer)
        if isinstance(found, Absent):
            continue
        if transfer == held.transfer and isinstance(found, Delivered | Refusal):
            _keep(held, found)
        else:
            words = {"file": transfer.msg_id}
            transfers.put_back(held, _("Its payment date is past; file %(file)s is asked about first.") % words)
        return
    late_files.keep_back(held)


def _ask(held: Claim) -> None:
    if not held.transfer.sends:  # a late file whose worker ended while it asked
        _keep_back(held)
        return
    with traffic.on_occasion(transfer=held.transfer):
        found: Found = channels.channel_of(held.transfer).look_for(held.transfer)
        if not isinstance(found, Absent):
            _keep(held, found)
            return
    if again := transfers.claim_resend(held):
        _send(again)
    else:
        transfers.unknown(held, _("The bank side does not have the file; sending is stopped."))


def _keep(held: Claim, outcome: Outcome) -> None:
    """Write down how it ended: transfer and lines together, or neither."""
    transfer = held.transfer
    source = f"{transfer.channel} {transfer.msg_id}"
    log.info("transfer_answered", outcome=type(outcome).__name__, attempts=transfer.attempts)
    match outcome:
        case Delivered():
            with transaction.atomic():
                transfers.accepted(transfer.pk, remote_id=outcome.remote_id)
                if outcome.at_bank:
                    lifecycle.move(_lines(transfer), LineStatus.TRANSFERRED, source=source)
        case Refusal():
            with transaction.atomic():
                if transfers.refused(transfer.pk, outcome.code, outcome.text):
                    reason = Reason(outcome.code, outcome.text)
                    lifecycle.move(_lines(transfer), LineStatus.REFUSED, source=source, reason=reason)
        case Lost():
            transfers.unknown(held, outcome.text)
        case NotSent():
            transfers.put_back(held, outcome.text)


def _lines(transfer: Transfer) -> list[int]:
    return list(PaymentLine.objects.filter(item__transfer=transfer).order_by("pk").values_list("pk", flat=True))


def _state(transfer_id: int) -> TransferState:
    return TransferState(Transfer.objects.values_list("state", flat=True).get(pk=transfer_id))


def _at_central(transfer_id: int) -> Transfer:
    transfer = Transfer.objects.select_related("company", "company__country").get(pk=transfer_id)
    if transfer.channel != ChannelKind.GATEWAY:
        raise NotPossible(_("This file went by folder or SFTP; only the bank can stop it."))
    if transfer.state not in (TransferState.ACCEPTED, TransferState.UNKNOWN):
        raise NotPossible(
            _("AutoPay does not hold this file: it is %(state)s.") % {"state": transfer.get_state_display()}
        )
    return transfer
