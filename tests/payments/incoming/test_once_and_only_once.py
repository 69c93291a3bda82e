"""The same file, message, entry or payment heard again changes nothing; two equal payments on a day both count."""

from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from companies.choices import BookingSource
from payments.bank_files import importing
from payments.choices import FileState, IncomingState, ParkReason, RepeatWhy
from payments.models import BankEntry, BankFile, IncomingPayment, OpenDebit, Posting, RepeatedEntry, Statement
from tests.payments.incoming.bank_files import (
    a_credit,
    a_payment,
    a_receiving_company,
    an_invoice,
    camt053,
    camt054,
    load,
    loaded,
)

pytestmark = pytest.mark.django_db
KID = "00001234500000100011"
BOOKED_BY_STATEMENT = {"booking_source": BookingSource.STATEMENT}


def entries(company, **facts):
    return BankEntry.objects.filter(company=company, **facts)


def test_the_same_bytes_are_the_same_file_and_that_is_noted():
    company = a_receiving_company()
    text = camt054(a_credit(a_payment()))
    first, second = load(company, text), load(company, text)
    assert (first.pk, second.delivered_again) == (second.pk, 1)
    assert IncomingPayment.objects.count() == 1


def test_the_same_message_with_other_bytes_is_ignored_and_names_the_first():
    company = a_receiving_company()
    credit = a_credit(a_payment())
    first = loaded(company, camt054(credit, message="M-1", notification="N-1"))
    second = load(company, camt054(credit, message="M-1", notification="N-1") + "\n")
    assert (second.state, second.repeat_of) == (FileState.IGNORED, first)
    assert IncomingPayment.objects.count() == 1


def test_the_same_message_in_another_version_is_ignored():
    company = a_receiving_company()
    credit = a_credit(a_payment())
    loaded(company, camt054(credit, message="M-1"))
    newer = camt054(credit, message="M-1").replace("054.001.02", "054.001.04")
    assert load(company, newer).state == FileState.IGNORED


def test_a_copy_with_a_new_message_id_is_dropped_row_by_row_and_listed_with_the_row_it_repeats():
    company = a_receiving_company()
    credit = a_credit(a_payment())
    loaded(company, camt054(credit))
    copy = loaded(company, camt054(credit, copy="COPY"))
    repeat = RepeatedEntry.objects.get(file=copy)
    assert (repeat.entry, repeat.why) == (entries(company).get(), RepeatWhy.COPY)
    assert copy.repeat_count == 1


def test_an_original_that_comes_after_its_copy_is_dropped():
    company = a_receiving_company()
    credit = a_credit(a_payment())
    loaded(company, camt054(credit, copy="DUPL"))
    assert loaded(company, camt054(credit)).repeat_count == 1
    assert IncomingPayment.objects.count() == 1


def test_two_equal_rows_of_one_statement_both_count_and_a_changed_redelivery_adds_none():
    company = a_receiving_company(agreement=BOOKED_BY_STATEMENT)
    row = a_credit(a_payment("100.00", account=""), ref="")
    loaded(company, camt053(row, row, opening="0.00", closing="200.00", statement="S-1"))
    again = loaded(company, camt053(row, row, opening="0.00", closing="200.00", statement="S-1"))
    assert entries(company).count() == 2
    assert again.repeat_count == 2


def test_equal_rows_on_two_pages_of_a_statement_both_count_in_any_order():
    company = a_receiving_company(agreement=BOOKED_BY_STATEMENT)
    row = a_credit(a_payment("100.00"), ref="")
    loaded(company, camt053(row, statement="S-1", page=(2, True), closing="200.00"))
    loaded(company, camt053(row, statement="S-1", page=(1, False)))
    assert entries(company).count() == 2


def test_equal_rows_of_two_statements_that_follow_each_other_both_count():
    company = a_receiving_company(agreement=BOOKED_BY_STATEMENT)
    row = a_credit(a_payment("100.00"), ref="")
    loaded(company, camt053(row, opening="0.00", closing="100.00"))
    loaded(company, camt053(row, opening="100.00", closing="200.00"))
    assert entries(company).count() == 2


def test_a_longer_statement_over_days_told_before_adds_nothing():
    company = a_receiving_company(agreement=BOOKED_BY_STATEMENT)
    monday = a_credit(a_payment("100.00"), ref="", day="2026-11-23")
    tuesday = a_credit(a_payment("100.00"), ref="", day="2026-11-24")
    loaded(company, camt053(monday, opening="0.00", closing="100.00", day="2026-11-23"))
    loaded(company, camt053(tuesday, opening="100.00", closing="200.00"))
    week = loaded(company, camt053(monday, tuesday, opening="0.00", closing="200.00"))
    assert week.repeat_count == 2


