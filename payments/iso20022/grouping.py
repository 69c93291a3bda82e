"""Items into payment blocks (PmtInf), blocks into files: what the bank books and answers as one.

The Swedish bankgiro rule, instant payments and salaries each need a block of their own, and a batch-booked
block must be of one currency, else its single debit cannot be checked. Source: ISO 20022 mapping 1.4 and 1.9.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import groupby

from payments.iso20022.orders import Block, Code, Debtor, Item, Profile, Terms

GroupKey = tuple[Debtor, date, Terms, str]


def group_key(item: Item) -> GroupKey:
    """Items with equal keys may stand in one block: debit account, date, codes, charges (and currency)."""
    return (
        item.debtor,
        item.execution_date,
        item.terms,
        item.currency if item.terms.batch_booking else "",
    )


def sort_key(item: Item) -> tuple[str, ...]:
    """Sorts items of one block together, in an order that never depends on the database."""
    terms = item.terms
    return (
        item.execution_date.isoformat(),
        item.debtor.account.number,
        terms.debit_account.scheme,
        terms.debit_account.number,
        terms.payment_type,
        _word(terms.service_level),
        _word(terms.local_instrument),
        terms.category_purpose,
        terms.charge_bearer or "",
        str(terms.batch_booking),
        item.currency if terms.batch_booking else "",
    )


def arranged(items: Iterable[Item]) -> list[Item]:
    """The items in block order; equal ones keep their order."""
    listed = list(items)
    known: dict[tuple[int, date, int, str], tuple[str, ...]] = {}  # debtor and terms by identity: few, and shared

    def key(item: Item) -> tuple[str, ...]:
        facts = (id(item.debtor), item.execution_date, id(item.terms), item.currency)
        found = known.get(facts)
        if found is None:
            found = known[facts] = sort_key(item)
        return found

    return sorted(listed, key=key)


def blocks(items: Iterable[Item], profile: Profile, prefix: str) -> Iterator[Block]:
    """First pass: counts and exact sums of the blocks, named `<prefix>-01`, `-02`...; reads the items once.

    The items come arranged; a block ends where the key changes or the bank's limit per block is reached.
    """
    number = 0
    for key, run in groupby(items, group_key):
        count, total = 0, Decimal(0)
        for item in run:
            if count == profile.max_items_block:
                number += 1
                yield _block(prefix, number, key, count, total)
                count, total = 0, Decimal(0)
            count += 1
            total += item.amount
        number += 1
        yield _block(prefix, number, key, count, total)


def files(all_blocks: Iterable[Block], profile: Profile) -> Iterator[tuple[Block, ...]]:
    """Whole blocks into files of at most the bank's number of items."""
    taken: list[Block] = []
    for block in all_blocks:
        if taken and sum(b.count for b in taken) + block.count > profile.max_items_file:
            yield tuple(taken)
            taken = []
        taken.append(block)
    if taken:
        yield tuple(taken)


def _block(prefix: str, number: int, key: GroupKey, count: int, total: Decimal) -> Block:
    debtor, execution_date, terms, _ = key
    return Block(f"{prefix}-{number:02d}", debtor, execution_date, terms, count, total)


def _word(code: Code | None) -> str:
    return f"{code.proprietary:d}{code.value}" if code else ""
