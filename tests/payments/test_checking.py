"""The check of the books: silent while everything fits, and it names every row that was changed beside the program."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from companies.models import VoucherSeries
from payments import settlement
from payments.checking import check_books
from payments.choices import LineStatus
from payments.models import LineChange, PaymentLine, Posting, SupplierEntry, Transfer, Voucher
from tests.build import TODAY, a_bank, a_company
from tests.payments.bank_messages import a_debit, a_sent_payment, items_of

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
