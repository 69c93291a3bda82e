"""Closing a month: what is counted, who looks after it, the lock, and what comes afterwards."""

from datetime import date
from decimal import Decimal

import pytest

from companies import periods
from companies.choices import PeriodState
from companies.models import AccountingPeriod, PeriodTurn
from payments.books import ledger
from payments.books.ledger_specs import BatchSpec, PostingSpec, VoucherSpec
from payments.choices import BatchKind, BatchState, ClosingCheck, IncomingState
from payments.models import Batch, CustomerEntry, IncomingPayment
from payments.month_end import checking, closing, reception
from tests import build
from tests.payments.incoming.bank_files import (
    a_credit,
    a_payment,
    a_receiving_company,
    an_invoice,
    camt053,
    camt054,
    loaded,
)

pytestmark = pytest.mark.django_db
KID = "00001234500000100011"
OCTOBER = (2026, 10)
DAY = "2026-10-30"  # the last bank day of October 2026


@pytest.fixture
def company():
    return a_receiving_company()


@pytest.fixture
def kari(company):
    return build.an_accountant(company)


def counts(company, month=OCTOBER):
    return {
        point.check: point.counted.count for point in closing.checklist(company, *month).points if point.counted.count
    }


def a_month_in_order(company):
    """One payment that came in October, matched, booked and proven by the last statement of the month."""
    an_invoice(company)
    credit = a_credit(a_payment(kid=KID), ref="E1", day=DAY)
    loaded(company, camt054(credit))
    loaded(company, camt053(a_credit(amount="1012.50", ref="E1", day=DAY), opening="0.00", closing="1012.50", day=DAY))


def a_waiting_batch(company, day=date(2026, 10, 20), key="late"):
    sides = (PostingSpec("1920", Decimal(100)), PostingSpec("3000", Decimal(-100)))
    spec = BatchSpec(BatchKind.MANUAL, key, "bank", "By hand", day)
    return ledger.build(company, spec, [VoucherSpec(f"{key}:1", day, "By hand", sides)])


def test_a_month_in_order_is_green_and_locked_without_a_reason(company, kari):
    a_month_in_order(company)
    assert closing.checklist(company, *OCTOBER).green
    closing.lock(company, *OCTOBER, kari)
    assert AccountingPeriod.objects.get(company=company).state == PeriodState.LOCKED


def test_a_parked_payment_stands_against_the_month_it_came_in_and_those_after(company):
    loaded(company, camt054(a_credit(a_payment("70.00", text="?"), day=DAY)))
    assert counts(company)[ClosingCheck.PARKED] == 1
    assert counts(company, (2026, 11))[ClosingCheck.PARKED] == 1
    assert ClosingCheck.PARKED not in counts(company, (2026, 9))


def test_a_debit_nobody_explained_is_counted(company):
    loaded(company, camt054(a_credit(a_payment("70.00", text="card"), day=DAY, way="DBIT")))
    assert counts(company)[ClosingCheck.DEBITS] == 1


def test_a_line_nothing_answers_a_missing_statement_and_an_unproven_account_are_named(company):
    loaded(
        company, camt053(a_credit(amount="5.00", day="2026-10-15"), opening="0.00", closing="5.00", day="2026-10-15")
    )
    loaded(
        company, camt053(a_credit(amount="7.00", day="2026-10-20"), opening="9.00", closing="16.00", day="2026-10-20")
    )
    found = {point.check: point.counted for point in closing.checklist(company, *OCTOBER).points}
    assert found[ClosingCheck.LINES].count == 2
    assert [text.split(": ")[1] for text in found[ClosingCheck.GAPS].details] == [
        "a hole before 2026-10-20",
        "told up to 2026-10-20",
    ]


def test_a_batch_that_waits_is_counted(company):
    a_waiting_batch(company)
    assert counts(company) == {ClosingCheck.BATCHES: 1}


def test_a_transfer_the_bank_has_not_answered_is_counted(company):
    from payments.models import Transfer
    from tests.payments.bank_messages import a_sent_payment

    a_sent_payment(company, 1)
    Transfer.objects.update(created_at="2026-10-20T10:00:00Z")
    assert counts(company)[ClosingCheck.ANSWERS] == 1