def test_equal_credits_of_different_payers_in_two_notifications_are_two_payments():
    company = a_receiving_company()
    loaded(company, camt054(a_credit(a_payment("100.00", account="12345678903"), ref="")))
    loaded(company, camt054(a_credit(a_payment("100.00", account="15031234561"), ref="")))
    assert not IncomingPayment.objects.filter(reason=ParkReason.POSSIBLE_REPEAT).exists()
    assert IncomingPayment.objects.count() == 2


def test_an_equal_credit_in_another_notification_without_copy_mark_waits_for_a_person():
    company = a_receiving_company()
    an_invoice(company, "100.00", kid=KID)
    loaded(company, camt054(a_credit(a_payment("100.00", kid=KID), ref="")))
    second = loaded(company, camt054(a_credit(a_payment("100.00", kid=KID), ref="")))
    payment = IncomingPayment.objects.get(file=second)
    assert (payment.state, payment.reason) == (IncomingState.PARKED, ParkReason.POSSIBLE_REPEAT)
    assert payment.repeat_of == IncomingPayment.objects.exclude(pk=payment.pk).get()


def test_two_equal_rows_inside_one_notification_are_two_payments():
    company = a_receiving_company()
    row = a_credit(a_payment("100.00"), ref="")
    loaded(company, camt054(row, row))
    assert IncomingPayment.objects.count() == 2
    assert len(set(IncomingPayment.objects.values_list("key", flat=True))) == 2


def test_a_payment_told_in_another_cut_with_the_same_archive_reference_waits_for_a_person():
    company = a_receiving_company()
    loaded(company, camt054(a_credit(a_payment("100.00", ref="A1"), a_payment("50.00", ref="A2"))))
    loaded(company, camt054(a_credit(a_payment("100.00", ref="A1"))))
    assert IncomingPayment.objects.filter(reason=ParkReason.POSSIBLE_REPEAT).count() == 1


def test_a_camt_054_and_the_camt_053_of_the_same_day_book_once():
    company = a_receiving_company()
    credit = a_credit(a_payment(), ref="E77")
    loaded(company, camt054(credit))
    loaded(company, camt053(a_credit(amount="1012.50", ref="E77"), closing="1012.50"))
    assert IncomingPayment.objects.count() == 1
    proof = entries(company, message_type="camt.053").get()
    assert (proof.books, proof.linked_to) == (False, entries(company, message_type="camt.054").get())


def test_a_statement_that_came_first_is_linked_when_the_notification_comes():
    company = a_receiving_company()
    loaded(company, camt053(a_credit(amount="1012.50", ref=""), closing="1012.50"))
    loaded(company, camt054(a_credit(a_payment())))
    assert entries(company, message_type="camt.053").get().linked_to is not None


def test_a_camt_052_never_books():
    company = a_receiving_company()
    text = camt054(a_credit(a_payment())).replace("camt.054.001.02", "camt.052.001.02")
    text = text.replace("BkToCstmrDbtCdtNtfctn", "BkToCstmrAcctRpt").replace("Ntfctn>", "Rpt>")
    loaded(company, text)
    assert not IncomingPayment.objects.exists()
    assert entries(company).get().books is False


@pytest.mark.parametrize("status", ["PDNG", "INFO", "FUTR"])
def test_an_entry_that_is_not_booked_changes_nothing(status):
    company = a_receiving_company()
    loaded(company, camt054(a_credit(a_payment(), status=status)))
    assert not IncomingPayment.objects.exists()


def test_where_the_statement_books_the_notification_only_proves():
    company = a_receiving_company(agreement=BOOKED_BY_STATEMENT)
    loaded(company, camt054(a_credit(a_payment(kid=KID), ref="E1")))
    assert not IncomingPayment.objects.exists()
    loaded(company, camt053(a_credit(a_payment(kid=KID), ref="E1"), closing="1012.50"))
    assert IncomingPayment.objects.count() == 1
    assert entries(company, message_type="camt.054").get().linked_to is not None


def test_a_payment_told_by_vip_and_by_camt_054_is_booked_once():
    company = a_receiving_company()
    loaded(company, camt054(a_credit(a_payment("100.00"), ref="E5")))
    loaded(company, vip("100.00", "E5"))
    assert IncomingPayment.objects.count() == 1


