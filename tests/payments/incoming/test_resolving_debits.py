"""Debits nobody here made: booked, matched with a supplier entry, or known; decided once."""

from decimal import Decimal

import pytest

from payments.clearing import resolving_debits
from payments.clearing.resolving import DoesNotFit, MovedOn
from payments.lists import incoming_queries
from payments.models import OpenDebit, Posting
from payments.month_end import checking
from tests import build
from tests.payments.incoming.bank_files import a_credit, a_receiving_company, camt054, loaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return a_receiving_company()


@pytest.fixture
def debit(company):
    loaded(company, camt054(a_credit(amount="300.00", way="DBIT", code="PMNT/CCRD/POSD")))
    return OpenDebit.objects.get()


@pytest.fixture
def kari(company):
    return build.an_accountant(company)


def test_a_debit_is_posted_to_an_account_and_leaves_the_list(company, debit, kari):
    resolving_debits.post_to_account(debit, kari, "6540", version=debit.version)
    assert Posting.objects.get(account="6540").debit == Decimal(300)
    assert Posting.objects.get(account="1920").credit == Decimal(300)
    assert not incoming_queries.waiting_debits(company).exists()
    assert checking.check_books(company, files=False) == []


def test_a_debit_can_have_paid_a_supplier_entry(company, debit, kari):
    entry = build.a_supplier_entry(build.a_supplier(company), "500.00")
    resolving_debits.pay_entry(debit, kari, entry, version=debit.version)
    entry.refresh_from_db()
    assert entry.rest == Decimal(200)
    assert checking.check_books(company, files=False) == []


def test_an_entry_that_is_in_a_payment_is_not_closed_by_a_debit(company, debit, kari):
    entry = build.a_supplier_entry(build.a_supplier(company), "300.00", in_payment=Decimal(300))
    with pytest.raises(DoesNotFit):
        resolving_debits.pay_entry(debit, kari, entry, version=debit.version)
    debit.refresh_from_db()
    assert debit.done_at is None


def test_the_second_person_is_told_what_the_first_decided(company, debit, kari):
    resolving_debits.mark_known(debit, kari, "booked by the bank's own list", version=debit.version)
    with pytest.raises(MovedOn) as told:
        resolving_debits.post_to_account(debit, kari, "6540", version=debit.version)
    assert "own list" in told.value.text


def test_marking_as_known_needs_a_reason(company, debit, kari):
    with pytest.raises(DoesNotFit):
        resolving_debits.mark_known(debit, kari, " ", version=debit.version)
