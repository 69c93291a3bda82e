"""What was not paid is paid anew: without the payments central called deficient, or all of it."""

from decimal import Decimal

import pytest

from payments import lifecycle
from payments.choices import LineStatus, PaymentStatus
from payments.preparing.criteria import NotPossible
from payments.suggesting import holding, suggesting_again
from payments.suggesting.suggestion import NothingToPay
from tests.build import a_company, an_accountant, an_uploaded_payment
from tests.payments.answering.test_answers import hear, msg_id
from tests.payments.bank_messages import central_report, items_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def deficient(tmp_path):
    """Three lines; central cancelled the batch because of the first."""
    payment = an_uploaded_payment(a_company(), 3, status=LineStatus.ESTIMATE)
    lifecycle.move(payment.lines.values_list("pk", flat=True), LineStatus.AT_EFT, source="upload")
    payment.transfers.update(state="accepted", sent_at=payment.uploaded_at)
    first, *_ = items_of(payment)
    said = (first.end_to_end_id, "DEFICIENT", "AC01 Account number wrong")
    hear(payment, central_report(tmp_path, msg_id(payment), "DEFICIENT", said))
    payment.refresh_from_db()
    return payment


def test_the_deficient_payment_is_known_among_the_cancelled(deficient):
    assert suggesting_again.lost(deficient) == suggesting_again.Lost(lines=3, deficient=1)


def test_a_new_suggestion_leaves_the_deficient_lines_out(deficient):
    anna = an_accountant(deficient.company)
    made = suggesting_again.again(deficient, anna, without_deficient=True)
    assert (made.taken, made.gone, made.payment.line_count) == (2, 0, 2)
    bad = deficient.lines.get(item__deficient=True)
    assert not made.payment.lines.filter(entry=bad.entry).exists()
    assert made.payment.status == PaymentStatus.ESTIMATE


def test_a_new_suggestion_takes_all_lines_when_they_were_mended(deficient):
    made = suggesting_again.again(deficient, an_accountant(deficient.company))
    assert made.taken == 3
    assert sum(line.amount for line in made.payment.lines.all()) == Decimal("3000.00")
    assert {line.entry.remitted for line in made.payment.lines.select_related("entry")} == {True}


def test_the_mended_account_of_the_supplier_is_used(deficient):
    supplier = deficient.lines.get(item__deficient=True).supplier
    supplier.account = "86011117947"
    supplier.save()
    made = suggesting_again.again(deficient, an_accountant(deficient.company))
    assert made.payment.lines.get(supplier=supplier).account == "86011117947"


def test_a_part_payment_stays_a_part_payment(deficient):
    line = deficient.lines.first()
    type(line).objects.filter(pk=line.pk).update(amount=Decimal("400.00"))
    made = suggesting_again.again(deficient, an_accountant(deficient.company))
    assert made.payment.lines.get(entry=line.entry).amount == Decimal("400.00")


def test_the_second_press_finds_nothing_to_take(deficient):
    anna = an_accountant(deficient.company)
    suggesting_again.again(deficient, anna)
    with pytest.raises(NothingToPay):
        suggesting_again.again(deficient, anna)
    assert deficient.company.payments.count() == 2


def test_held_back_entries_are_counted_and_left(deficient):
    anna = an_accountant(deficient.company)
    entry = deficient.lines.first().entry
    assert holding.hold(deficient.company, [entry.pk], anna, "Complaint") == 1
    made = suggesting_again.again(deficient, anna)
    assert (made.taken, made.gone) == (2, 1)


def test_a_bank_partner_that_can_pay_no_more_is_said(deficient):
    deficient.agreement.active_outgoing = False
    deficient.agreement.save()
    with pytest.raises(NotPossible):
        suggesting_again.again(deficient, an_accountant(deficient.company))


def test_both_stories_name_the_other_payment(deficient):
    made = suggesting_again.again(deficient, an_accountant(deficient.company))
    assert str(deficient.number) in made.payment.events.get(kind="suggested").text
    assert str(made.payment.number) in deficient.events.get(kind="suggested_again").text
