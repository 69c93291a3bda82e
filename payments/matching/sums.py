"""Which open entries add up to exactly the paid amount? None, one answer, or more than one. Pure.

One answer is a proof when the payer is known; two are two proposals. Up to 40 entries; amounts are counted in
their greatest common step, so that bit patterns stand for sums; where numbers get too large for that, the two
halves of the entries are listed and met in the middle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import gcd

from autopay_console.kernel.money import SCALE

MOST_ENTRIES = 40
_MOST_BITS = 6_000_000
_MOST_IN_HALF = 1 << 17


@dataclass(frozen=True, slots=True)
class Answers:
    """At most two answers, each as positions into the given amounts. `too_many`: it was not searched to the end."""

    found: tuple[tuple[int, ...], ...] = ()
    too_many: bool = False

    @property
    def unique(self) -> tuple[int, ...] | None:
        return self.found[0] if len(self.found) == 1 and not self.too_many else None


def exact_sums(amounts: Sequence[Decimal], target: Decimal) -> Answers:
    """Sets of amounts (credit notes negative) whose sum is the target; the empty set is no answer."""
    if not amounts or target <= 0:
        return Answers()
    if len(amounts) > MOST_ENTRIES:
        return Answers(too_many=True)
    whole = [int(amount * SCALE) for amount in amounts]
    # taking a negative amount is the same as leaving out its opposite, with the target moved
    moved = int(target * SCALE) - sum(number for number in whole if number < 0)
    step = gcd(moved, *whole)
    sizes = [abs(number) // step for number in whole]
    goal = moved // step
    if sum(sizes) < goal:
        return Answers()
    if goal <= _MOST_BITS:
        chosen = _by_bits(sizes, goal)
    elif 1 << (len(sizes) + 1) // 2 <= _MOST_IN_HALF:
        chosen = _by_halves(sizes, goal)
    else:
        return Answers(too_many=True)
    return Answers(tuple(_taken(positions, whole) for positions in chosen if _taken(positions, whole)))


def _taken(positions: frozenset[int], whole: Sequence[int]) -> tuple[int, ...]:
    return tuple(place for place, number in enumerate(whole) if (place in positions) != (number < 0))


def _by_bits(sizes: Sequence[int], goal: int) -> list[frozenset[int]]:
    """Bit n of `reach[k]` says whether the first k sizes can make n."""
    mask = (1 << (goal + 1)) - 1
    reach = [1]
    for size in sizes:
        reach.append((reach[-1] | (reach[-1] << size)) & mask)
    found: list[frozenset[int]] = []
    open_ends: list[tuple[int, int, frozenset[int]]] = [(len(sizes), goal, frozenset())]
    while open_ends and len(found) < 2:
        count, left, taken = open_ends.pop()
        if count == 0:
            found.append(taken)
            continue
        size = sizes[count - 1]
        if reach[count - 1] >> left & 1:
            open_ends.append((count - 1, left, taken))
        if left >= size and reach[count - 1] >> (left - size) & 1:
            open_ends.append((count - 1, left - size, taken | {count - 1}))
    return found


def _by_halves(sizes: Sequence[int], goal: int) -> list[frozenset[int]]:
    middle = len(sizes) // 2
    left: dict[int, list[int]] = {}
    for mask, total in enumerate(_all_sums(sizes[:middle])):
        if total <= goal and len(known := left.setdefault(total, [])) < 2:
            known.append(mask)
    found: list[frozenset[int]] = []
    for mask, total in enumerate(_all_sums(sizes[middle:])):
        for other in left.get(goal - total, ()):
            found.append(_positions(other, 0) | _positions(mask, middle))
            if len(found) == 2:
                return found
    return found


def _all_sums(sizes: Sequence[int]) -> list[int]:
    """Sum of every subset; the subset's bits are its place in the list."""
    sums = [0]
    for size in sizes:
        sums += [total + size for total in sums]
    return sums


def _positions(mask: int, first: int) -> frozenset[int]:
    return frozenset(first + bit for bit in range(mask.bit_length()) if mask >> bit & 1)
