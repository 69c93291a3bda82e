"""*Create batch*: a person books settlements, also for payments the bank never confirms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from autopay_console.kernel.sets import chunks
from companies.models import Person
from payments.choices import FactKind, LineStatus
from payments.models import Batch, Payment, PaymentLine, SettlementFact, TransferItem
from payments.settling.settlement_accounts import Books
from payments.settling.settlement_booking import book
from payments.settling.settlement_facts import SettledFact
from payments.settling.settlement_keeping import fact_row
from payments.settling.settlement_settling import settle
from payments.settling.settlement_vouchers import settlement_voucher

UNCONFIRMED = (LineStatus.TRANSFERRED, LineStatus.ACKNOWLEDGED)
SHOWN = 1_000  # vouchers a preview adds up


class ReasonNeeded(Exception):
    """Lines the bank has not confirmed are booked only with a reason that is kept."""


def create_batch_by_hand(
    payment: Payment,
    by: Person,
    *,
    line_ids: Collection[int] | None = None,
    value_date: date,
    reason: str = "",
    post: bool | None = None,
) -> list[Batch]:
    """Book what is at 5, and of `line_ids` also what is at 2 or 3 (the bank never confirms; `reason` is kept).

    Settled lines keep their own value dates, one batch for each; unconfirmed ones get `value_date`. `post` is the
    dialog's *Direct update*; without it the bank partner's *automatically updated* mark decides. Raises ReasonNeeded
    and NoRate.
    """
    items = _unconfirmed(payment, line_ids or ())
    if items and not reason.strip():
        raise ReasonNeeded(_("Say why these payments count as settled although the bank has not confirmed them."))
    books = Books(payment.company, payment.bank_partner)
    settle([_by_hand(books, item, by, value_date, reason.strip()) for item in items])
    direct = payment.bank_partner.auto_update_outgoing if post is None else post
    unbooked = SettlementFact.objects.filter(payment=payment, batch__isnull=True)
    days = unbooked.order_by("value_date").values_list("value_date", flat=True)
    made = [book(payment, day, post=direct, by=by) for day in dict.fromkeys(days)]
    return [batch for batch in made if batch is not None]


def _unconfirmed(payment: Payment, line_ids: Collection[int]) -> list[TransferItem]:
    """The transactions of these lines that the bank has not confirmed; all lines of a large payment may be chosen."""
    found: dict[UUID, TransferItem] = {}
    for part in chunks(line_ids):
        chosen = PaymentLine.objects.filter(payment=payment, pk__in=part, status__in=UNCONFIRMED)
        found |= {item.pk: item for item in TransferItem.objects.filter(pk__in=chosen.values("item_id"))}
    return sorted(found.values(), key=lambda item: item.position)


def _by_hand(books: Books, item: TransferItem, by: Person, value_date: date, reason: str) -> SettledFact:
    return SettledFact(
        item_id=item.pk,
        amount=item.amount,
        account_amount=books.on_account(item.amount, item.currency_id, value_date),
        account_currency=books.partner.currency_id,
        value_date=value_date,
        booking_date=value_date,
        source=_("by hand"),
        reason=reason,
        by_id=by.pk,
    )


@dataclass(frozen=True, slots=True)
class Side:
    """One ledger account of the preview, in company currency."""

    account: str
    debit: Decimal
    credit: Decimal


@dataclass(frozen=True, slots=True)
class Proposal:
    """What *Create batch* would post: vouchers, and the sum of each account. `shown` of `vouchers` were added up."""

    vouchers: int
    shown: int
    sides: tuple[Side, ...]


def propose_batch(payment: Payment, by: Person, *, line_ids: Collection[int], value_date: date) -> Proposal:
    """The postings of `create_batch_by_hand` with these lines, without writing anything. Raises NoRate."""
    books = Books(payment.company, payment.bank_partner)
    items = _unconfirmed(payment, line_ids)
    known = SettlementFact.objects.filter(payment=payment, batch__isnull=True, kind=FactKind.SETTLED)
    facts = list(known.select_related("item").order_by("item__position")[:SHOWN])
    for item in items[: SHOWN - len(facts)]:
        told = _by_hand(books, item, by, value_date, "")
        row = fact_row(item, told, FactKind.SETTLED, told.amount)
        row.item = item
        facts.append(row)
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    lines: dict[UUID | None, list[PaymentLine]] = defaultdict(list)
    for part in chunks([fact.item_id for fact in facts]):
        for line in PaymentLine.objects.filter(item__in=part).select_related("entry").order_by("line_no"):
            lines[line.item_id].append(line)
    for fact in facts:
        for side in settlement_voucher(fact, fact.item, lines[fact.item_id], books).postings:
            sums[side.account][side.amount < 0] += abs(side.amount)
    sides = tuple(Side(account, debit, credit) for account, (debit, credit) in sorted(sums.items()))
    return Proposal(known.count() + len(items), len(facts), sides)
