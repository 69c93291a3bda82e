"""What others read on gets its place after it is committed: nothing ever appears below a place that was read."""

from threading import Event, Thread

import pytest
from django.db import connection, transaction

from integration.api import keys, reading
from payments import lifecycle, publishing
from payments.choices import LineStatus
from payments.models import Batch, LineChange
from tests import build
from tests.integration.api.vouchers import posted
from tests.payments.settling.test_settlement_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company():
    company = build.a_company()
    build.a_bank(company)
    return company


@pytest.fixture
def key(company):
    person = build.a_person("administrator", company=company)
    return keys.make(company, "ERP", keys.Rights(True, True, True), person, None)[0]


def some_lines(company, count):
    payment = build.a_transferred_payment(company, count)
    return list(payment.lines.order_by("pk").values_list("pk", flat=True))


def read_all(key, cursor="", what=reading.statuses, limit=2):
    found = []
    while True:
        said = what(key, cursor, None, limit)
        found += said["items"]
        cursor = said["next_cursor"]
        if not said["more"]:
            return found, cursor


def test_a_change_with_a_lower_key_that_is_committed_later_is_read_later(company, key):
    ids = some_lines(company, 3)
    lifecycle.move(ids, LineStatus.ACKNOWLEDGED, source="test")
    late = LineChange.objects.order_by("pk").first()
    late.delete()
    seen, cursor = read_all(key)

    LineChange.objects.bulk_create([late])  # its key was given out first, its transaction ends now

    more, cursor = read_all(key, cursor)
    assert len(seen) == 2
    assert [one["change"] for one in more] == [late.pk]
    assert read_all(key, cursor)[0] == []


def test_places_rise_and_no_two_changes_have_the_same(company, monkeypatch):
    monkeypatch.setattr(publishing, "SLICE", 3)
    ids = some_lines(company, 7)
    lifecycle.move(ids, LineStatus.ACKNOWLEDGED, source="test")
    first = LineChange.objects.order_by("pk").first()
    first.delete()
    publishing.publish_changes()
    LineChange.objects.bulk_create([first])
    lifecycle.move(ids[:4], LineStatus.REJECTED, source="test")

    last = publishing.publish_changes()

    places = list(LineChange.objects.order_by("published").values_list("published", flat=True))
    assert None not in places
    assert len(set(places)) == 11
    assert places[-1] == last


def test_a_change_keeps_the_place_it_got(company):
    ids = some_lines(company, 2)
    lifecycle.move(ids, LineStatus.ACKNOWLEDGED, source="test")
    publishing.publish_changes()
    before = dict(LineChange.objects.values_list("pk", "published"))
    publishing.publish_changes()
    assert dict(LineChange.objects.values_list("pk", "published")) == before


def test_a_reader_that_stops_half_way_is_told_that_there_is_more(company, key, monkeypatch):
    monkeypatch.setattr(publishing, "SLICE", 2)
    lifecycle.move(some_lines(company, 5), LineStatus.ACKNOWLEDGED, source="test")
    publishing.publish_changes(most=1)
    monkeypatch.setattr(reading.publishing, "publish_changes", lambda: publishing._last(publishing.CHANGES))

    said = reading.statuses(key, "", None, 100)

    assert len(said["items"]) == 2
    assert said["more"] is True


def test_a_batch_posted_earlier_but_committed_later_is_read_later(company, key):
    first, second = posted(company, 1), posted(company, 2)
    early = Batch.objects.get(pk=first.batch_id)
    Batch.objects.filter(pk=early.pk).update(state="waiting", posted_at=None)
    seen, cursor = read_all(key, what=reading.vouchers)

    Batch.objects.filter(pk=early.pk).update(state="posted", posted_at=early.posted_at)

    more, cursor = read_all(key, cursor, what=reading.vouchers)
    assert [one["number"] for one in seen] == [second.number]
    assert [one["number"] for one in more] == [first.number]
    assert read_all(key, cursor, what=reading.vouchers)[0] == []


def test_two_readers_at_once_give_each_change_one_place(company):
    lifecycle.move(some_lines(company, 6), LineStatus.ACKNOWLEDGED, source="test")
    at_once(publishing.publish_changes, publishing.publish_changes, publishing.publish_changes)
    places = list(LineChange.objects.values_list("published", flat=True))
    assert len(set(places)) == 6
    assert None not in places


@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite lets only one transaction write at a time")
def test_a_long_transaction_that_began_first_is_not_jumped_over(company, key):
    first, second = some_lines(company, 2), some_lines(company, 2)
    written, may_end = Event(), Event()

    def long_work():
        try:
            with transaction.atomic():
                lifecycle.move(first, LineStatus.ACKNOWLEDGED, source="long")
                written.set()
                may_end.wait(30)
        finally:
            connection.close()

    slow = Thread(target=long_work)
    slow.start()
    assert written.wait(30)
    lifecycle.move(second, LineStatus.ACKNOWLEDGED, source="short")
    seen, cursor = read_all(key)
    may_end.set()
    slow.join(30)
    more, cursor = read_all(key, cursor)

    begun_first = LineChange.objects.filter(line__in=first).values_list("pk", flat=True)
    begun_later = LineChange.objects.filter(line__in=second).values_list("pk", flat=True)
    assert max(begun_first) < min(begun_later)
    assert {one["change"] for one in seen} == set(begun_later)
    assert {one["change"] for one in more} == set(begun_first)
