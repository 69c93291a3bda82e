"""From bank entries to facts about our payments: what was debited for which item, what of it is fee, what came back.

The booked amount is the truth (mapping 4.2): the account's currency and amount are posted, the ordered amount is what
the line is compared with. A fee counts here only when arithmetic says that it stands inside the entry (4.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import accumulate, pairwise
from uuid import UUID

from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO, rounded
from companies.accounts import account_key
from companies.models import Company
from payments.iso20022.adding_up import cost
from payments.iso20022.codes import kind_hint
from payments.iso20022.currencies import decimals_of
from payments.iso20022.messages import Detail, Entry
from payments.matching.linking import Link, LinkedBy, by_payee, find_block, find_items
from payments.models import TransferItem
from payments.preparing.balances import our_accounts
from payments.settling.settlement_facts import ReturnedFact, SettledFact


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of a file and the row it is kept as."""

    entry: Entry
    bank_entry_id: UUID | None = None
    booked_on: date | None = None  # when the entry itself has no date: that of the file
    source: str = ""


@dataclass(slots=True)
class EntryFacts:
    """What an entry says about our payments; `other` are details that are none of ours.

    `problem`: it speaks of our payments (`items`), but not so that it may be booked without a person.
    """

    settled: list[SettledFact] = field(default_factory=list)
    returned: list[ReturnedFact] = field(default_factory=list)
    other: list[Detail] = field(default_factory=list)
    problem: str = ""
    items: list[TransferItem] = field(default_factory=list)


def facts_of(company: Company, told: Sequence[Told]) -> list[EntryFacts]:
    """For each entry what it settles or brings back; entries that are not booked tell nothing yet."""
    details = [detail for one in told for detail in one.entry.details]
    links = iter(find_items(company, details))
    return [_facts(company, one, [next(links) for _detail in one.entry.details]) for one in told]


def _facts(company: Company, told: Told, links: Sequence[Link | None]) -> EntryFacts:
    entry, found = told.entry, EntryFacts()
    if not entry.booked:
        return found
    links = _meant(company, entry, links)
    unlinked = [detail for detail, link in zip(entry.details, links, strict=True) if link is None]
    if entry.batch and entry.direction == "debit" and (unlinked or not entry.details):
        block = find_block(company, entry.batch)
        if block and _whole_block(told, block, found):
            return found
        links = _linked_in_block(entry, links, block)
    links = _once_each(entry, links)
    found.items = [link.item for link in links if link]
    if found.items and not entry.adds_up:
        found.problem = _("The details of the entry do not add up to %(amount)s %(currency)s.") % {
            "amount": f"{entry.amount:.2f}",
            "currency": entry.currency,
        }
    shares = _account_shares(entry)
    for detail, link, share in zip(entry.details, links, shares, strict=True):
        if link is None:
            found.other.append(detail)
        elif not found.problem:
            _add(told, detail, link, share, found)
    if found.problem:
        found.settled, found.returned = [], []
    return found


def _meant(company: Company, entry: Entry, links: Sequence[Link | None]) -> list[Link | None]:
    """Without links to details that only happen to carry an id like ours: a customer's own end-to-end id comes with
    his payment, and with what the bank takes back of it, and ids such as 1-7-1-3 are not ours alone."""
    return [
        link if link is None or _about_ours(company, entry, detail, link) else None
        for detail, link in zip(entry.details, links, strict=True)
    ]


def _about_ours(company: Company, entry: Entry, detail: Detail, link: Link) -> bool:
    """Whether the direction and the bank's marks agree with what our id says. Money in is a payment of ours that came
    back only when the bank marks it so, gives our file's ids too, or it is the same amount from no customer."""
    if link.by in (LinkedBy.ALL_IDS, LinkedBy.UETR):
        return True
    marked = (
        entry.reversal or detail.returned is not None or "return" in (kind_hint(detail.codes), kind_hint(entry.codes))
    )
    if detail.direction == "debit" or marked:
        return marked == (detail.direction == "credit")
    payer = account_key(detail.debtor.account)
    ours = {"", account_key(link.item.account), *(account_key(one.account) for one in our_accounts(company))}
    return link.fits and payer in ours and not detail.references


def _once_each(entry: Entry, links: Sequence[Link | None]) -> list[Link | None]:
    """An entry moves the money of an item once; a detail that names it again is money of its own, for a person."""
    seen: set[tuple[UUID, str]] = set()
    answer: list[Link | None] = []
    for detail, link in zip(entry.details, links, strict=True):
        again = link is not None and (link.item.pk, detail.direction) in seen
        if link is not None:
            seen.add((link.item.pk, detail.direction))
        answer.append(None if again else link)
    return answer


def _add(told: Told, detail: Detail, link: Link, share: Decimal, found: EntryFacts) -> None:
    """One linked detail: `share` is what it changed the account by, fee included."""
    item, entry = link.item, told.entry
    if detail.direction == "credit":
        found.returned.append(_returned(told, detail, item, share))
        return
    account_amount, amount = _amounts(detail, item, entry.currency)
    if not link.fits and not (link.by == LinkedBy.ALL_IDS and ZERO < amount < item.amount):
        found.problem = _("%(paid)s %(currency)s was debited for %(id)s, %(ordered)s was ordered.") % {
            "paid": f"{amount:.2f}",
            "currency": item.currency_id,
            "id": item.end_to_end_id,
            "ordered": f"{item.amount:.2f}",
        }
        return
    fact = _settled(told, item, amount, account_amount, detail.bank_reference)
    found.settled.append(_with_fee(fact, share - account_amount))


