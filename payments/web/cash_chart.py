"""What is left on an account at the end of each bank day, as shapes; below zero hangs under the line."""

from __future__ import annotations

from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from autopay_console.kernel.charts import Box, Chart, Mark, Rule, nice_top
from autopay_console.kernel.days import day_and_month
from payments.preparing.liquidity import Day, Forecast

TOP, PLOT, FOOT = 14, 120, 30
THOUSAND = Decimal(1000)


def chart(forecast: Forecast) -> Chart | None:
    """Two bars a day: surely left, and left when what waits is approved and customers pay. None without a balance."""
    days = [one for one in forecast.days if one.sure is not None and one.left is not None]
    if not days:
        return None
    values = [value / THOUSAND for one in days for value in (one.sure or Decimal(0), one.left or Decimal(0))]
    high, _parts = nice_top(max(*values, Decimal(0)))
    low = Decimal(0)
    if min(values) < 0:
        low = -nice_top(-min(values))[0]
    scale = Decimal(PLOT) / (high - low)
    zero = Decimal(TOP) + high * scale
    slot = Decimal(92) / len(days)
    boxes: list[Box] = []
    marks: list[Mark] = []
    for index, one in enumerate(days):
        left = slot * index
        boxes.append(_bar("s2", one.sure, left + slot * Decimal("0.14"), slot, zero, scale))
        boxes.append(_bar("down" if one.below else "s1", one.left, left + slot * Decimal("0.52"), slot, zero, scale))
        middle = f"{left + slot / 2:.3f}%"
        marks.append(Mark(middle, str(TOP + PLOT + 15), str(one.day.day), "now" if index == 0 else ""))
        marks.append(Mark(middle, str(TOP + PLOT + 27), date_format(one.day, "D")[:1]))
    levels = dict.fromkeys([low, Decimal(0), high])
    # the first line of a chart carries no figure, so the lowest one is drawn twice
    rules = [_rule(level, zero - level * scale) for level in levels]
    return Chart(_title(forecast, days), TOP + PLOT + FOOT, tuple(boxes), tuple(marks), (rules[0], *rules))


def _bar(css: str, value: Decimal | None, left: Decimal, slot: Decimal, zero: Decimal, scale: Decimal) -> Box:
    height = abs(value or Decimal(0)) / THOUSAND * scale
    top = zero - height if (value or 0) >= 0 else zero
    return Box(css, f"{left:.3f}%", f"{top:.1f}", f"{slot * Decimal('0.34'):.3f}%", f"{max(height, Decimal(1)):.1f}")


def _rule(level: Decimal, y: Decimal) -> Rule:
    return Rule(f"{y:.1f}", f"{y - 4:.1f}", level.normalize())


def _title(forecast: Forecast, days: list[Day]) -> str:
    said = _(
        "What is left on %(account)s at the end of each bank day, %(first)s to %(last)s, in thousand %(currency)s. The "
        "table has the same numbers."
    )
    return said % {
        "account": forecast.partner.name,
        "first": day_and_month(days[0].day),
        "last": day_and_month(days[-1].day),
        "currency": forecast.partner.currency_id,
    }
