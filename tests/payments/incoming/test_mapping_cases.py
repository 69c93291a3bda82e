"""The mapping's cases of incoming files by their numbers: 36 to 40, and a euro payment into a euro account."""

from decimal import Decimal

import pytest

from companies.models import BankPartner, CurrencyRate
from payments.choices import IncomingState, ParkReason
from payments.lists import statements
from payments.models import BankEntry, IncomingPayment, Posting, RepeatedEntry, Voucher
from tests import build
from tests.payments.incoming.bank_files import (
    ACCOUNT,
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


def in_version_08(text):
    """The same message in camt.054.001.08: status as code, parties one level deeper."""
    text = text.replace("camt.054.001.02", "camt.054.001.08").replace("<Sts>BOOK</Sts>", "<Sts><Cd>BOOK</Cd></Sts>")
    return text.replace("<Dbtr><Nm>", "<Dbtr><Pty><Nm>").replace("</Nm></Dbtr>", "</Nm></Pty></Dbtr>")


def in_euro(text):
    return text.replace('Ccy="NOK"', 'Ccy="EUR"').replace("<Ccy>NOK</Ccy>", "<Ccy>EUR</Ccy>")


@pytest.fixture
def company():
    return a_receiving_company()


@pytest.fixture
def euro_company():
    company = a_receiving_company()
    BankPartner.objects.filter(company=company).update(currency=build.a_currency("EUR"))
    CurrencyRate.objects.create(
        company=company, currency_id="EUR", valid_from=build.TODAY.replace(day=1), rate=Decimal("11.60")
    )
    return company


def test_case_36_the_same_credit_in_the_older_version_marked_as_copy_is_one_payment(company):
    an_invoice(company)
    credit = a_credit(a_payment(kid=KID), ref="BANK-1")
    loaded(company, in_version_08(camt054(credit, message="NEW-1")))
    loaded(company, camt054(credit, message="OLD-1", copy="COPY"))
    payment = IncomingPayment.objects.get()
    assert (payment.reference, payment.payer_name) == (KID, "Nordlys Kafé AS")
    assert payment.state == IncomingState.POSTED
    assert RepeatedEntry.objects.count() == 1


def test_case_37_two_equal_rows_of_a_statement_are_two_and_a_redelivery_adds_none(company):
    row = a_credit(amount="100.00", ref="")
    first = camt053(row, row, opening="0.00", closing="200.00", statement="ST-9", message="S-9")
    loaded(company, first)
    assert BankEntry.objects.count() == 2
    later = first.replace("T23:00:00", "T23:30:00").replace("S-9<", "S-10<")
    loaded(company, later)
    assert BankEntry.objects.count() == 2


def test_case_38a_equal_credits_of_other_payers_in_two_notifications_are_two_payments(company):
    for account in ("12345678903", "15031234561"):
        loaded(company, camt054(a_credit(a_payment("100.00", account=account), ref="")))
    assert IncomingPayment.objects.count() == 2
    assert not IncomingPayment.objects.filter(reason=ParkReason.POSSIBLE_REPEAT).exists()


def test_case_38b_the_same_payer_and_text_without_copy_mark_is_parked_as_possible_repeat(company):
    for _delivery in range(2):
        loaded(company, camt054(a_credit(a_payment("100.00", text="Rent"), ref="")))
    assert IncomingPayment.objects.count() == 2
    assert IncomingPayment.objects.filter(reason=ParkReason.POSSIBLE_REPEAT).count() == 1


def test_case_39_pages_in_the_wrong_order_are_one_statement_and_waiting_entries_do_not_count(company):
    waiting = a_credit(amount="5.00", status="PDNG")
    second = camt053(a_credit(amount="200.00"), waiting, statement="S", page=(2, True), closing="300.00")
    loaded(company, second)
    assert [one.adds_up for one in statements.of_account(company, ACCOUNT)] == [None]
    loaded(company, camt053(a_credit(amount="100.00"), statement="S", page=(1, False), opening="0.00"))
    (statement,) = statements.of_account(company, ACCOUNT)
    assert (statement.complete, statement.adds_up) == (True, True)


def test_case_40_an_exchanged_credit_is_booked_as_it_came_with_what_was_ordered_beside(euro_company):
    ordered = '<AmtDtls><InstdAmt><Amt Ccy="SEK">2082.58</Amt></InstdAmt><TxAmt>'
    credit = in_euro(camt054(a_credit(a_payment("216.85", text="order 7")))).replace("<AmtDtls><TxAmt>", ordered)
    file = loaded(euro_company, credit)
    payment = IncomingPayment.objects.get()
    assert (payment.amount, payment.currency_code) == (Decimal("216.85"), "EUR")
    assert (payment.instructed_amount, payment.instructed_currency) == (Decimal("2082.58"), "SEK")
    assert str(payment.amount / payment.instructed_amount)[:7] == "0.10412"
    assert file.warnings["list"] == []


def test_a_euro_payment_into_a_euro_account_closes_a_euro_invoice(euro_company):
    entry = an_invoice(euro_company, "100.00", currency="EUR", amount_booked=Decimal("1150.00"))
    loaded(euro_company, in_euro(camt054(a_credit(a_payment("100.00", kid=KID)))))
    entry.refresh_from_db()
    assert entry.rest == 0
    voucher = Voucher.objects.get()
    sides = Posting.objects.filter(voucher=voucher)
    assert sum(one.debit - one.credit for one in sides) == 0
    bank = sides.get(account="1920")
    assert (bank.currency_code, bank.debit) == ("EUR", Decimal("1160.00"))
    assert sides.get(account="8060").credit == Decimal("10.00")
