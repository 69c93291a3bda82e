"""Bank days, days without payments, cut-off: dates are moved before the bank does it, and say why."""

from datetime import UTC, date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companies.calendars import (
    CALENDARS,
    TARGET,
    FreeDays,
    add_bank_days,
    after_cut_off,
    bank_day_from,
    bank_day_until,
    calendars_for,
    closed_because,
    earliest_execution,
    execution_date,
    is_bank_day,
    next_bank_day,
    planned_payment_date,
    previous_bank_day,
)

WEEKEND = FreeDays(frozenset({5, 6}))
DAYS = st.dates(date(2024, 1, 1), date(2032, 12, 31))


@pytest.mark.parametrize(
    ("calendar", "day"),
    [
        ("NO", date(2027, 5, 17)),
        ("NO", date(2026, 4, 2)),
        ("SE", date(2026, 6, 19)),
        ("SE", date(2026, 12, 24)),
        ("SE", date(2026, 12, 31)),
        ("DK", date(2026, 6, 5)),
        ("DK", date(2026, 5, 15)),
        ("DK", date(2026, 12, 24)),
        ("FI", date(2026, 6, 19)),
        ("FI", date(2027, 12, 6)),
        ("DE", date(2028, 10, 3)),
        ("US", date(2026, 11, 26)),
        (TARGET, date(2026, 4, 3)),
        (TARGET, date(2028, 12, 26)),
    ],
)
def test_banks_are_closed(calendar, day):
    assert closed_because(day, [calendar])


@pytest.mark.parametrize(
    ("calendar", "day"),
    [
        ("NO", date(2026, 12, 24)),
        ("DK", date(2026, 5, 1)),
        ("SE", date(2026, 4, 2)),
        ("US", date(2026, 7, 3)),
        (TARGET, date(2027, 5, 17)),
        (TARGET, date(2026, 5, 14)),
    ],
)
def test_banks_are_open(calendar, day):
    assert is_bank_day(day, [calendar])


def test_a_closed_day_says_its_name_and_whose_it_is():
    assert closed_because(date(2028, 5, 17), ["NO"]) == "Constitution Day (NO)"
    assert closed_because(date(2026, 11, 28), ["NO"]) == "Saturday"


def test_the_next_bank_day_after_maundy_thursday_is_a_tuesday():
    assert next_bank_day(date(2026, 4, 1), ["NO"]) == date(2026, 4, 7)
    assert previous_bank_day(date(2026, 4, 7), ["NO"]) == date(2026, 4, 1)


def test_all_calendars_must_be_open():
    assert bank_day_from(date(2027, 5, 17), ["NO", TARGET]) == date(2027, 5, 18)


def test_a_saturday_moves_to_monday_or_with_the_mark_to_friday():
    saturday = date(2026, 11, 28)
    assert planned_payment_date(saturday, WEEKEND).day == date(2026, 11, 30)
    assert planned_payment_date(saturday, FreeDays(WEEKEND.weekdays, earlier=True)).day == date(2026, 11, 27)


def test_a_moved_date_says_every_reason():
    planned = planned_payment_date(date(2027, 5, 15), WEEKEND, ["NO"])
    assert planned.day == date(2027, 5, 18)
    assert [r.code for r in planned.reasons] == ["day_without_payments", "day_without_payments", "no_bank_day"]
    assert "Constitution Day" in planned.reasons[-1].text


def test_a_date_that_fits_stays_and_gives_no_reason():
    planned = planned_payment_date(date(2026, 11, 25), WEEKEND, ["NO"])
    assert (planned.day, planned.reasons) == (date(2026, 11, 25), ())


def test_without_calendars_only_the_companys_weekdays_count():
    assert planned_payment_date(date(2027, 5, 17), WEEKEND).day == date(2027, 5, 17)


def test_a_company_that_never_pays_keeps_the_date_and_is_told():
    planned = planned_payment_date(date(2026, 11, 25), FreeDays(frozenset(range(7))))
    assert planned.day == date(2026, 11, 25)
    assert planned.reasons[0].code == "no_payment_day"


@settings(deadline=None)
@given(st.integers(0, 255))
def test_the_bits_of_the_column_come_back(bits):
    assert FreeDays.from_bits(bits).bits == bits


def test_the_cut_off_is_on_the_companys_own_clock():
    now = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)
    assert after_cut_off(now, time(13, 30), "Europe/Oslo")
    assert not after_cut_off(now, time(14, 30), "Europe/London")


def test_after_cut_off_a_file_is_executed_the_next_bank_day():
    friday = datetime(2026, 11, 27, 15, 0, tzinfo=UTC)
    assert earliest_execution(friday, time(14, 0), "Europe/Oslo", ["NO"]) == date(2026, 11, 30)
    assert earliest_execution(friday, time(18, 0), "Europe/Oslo", ["NO"]) == date(2026, 11, 27)


def test_lead_days_are_bank_days_before_the_due_date():
    assert execution_date(date(2026, 11, 29), 1, ["NO"]) == date(2026, 11, 26)


def test_euro_needs_target_too():
    assert calendars_for("NO", "EUR") == ("NO", TARGET)
    assert calendars_for("NO", "NOK") == ("NO",)


@settings(deadline=None)
@given(DAYS, st.sampled_from(CALENDARS))
def test_the_nearest_bank_days_are_bank_days_on_either_side(day, calendar):
    later, earlier = bank_day_from(day, [calendar]), bank_day_until(day, [calendar])
    assert earlier <= day <= later
    assert is_bank_day(later, [calendar])
    assert is_bank_day(earlier, [calendar])


@settings(deadline=None)
@given(DAYS, st.integers(1, 10))
def test_bank_days_forward_and_back_lead_home(day, count):
    start = bank_day_from(day, ["NO"])
    assert add_bank_days(add_bank_days(start, count, ["NO"]), -count, ["NO"]) == start


@settings(deadline=None)
@given(DAYS, st.integers(0, 255))
def test_a_planned_date_is_payable_unless_nothing_is(day, bits):
    free = FreeDays.from_bits(bits)
    planned = planned_payment_date(day, free, ["NO", TARGET])
    if len(free.weekdays) < 7 and (not planned.reasons or planned.reasons[0].code != "no_payment_day"):
        assert planned.day.weekday() not in free.weekdays
        assert is_bank_day(planned.day, ["NO", TARGET])