def _amounts(detail: Detail, item: TransferItem, currency: str) -> tuple[Decimal, Decimal]:
    """What the account paid for the item without fee, and how much that is in the item's currency."""
    instructed = detail.exchange.instructed if detail.exchange else None
    if item.currency_id == currency:
        inside = detail.amount - item.amount
        if inside > ZERO and inside == cost(detail.charges, currency):
            return item.amount, item.amount
        return detail.amount, detail.amount
    if instructed and instructed.currency == item.currency_id:
        return detail.amount, instructed.amount
    return detail.amount, item.amount


def _account_shares(entry: Entry) -> list[Decimal]:
    """What each detail changed the account by: its amount and, where charges stand inside the entry, its charges.

    Charges named only for the entry as a whole go with the first detail.
    """
    sign = 1 if entry.direction == "debit" else -1
    taken = [cost(one.charges, entry.currency) if entry.charges_included else ZERO for one in entry.details]
    shares = [one.amount + sign * fee for one, fee in zip(entry.details, taken, strict=True)]
    if shares and entry.charges_included:
        ways = [
            share if one.direction == entry.direction else -share
            for one, share in zip(entry.details, shares, strict=True)
        ]
        shares[0] += entry.amount - sum(ways, ZERO)
    return shares


def _whole_block(told: Told, block: list[TransferItem], found: EntryFacts) -> bool:
    """A lump sum that is exactly our block: every item of it is settled."""
    entry, batch = told.entry, told.entry.batch
    total = sum((item.amount for item in block), ZERO)
    currencies = {item.currency_id for item in block}
    fee = cost(entry.charges, entry.currency)
    if currencies == {entry.currency} and total in (entry.amount, entry.amount - fee):
        found.settled = [_settled(told, item, item.amount, item.amount, "") for item in block]
        found.settled[0] = _with_fee(found.settled[0], entry.amount - total)
    elif batch and currencies == {batch.currency} and batch.total == total and entry.currency != batch.currency:
        parts = _spread(entry.amount, [item.amount for item in block], decimals_of(entry.currency))
        found.settled = [_settled(told, one, one.amount, part, "") for one, part in zip(block, parts, strict=True)]
    elif not entry.details:
        found.items = block
        found.problem = _("The block was ordered with %(ordered)s, the account was debited %(paid)s %(currency)s.") % {
            "ordered": f"{total:.2f}",
            "paid": f"{entry.amount:.2f}",
            "currency": entry.currency,
        }
    if found.settled:
        found.items = block
    return bool(found.settled or found.problem)


def _linked_in_block(entry: Entry, links: Sequence[Link | None], block: list[TransferItem]) -> list[Link | None]:
    """Details without ids inside our own block: payee account and amount name the item, when only one fits."""
    free = by_payee(item for item in block if item.pk not in {link.item.pk for link in links if link})
    answer: list[Link | None] = []
    for detail, link in zip(entry.details, links, strict=True):
        same = free.get((account_key(detail.creditor.account), detail.amount), []) if link is None else []
        answer.append(Link(same.pop(), LinkedBy.BLOCK, True) if len(same) == 1 else link)
    return answer


def _spread(total: Decimal, weights: Sequence[Decimal], decimals: int = 2) -> list[Decimal]:
    """A sum in shares, to the øre (`decimals` of its currency): what rounding leaves is carried to the next, never
    gathered on the last."""
    whole = sum(weights, ZERO)
    marks = [ZERO, *(rounded(total * reached / whole, decimals) for reached in accumulate(weights[:-1])), total]
    return [upper - lower for lower, upper in pairwise(marks)]


def _settled(told: Told, item: TransferItem, amount: Decimal, account_amount: Decimal, reference: str) -> SettledFact:
    booked_on, value_on = _days(told)
    return SettledFact(
        item_id=item.pk,
        amount=amount,
        account_amount=account_amount,
        account_currency=told.entry.currency,
        value_date=value_on,
        booking_date=booked_on,
        source=told.source,
        bank_reference=reference or told.entry.bank_reference,
        bank_entry_id=told.bank_entry_id,
    )


def _with_fee(fact: SettledFact, fee: Decimal) -> SettledFact:

    return replace(fact, fee=fee) if fee > ZERO else fact


def _returned(told: Told, detail: Detail, item: TransferItem, share: Decimal) -> ReturnedFact:
    booked_on, value_on = _days(told)
    why = detail.returned
    return ReturnedFact(
        item_id=item.pk,
        account_amount=share,
        account_currency=told.entry.currency,
        value_date=value_on,
        booking_date=booked_on,
        source=told.source,
        bank_reference=detail.bank_reference or told.entry.bank_reference,
        bank_entry_id=told.bank_entry_id,
        reason_code=why.code if why else "",
        reason_text=why.text if why else "",
    )


def _days(told: Told) -> tuple[date, date]:
    """Booking and value date; the one stands for the other, the file's day for both (mapping 4.7)."""
    booked = told.entry.booking_date or told.entry.value_date or told.booked_on
    value = told.entry.value_date or booked
    if booked is None or value is None:
        raise ValueError(f"Entry {told.entry.index} has no date, and no day of the file was given.")
    return booked, value