def vip(amount, reference):
    return (
        '<VismaIncomingPayments xmlns="urn:x" version="1.0"><Header><MessageId>V1</MessageId>'
        "<CreationDateTime>2026-11-24T06:00:00</CreationDateTime><Ref>8817</Ref></Header>"
        "<Account><Number>86011117947</Number><Currency>NOK</Currency><TransactionGroup>"
        "<BookingDate>2026-11-24</BookingDate><ValueDate>2026-11-24</ValueDate>"
        f"<BankReference>{reference}</BankReference><Amount>{amount}</Amount><Type>UNSTRUCTURED</Type>"
        f"<Payment><PaymentReference>P9</PaymentReference><Amount>{amount}</Amount><Debtor><Name>A</Name></Debtor>"
        "<Unstructured>x</Unstructured></Payment></TransactionGroup></Account></VismaIncomingPayments>"
    )


def books(company):
    """Everything the books know, in words that do not depend on the order of arrival."""
    gl = Posting.objects.filter(company=company, account="1920")
    return {
        "bank": sum((row.debit - row.credit for row in gl), Decimal(0)),
        "entries": sorted(entries(company, books=True).values_list("booking_date", "amount")),
        "payments": sorted(
            IncomingPayment.objects.filter(company=company).values_list("amount", "reference", "payer_account")
        ),
        "debits": sorted(OpenDebit.objects.filter(company=company).values_list("amount", flat=True)),
        "posted": sorted(
            IncomingPayment.objects.filter(company=company, state="posted").values_list("amount", "reference")
        ),
    }


def as_052(text):
    """The same rows as an intraday report."""
    text = text.replace("camt.054.001.02", "camt.052.001.02").replace("BkToCstmrDbtCdtNtfctn", "BkToCstmrAcctRpt")
    return text.replace("Ntfctn>", "Rpt>")


def one_day():
    """One day of an account, told by every kind of message, in parts, in copies and again."""
    lump = a_credit(a_payment("100.00", kid=KID, ref="A1"), a_payment("50.00", ref="A2"), ref="L1")
    twins = [a_credit(a_payment("70.00"), ref="") for _ in range(2)]
    return [
        camt054(lump, message="F0"),
        camt054(lump, message="F1", copy="COPY"),
        camt054(*twins, message="F2"),
        camt054(*twins, message="F3", copy="DUPL"),
        camt053(a_credit(amount="150.00", ref="L1"), closing="150.00", statement="D1"),
        camt053(a_credit(amount="70.00", ref=""), statement="D2", opening="150.00", page=(1, False)),
        camt053(a_credit(amount="70.00", ref=""), statement="D2", page=(2, True), closing="290.00"),
        camt054(a_credit(a_payment("100.00", account="15031234561"), ref=""), message="F7"),
        as_052(camt054(lump, message="F8")),
        as_052(camt054(*twins, lump, message="F9")),
        camt054(a_credit(a_payment("3.00"), way="DBIT", ref="G1"), message="F10"),
        camt053(a_credit(amount="3.00", way="DBIT", ref="G1"), opening="290.00", closing="287.00", statement="D3"),
    ]


FILES = 12


def books_after(texts, sequence, source):
    """The books of a company that heard these files in this order."""
    sid = transaction.savepoint()
    company = a_receiving_company(agreement={"booking_source": source})
    an_invoice(company, "100.00", kid=KID)
    for number in sequence:
        load(company, texts[number])
    found = books(company)
    transaction.savepoint_rollback(sid)
    return found


@pytest.mark.parametrize("source", BookingSource)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(FILES)), again=st.lists(st.integers(0, FILES - 1), max_size=5))
def test_any_files_in_any_order_with_repeats_give_the_same_books(source, order, again):
    texts = one_day()
    assert books_after(texts, range(FILES), source) == books_after(texts, [*order, *again], source)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some=st.sets(st.integers(0, FILES - 1), min_size=2), data=st.data())
def test_any_set_of_files_gives_the_same_books_in_any_order(some, data):
    texts, order = one_day(), data.draw(st.permutations(sorted(some)))
    source = data.draw(st.sampled_from(list(BookingSource)))
    again = data.draw(st.lists(st.sampled_from(order), max_size=4))
    assert books_after(texts, sorted(some), source) == books_after(texts, [*order, *again], source)


def test_rows_of_a_file_being_staged_are_not_compared_with(monkeypatch):
    company = a_receiving_company()
    first = importing.receive(company, camt054(a_credit(a_payment("1.00"))).encode(), "a.xml")
    BankFile.objects.filter(pk=first.pk).update(state=FileState.IMPORTING)
    second = load(company, camt054(a_credit(a_payment("2.00"))), "b.xml")
    assert second.state == FileState.NEW
    assert not Statement.objects.filter(file=second).exists()
