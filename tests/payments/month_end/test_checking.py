"""The check of the books: silent while everything fits, and it names every row that was changed beside the program."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from companies.models import VoucherSeries
from payments.choices import LineStatus
from payments.models import (
    Approval,
    LineChange,
    PaymentLine,
    Posting,
    PreApproval,
    Statement,
    SupplierEntry,
    Transfer,
    Voucher,
)
from payments.month_end import reconciling
from payments.month_end.checking import check_books
from payments.releasing import approval, preapproving
from payments.settling import settlement
from tests.build import (
    TODAY,
    a_bank,
    a_company,
    a_supplier,
    a_supplier_entry,
    an_approver,
    an_uploaded_payment,
)
from tests.payments.bank_messages import a_debit, a_sent_payment, items_of
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


@pytest.fixture
def payment(db):
    company = a_company()
    partner = a_bank(company)
    partner.auto_update_outgoing = True
    partner.save()
    payment = a_sent_payment(company, bank_partner=partner)
    settlement.settle([a_debit(item) for item in items_of(payment)[:2]])
    settlement.collect(payment.pk, TODAY)
    return payment


def found(payment, **options):
    return {finding.check for finding in check_books(payment.company, **{"files": False, **options})}


def test_books_that_fit_have_no_findings(payment):
    assert check_books(payment.company, files=False) == []


def test_a_changed_posting_is_found_twice_over(payment):
    Posting.objects.filter(account="1920", voucher__position=1).update(credit=Decimal("900.00"))
    assert found(payment) == {"debits = credits", "seals"}


def test_a_changed_text_breaks_the_vouchers_seal(payment):
    Voucher.objects.filter(position=1).update(text="Somebody else")
    assert found(payment) == {"seals"}


def test_a_removed_voucher_leaves_a_gap(payment):
    voucher = Voucher.objects.get(position=2)
    Posting.objects.filter(voucher=voucher).delete()
    voucher.entry_matches.all().delete()
    voucher.delete()
    assert {"batch totals", "numbers", "rest = original - matches"} <= found(payment)


def test_a_counter_put_back_is_found(payment):
    VoucherSeries.objects.filter(company=payment.company, code="pay").update(next_number=1)
    assert "numbers" in found(payment)


def test_a_rest_that_was_not_matched_is_found(payment):
    entry = payment.lines.get(line_no=3).entry
    SupplierEntry.objects.filter(pk=entry.pk).update(rest=Decimal(1), in_payment=Decimal(1), status=2)
    assert found(payment) == {"rest = original - matches", "in payment"}


def test_a_reservation_nobody_holds_is_found(payment):
    SupplierEntry.objects.filter(pk=payment.lines.get(line_no=3).entry_id).update(in_payment=Decimal(0))
    assert found(payment) == {"in payment"}


def test_a_status_set_beside_the_program_is_found(payment):
    PaymentLine.objects.filter(payment=payment, line_no=3).update(status=LineStatus.POSTED)
    assert {"status fits vouchers", "history", "in payment"} <= found(payment)


@pytest.mark.parametrize("change", [{"source": "nobody"}, {"reason_text": "x"}, {"before": 1}])
def test_a_change_that_was_altered_breaks_the_chain(payment, change):
    LineChange.objects.filter(pk=payment.changes.order_by("pk").last().pk).update(**change)
    assert found(payment) == {"history"}


def test_a_removed_change_breaks_the_chain(payment):
    line = payment.lines.get(line_no=1)
    line.changes.order_by("pk")[1].delete()
    assert found(payment) == {"history"}


def test_a_header_that_says_something_else_is_found(payment):
    type(payment).objects.filter(pk=payment.pk).update(status=10)
    assert found(payment) == {"header"}


@pytest.fixture
def approved():
    """A payment two people approved, one after the other."""
    payment = an_uploaded_payment()
    payment.agreement.hold_seconds = 120
    payment.agreement.save()
    for _ in range(2):
        approval.approve(payment, an_approver(payment.company), payment.digest, second_factor=True)
    return payment


def approvals_found(payment):
    return [(one.about, one.text) for one in check_books(payment.company, files=False) if one.check == "approvals"]


def test_approvals_nobody_touched_have_no_findings(approved):
    assert Approval.objects.count() == 2
    assert approvals_found(approved) == []


def test_an_altered_approval_is_found_with_its_payment_and_person(approved):
    row = Approval.objects.order_by("pk").first()
    Approval.objects.filter(pk=row.pk).update(second_factor=False)
    about = f"payment {approved.number}, approval by {row.person.shown}"
    assert approvals_found(approved) == [(about, "the approval was altered, or one before it was removed")]


def test_an_approval_given_to_somebody_else_afterwards_is_found(approved):
    other = an_approver(approved.company)
    Approval.objects.filter(pk=Approval.objects.latest("pk").pk).update(person=other)
    assert [about for about, _ in approvals_found(approved)] == [
        f"payment {approved.number}, approval by {other.shown}"
    ]


def test_a_removed_first_approval_breaks_the_chain_of_the_next(approved):
    Approval.objects.order_by("pk").first().delete()
    last = Approval.objects.get().person.shown
    assert f"payment {approved.number}, approval by {last}" in [about for about, _ in approvals_found(approved)]


def test_a_removed_last_approval_is_missed_by_the_count(approved):
    Approval.objects.latest("pk").delete()
    assert approvals_found(approved) == [(f"payment {approved.number}", "2 approvals were counted, 1 are there")]


def test_an_approval_taken_back_in_time_is_no_finding(approved):
    approval.undo(approved, Approval.objects.latest("pk").person)
    assert approvals_found(approved) == []


def test_the_chains_of_two_payments_do_not_touch_each_other(approved):
    other = an_uploaded_payment(approved.company)
    approval.approve(other, an_approver(approved.company), other.digest, second_factor=True)
    assert approvals_found(approved) == []


def test_an_approval_in_advance_that_was_altered_is_found_with_its_invoice_and_person():
    company = a_company(allow_preapproval=True)
    entry, person = a_supplier_entry(a_supplier(company)), an_approver(company)
    entry = SupplierEntry.objects.select_related("supplier", "company").get(pk=entry.pk)
    preapproving.give(company, person, [entry], second_factor=True)
    assert check_books(company, files=False) == []
    PreApproval.objects.update(amount=Decimal(5000))
    (finding,) = check_books(company, files=False)
    assert finding.about == f"invoice {entry.invoice_no}, approval by {person.shown}"


@pytest.fixture
def receiver():
    """A company whose one customer payment is booked and stands on the statement of 24 November."""
    company = a_receiving_company()
    an_invoice(company)
    loaded(company, camt054(a_credit(a_payment(kid="00001234500000100011"), ref="E1")))
    loaded(company, camt053(a_credit(amount="1012.50", ref="E1"), closing="1012.50"))
    return company


def banks_found(company):
    return [(one.about, one.text) for one in check_books(company, files=False) if one.check == "bank = ledger"]


def change_the_ledger(company):
    """What stands on the bank account's ledger is 12.50 less than what was booked."""
    bank = company.bank_partners.get().gl_bank
    Posting.objects.filter(company=company, account=bank).update(currency_amount=Decimal(1000))


