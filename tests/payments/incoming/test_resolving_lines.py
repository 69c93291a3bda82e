"""A statement line that no notification told is decided by a person, and is never booked twice afterwards."""

from decimal import Decimal

import pytest

from payments.books import ledger
from payments.books.ledger_specs import BatchSpec, PostingSpec, VoucherSpec
from payments.choices import BatchKind, IncomingState, ParkReason
from payments.clearing import resolving_lines
from payments.clearing.resolving import DoesNotFit, MovedOn
from payments.lists import statements
from payments.models import BankEntry, IncomingPayment, OpenDebit, Posting, Voucher
from payments.month_end import checking, reconciling
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
DAY = build.TODAY


@pytest.fixture
def company():
    return a_receiving_company()


@pytest.fixture
def kari(company):
    return build.an_accountant(company)


def a_line(company, amount="1012.50", ref="E9", way="CRDT", **facts):
    """A line on an account that notifications book, told by the statement alone."""
    detail = a_payment(amount, **facts)
    closing = amount if way == "CRDT" else f"-{amount}"
    loaded(company, camt053(a_credit(detail, ref=ref, way=way), opening="0.00", closing=closing))
    return statements.waiting_lines(company).get()


def test_a_line_of_a_customer_is_matched_and_booked_like_a_notification(company, kari):
    entry = an_invoice(company)
    line = a_line(company, kid=KID)
    done = resolving_lines.book(line, kari)
    payment = IncomingPayment.objects.get()
    entry.refresh_from_db()
    assert (done.payments, payment.state, entry.rest) == (1, IncomingState.POSTED, Decimal(0))
    assert payment.entry_id == line.pk
    assert reconciling.proof(company, ACCOUNT, DAY).holds
    assert checking.check_books(company, files=False) == []


def test_a_line_of_an_unknown_customer_is_parked(company, kari):
    resolving_lines.book(a_line(company, text="no idea"), kari)
    assert IncomingPayment.objects.get().state == IncomingState.PARKED
    assert not statements.waiting_lines(company).exists()


def test_money_out_becomes_a_debit_to_explain(company, kari):
    done = resolving_lines.book(a_line(company, "40.00", way="DBIT", text="card"), kari)
    assert (done.debits, OpenDebit.objects.get().amount) == (1, Decimal("40.00"))


@pytest.mark.parametrize("ref", ["E9", ""])
def test_a_notification_that_comes_later_books_nothing_again(company, kari, ref):
    an_invoice(company)
    resolving_lines.book(a_line(company, kid=KID, ref=ref), kari)
    loaded(company, camt054(a_credit(a_payment(kid=KID), ref=ref)))
    bank = Posting.objects.filter(company=company, account="1920", voucher__number__isnull=False)
    assert sum(row.debit - row.credit for row in bank) == Decimal("1012.50")


def test_a_later_notification_without_a_common_reference_is_a_question(company, kari):
    resolving_lines.book(a_line(company, text="no idea", ref=""), kari)
    loaded(company, camt054(a_credit(a_payment(text="no idea"), ref="N1")))
    later = IncomingPayment.objects.exclude(entry__message_type="camt.053").get()
    assert later.reason == ParkReason.POSSIBLE_REPEAT


def test_a_line_posted_to_an_account_is_not_booked_by_a_later_notification(company, kari):
    line = a_line(company, "12.00", text="interest")
    batch = resolving_lines.post_to_account(line, kari, "8050", "Interest")
    assert batch.posted_at
    assert Posting.objects.get(voucher__batch=batch, account="8050").credit == Decimal("12.00")
    loaded(company, camt054(a_credit(a_payment("12.00", text="interest"), ref="E9")))
    assert not IncomingPayment.objects.exists()
    assert reconciling.proof(company, ACCOUNT, DAY).holds


def test_a_debit_line_posted_to_an_account_credits_the_bank(company, kari):
    resolving_lines.post_to_account(a_line(company, "30.00", way="DBIT"), kari, "7770")
    assert Posting.objects.get(account="1920").credit == Decimal("30.00")


def a_voucher(company, amount, text="By hand"):
    spec = VoucherSpec(text, DAY, text, (PostingSpec("1920", Decimal(amount)), PostingSpec("3000", -Decimal(amount))))
    batch = ledger.build(company, BatchSpec(BatchKind.MANUAL, text, "bank", text, DAY), [spec])
    return ledger.post(batch).vouchers.get()


def test_a_line_is_tied_to_the_voucher_a_person_names(company, kari):
    line = a_line(company, "55.00")
    voucher = a_voucher(company, "55.00")
    resolving_lines.tie(line, kari, voucher.series, voucher.number)
    line.refresh_from_db()
    assert (line.voucher, line.decided_by) == (voucher, kari)
    assert reconciling.proof(company, ACCOUNT, DAY).holds


def test_a_voucher_of_another_amount_is_refused(company, kari):
    voucher = a_voucher(company, "54.00")
    with pytest.raises(DoesNotFit):
        resolving_lines.tie(a_line(company, "55.00"), kari, voucher.series, voucher.number)


def test_a_voucher_that_somebody_tied_a_moment_ago_is_refused(company, kari, monkeypatch):
    line, voucher = a_line(company, "55.00"), a_voucher(company, "55.00")
    answers = iter([[(voucher.pk, line.amount)], []])  # free when it is looked at, another line's when it is tied
    monkeypatch.setattr(reconciling, "free_vouchers", lambda *_given: next(answers))
    with pytest.raises(DoesNotFit):
        resolving_lines.tie(line, kari, voucher.series, voucher.number)
    line.refresh_from_db()
    assert (line.voucher, line.decided_at) == (None, None)


def test_a_voucher_that_is_another_line_already_is_refused(company, kari):
    line = a_line(company, "55.00")
    voucher = a_voucher(company, "55.00")
    BankEntry.objects.filter(pk=line.pk).update(voucher=voucher)
    second = BankEntry.objects.get(pk=line.pk)
    with pytest.raises(DoesNotFit):
        resolving_lines.tie(second, kari, voucher.series, voucher.number)


def test_a_line_booked_elsewhere_keeps_its_name_in_the_proof_and_can_wait_again(company, kari):
    line = a_line(company, "5.00")
    resolving_lines.mark_known(line, kari, "in the payroll system")
    assert not statements.waiting_lines(company).exists()
    proof = reconciling.proof(company, ACCOUNT, DAY)
    assert (proof.holds, [one.amount for one in proof.differences]) == (True, [Decimal("5.00")])
    assert resolving_lines.reopen(line, kari)
    assert statements.waiting_lines(company).exists()


def test_the_second_of_two_people_is_told_what_happened(company, kari):
    line = a_line(company)
    resolving_lines.mark_known(line, kari, "in the payroll system")
    with pytest.raises(MovedOn) as told:
        resolving_lines.post_to_account(line, kari, "8050")
    assert "in the payroll system" in str(told.value)
    assert not Voucher.objects.filter(company=company).exists()


def test_a_booked_line_is_not_opened_again(company, kari):
    line = a_line(company, "12.00")
    resolving_lines.post_to_account(line, kari, "8050")
    assert not resolving_lines.reopen(line, kari)