def test_a_month_with_something_left_is_locked_only_with_a_reason_that_is_kept(company, kari):
    a_waiting_batch(company)
    with pytest.raises(closing.NotClosed):
        closing.lock(company, *OCTOBER, kari)
    closing.lock(company, *OCTOBER, kari, "The auditor asked for it")
    turn = PeriodTurn.objects.get(company=company)
    assert (turn.state, turn.by, turn.reason) == (PeriodState.LOCKED, kari, "The auditor asked for it")


def test_a_month_that_has_not_ended_is_not_green(company):
    assert not closing.checklist(company, 2026, 12).green


def test_locking_and_opening_leave_a_row_each(company, kari):
    periods.lock(company, *OCTOBER, kari)
    periods.lock(company, *OCTOBER, kari)
    periods.unlock(company, *OCTOBER, kari, "late invoice")
    assert [turn.state for turn in closing.turns(company, *OCTOBER)] == [PeriodState.OPEN, PeriodState.LOCKED]


def test_a_point_has_somebody_who_looks_after_it(company, kari):
    colleague = build.an_accountant(company)
    closing.assign(company, *OCTOBER, ClosingCheck.PARKED, kari, owner=colleague, note="asks the bank")
    closing.assign(company, *OCTOBER, ClosingCheck.PARKED, kari, owner=kari, note="")
    point = next(one for one in closing.checklist(company, *OCTOBER).points if one.check == ClosingCheck.PARKED)
    assert (point.owner, point.note) == (kari, "")


def test_what_comes_for_a_locked_month_waits_on_the_list_of_what_came_late(company, kari):
    periods.lock(company, *OCTOBER, kari)
    an_invoice(company)
    loaded(company, camt054(a_credit(a_payment(kid=KID), ref="E1", day=DAY)))
    batch = reception.waiting(company).get()
    assert (batch.state, "2026-10" in batch.waits_for) == (BatchState.WAITING, True)


def test_a_late_batch_is_posted_in_an_open_month_and_says_where_it_came_from(company, kari):
    periods.lock(company, *OCTOBER, kari)
    entry = an_invoice(company)
    loaded(company, camt054(a_credit(a_payment(kid=KID), ref="E1", day=DAY)))
    batch = reception.take_over(reception.waiting(company).get(), kari, date(2026, 11, 2))
    voucher = batch.vouchers.get()
    entry.refresh_from_db()
    assert (voucher.value_date, DAY in voucher.extra_text) == (date(2026, 11, 2), True)
    assert (entry.rest, str(entry.settled_on)) == (Decimal(0), DAY)
    assert IncomingPayment.objects.get().state == IncomingState.POSTED
    assert not reception.waiting(company).exists()
    assert checking.check_books(company, files=False) == []


def test_a_late_batch_is_not_moved_into_a_locked_month_or_back_in_time(company, kari):
    batch = a_waiting_batch(company)
    periods.lock(company, *OCTOBER, kari)
    periods.lock(company, 2026, 11, kari)
    for day in (date(2026, 11, 2), date(2026, 9, 1)):
        with pytest.raises(reception.NotTaken):
            reception.take_over(batch, kari, day)
    assert reception.first_open_day(company) == date(2026, 12, 1)


def test_a_late_batch_that_cannot_be_posted_keeps_its_dates(company, kari):
    periods.lock(company, *OCTOBER, kari)
    entry = an_invoice(company)
    loaded(company, camt054(a_credit(a_payment(kid=KID), ref="E1", day=DAY)))
    CustomerEntry.objects.filter(pk=entry.pk).update(rest=Decimal(1))
    batch = reception.waiting(company).get()
    before = batch.vouchers.values_list("value_date", "extra_text", "seal").get()

    with pytest.raises(reception.NotTaken, match="has only"):
        reception.take_over(batch, kari, date(2026, 11, 2))

    assert batch.vouchers.values_list("value_date", "extra_text", "seal").get() == before
    assert list(reception.waiting(company)) == [batch]
    assert IncomingPayment.objects.get().state == IncomingState.MATCHED


def test_a_posted_batch_is_never_moved(company, kari):
    batch = ledger.post(a_waiting_batch(company), kari)
    periods.lock(company, *OCTOBER, kari)
    with pytest.raises(reception.NotTaken):
        reception.take_over(batch, kari, date(2026, 11, 2))
    assert Batch.objects.get().vouchers.get().value_date == date(2026, 10, 20)


def test_nothing_is_late_while_no_month_is_locked(company):
    a_waiting_batch(company)
    assert not reception.waiting(company).exists()
