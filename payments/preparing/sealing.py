"""Sealing: the lines of a payment become files with fixed bytes, which people approve and the bank executes.

A round is sealed once: message ids are never used again, payment ids never repeat, and the payment's digest is the
SHA-256 over the digests of its files in order. The lines are read once, as plain rows that the plan keeps; an item of
the file lives only while it is written. Source: decisions §2, ISO 20022 mapping 1.1, 1.4, 1.9.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import cast

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from autopay_console.kernel.ids import new_keys
from autopay_console.kernel.memory import without_looking_for_cycles
from autopay_console.kernel.rows import Row, insert_rows, update_rows
from autopay_console.kernel.sets import chunks
from companies.clock import business_now
from companies.models import Company, VoucherSeries
from payments import files
from payments.iso20022 import grouping, schema
from payments.iso20022.orders import Block, Creditor, Debtor, FileOrder, Item, Terms
from payments.iso20022.pain001 import Written
from payments.models import Payment, PaymentLine, Transfer, TransferItem
from payments.preparing import order_lines, ordering

FILE_SERIES = "file"  # the counter of message ids, per company
_A_COMMIT = 5_000  # transactions: fewer waits for the disk, and the database is locked for a tenth of a second
_SLICE = 1_000  # of these, rows at hand at once


class CannotSeal(Exception):
    """The lines do not make an order the bank would take; the sentence says which one."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed round: its digest, its files in order, the number of transactions."""

    digest: str
    transfer_ids: tuple[int, ...]
    items: int


@dataclass(slots=True)
class _Light:
    """A transaction in the plan: what files and blocks are cut by, its payee and lines; 100 000 are kept at once."""

    debtor: Debtor
    execution_date: date
    terms: Terms
    currency: str
    amount: Decimal
    payee: Creditor
    first: order_lines.LineRow
    others: tuple[order_lines.LineRow, ...]  # mostly none, and then all share the same nothing

    @property
    def rows(self) -> tuple[order_lines.LineRow, ...]:
        """Its lines."""
        return (self.first, *self.others)


@dataclass(frozen=True, slots=True)
class Plan:
    """All transactions in file order, cut into blocks and files; `first` is each file's first transaction."""

    lights: list[_Light]
    parts: tuple[tuple[Block, ...], ...]

    def spans(self) -> Iterator[tuple[int, tuple[Block, ...], int, int]]:
        """Each file's number, blocks and its transactions as first and behind-last place."""
        first = 0
        for number, blocks in enumerate(self.parts, 1):
            behind = first + sum(block.count for block in blocks)
            yield number, blocks, first, behind
            first = behind


@without_looking_for_cycles()
def seal(payment: Payment, round_: int) -> Sealed:
    """Write the round's files into the data area and their rows; raises CannotSeal or schema.NotValid.

    Nothing points at the round until the caller makes it the payment's own; a round that failed is discarded.
    """
    desk = ordering.Desk(payment)
    plan = planned(desk, round_)
    moment = business_now(payment.company).replace(microsecond=0)
    names = _message_ids(payment.company, moment.date(), len(plan.parts))
    transfers: list[Transfer] = []
    try:
        with files.workspace(payment.company) as folder:
            for number, blocks, first, behind in plan.spans():
                order = _order(desk, round_, plan, (blocks, first, behind), names[number - 1], moment)
                written = schema.write_valid(order, folder / f"{number}.xml")
                stored = files.keep(payment.company, "pain001", written.path, written.sha256)
                transfers.append(_keep_transfer(desk, round_, number, order, written, stored))
                _keep_items(desk, transfers[-1], plan.lights[first:behind], blocks, first)
    except BaseException:
        for one in transfers:
            files.remove(one.path)
        raise
    return Sealed(digest_of([one.digest for one in transfers]), tuple(t.pk for t in transfers), len(plan.lights))


def digest_of(digests: Sequence[str]) -> str:
    """What approvers sign: the SHA-256 over the files' digests in order."""
    return hashlib.sha256("\n".join(digests).encode()).hexdigest()


def planned(desk: ordering.Desk, round_: int) -> Plan:
    """Every transaction without its texts, in the order of blocks and files."""
    lights = [_light(desk, one) for one in ordering.planned_items(desk)]
    if not lights:
        raise CannotSeal(_("The payment has no lines."))
    arranged = grouping.arranged(cast(list[Item], lights))  # only what both have in common is looked at
    payment = desk.payment
    prefix = f"C{payment.company.number}-B{payment.number}-{round_}"
    blocks = grouping.blocks(arranged, desk.profile, prefix)
    return Plan(cast(list[_Light], arranged), tuple(grouping.files(blocks, desk.profile)))


