"""The bank's and AutoPay central's answers to our files: which line they mean and what becomes of it (mapping 3).

Order is by what is known, not by arrival: a late "received" changes nothing on a settled line, a rejection from 2 or 3
always counts, and a rejection of money that was already debited is put before a person. An answer to a file we never
released, or with other counts or sums, moves nothing: the message is parked.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from companies.models import Company
from payments import puzzles, story, transfers
from payments.answering.answers_effects import Effects
from payments.answering.answers_levels import Levels, take_apart
from payments.choices import LineStatus, TransferState
from payments.iso20022.codes import ALREADY_THERE
from payments.iso20022.messages import Refused, StatusReport
from payments.models import BankFile, Transfer, TransferItem
from payments.puzzles import Puzzle, PuzzleKind


class Parked(Refused):
    """The answer may not be applied; the caller parks file and message with this text until a person has looked."""

    def __init__(self, text: str) -> None:
        super().__init__(PuzzleKind.UNKNOWN_FILE, text)


@dataclass(slots=True)
class AnswerResult:
    """What an answer did: lines moved per status, what a person must look at, what it said beside."""

    transfer: Transfer
    moved: dict[LineStatus, int] = field(default_factory=dict)
    stayed: int = 0
    puzzles: list[Puzzle] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def apply(company: Company, report: StatusReport, source: str, bank_file: BankFile | None = None) -> AnswerResult:
    """Apply a pain.002 or VismaStatusReport; safe to hear twice. Raises `Parked` when it must not be applied.

    An answer that names a file whose delivery is in doubt proves the delivery, in the same transaction.
    """
    try:
        transfer = _transfer_of(company, report)
    except Parked as error:
        _park(company, report, source, bank_file, error.text)
        raise
    doubtful = transfer.state in transfers.ON_ITS_WAY
    with transaction.atomic() if doubtful else nullcontext():
        if doubtful:
            transfers.prove_delivery(transfer, remote_id=report.batch_id)
        return _apply(company, transfer, report, source)


def _apply(company: Company, transfer: Transfer, report: StatusReport, source: str) -> AnswerResult:
    result = AnswerResult(transfer)
    name = f"{report.head.type} {report.head.message_id}".strip()
    if _sent_twice(transfer, report):
        text = _("%(name)s: the bank has file %(file)s already, it was sent twice. Nothing changes.")
        _tell(transfer, "answer", text % {"name": name, "file": transfer.msg_id})
        return result
    items = list(TransferItem.objects.filter(transfer=transfer).order_by("position"))
    levels = take_apart(report, items)
    result.warnings = levels.warnings
    effects = Effects(transfer, report, name, items)
    effects.carry_out(levels)
    result.moved, result.stayed = effects.moved, effects.stayed
    result.puzzles = [*_unknown(transfer, levels, source), *_contradictions(transfer, levels, source), *effects.puzzles]
    new = puzzles.put_down(company, result.puzzles)
    if result.moved or new or levels.warnings:
        _tell(transfer, "answer", _summary(name, report, result))
    return result


def _transfer_of(company: Company, report: StatusReport) -> Transfer:
    """The file that is answered, if it may be answered at all."""
    transfer = _named(company, report)
    if transfer is None:
        raise Parked(
            _("The answer is to file %(file)s, which nobody here has sent.") % {"file": report.original_message_id}
        )
    names = {"file": transfer.msg_id}
    if transfer.company_id != company.pk:
        raise Parked(_("The answer is to file %(file)s of another company.") % names)
    never_left = transfer.state in transfers.UNSENT or (
        transfer.state == TransferState.CANCELLED and transfer.sent_at is None
    )
    if never_left:
        raise Parked(_("Alarm: an answer came to file %(file)s, which was never released. Call the bank.") % names)
    if report.count is not None and report.count != transfer.item_count:
        raise Parked(
            _("Alarm: the answer speaks of %(told)s payments in file %(file)s, we sent %(sent)s.")
            % {**names, "told": report.count, "sent": transfer.item_count}
        )
    if report.total is not None and report.total != transfer.control_sum:
        raise Parked(
            _("Alarm: the answer speaks of a sum of %(told)s in file %(file)s, we sent %(sent)s.")
            % {**names, "told": f"{report.total:.2f}", "sent": f"{transfer.control_sum:.2f}"}
        )
    return transfer


def _named(company: Company, report: StatusReport) -> Transfer | None:
    """By our message id; else by the payment blocks it names, when all are of one file."""
    found = Transfer.objects.select_related("payment__bank_partner", "company")
    if transfer := found.filter(msg_id=report.original_message_id.strip()).first():
        return transfer
    blocks = [payment.id for payment in report.payments if payment.id][:1000]
    items = TransferItem.objects.filter(company=company, payment_info_id__in=blocks)
    ids = list(items.order_by().values_list("transfer_id", flat=True).distinct()[:2])
    return found.get(pk=ids[0]) if len(ids) == 1 else None


def _sent_twice(transfer: Transfer, report: StatusReport) -> bool:
    """The whole file rejected as a repeat, and we did send it more than once: the first one arrived."""
    whole = report.group_status == "RJCT" and any(reason.code in ALREADY_THERE for reason in report.group_reasons)
    return whole and transfer.sends > 1


def _park(company: Company, report: StatusReport, source: str, bank_file: BankFile | None, text: str) -> None:
    key = f"{PuzzleKind.UNKNOWN_FILE}:{company.pk}:{report.original_message_id[:35]}:{report.head.message_id[:35]}"
    kept = f"{source} ({bank_file.digest[:16]})" if bank_file else source
    puzzles.put_down(company, [Puzzle(key, PuzzleKind.UNKNOWN_FILE, text, kept)])


def _unknown(transfer: Transfer, levels: Levels, source: str) -> list[Puzzle]:
    """Status 9: answers about payments that are not in our file."""
    found = []
    for tx in levels.unknown:
        amount = tx.amount or tx.paid
        ref = tx.end_to_end_id or tx.instruction_id or tx.uetr or f"line {tx.line}"
        text = _("%(status)s for %(ref)s, which is no payment of file %(file)s.")
        said = {"status": tx.status or "–", "ref": ref, "file": transfer.msg_id}
        found.append(
            Puzzle(
                key=f"{transfer.pk}:{PuzzleKind.UNKNOWN_LINE}:{ref[:40]}:{tx.status}",
                kind=PuzzleKind.UNKNOWN_LINE,
                text=text % said,
                source=source,
                payment_id=transfer.payment_id,
                amount=amount.amount if amount else None,
                currency=amount.currency if amount else "",
            )
        )
    for block in levels.unknown_blocks:
        text = _("%(status)s for payment block %(ref)s, which is not in file %(file)s.")
        said = {"status": block.status or "–", "ref": block.id, "file": transfer.msg_id}
        key = f"{transfer.pk}:{PuzzleKind.UNKNOWN_LINE}:{block.id[:40]}:{block.status}"
        found.append(Puzzle(key, PuzzleKind.UNKNOWN_LINE, text % said, source, transfer.payment_id))
    return found


def _contradictions(transfer: Transfer, levels: Levels, source: str) -> list[Puzzle]:
    return [
        Puzzle(
            key=f"{transfer.pk}:{PuzzleKind.CONTRADICTION}:{number}:{source[:60]}",
            kind=PuzzleKind.CONTRADICTION,
            text=text,
            source=source,
            payment_id=transfer.payment_id,
        )
        for number, text in enumerate(levels.contradictions)
    ]


def _summary(name: str, report: StatusReport, result: AnswerResult) -> str:
    parts = [_("%(name)s: %(status)s.") % {"name": name, "status": report.group_status or _("see the payments")}]
    parts += [
        _("%(count)s lines now %(status)s.") % {"count": count, "status": f"{status:d} {status.label}"}
        for status, count in sorted(result.moved.items())
    ]
    if result.puzzles:
        parts.append(_("%(count)s to look at.") % {"count": len(result.puzzles)})
    return " ".join([*parts, *result.warnings])


def _tell(transfer: Transfer, kind: str, text: str) -> None:
    story.tell(transfer.payment_id, kind, text)
