"""The journal: balanced, numbered without gaps, booked once, whole or not at all."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction

from companies.models import AccountingPeriod, VoucherSeries
from payments.books import ledger
from payments.books.ledger_specs import BatchSpec, BookingRefused, MatchSpec, PostingSpec, Unbalanced, VoucherSpec
from payments.choices import BatchKind, BatchState, PaidStatus
from payments.models import Batch, EntryMatch, Posting, Voucher
from tests.build import (
    TODAY,
    a_company,
    a_customer,
    a_customer_entry,
    a_person,
    a_supplier,
    a_supplier_entry,
)

pytestmark = pytest.mark.django_db


def a_batch_spec(key="test:1", **facts):
    facts = {"kind": BatchKind.MANUAL, "series": "bank", "text": "Test", "value_date": TODAY} | facts
    return BatchSpec(source_key=key, **facts)


def a_voucher_spec(key, amount="100.00", matches=(), on=TODAY):
    amount = Decimal(amount)
    postings = (PostingSpec("2400", amount), PostingSpec("1920", -amount))
    return VoucherSpec(key, on, "Test", postings, tuple(matches))


def closing(entry, amount=None):
    return MatchSpec(Decimal(amount) if amount else entry.rest, supplier_entry_id=entry.pk)


def test_a_voucher_out_of_balance_is_refused():
    spec = VoucherSpec("v1", TODAY, "Test", (PostingSpec("2400", Decimal(100)), PostingSpec("1920", Decimal(-99))))
    with pytest.raises(Unbalanced, match="v1"):
        ledger.build(a_company(), a_batch_spec(), [spec])


def test_a_built_batch_waits_with_its_number_and_balanced_totals():
    batch = ledger.build(a_company(), a_batch_spec(), [a_voucher_spec("v1"), a_voucher_spec("v2", "50.00")])

    assert (batch.state, batch.number, batch.voucher_count) == (BatchState.WAITING, 1, 2)
    assert batch.debit_total == batch.credit_total == Decimal(150)
    assert set(batch.vouchers.values_list("number", flat=True)) == {None}


def test_posting_numbers_the_vouchers_in_a_row_after_those_before():
    company = a_company()
    for key in ("a", "b"):
        batch = ledger.build(company, a_batch_spec(key), [a_voucher_spec(f"{key}{n}") for n in range(3)])
        ledger.post(batch)

    assert list(Voucher.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert VoucherSeries.objects.get(company=company, code="bank").next_number == 7


def test_building_and_posting_twice_changes_nothing():
    company = a_company()
    specs = [a_voucher_spec("v1"), a_voucher_spec("v2")]
    first = ledger.post(ledger.build(company, a_batch_spec(), specs))
    again = ledger.post(ledger.build(company, a_batch_spec(), specs))

    assert first == again
    assert (Voucher.objects.count(), Posting.objects.count(), again.voucher_count) == (2, 4, 2)


def test_a_voucher_already_in_the_books_is_not_booked_by_another_batch():
    company = a_company()
    ledger.build(company, a_batch_spec("one"), [a_voucher_spec("v1")])

    assert ledger.build(company, a_batch_spec("two"), [a_voucher_spec("v1")]) is None
    assert Batch.objects.count() == 1


def test_posting_closes_entries_and_says_whether_in_time():
    company = a_company()
    supplier = a_supplier(company)
    on_time, late, partly = (a_supplier_entry(supplier, "100.00") for _ in range(3))
    late.due_date = date(2026, 11, 1)
    late.save()
    vouchers = [
        a_voucher_spec("v1", matches=[closing(on_time)]),
        a_voucher_spec("v2", matches=[closing(late)]),
        a_voucher_spec("v3", matches=[closing(partly, "40.00")]),
    ]

    ledger.post(ledger.build(company, a_batch_spec(), vouchers))

    for entry in (on_time, late, partly):
        entry.refresh_from_db()
    assert [entry.status for entry in (on_time, late, partly)] == [
        PaidStatus.ON_TIME,
        PaidStatus.LATE,
        PaidStatus.PARTLY,
    ]
    assert (partly.rest, on_time.rest) == (Decimal(60), Decimal(0))
    assert (partly.settled_on, on_time.settled_on) == (None, TODAY)


def test_several_vouchers_may_pay_one_customer_invoice_together():
    company = a_company()
    entry = a_customer_entry(a_customer(company), "300.00")
    parts = [a_voucher_spec(f"v{n}", matches=[MatchSpec(Decimal(100), customer_entry_id=entry.pk)]) for n in range(3)]
    ledger.post(ledger.build(company, a_batch_spec(), parts))
    entry.refresh_from_db()
    assert (entry.rest, entry.status) == (Decimal(0), PaidStatus.ON_TIME)


def test_a_batch_stays_unposted_while_its_period_is_locked():
    company = a_company()
    period = AccountingPeriod.objects.create(company=company, year=2026, month=10, state="locked")
    entry = a_supplier_entry(a_supplier(company), "100.00")
    voucher = a_voucher_spec("v1", matches=[closing(entry)], on=date(2026, 10, 30))

    batch = ledger.post(ledger.build(company, a_batch_spec(), [voucher]))

    entry.refresh_from_db()
    assert (batch.state, entry.rest) == (BatchState.WAITING, Decimal(100))
    assert "2026-10" in batch.waits_for
    assert VoucherSeries.objects.get(company=company, code="bank").next_number == 1
    period.state = "open"
    period.save()
    batch = ledger.post(batch)
    assert (batch.state, batch.waits_for) == (BatchState.POSTED, "")


def test_the_first_posting_of_a_month_makes_the_row_that_whoever_locks_it_must_wait_for():
    company = a_company()
    ledger.post(ledger.build(company, a_batch_spec(), [a_voucher_spec("v1", on=date(2026, 10, 30))]))
    assert [(row.month, row.state) for row in AccountingPeriod.objects.filter(company=company)] == [(10, "open")]


def test_an_entry_is_never_closed_beyond_its_rest():
    company = a_company()
    entry = a_customer_entry(a_customer(company), "100.00")
    match = MatchSpec(Decimal(100), customer_entry_id=entry.pk)
    first = ledger.build(company, a_batch_spec("one"), [a_voucher_spec("v1", matches=[match])])
    second = ledger.build(company, a_batch_spec("two"), [a_voucher_spec("v2", matches=[match])])

    ledger.post(first)
    second = ledger.post(second)

    assert second.state == BatchState.WAITING
    assert entry.invoice_no in second.waits_for
    assert second.vouchers.get().number is None


def test_a_reversal_is_a_new_voucher_and_opens_the_entry_again():
    company, person = a_company(), a_person()
    entry = a_supplier_entry(a_supplier(company), "100.00")
    ledger.post(ledger.build(company, a_batch_spec(), [a_voucher_spec("v1", matches=[closing(entry)])]))
    voucher = Voucher.objects.get()

    first = ledger.reverse(voucher, date(2026, 11, 27), by=person)
    assert ledger.reverse(voucher, date(2026, 11, 27), by=person) == first

    entry.refresh_from_db()
    assert (entry.rest, entry.status, entry.settled_on) == (Decimal(100), PaidStatus.OPEN, None)
    turned = Voucher.objects.get(reverses=voucher)
    assert (turned.number, turned.value_date) == (2, date(2026, 11, 27))
    assert sum(p.debit - p.credit for p in Posting.objects.filter(account="1920")) == 0
    assert sum(m.amount for m in EntryMatch.objects.all()) == 0


def test_an_unposted_voucher_is_replaced_and_a_posted_one_is_not():
    company = a_company()
    batch = ledger.build(company, a_batch_spec(), [a_voucher_spec("v1"), a_voucher_spec("v2")])
    voucher = batch.vouchers.get(source_key="v1")

    ledger.replace(voucher, a_voucher_spec("v1", "30.00"))
    batch.refresh_from_db()
    assert batch.debit_total == Decimal(130)
    ledger.post(batch)

    with pytest.raises(BookingRefused):
        ledger.replace(voucher, a_voucher_spec("v1", "10.00"))
    assert list(batch.vouchers.order_by("position").values_list("number", flat=True)) == [1, 2]


class Killed(BaseException):
    pass


def test_a_build_that_was_killed_goes_on_where_it_stopped():
    company = a_company()
    specs = [a_voucher_spec(f"v{n}") for n in range(1200)]

    def until_killed():
        yield from specs[:1100]
        raise Killed

    with pytest.raises(Killed), transaction.atomic():
        ledger.build(company, a_batch_spec(), until_killed())
    with pytest.raises(Killed):
        ledger.build(company, a_batch_spec(), until_killed())
    batch = Batch.objects.get()
    assert (batch.state, batch.number, batch.voucher_count) == (BatchState.BUILDING, None, 1000)

    batch = ledger.post(ledger.build(company, a_batch_spec(), specs))
    numbers = sorted(batch.vouchers.values_list("number", flat=True))
    assert numbers == list(range(1, 1201))
    assert batch.debit_total == sum(batch.vouchers.values_list("debit_total", flat=True)) == Decimal(120_000)


def test_a_seal_no_longer_fits_a_posting_that_was_changed():
    company = a_company()
    ledger.post(ledger.build(company, a_batch_spec(), [a_voucher_spec("v1")]))
    voucher = Voucher.objects.get()
    from payments.books.ledger_building import seal_of

    assert seal_of(voucher, voucher.postings.order_by("position")) == voucher.seal
    voucher.postings.filter(position=1).update(account="2990")
    assert seal_of(voucher, voucher.postings.order_by("position")) != voucher.seal
