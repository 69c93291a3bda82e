"""The warning about a first payment to an account ends with the first settled one."""

from datetime import timedelta

import pytest

from companies.models import PayeeAccount
from payments.settling import settlement
from payments.validation import findings
from tests.build import TODAY, a_company, a_line, a_supplier, a_supplier_entry, an_estimate
from tests.payments.bank_messages import a_debit, a_sent_payment, items_of

pytestmark = pytest.mark.django_db


def codes(payment):
    return {one.code for one in findings(payment)}


def another_payment_to(supplier, payment):
    again = an_estimate(payment.company, 0, bank_partner=payment.bank_partner)
    a_line(again, a_supplier_entry(supplier, "55.00"))
    return again


@pytest.fixture
def payment():
    payment = a_sent_payment(a_company(), 2)
    PayeeAccount.objects.update(first_paid_on=None)
    return payment


def test_a_settled_payment_writes_down_when_the_account_was_first_paid(payment):
    settlement.settle([a_debit(item) for item in items_of(payment)])
    assert set(PayeeAccount.objects.values_list("first_paid_on", flat=True)) == {TODAY}


def test_the_first_payment_warning_does_not_repeat_after_a_settled_payment(payment):
    supplier = payment.lines.first().supplier
    again = another_payment_to(supplier, payment)
    assert "account_first_payment" in codes(again)
    settlement.settle([a_debit(item) for item in items_of(payment)])
    assert "account_first_payment" not in codes(again)


def test_a_later_payment_does_not_move_the_first_day(payment):
    PayeeAccount.objects.update(first_paid_on=TODAY - timedelta(days=9))
    settlement.settle([a_debit(item) for item in items_of(payment)])
    assert set(PayeeAccount.objects.values_list("first_paid_on", flat=True)) == {TODAY - timedelta(days=9)}


def test_an_account_that_stood_in_no_register_is_known_after_it_was_paid(payment):
    PayeeAccount.objects.all().delete()
    settlement.settle([a_debit(item) for item in items_of(payment)])
    again = another_payment_to(payment.lines.first().supplier, payment)
    assert PayeeAccount.objects.count() == 2
    assert not {"account_first_payment", "account_changed"} & codes(again)


def test_a_rejected_payment_leaves_the_account_unpaid(payment):
    assert set(PayeeAccount.objects.values_list("first_paid_on", flat=True)) == {None}
    assert "account_first_payment" in codes(another_payment_to(payment.lines.first().supplier, payment))


def test_the_first_days_of_many_accounts_are_written_in_sets(payment, django_assert_max_num_queries):
    from payments.settling import first_payments

    lines = list(payment.lines.all())
    many = []
    for _number in range(40):
        line = payment.lines.model(**{f: getattr(lines[0], f) for f in ("amount", "account")})
        line.supplier = a_supplier(payment.company)
        line.account = line.supplier.account
        many.append((line, TODAY))
    PayeeAccount.objects.update(first_paid_on=None)
    with django_assert_max_num_queries(3):
        first_payments.note(many)
