"""Numbers to shapes."""

from decimal import Decimal

import pytest

from autopay_console.kernel import charts


@pytest.mark.parametrize(
    ("largest", "top"),
    [("0", "1"), ("0.7", "1"), ("1", "1"), ("1052", "2000"), ("2100", "2500"), ("26", "50"), ("99", "100")],
)
def test_the_scale_ends_at_a_round_number(largest, top):
    assert charts.nice_top(Decimal(largest))[0] == Decimal(top)


def test_stacked_bars_stand_on_each_other():
    chart = charts.bars([charts.Column("26", [Decimal(30), Decimal(70)], "T")], ("s1", "s2"), "Due")
    low, high = chart.boxes
    assert (low.css, high.css) == ("s1", "s2")
    assert Decimal(high.y) < Decimal(low.y)
    assert float(high.height) == pytest.approx(134 * 0.7 - 1)


def test_nothing_draws_nothing():
    assert charts.bars([charts.Column("1", [Decimal(0)])], ("s1",), "Due").boxes == ()
    assert charts.bars([], (), "Due").boxes == ()


def test_a_closed_day_is_marked():
    assert [box.css for box in charts.bars([charts.Column("28", [Decimal(0)], off=True)], ("s1",), "Due").boxes] == [
        "off"
    ]


def test_a_strip_has_a_bar_for_each_stretch():
    assert [box.css for box in charts.strip(["ok", "down", "ok"], "Gateway").boxes] == ["ok", "down", "ok"]


def test_the_smallest_value_of_a_sparkline_still_shows():
    assert all(float(box.height) >= 1 for box in charts.spark([0, 5, 10], "Queue").boxes)
