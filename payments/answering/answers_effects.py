"""What the words of an answer do to lines, items and the file: moves, ranks, what a line waits for, payee checks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from autopay_console.kernel.sets import chunks
from payments import lifecycle, transfers
from payments.answering.answers_levels import Levels, Verdict
from payments.answering.answers_paid import paid_facts, write_paid
from payments.answering.answers_words import known_cancellation, reason_of, waiting_text
from payments.books.ledger_specs import NoRate
from payments.choices import ON_THE_WAY, LineStatus
from payments.iso20022 import codes
from payments.iso20022.codes import CANCELLING_REASONS, StatusMeaning
from payments.iso20022.messages import StatusReport
from payments.lifecycle import Reason
from payments.models import PaymentLine, Transfer, TransferItem
from payments.puzzles import Puzzle, PuzzleKind
from payments.settling.settlement_settling import settle

S = LineStatus
PAYEE_CHECKS = frozenset({"RVNM", "RVMC", "RVNA"})
_MONEY_MOVED = frozenset({S.SETTLED, S.POSTED})
_ENDED = frozenset({S.REJECTED, S.CANCELLED, S.REFUSED})
_MAY_BECOME = {
    S.TRANSFERRED: {S.AT_EFT},
    S.ACKNOWLEDGED: {S.AT_EFT, S.TRANSFERRED},
    S.REJECTED: set(ON_THE_WAY),
    S.CANCELLED: set(ON_THE_WAY),
    S.REFUSED: {S.AT_EFT},
}


class Effects:
    """Carries out one answer to one file, in sets: lines of one target move together."""

    def __init__(self, transfer: Transfer, report: StatusReport, name: str, items: Sequence[TransferItem]) -> None:
        self.transfer = transfer
        self.report = report
        self.is_report = report.head.type == "status_report"
        self.name = name
        self.items = {item.pk: item for item in items}
        self.lines: dict[UUID, list[tuple[int, LineStatus]]] = defaultdict(list)
        rows = PaymentLine.objects.filter(item__transfer=transfer).values_list("item_id", "pk", "status")
        for item_id, pk, status in rows.order_by("line_no"):
            if item_id:
                self.lines[item_id].append((pk, LineStatus(status)))
        self.cancelled = known_cancellation(transfer)
        self.moved: dict[LineStatus, int] = {}
        self.stayed = 0
        self.puzzles: list[Puzzle] = []
        self.targets: dict[LineStatus, dict[int, Reason]] = defaultdict(dict)
        self.remarks: dict[tuple[Reason, str], list[int]] = defaultdict(list)
        self.ranks: dict[int, list[UUID]] = defaultdict(list)
        self.settled: list[UUID] = []
        self.deficient: list[UUID] = []

    def carry_out(self, levels: Levels) -> None:
        """Decide item by item, then write set by set."""
        stopped_by = self._stopped_by(levels)
        for item_id, verdict in levels.verdicts.items():
            meaning = codes.status(verdict.code, report=self.is_report)
            if meaning is None:
                self._unknown_word(self.items[item_id], verdict)
            else:
                self._decide(self.items[item_id], verdict, meaning, stopped_by)
        for to, reasons in self.targets.items():
            done = lifecycle.move(list(reasons), to, source=self.name, reason=reasons)
            if done.moved:
                self.moved[to] = len(done.moved)
            self.stayed += len(done.stayed)
        self._write_remarks()
        self._write_ranks()
        self._payee_checks(levels)
        self._mark_deficient()
        self._file_state()
        write_paid(self.transfer, self.report, levels.named)
        self._settle(levels)

    def _decide(self, item: TransferItem, verdict: Verdict, meaning: StatusMeaning, stopped_by: str) -> None:
        to = self._target(verdict, meaning)
        statuses = {status for _pk, status in self.lines[item.pk]}
        if self._against_what_is_known(item, verdict, meaning, to, statuses):
            return
        if meaning.rank < item.rank and not meaning.final:
            return  # known better already: only the story tells of it
        self.ranks[meaning.rank].append(item.pk)
        why = reason_of(verdict.reasons)
        if to == S.CANCELLED and not verdict.own and stopped_by:
            why = Reason(why.code, stopped_by)
        for pk, status in self.lines[item.pk]:
            if to and status in _MAY_BECOME[to]:
                self.targets[to][pk] = why
            elif to:
                self.stayed += 1
            if meaning.waiting or meaning.warning or to in (S.TRANSFERRED, S.ACKNOWLEDGED):
                told = why if meaning.warning or meaning.waiting else Reason()
                self.remarks[told, waiting_text(meaning) if meaning.waiting else ""].append(pk)
        if verdict.own and meaning.code == "DEFICIENT":
            self.deficient.append(item.pk)
        if meaning.settled and self.transfer.payment.bank_partner.pain002_settles:
            self.settled.append(item.pk)
        if meaning.code == "BLCK":
            self._question(item, PuzzleKind.BLOCKED, verdict, _("The bank blocked the money of %(id)s: %(why)s"))

    def _target(self, verdict: Verdict, meaning: StatusMeaning) -> LineStatus | None:
        """The line status a word asks for; a rejection because of our own cancellation is a cancellation."""
        if meaning.line is None:
            return None
        ours = any(reason.code in CANCELLING_REASONS for reason in verdict.reasons)
        if meaning.line == S.REJECTED and ours and self.cancelled:
            return S.CANCELLED
        return LineStatus(meaning.line)

    def _against_what_is_known(
        self,
        item: TransferItem,
        verdict: Verdict,
        meaning: StatusMeaning,
        to: LineStatus | None,
        statuses: set[LineStatus],
    ) -> bool:
        if meaning.final and statuses & _MONEY_MOVED:
            text = _("The bank says %(code)s for %(id)s, which was debited: %(why)s No money came back yet.")
            self._question(item, PuzzleKind.REJECTED_AFTER_BOOKING, verdict, text)
            return True
        if to == S.REFUSED and statuses & {S.TRANSFERRED, S.ACKNOWLEDGED}:
            text = _("AutoPay says %(code)s for %(id)s, which the bank has: %(why)s")
            self._question(item, PuzzleKind.CONTRADICTION, verdict, text)
            return True
        if meaning.settled and statuses & _ENDED:
            text = _("The bank says %(code)s for %(id)s, which was rejected, cancelled or refused.")
            self._question(item, PuzzleKind.DEBIT_AFTER_END, verdict, text)
            return True
        return False

    def _unknown_word(self, item: TransferItem, verdict: Verdict) -> None:
        text = _("%(code)s for %(id)s is no status the console knows: %(why)s")
        self._question(item, PuzzleKind.UNKNOWN_STATUS, verdict, text)

    def _question(self, item: TransferItem, kind: PuzzleKind, verdict: Verdict, text: str) -> None:
        said = {"code": verdict.code, "id": item.end_to_end_id, "why": reason_of(verdict.reasons).text}
        self.puzzles.append(
            Puzzle(
                key=f"{item.pk}:{kind}:{verdict.code}",
                kind=kind,
                text=(text % said).strip(),
                source=self.name,
                payment_id=item.payment_id,
                item_id=item.pk,
                amount=item.amount,
                currency=item.currency_id,
            )
        )

    def _stopped_by(self, levels: Levels) -> str:
        """A deficient payment cancels its whole batch: the others say which one it was."""
        for item_id, verdict in levels.verdicts.items():
            if verdict.code == "DEFICIENT" and verdict.own and verdict.reasons:
                names = {"payee": self.items[item_id].payee_name, "why": reason_of(verdict.reasons).text}
                return _("The batch was stopped by the payment to %(payee)s: %(why)s") % names
        return ""

    def _write_remarks(self) -> None:
        """What lines wait for, and what the bank changed; an answer that no longer waits clears it."""
        for (why, waits_for), pks in self.remarks.items():
            for part in chunks(pks):
                lines = PaymentLine.objects.filter(pk__in=part, status__in=ON_THE_WAY)
                if why != Reason() or waits_for:
                    lines.update(reason_code=why.code[:35], reason_text=why.text[:500], waits_for=waits_for)
                else:
                    lines.exclude(waits_for="").update(waits_for="", reason_code="", reason_text="")

    def _write_ranks(self) -> None:
        for rank, item_ids in self.ranks.items():
            for part in chunks(item_ids):
                TransferItem.objects.filter(pk__in=part, rank__lt=rank).update(rank=rank)

    def _payee_checks(self, levels: Levels) -> None:
        """Verification of payee: the bank's finding and the name it offers; we never reject because of it."""
        for item_id, verdict in levels.verdicts.items():
            if verdict.code in PAYEE_CHECKS and verdict.own:
                name = " ".join(reason.text for reason in verdict.reasons if reason.text)
                found = {"payee_check": verdict.code, "payee_check_name": name[:140]}
                fresh = TransferItem.objects.filter(pk=item_id).exclude(**found)
                fresh.update(**found, payee_check_done=False)  # another finding is decided anew

    def _mark_deficient(self) -> None:
        """Which payments made central cancel the batch: a new suggestion may leave exactly these out."""
        for part in chunks(self.deficient):
            TransferItem.objects.filter(pk__in=part).update(deficient=True)

    def _settle(self, levels: Levels) -> None:
        """A bank partner for which *paid* in a status report is the booking."""
        items = [self.items[pk] for pk in self.settled]
        try:
            settle(paid_facts(self.transfer, self.report, items, levels, self.name))
        except NoRate as error:
            key = f"{PuzzleKind.NO_RATE}:{self.transfer.payment_id}:{error.currency}:{error.on.isoformat()}"
            self.puzzles.append(Puzzle(key, PuzzleKind.NO_RATE, str(error), self.name, self.transfer.payment_id))

    def _file_state(self) -> None:
        """Central refused or cancelled the file as such."""
        meaning = codes.status(self.report.group_status, report=True) if self.is_report else None
        bank_batch = self.report.bank_batch_id or self.report.batch_id
        if self.is_report and bank_batch:
            PaymentLine.objects.filter(item__transfer=self.transfer).update(bank_batch=bank_batch[:40])
        lines = PaymentLine.objects.filter(item__transfer=self.transfer)
        if meaning is None or not meaning.final or lines.exclude(status__in=_ENDED).exists():
            return
        why = reason_of(self.report.group_reasons)
        if meaning.line == S.REFUSED:
            transfers.refused(self.transfer.pk, why.code or meaning.code, why.text)
        elif meaning.code in ("DEFICIENT", "CANCELLED"):
            transfers.cancelled(self.transfer.pk, why.text or _(meaning.text))
