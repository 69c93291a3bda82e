"""A payment whose invoice is registered later is matched and booked then, and nobody at work is disturbed."""

from datetime import timedelta
from decimal import Decimal

import pytest

from companies.models import Company
from payments import customer_registration, tasks
from payments.choices import EntryKind, ImportPhase, IncomingState
from payments.models import BankFile, IncomingPayment
from payments.receiving import incoming, matching_later
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


def test_what_could_not_be_booked_for_want_of_an_account_is_booked_once_it_is_there(company):
    payment = parked(company, text="faktura 12345")
    an_invoice(company, "500.00")
    company.factoring_companies.update(gl_bank="")
    company.bank_partners.update(gl_bank="")
    Company.objects.update(gl_bank_fallback="")
    matching_later.match_parked(Company.objects.get())
    payment.refresh_from_db()
    assert (payment.state, payment.voucher) == (IncomingState.MATCHED, None)

    company.factoring_companies.update(gl_bank="1920")
    matching_later.match_parked()
    payment.refresh_from_db()
    assert payment.state == IncomingState.POSTED


def test_a_worker_that_died_between_matching_and_booking_loses_no_payment(company):
    payment = parked(company, text="faktura 12345")
    an_invoice(company, "500.00")
    incoming.match_parked(company)
    matching_later.match_parked()
    payment.refresh_from_db()
    assert payment.state == IncomingState.POSTED


def test_what_its_file_still_books_is_left_to_it(company):
    payment = parked(company, text="faktura 12345")
    an_invoice(company, "500.00")
    BankFile.objects.update(phase=ImportPhase.BOOKING)
    assert matching_later.match_parked() == 0
    payment.refresh_from_db()
    assert (payment.state, payment.voucher) == (IncomingState.MATCHED, None)
