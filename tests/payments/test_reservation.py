"""An open entry is never taken beyond its rest, whatever payments do side by side."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from payments import reservation
from payments.choices import LineStatus
from payments.models import LineChange, SupplierEntry
from tests import build


def an_entry(amount="1000.00", **facts):
    return build.a_supplier_entry(build.a_supplier(build.a_company()), amount, **facts)


@pytest.mark.django_db
class TestOneEntry:
    def test_taking_all_of_an_entry_marks_it_remitted(self):
        entry = an_entry()
        reservation.reserve(entry.pk, Decimal("1000"))
        entry.refresh_from_db()
        assert (entry.in_payment, entry.remitted) == (Decimal("1000.00"), True)

    def test_a_part_payment_leaves_the_mark_off_and_the_rest_payable(self):
        entry = an_entry()
        reservation.reserve(entry.pk, Decimal("400"))
        entry.refresh_from_db()
        assert (entry.payable, entry.remitted) == (Decimal("600.00"), False)

    def test_the_last_part_sets_the_mark(self):
        entry = an_entry()
        reservation.reserve(entry.pk, Decimal("400"))
        reservation.reserve(entry.pk, Decimal("600"))
        entry.refresh_from_db()
        assert entry.remitted

    def test_more_than_the_rest_is_refused_and_says_what_is_free(self):
        entry = an_entry()
        reservation.reserve(entry.pk, Decimal("400"))
        with pytest.raises(reservation.NotFree, match=r"600\.00"):
            reservation.reserve(entry.pk, Decimal("600.01"))

    def test_a_credit_note_is_taken_by_its_sign(self):
        entry = an_entry("-300")
        reservation.reserve(entry.pk, Decimal("-300"))
        with pytest.raises(reservation.NotFree):
            reservation.reserve(entry.pk, Decimal("-0.01"))

    def test_a_credit_note_cannot_be_paid_as_an_invoice(self):
        with pytest.raises((reservation.NotFree, IntegrityError)), transaction.atomic():
            reservation.reserve(an_entry("-300").pk, Decimal("300"))

    def test_releasing_makes_the_entry_payable_again(self):
        entry = an_entry()
        reservation.reserve(entry.pk, Decimal("1000"))
        reservation.release(entry.pk, Decimal("1000"))
        entry.refresh_from_db()
        assert (entry.in_payment, entry.remitted) == (Decimal("0.00"), False)

    def test_more_than_was_taken_cannot_be_released(self):
        entry = an_entry()
        reservation.reserve(entry.pk, Decimal("100"))
        with pytest.raises(reservation.NotFree):
            reservation.release(entry.pk, Decimal("100.01"))

    def test_the_database_refuses_a_hold_beyond_the_rest(self):
        entry = an_entry()
        with pytest.raises(IntegrityError), transaction.atomic():
            SupplierEntry.objects.filter(pk=entry.pk).update(in_payment=Decimal("1000.01"))


@pytest.mark.django_db
class TestSets:
    def test_whole_entries_are_taken_once(self):
        first, second = an_entry(), an_entry("-50")
        ids = [first.pk, second.pk]
        assert reservation.reserve_whole(ids) == {first.pk: Decimal("1000.00"), second.pk: Decimal("-50.00")}
        assert reservation.reserve_whole(ids) == {}

    def test_held_and_partly_taken_entries_are_left(self):
        held, part, free = an_entry(held=True), an_entry(), an_entry()
        reservation.reserve(part.pk, Decimal("1"))
        assert set(reservation.reserve_whole([held.pk, part.pk, free.pk])) == {free.pk}

    def test_lines_give_back_what_they_held_with_their_discount(self):
        entry = an_entry()
        payment = build.an_estimate(entry.company, lines=0)
        line = build.a_line(payment, entry, amount="980.00")
        reservation.reserve(entry.pk, Decimal("20"))
        line.discount = Decimal("20")
        line.save()
        reservation.release_lines([line.pk])
        entry.refresh_from_db()
        assert (entry.in_payment, entry.remitted) == (Decimal("0.00"), False)

    def test_two_lines_of_one_entry_give_back_their_sum(self):
        entry = an_entry()
        payment = build.an_estimate(entry.company, lines=0)
        lines = [build.a_line(payment, entry, amount=part) for part in ("100.00", "250.00", "30.00")]
        reservation.release_lines([lines[0].pk, lines[1].pk])
        entry.refresh_from_db()
        assert entry.in_payment == Decimal("30.00")

    def test_a_posted_line_has_nothing_to_give_back(self):
        payment = build.a_transferred_payment(lines=1)
        line = payment.lines.get()
        LineChange.objects.create(
            line=line, payment=payment, before=5, after=LineStatus.POSTED, at=build.NOW, source="test", seal="x"
        )
        SupplierEntry.objects.filter(pk=line.entry_id).update(in_payment=0)
        reservation.release_lines([line.pk])
        assert SupplierEntry.objects.get(pk=line.entry_id).in_payment == 0


class Reservations(RuleBasedStateMachine):
    """Several payments take and give back parts of one invoice and one credit note."""

    def __init__(self):
        super().__init__()
        supplier = build.a_supplier(build.a_company())
        self.rest = {
            build.a_supplier_entry(supplier, "100.00").pk: Decimal(100),
            build.a_supplier_entry(supplier, "-40.00").pk: Decimal(-40),
        }
        self.holds = []  # one per payment line: (entry, part)

    def taken(self, entry):
        return sum((part for held, part in self.holds if held == entry), Decimal(0))

    @rule(cents=st.integers(1, 10_000), invoice=st.booleans())
    def take(self, cents, invoice):
        entry = list(self.rest)[0 if invoice else 1]
        part = Decimal(cents) / 100 * (1 if invoice else -1)
        free = abs(self.rest[entry]) - abs(self.taken(entry))
        try:
            reservation.reserve(entry, part)
            assert abs(part) <= free
            self.holds.append((entry, part))
        except reservation.NotFree:
            assert abs(part) > free

    @precondition(lambda self: self.holds)
    @rule(which=st.integers(0, 50))
    def give_back(self, which):
        entry, part = self.holds.pop(which % len(self.holds))
        reservation.release(entry, part)

    @precondition(lambda self: self.holds)
    @rule(which=st.integers(0, 50), cents=st.integers(1, 10_000))
    def change(self, which, cents):
        index = which % len(self.holds)
        entry, part = self.holds[index]
        wanted = Decimal(cents) / 100 * (1 if part > 0 else -1)
        try:
            reservation.change(entry, part, wanted)
            self.holds[index] = (entry, wanted)
        except reservation.NotFree:
            assert abs(self.taken(entry) - part + wanted) > abs(self.rest[entry])

    @rule()
    def take_whole(self):
        for entry, part in reservation.reserve_whole(list(self.rest)).items():
            assert self.taken(entry) == 0
            self.holds.append((entry, part))

    @invariant()
    def holds_never_pass_the_rest(self):
        for entry in SupplierEntry.objects.filter(pk__in=self.rest):
            assert entry.in_payment == self.taken(entry.pk)
            assert abs(entry.in_payment) <= abs(entry.rest)
            assert entry.remitted == (entry.in_payment == entry.rest)


class TestReservations(Reservations.TestCase, TestCase):
    settings = hypothesis_settings(max_examples=25, stateful_step_count=12, deadline=None)
