"""The builders build rows that satisfy every constraint."""

import pytest

from payments.choices import LineStatus
from tests import build

pytestmark = pytest.mark.django_db


def test_an_estimate_reserves_its_entries():
    payment = build.an_estimate(lines=2)
    for line in payment.lines.all():
        assert line.entry.in_payment == line.amount == line.entry.rest
        assert line.entry.remitted


def test_an_uploaded_payment_has_an_item_per_line():
    payment = build.an_uploaded_payment(lines=2)
    assert set(payment.lines.values_list("status", flat=True)) == {LineStatus.AT_EFT}
    assert payment.items.count() == 2


def test_a_transferred_payment_was_accepted():
    assert build.a_transferred_payment(lines=1).transfers.get().state == "accepted"


def test_a_customer_entry_has_a_kid_of_twenty_digits():
    entry = build.a_customer_entry(build.a_customer(build.a_company()))
    assert len(entry.kid) == 20