def _light(desk: ordering.Desk, one: ordering.Planned) -> _Light:
    lead = order_lines.leading(one.rows)
    if one.payee is None or one.decision is None:
        text = _("Credit note %(invoice)s of %(supplier)s finds no invoice to be set off against.")
        raise CannotSeal(text % {"invoice": one.rows[0].invoice_no, "supplier": one.supplier.name})
    amount = order_lines.total_of(one.rows)
    first, others = one.rows[0], one.rows[1:]
    return _Light(desk.debtor, lead.pay_date, one.decision.terms, lead.currency, amount, one.payee, first, others)


def _order(
    desk: ordering.Desk,
    round_: int,
    plan: Plan,
    part: tuple[tuple[Block, ...], int, int],
    msg_id: str,
    moment: datetime,
) -> FileOrder:
    blocks, first, behind = part
    return FileOrder(
        msg_id=msg_id,
        created_at=moment,
        initiating_name=desk.agreement.debtor_name,
        initiating_ids=desk.initiating_ids,
        profile=desk.profile,
        blocks=blocks,
        items=_items(desk, round_, plan.lights[first:behind], first),
    )


def _items(desk: ordering.Desk, round_: int, lights: Sequence[_Light], before: int) -> Iterator[Item]:
    """The transactions with all they say, one at a time."""
    prefix = ordering.end_to_end_prefix(desk.payment, round_)
    for number, light in enumerate(lights, before + 1):
        yield desk.item(light.rows, light.payee, light.terms, f"{prefix}{number}")


def _message_ids(company: Company, day: date, count: int) -> list[str]:
    """`AP<company>-<yyyymmdd>-<serial>`; a serial is drawn once, also when the file is never sent."""
    with transaction.atomic():
        series, _made = VoucherSeries.objects.get_or_create(
            company=company, code=FILE_SERIES, defaults={"name": _("Payment files")}
        )
        VoucherSeries.objects.filter(pk=series.pk).update(next_number=F("next_number") + count)
        behind = VoucherSeries.objects.values_list("next_number", flat=True).get(pk=series.pk)
    return [f"AP{company.number}-{day:%Y%m%d}-{serial:06d}" for serial in range(behind - count, behind)]


def _keep_transfer(
    desk: ordering.Desk, round_: int, number: int, order: FileOrder, written: Written, stored: files.Stored
) -> Transfer:
    return Transfer.objects.create(
        company=desk.company,
        payment=desk.payment,
        round=round_,
        sequence=number,
        msg_id=order.msg_id,
        created_at=order.created_at,
        version=order.profile.version,
        digest=stored.digest,
        path=stored.path,
        size=stored.size,
        item_count=written.count,
        control_sum=written.control_sum,
        channel=desk.agreement.channel,
    )


_ITEM = (
    *("id", "transfer_id", "payment_id", "company_id", "supplier_id", "position", "end_to_end_id"),
    *("payment_info_id", "uetr", "amount", "currency_id", "execution_date", "account", "payee_name"),
)


def _keep_items(
    desk: ordering.Desk, transfer: Transfer, lights: Sequence[_Light], blocks: Sequence[Block], before: int
) -> None:
    """A row per transaction, which bank answers find again, and its lines pointing at it."""
    names = (block.id for block in blocks for _place in range(block.count))
    row_of = _item_rows(desk, transfer)
    for part in chunks(enumerate(zip(lights, names, strict=True), before + 1), _A_COMMIT):
        with transaction.atomic():
            for some in chunks(part, _SLICE):
                keys = new_keys(len(some))
                wanted = list(zip(keys, some, strict=True))
                insert_rows(TransferItem, _ITEM, [row_of(key, place, *one) for key, (place, one) in wanted])
                lines = [(key, row.id) for key, (_place, (light, _)) in wanted for row in light.rows]
                update_rows(PaymentLine, ("item_id",), lines)


def _item_rows(desk: ordering.Desk, transfer: Transfer) -> Callable[[str, int, _Light, str], Row]:
    """Makes the columns of `_ITEM` of a key, a place, a transaction and its block's name."""
    ours = transfer.pk, transfer.payment_id, transfer.company_id
    prefix = ordering.end_to_end_prefix(desk.payment, transfer.round)

    def row(key: str, place: int, light: _Light, block_id: str) -> Row:
        payee, name = light.payee, f"{prefix}{place}"
        return (
            *(key, *ours, light.first.supplier_id, place, name, block_id, desk.uetr(light.terms, name)),
            *(light.amount, light.currency, light.execution_date, payee.account.number[:35], payee.name[:140]),
        )

    return row


def discard(payment: Payment, round_: int) -> None:
    """Remove the rows of a round that was never opened for approval; its message ids stay used."""
    with transaction.atomic():
        Transfer.objects.filter(payment=payment, round=round_).delete()
