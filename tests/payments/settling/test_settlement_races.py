"""Several workers at the same payment: they may come at once and in any order, the books come out the same."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection

from payments.books import ledger
from payments.models import Batch, Posting, SettlementFact, Voucher
from payments.month_end.checking import check_books
from payments.settling import settlement, settlement_booking
from payments.settling.settlement import ReturnedFact
from tests.build import TODAY, a_bank, a_company
from tests.payments.bank_messages import a_debit, a_sent_payment, items_of, statuses

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works):
    """Run these side by side, started together; raises what one of them raises."""
    ready = Barrier(len(works))

    def run(work):
        try:
            ready.wait(10)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [done.result(60) for done in [pool.submit(run, work) for work in works]]


def an_automatic_payment(lines):
    company = a_company()
    partner = a_bank(company)
    partner.auto_update_outgoing = True
    partner.save()
    return a_sent_payment(company, lines, bank_partner=partner)


def test_two_messages_that_tell_the_same_debits_at_once_settle_them_once():
    payment = an_automatic_payment(8)
    items = items_of(payment)
    facts = [a_debit(item) for item in items]

    at_once(
        lambda: settlement.settle(facts),
        lambda: settlement.settle(list(reversed(facts))),
        lambda: settlement.settle(facts[:4]),
    )

    assert SettlementFact.objects.count() == 8
    assert statuses(payment) == [5] * 8


def test_three_workers_book_the_same_payment_once():
    payment = an_automatic_payment(12)
    settlement.settle([a_debit(item) for item in items_of(payment)])

    def book():
        return settlement.collect(payment.pk, TODAY)

    at_once(book, book, book)
    book()

    assert statuses(payment) == [6] * 12
    assert Voucher.objects.count() == 12
    assert sum(Batch.objects.values_list("voucher_count", flat=True)) == 12
    assert check_books(payment.company, files=False) == []


def test_a_very_large_payment_is_posted_in_whole_batches_however_many_workers_book_it(monkeypatch):
    monkeypatch.setattr(settlement_booking, "LARGEST_BATCH", 5)
    payment = an_automatic_payment(12)
    settlement.settle([a_debit(item) for item in items_of(payment)])

    def book():
        return settlement.collect(payment.pk, TODAY)

    at_once(book, book, book)
    book()

    assert statuses(payment) == [6] * 12
    batches = Batch.objects.order_by("pk")
    assert {batch.state for batch in batches} == {"posted"}
    assert all(1 <= batch.voucher_count <= 5 for batch in batches)
    numbers = Voucher.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(numbers[0], numbers[0] + 12))
    assert check_books(payment.company, files=False) == []


def test_money_that_comes_back_while_it_is_posted_ends_reversed():
    payment = an_automatic_payment(6)
    payment.bank_partner.auto_update_outgoing = False
    payment.bank_partner.save()
    items = items_of(payment)
    settlement.settle([a_debit(item) for item in items])
    waiting = settlement.collect(payment.pk, TODAY)
    on = TODAY + timedelta(days=2)
    back = [
        ReturnedFact(item.pk, Decimal(1000), "NOK", on, on, "camt.054", amount=Decimal(1000), reason_code="AC04")
        for item in items[:3]
    ]

    at_once(
        lambda: ledger.post(Batch.objects.get(pk=waiting.pk)),
        lambda: settlement.bring_back(back),
    )
    ledger.post(waiting)
    ledger.post(settlement.collect(payment.pk, on))

    assert statuses(payment) == [4, 4, 4, 6, 6, 6]
    assert check_books(payment.company, files=False) == []
    assert sum(row.debit - row.credit for row in Posting.objects.filter(account="1920")) == -3000


def test_the_number_of_a_batch_that_is_gone_stops_nobody():
    payment = an_automatic_payment(2)
    settlement.settle([a_debit(item) for item in items_of(payment)])
    settlement.collect(payment.pk, TODAY)
    key = Batch.objects.get().source_key
    Batch.objects.update(source_key=f"{key[:-1]}2")  # as when an empty first one was taken away again

    assert settlement_booking._next_key(key[:-1]) == f"{key[:-1]}3"
