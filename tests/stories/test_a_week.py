"""A week of the clock in a minute, with Christmas in it: every day somebody pays, banks work on bank days only."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from companies.calendars import is_bank_day
from payments.choices import LineStatus
from payments.models import PaymentLine, SettlementFact
from tests.stories.place import a_place, booked_once, rest

pytestmark = [
    pytest.mark.broker,
    pytest.mark.story,
    pytest.mark.xdist_group("stories"),
    pytest.mark.django_db(transaction=True),
]
MONDAY = date(2026, 12, 21)
WORKED = (0, 1, 2, 3, 7)  # Monday to Thursday, and the Monday after; Christmas Day is a Friday


def test_a_week_with_christmas_is_paid_on_bank_days_and_booked_to_the_last_oere(
    sandbox, process_env, run_worker, run_consumer
):
    town = a_place(sandbox)
    run_worker(beat=True)
    run_consumer()
    for day in WORKED:
        today = MONDAY + timedelta(days=day)
        town.a_step({"to": f"{today}T09:00"}, 60)
        town.invoices(f"{100 + day}.00", due_date=today, planned_date=today)
        payment = town.suggested()
        town.uploaded(payment)
        town.approved(payment)
        rest(60)
    town.days(most=20, seconds=60)
    assert set(PaymentLine.objects.values_list("status", flat=True)) == {LineStatus.POSTED}
    days = set(SettlementFact.objects.values_list("value_date", flat=True))
    assert SettlementFact.objects.count() == len(WORKED)
    assert all(is_bank_day(day, ("NO",)) for day in days), days
    assert not days & {MONDAY + timedelta(days=n) for n in (4, 5, 6)}
    assert town.booked() == -100 * sum(100 + day for day in WORKED)
    town.books_are_true()
    booked_once()
