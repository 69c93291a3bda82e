"""What the page of one payment reads: how its lines stand, what was sent, what the bank and the books say of a line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Max, Min, Q, QuerySet

from payments.choices import FactKind, LineStatus
from payments.models import (
    AnswerException,
    Approval,
    EntryMatch,
    LineChange,
    Payment,
    PaymentLine,
    SettlementFact,
    Transfer,
    TransferItem,
    Voucher,
)


@dataclass(frozen=True, slots=True)
class Stand:
    """How many lines have each status now, and when a line last came to it."""

    lines: dict[int, int]
    since: dict[int, datetime]

    @property
    def total(self) -> int:
        """All lines."""
        return sum(self.lines.values())

    def many(self, *statuses: int) -> int:
        """Lines that stand at one of these."""
        return sum(self.lines.get(status, 0) for status in statuses)

    def last(self, *statuses: int) -> datetime | None:
        """When the last line came to one of these."""
        return max((self.since[status] for status in statuses if status in self.since), default=None)


def stand(payment: Payment) -> Stand:
    """Two queries, however many lines there are."""
    rows = PaymentLine.objects.filter(payment=payment).order_by().values_list("status").annotate(many=Count("pk"))
    changes = LineChange.objects.filter(payment=payment).order_by().values_list("after").annotate(last=Max("at"))
    return Stand(dict(rows), dict(changes))


def lines(payment: Payment) -> QuerySet[PaymentLine]:
    """Lines with what a row shows."""
    return PaymentLine.objects.filter(payment=payment).select_related("supplier", "entry")


def line(payment: Payment, number: int) -> PaymentLine | None:
    """One line with entry, supplier and transaction."""
    rows = lines(payment).select_related("item__transfer", "entry__voucher_type")
    return rows.filter(line_no=number).first()


def neighbours(one: PaymentLine) -> tuple[int | None, int | None]:
    """Numbers of the lines before and after it; one query."""
    around = PaymentLine.objects.filter(payment_id=one.payment_id).aggregate(
        before=Max("line_no", filter=Q(line_no__lt=one.line_no)),
        after=Min("line_no", filter=Q(line_no__gt=one.line_no)),
    )
    return around["before"], around["after"]


def items(payment: Payment) -> QuerySet[TransferItem]:
    """Transactions of the round in force."""
    rows = TransferItem.objects.filter(payment=payment, transfer__round=payment.round)
    return rows.select_related("transfer", "supplier")


def transfers(payment: Payment) -> list[Transfer]:
    """Files of all rounds, newest round first."""
    return list(Transfer.objects.filter(payment=payment).order_by("-round", "sequence"))


def approvals(payment: Payment) -> list[Approval]:
    """Decisions of all rounds in their order."""
    rows = Approval.objects.filter(payment=payment).select_related("person", "on_behalf_of")
    return list(rows.order_by("round", "at"))


def exceptions(payment: Payment) -> list[AnswerException]:
    """Answers about this payment that contradict what is known."""
    return list(AnswerException.objects.filter(payment=payment).select_related("done_by").order_by("-id")[:50])


def vouchers_of(some: Sequence[PaymentLine], payment: Payment) -> dict[int, list[Voucher]]:
    """Posted vouchers that closed (or opened again) the entries of these lines, by entry."""
    matches = EntryMatch.objects.filter(
        supplier_entry_id__in=[one.entry_id for one in some], voucher__batch__payment=payment
    ).filter(~Q(voucher__number=None))
    found: dict[int, list[Voucher]] = {}
    for match in matches.select_related("voucher__batch").order_by("voucher__value_date", "voucher__position"):
        if match.supplier_entry_id is not None:
            kept = found.setdefault(match.supplier_entry_id, [])
            if match.voucher not in kept:
                kept.append(match.voucher)
    return found


def returned_lines(line_ids: Collection[int]) -> set[int]:
    """Lines the bank paid first and brought back afterwards: their reason is one of the list of returns."""
    paid = (LineStatus.SETTLED, LineStatus.POSTED)
    rows = LineChange.objects.filter(line_id__in=list(line_ids), before__in=paid, after=LineStatus.REJECTED)
    return set(rows.values_list("line_id", flat=True))


def changes(one: PaymentLine) -> list[LineChange]:
    """Every step of a line."""
    return list(LineChange.objects.filter(line=one).select_related("made_by").order_by("id"))


def facts(one: PaymentLine) -> list[SettlementFact]:
    """What the bank debited and brought back for the line's transaction."""
    if one.item_id is None:
        return []
    rows = SettlementFact.objects.filter(item_id=one.item_id).select_related("batch")
    return list(rows.order_by("round", F("kind").desc()))


def was_returned(some: Sequence[SettlementFact]) -> bool:
    """Whether money came back."""
    return any(fact.kind == FactKind.RETURNED for fact in some)
