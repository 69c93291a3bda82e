"""A payment line's way: every pair of statuses, who wins a race, what is kept, what is given back."""

from itertools import product

import pytest

from payments import lifecycle
from payments.choices import LineStatus
from payments.lifecycle import Reason
from payments.models import LineChange, PaymentLine
from tests.build import a_company, an_accountant, an_uploaded_payment

pytestmark = pytest.mark.django_db

MAP = {1: {8}, 8: {2, 7, 10}, 2: {3, 4, 5, 7}, 3: {4, 5, 7}, 5: {6, 4}, 6: {4}, 4: set(), 7: set(), 10: set()}
BY_WAY_OF_2 = {3, 4, 5}


def a_line_at(status):
    return an_uploaded_payment(lines=1, status=status).lines.get()


@pytest.mark.parametrize(("before", "after"), list(product(MAP, MAP)))
def test_the_status_map_is_complete(before, after):
    line = a_line_at(before)
    implied = before == 8 and after in BY_WAY_OF_2

    result = lifecycle.move([line.pk], LineStatus(after), source="test")

    line.refresh_from_db()
    if after in MAP[before] or implied:
        assert (result.moved, line.status) == ([line.pk], after)
        steps = [(before, 2), (2, after)] if implied else [(before, after)]
        assert list(line.changes.order_by("pk").values_list("before", "after")) == steps
    else:
        assert (result.stayed, line.status) == ({line.pk: before}, before)
        assert not line.changes.exists()


def test_a_change_keeps_who_when_why_and_the_source():
    line, company = a_line_at(8), a_company()
    person = an_accountant(company)

    lifecycle.move([line.pk], LineStatus.CANCELLED, source="approval", by=person, reason=Reason("", "Wrong supplier"))

    change = line.changes.get()
    assert (change.made_by, change.source, change.reason_text) == (person, "approval", "Wrong supplier")
    line.refresh_from_db()
    assert line.reason_text == "Wrong supplier"


@pytest.mark.parametrize("to", [LineStatus.REJECTED, LineStatus.CANCELLED, LineStatus.REFUSED])
def test_rejected_cancelled_and_refused_lines_give_the_invoice_back(to):
    line = a_line_at(8)
    assert (line.entry.in_payment, line.entry.remitted) == (1000, True)

    lifecycle.move([line.pk], to, source="test")

    line.entry.refresh_from_db()
    assert (line.entry.in_payment, line.entry.remitted) == (0, False)


def test_an_acknowledged_line_keeps_its_invoice():
    line = a_line_at(8)
    lifecycle.move([line.pk], LineStatus.ACKNOWLEDGED, source="test")
    line.entry.refresh_from_db()
    assert line.entry.in_payment == 1000


def test_every_line_can_have_its_own_reason():
    payment = an_uploaded_payment(lines=3)
    first, second, third = payment.lines.order_by("line_no")
    reasons = {first.pk: Reason("AC04", "Account closed"), second.pk: Reason("", "stopped by line 1")}

    lifecycle.move([first.pk, second.pk, third.pk], LineStatus.CANCELLED, source="test", reason=reasons)

    told = dict(PaymentLine.objects.filter(payment=payment).values_list("line_no", "reason_text"))
    assert told == {1: "Account closed", 2: "stopped by line 1", 3: ""}
    assert first.changes.get().reason_code == "AC04"


def test_changes_are_chained_so_that_tampering_shows():
    line = a_line_at(8)
    for to in (LineStatus.ACKNOWLEDGED, LineStatus.REJECTED):
        lifecycle.move([line.pk], to, source="test")
    seal = lifecycle.START_OF_CHAIN
    for change in line.changes.order_by("pk"):
        seal = lifecycle.seal_of(seal, change)
        assert change.seal == seal
    change.source = "something else"
    assert lifecycle.seal_of(line.changes.order_by("pk")[1].seal, change) != change.seal


def test_thousands_of_lines_move_in_sets(django_assert_max_num_queries):
    payment = an_uploaded_payment(lines=1)
    line = payment.lines.get()
    copies = []
    for number in range(2, 2502):
        line.pk, line.line_no = None, number
        copies.append(PaymentLine(**{f.attname: getattr(line, f.attname) for f in PaymentLine._meta.concrete_fields}))
    PaymentLine.objects.bulk_create(copies, batch_size=500)
    ids = list(payment.lines.values_list("pk", flat=True))

    with django_assert_max_num_queries(120):
        result = lifecycle.move(ids, LineStatus.ACKNOWLEDGED, source="pain.002 X")

    assert len(result.moved) == 2501
    assert LineChange.objects.filter(payment=payment).count() == 2 * 2501


def test_a_line_moved_by_somebody_else_meanwhile_stays_where_it_is(monkeypatch):
    payment = an_uploaded_payment(lines=2)
    first, second = payment.lines.order_by("line_no")
    look_up = lifecycle.way

    def somebody_is_faster(before, to):
        PaymentLine.objects.filter(pk=first.pk, status=8).update(status=LineStatus.CANCELLED)
        return look_up(before, to)

    monkeypatch.setattr(lifecycle, "way", somebody_is_faster)
    result = lifecycle.move([first.pk, second.pk], LineStatus.TRANSFERRED, source="test")

    assert result.moved == [second.pk]
    assert result.stayed == {first.pk: LineStatus.CANCELLED}


def test_lines_that_went_on_after_a_move_was_prepared_are_not_moved_with_it():
    payment = an_uploaded_payment(lines=3, status=LineStatus.SETTLED)
    first, second, third = payment.lines.order_by("line_no").values_list("pk", flat=True)
    ready = lifecycle.prepare([first, second, third], LineStatus.POSTED, source="batch 1")
    lifecycle.move([second], LineStatus.REJECTED, source="returned")

    moved = lifecycle.carry_out(ready)

    assert (moved.moved, moved.stayed) == ([first, third], {second: LineStatus.REJECTED})
    steps = LineChange.objects.order_by("line_id", "pk").values_list("line_id", "before", "after")
    assert list(steps) == [(first, 5, 6), (second, 5, 4), (third, 5, 6)]


def test_a_prepared_move_is_made_once_and_keeps_the_chain():
    line = a_line_at(LineStatus.TRANSFERRED)
    lifecycle.move([line.pk], LineStatus.SETTLED, source="camt.054")
    ready = lifecycle.prepare([line.pk], LineStatus.POSTED, source="batch 1")

    assert lifecycle.carry_out(ready).moved == [line.pk]
    assert lifecycle.carry_out(ready).stayed == {line.pk: LineStatus.POSTED}

    settled, posted = line.changes.order_by("pk")
    assert posted.seal == lifecycle.seal_of(settled.seal, posted)
