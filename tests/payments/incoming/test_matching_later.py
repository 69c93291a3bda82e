"""A payment whose invoice is registered later is matched and booked then, and nobody at work is disturbed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from payments import customer_registration, tasks
from payments.choices import EntryKind, IncomingState
from payments.models import IncomingPayment
from payments.receiving import matching_later
from tests import build
from tests.payments.incoming.bank_files import (
    a_credit,
    a_customer,
    a_payment,
    a_receiving_company,
    an_invoice,
    camt054,
    loaded,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return a_receiving_company()


def parked(company, amount="500.00", **facts):
    file = loaded(company, camt054(a_credit(a_payment(amount, **{"account": "", **facts}))))
    return IncomingPayment.objects.get(file=file)


def new_invoice(company, number="12345", amount="500.00"):
    return customer_registration.NewEntry(
        customer=a_customer(company),
        kind=EntryKind.INVOICE,
        invoice_no=number,
        entry_date=build.TODAY,
        due_date=build.TODAY + timedelta(days=14),
        currency=build.a_currency("NOK"),
        amount=Decimal(amount),
    )


def test_registering_the_invoice_by_hand_books_the_parked_payment_at_once(
    company, monkeypatch, django_capture_on_commit_callbacks
):
    payment = parked(company, text="faktura 12345")
    started = []
    monkeypatch.setattr(
        "autopay_console.kernel.nudging._send", lambda name, calls: started.extend((name, one) for one in calls)
    )
    with django_capture_on_commit_callbacks(execute=True):
        customer_registration.register(company, new_invoice(company))
    assert ("payments.tasks.match_parked", (company.pk,)) in started
    tasks.match_parked(company.pk)
    payment.refresh_from_db()
    assert payment.state == IncomingState.POSTED


def test_every_night_all_companies_are_tried_again(company):
    payment = parked(company, text="faktura 12345")
    an_invoice(company, "500.00")
    assert matching_later.match_parked() == 1
    payment.refresh_from_db()
    assert payment.state == IncomingState.POSTED


def test_a_payment_about_which_nothing_is_new_keeps_its_version(company):
    payment = parked(company, text="something else")
    an_invoice(company, "77.00", "900")
    matching_later.match_parked(company)
    version = payment.version
    payment.refresh_from_db()
    assert payment.version == version


def test_a_new_proposal_is_shown_on_a_payment_that_stays_parked(company):
    payment = parked(company, "500.00", text="something else")
    an_invoice(company, "500.00", "900")
    matching_later.match_parked(company)
    assert [part["invoice"] for part in payment.candidates.get().entries["parts"]] == ["900"]
