"""What an answer says about each item: three levels, the finest wins (mapping 3.3). Pure but for the words.

Group, payment block and transaction may each hold a status or none. PART says nothing about payments it does not name;
an accepted or rejected parent covers all below it that have no word of their own. A rejected parent with an accepted
child contradicts itself: nothing under it is believed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from companies.accounts import account_key
from payments.iso20022 import codes
from payments.iso20022.messages import PaymentStatus, Reason, StatusReport, TransactionStatus
from payments.models import TransferItem

SAYS_NOTHING = frozenset({"", "PART", "PARTLY_REFUSED"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """The word that counts for one item, its reasons, and the transaction that said it (None: a level above)."""

    code: str
    reasons: tuple[Reason, ...] = ()
    transaction: TransactionStatus | None = None

    @property
    def own(self) -> bool:
        """The item was named and got a word of its own."""
        return self.transaction is not None and self.transaction.status == self.code


@dataclass(slots=True)
class Levels:
    """The answer taken apart."""

    verdicts: dict[UUID, Verdict] = field(default_factory=dict)
    named: dict[UUID, TransactionStatus] = field(default_factory=dict)
    unknown: list[TransactionStatus] = field(default_factory=list)
    unknown_blocks: list[PaymentStatus] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def take_apart(report: StatusReport, items: Sequence[TransferItem]) -> Levels:
    """For each item of the file the word that counts for it; and what fits nothing of ours."""
    found = Levels()
    is_report = report.head.type == "status_report"
    blocks: dict[str, list[TransferItem]] = defaultdict(list)
    for item in items:
        blocks[item.payment_info_id].append(item)
    told = [(payment, _items_of(payment, blocks, items)) for payment in report.payments]
    names = [tx for payment, _own in told for tx in payment.transactions]
    if _contradicts(report.group_status, [*(p.status for p, _own in told), *(tx.status for tx in names)], is_report):
        found.contradictions.append(_contradiction(report.group_status, _("the file")))
        return found
    whole = Verdict(report.group_status, report.group_reasons)
    found.verdicts = {item.pk: whole for item in items if whole.code not in SAYS_NOTHING}
    for payment, own in told:
        if not own:
            found.unknown_blocks.append(payment)
        else:
            _block(payment, own, whole, is_report, found)
    return found


def _items_of(
    payment: PaymentStatus, blocks: dict[str, list[TransferItem]], items: Sequence[TransferItem]
) -> Sequence[TransferItem]:
    return blocks.get(payment.id, []) if payment.id else items


def _block(
    payment: PaymentStatus, items: Sequence[TransferItem], whole: Verdict, is_report: bool, found: Levels
) -> None:
    transactions = payment.transactions
    if _contradicts(payment.status, [tx.status for tx in transactions], is_report):
        found.contradictions.append(_contradiction(payment.status, payment.id))
        for item in items:
            found.verdicts.pop(item.pk, None)
        return
    above = whole if payment.status == "" else Verdict(payment.status, payment.reasons)
    named = _named(items, transactions, found)
    for item in items:
        transaction = named.get(item.pk)
        if transaction and transaction.status:
            found.verdicts[item.pk] = Verdict(transaction.status, transaction.reasons, transaction)
        elif above.code in SAYS_NOTHING:
            if payment.status:  # PART: payments it does not name stay as they are, whatever the group says
                found.verdicts.pop(item.pk, None)
        else:
            reasons = transaction.reasons if transaction and transaction.reasons else above.reasons
            found.verdicts[item.pk] = Verdict(above.code, reasons, transaction)
    found.named.update(named)
    _compare_counts(payment, [found.verdicts[item.pk].code for item in items if item.pk in found.verdicts], found)


def _named(
    items: Sequence[TransferItem], transactions: Iterable[TransactionStatus], found: Levels
) -> dict[UUID, TransactionStatus]:
    """Which item each transaction means: our ids, else amount and payee account when they fit one item only."""
    by_id = {item.end_to_end_id: item for item in items}
    by_uetr = {item.uetr.lower(): item for item in items if item.uetr}
    named: dict[UUID, TransactionStatus] = {}
    nameless: list[TransactionStatus] = []
    for tx in transactions:
        item = by_id.get(tx.end_to_end_id) or by_id.get(tx.instruction_id) or by_uetr.get(tx.uetr.lower())
        if item is not None:
            named[item.pk] = tx
        elif tx.end_to_end_id or tx.instruction_id or tx.uetr:
            found.unknown.append(tx)
        else:
            nameless.append(tx)
    _by_looks(items, nameless, named, found)
    return named


def _by_looks(
    items: Sequence[TransferItem],
    nameless: Sequence[TransactionStatus],
    named: dict[UUID, TransactionStatus],
    found: Levels,
) -> None:
    """Transactions without ids: amount, currency and payee account name an item when it is the only one."""
    free: dict[tuple[Decimal, str, str], set[UUID]] = defaultdict(set)
    for item in items if nameless else ():
        if item.pk not in named:
            free[item.amount, item.currency_id, account_key(item.account)].add(item.pk)
            free[item.amount, item.currency_id, ""].add(item.pk)
    for tx in nameless:
        account = account_key(tx.creditor.account) if tx.creditor.account else ""
        same = free[tx.amount.amount, tx.amount.currency, account] - named.keys() if tx.amount else set()
        if len(same) == 1:
            named[same.pop()] = tx
        elif tx.status:
            found.unknown.append(tx)


def _contradicts(above: str, below: Iterable[str], is_report: bool) -> bool:
    """A final no above, a yes below."""
    parent = codes.status(above, report=is_report)
    if parent is None or not parent.final:
        return False
    words = [codes.status(code, report=is_report) for code in below if code]
    return any(word is not None and not word.final and word.line is not None for word in words)


def _contradiction(code: str, what: str) -> str:
    return _("%(code)s for %(what)s, but something in it is accepted. Nothing was changed; ask the bank.") % {
        "code": code,
        "what": what,
    }


def _compare_counts(payment: PaymentStatus, said: list[str], found: Levels) -> None:
    counted = Counter(said)
    for code, number in payment.counts:
        if code not in SAYS_NOTHING and counted[code] != number:
            found.warnings.append(
                _("The bank counts %(bank)s payments as %(code)s in %(block)s, the answer names %(found)s.")
                % {"bank": number, "code": code, "block": payment.id, "found": counted[code]}
            )
