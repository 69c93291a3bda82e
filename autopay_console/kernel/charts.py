"""Numbers to shapes for charts drawn by the server. Pure.

Widths are per cent of the box and heights are pixels, without a viewBox, so letters keep their size at every width.
Every chart carries the sentence that replaces it for a reader; the page shows the same numbers as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

STEPS = {Decimal(1): 4, Decimal(2): 4, Decimal("2.5"): 5, Decimal(5): 5, Decimal(10): 5}  # top: even parts below it


@dataclass(frozen=True, slots=True)
class Column:
    """One place across: its words, one value per series, whether it is today or a closed day."""

    label: str
    values: Sequence[Decimal]
    under: str = ""
    now: bool = False
    off: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    css: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word at a place."""

    x: str
    y: str
    text: str
    css: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A horizontal line with its figure."""

    y: str
    text_y: str
    text: Decimal


@dataclass(frozen=True, slots=True)
class Chart:
    """What the template draws."""

    title: str
    height: int
    boxes: tuple[Box, ...] = ()
    marks: tuple[Mark, ...] = ()
    rules: tuple[Rule, ...] = ()
    points: str = ""


def nice_top(largest: Decimal) -> tuple[Decimal, int]:
    """The smallest of 1, 2, 2.5, 5, 10, 20 … that is not below the largest value, and the lines that divide it."""
    if largest <= 0:
        return Decimal(1), 1
    size = Decimal(1).scaleb(largest.adjusted())
    return next((step * size, parts) for step, parts in STEPS.items() if step * size >= largest)


def bars(columns: Sequence[Column], series: Sequence[str], title: str, *, plot: int = 134) -> Chart:
    """Stacked bars: `series` are the CSS classes from the bottom up."""
    top, foot = 14, 30
    bottom = top + plot
    limit, rules = nice_top(max((sum(column.values, Decimal(0)) for column in columns), default=Decimal(0)))
    slot = Decimal(95) / max(len(columns), 1)
    boxes: list[Box] = []
    marks: list[Mark] = []
    for index, column in enumerate(columns):
        left = slot * index
        if column.off:
            boxes.append(Box("off", _share(left), str(top), _share(slot), str(plot)))
        boxes += _stack(column, series, left, slot, bottom, Decimal(plot) / limit)
        middle, css = _share(left + slot / 2), "now" if column.now else ""
        marks.append(Mark(middle, str(bottom + 15), column.label, css))
        if column.under:
            marks.append(Mark(middle, str(bottom + 27), column.under, css))
    lines = tuple(_rule(limit * n / rules, Decimal(bottom) - Decimal(plot) * n / rules) for n in range(rules + 1))
    return Chart(title, bottom + foot, tuple(boxes), tuple(marks), lines)


def _stack(
    column: Column, series: Sequence[str], left: Decimal, slot: Decimal, bottom: int, scale: Decimal
) -> list[Box]:
    floor = Decimal(bottom)
    found = []
    for css, value in zip(series, column.values, strict=True):
        if value <= 0:
            continue
        height = max(value * scale, Decimal(2))
        floor -= height
        found.append(
            Box(css, _share(left + slot * Decimal("0.16")), _px(floor), _share(slot * Decimal("0.68")), _px(height - 1))
        )
    return found


def strip(states: Sequence[str], title: str, *, height: int = 28) -> Chart:
    """One thin bar per stretch of time; each state is a CSS class (ok, slow, down, none)."""
    slot = Decimal(100) / max(len(states), 1)
    boxes = tuple(
        Box(state, _share(slot * index), "0", _share(slot * Decimal("0.72")), str(height))
        for index, state in enumerate(states)
    )
    return Chart(title, height, boxes)


def spark(values: Sequence[Decimal | int], title: str, *, height: int = 28) -> Chart:
    """A row of thin columns for a tile: no axes, the shape alone."""
    largest = max((Decimal(value) for value in values), default=Decimal(0)) or Decimal(1)
    slot = Decimal(100) / max(len(values), 1)
    boxes = []
    for index, value in enumerate(values):
        tall = max(Decimal(value) / largest * (height - 1), Decimal(1))
        boxes.append(Box("s2", _share(slot * index), _px(height - tall), _share(slot * Decimal("0.7")), _px(tall)))
    return Chart(title, height, tuple(boxes))


def _rule(value: Decimal, y: Decimal) -> Rule:
    return Rule(_px(y), _px(y - 4), value.normalize())


def _share(value: Decimal) -> str:
    return f"{value:.3f}%"


def _px(value: Decimal) -> str:
    return f"{value:.1f}"
