"""Which of our own payments a bank entry speaks of (mapping 4.8), looked up for a whole slice of a file at once.

Our end-to-end ids are unique for ever in a company, so they prove the link; a bank that gives them not gives our
instruction id, the UETR, or the id of our payment block with a sum that fits it to the øre. Names and amounts alone
never prove that a debit is ours; they only propose (`propose`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Sum

from autopay_console.kernel.sets import chunks
from companies.accounts import account_key
from companies.models import Company
from payments.choices import RELEASES_ENTRY
from payments.iso20022.messages import Batch, Detail
from payments.models import PaymentLine, TransferItem

NEAR = timedelta(days=7)  # five bank days


class LinkedBy(StrEnum):
    """What proved the link."""

    ALL_IDS = "message, block and end-to-end id"
    END_TO_END = "end-to-end id"
    INSTRUCTION = "instruction id"
    UETR = "UETR"
    BLOCK = "payment block and sum"


@dataclass(frozen=True, slots=True)
class Link:
    """A detail and our item. `fits`: the amount is the ordered one, or in another currency and so not comparable."""

    item: TransferItem
    by: LinkedBy
    fits: bool


def find_items(company: Company, details: Sequence[Detail]) -> list[Link | None]:
    """For each detail the item it names by one of our ids, in the details' order; None when it names none."""
    by_id = _items_by(company, "end_to_end_id", {name for one in details for name in _our_ids(one)})
    by_uetr = _items_by(company, "uetr", {form for one in details if one.uetr for form in _spellings(one.uetr)})
    links = [_link(one, by_id, by_uetr) for one in details]
    expected = _lowered([link.item for link in links if link and not link.fits])
    return [
        replace(link, fits=True) if link and not link.fits and expected.get(link.item.pk) == one.amount else link
        for one, link in zip(details, links, strict=True)
    ]


def _lowered(items: Sequence[TransferItem]) -> dict[UUID, Decimal]:
    """Amounts that AutoPay central said it lowered before it sent them on: what the debit will be."""
    found: dict[UUID, Decimal] = {}
    for part in chunks(item.pk for item in items):
        lines = PaymentLine.objects.filter(item__in=part, paid_amount__isnull=False).order_by()
        sums = lines.values("item_id").annotate(expected=Sum("paid_amount"))
        found.update({row["item_id"]: row["expected"] for row in sums if row["item_id"]})
    return found


def find_block(company: Company, batch: Batch) -> list[TransferItem]:
    """The items of the payment block a lump sum names, without those that were rejected, cancelled or refused.

    Empty when the block is not ours or the message id contradicts it.
    """
    if not batch.payment_id and not batch.message_id:
        return []
    items = _live(TransferItem.objects.filter(company=company))
    if batch.payment_id:
        items = items.filter(payment_info_id=batch.payment_id)
    if batch.message_id:
        items = items.filter(transfer__msg_id=batch.message_id)
    return list(items.select_related("transfer").order_by("transfer_id", "position"))


def propose(company: Company, account: str, amount: Decimal, currency: str, on: date) -> list[TransferItem]:
    """Items that look like a debit without our ids: same payee account and amount, within five bank days."""
    near = TransferItem.objects.filter(
        company=company,
        amount=amount,
        currency_id=currency,
        execution_date__gte=on - NEAR,
        execution_date__lte=on + NEAR,
    )
    wanted = account_key(account)
    return [item for item in _live(near).order_by("pk")[:50] if account_key(item.account) == wanted]


def _live(items: QuerySet[TransferItem]) -> QuerySet[TransferItem]:
    ended = PaymentLine.objects.filter(item=OuterRef("pk"), status__in=RELEASES_ENTRY)
    return items.filter(~Exists(ended))


def _items_by(company: Company, column: str, values: Iterable[str]) -> dict[str, TransferItem]:
    found: dict[str, TransferItem] = {}
    for part in chunks(sorted(values)):
        items = TransferItem.objects.filter(company=company, **{f"{column}__in": part}).select_related("transfer")
        found.update({str(getattr(item, column)).lower(): item for item in items})
    return found


def _our_ids(detail: Detail) -> list[str]:
    return [name for name in (detail.end_to_end_id, detail.instruction_id) if name]


def _spellings(uetr: str) -> set[str]:
    return {uetr, uetr.lower()}


def _link(detail: Detail, by_id: dict[str, TransferItem], by_uetr: dict[str, TransferItem]) -> Link | None:
    item = by_id.get(detail.end_to_end_id.lower()) if detail.end_to_end_id else None
    if item is not None:
        same_file = detail.message_id in ("", item.transfer.msg_id)
        same_block = detail.payment_id in ("", item.payment_info_id)
        if not (same_file and same_block):
            return None
        whole = bool(detail.message_id and detail.payment_id)
        return Link(item, LinkedBy.ALL_IDS if whole else LinkedBy.END_TO_END, amount_fits(detail, item))
    if detail.instruction_id and (item := by_id.get(detail.instruction_id.lower())):
        return Link(item, LinkedBy.INSTRUCTION, amount_fits(detail, item))
    if detail.uetr and (item := by_uetr.get(detail.uetr.lower())):
        return Link(item, LinkedBy.UETR, amount_fits(detail, item))
    return None


def amount_fits(detail: Detail, item: TransferItem) -> bool:
    """Whether the detail's amount is the ordered one. Other currency without the instructed amount: not comparable."""
    told = detail.exchange.instructed if detail.exchange else None
    if told is not None and told.currency == item.currency_id:
        return told.amount == item.amount
    if detail.currency != item.currency_id or not detail.amount_known:
        return True
    fees = sum((fee.amount for fee in detail.charges if fee.currency == detail.currency), Decimal(0))
    return item.amount in (detail.amount, detail.amount - fees)


def by_payee(items: Iterable[TransferItem]) -> dict[tuple[str, Decimal], list[TransferItem]]:
    """Items of one block by payee account and amount, for banks that repeat these instead of our ids."""
    found: dict[tuple[str, Decimal], list[TransferItem]] = defaultdict(list)
    for item in items:
        found[account_key(item.account), item.amount].append(item)
    return found