def test_a_bank_account_that_agrees_with_its_ledger_has_no_finding(receiver):
    assert banks_found(receiver) == []


def test_a_rest_nobody_explains_is_found_with_account_day_and_amount(receiver):
    change_the_ledger(receiver)
    text = "on 2026-11-24 the bank has 1012.50, the ledger 1000.00; 12.50 NOK of it is not explained"
    assert banks_found(receiver) == [(f"account {ACCOUNT}", text)]


def test_differences_that_have_a_name_are_no_finding(receiver):
    unknown = a_credit(amount="77.00", ref="E9", day="2026-11-25")
    loaded(receiver, camt053(unknown, opening="1000.00", closing="1077.00", day="2026-11-25"))
    assert reconciling.proof(receiver, ACCOUNT, TODAY).differences
    assert banks_found(receiver) == []


def test_the_day_of_the_latest_statement_counts(receiver):
    change_the_ledger(receiver)
    loaded(receiver, camt053(opening="1012.50", closing="1012.50", day="2026-11-26"))
    ((_, text),) = banks_found(receiver)
    assert text.startswith("on 2026-11-26")


def test_an_account_without_a_statement_is_not_judged(receiver):
    change_the_ledger(receiver)
    Statement.objects.update(to_date=None)
    assert banks_found(receiver) == []


def test_sealed_files_are_compared_with_their_digest(payment, settings, tmp_path):
    from payments import files

    settings.DATA_AREA = tmp_path
    assert found(payment, files=True) == {"files"}

    stored = files.store(payment.company, "pain001", b"<Document/>")
    Transfer.objects.update(path=stored.path, digest=stored.digest)
    assert found(payment, files=True) == set()

    files.full_path(stored.path).write_bytes(b"<Document>other</Document>")
    assert found(payment, files=True) == {"files"}


def test_the_command_names_the_findings_and_fails(payment, capsys):
    call_command("check_books", "--without-files")
    assert "fit" in capsys.readouterr().out

    Voucher.objects.filter(position=1).update(text="Somebody else")
    with pytest.raises(CommandError, match="1"):
        call_command("check_books", "--without-files", "--company", str(payment.company.number))
    assert "seals" in capsys.readouterr().out
