"""Changes in Approval make new bytes, a new digest and a new round."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest

from companies.clock import set_business_time
from companies.models import Deputy, MailOutbox
from payments import files
from payments.models import Approval, Payment, SupplierEntry, Transfer
from payments.preparing import refusals, rounds
from payments.preparing.sealing import CannotSeal
from payments.releasing import amending, approval, asking
from payments.releasing.amending import amend
from payments.releasing.uploading import upload
from tests import build

pytestmark = pytest.mark.django_db
FRIDAY = date(2026, 11, 27)


@pytest.fixture(autouse=True)
def area(settings, tmp_path):
    settings.DATA_AREA = tmp_path


@pytest.fixture
def payment():
    payment = build.an_estimate(lines=2)
    for _ in range(2):
        build.an_approver(payment.company)
    upload(payment, payment.created_by)
    return fresh(payment)


@pytest.fixture
def boss(payment):
    return build.an_approver(payment.company)


@pytest.fixture
def line(payment):
    return payment.lines.first()


def fresh(payment):
    return Payment.objects.get(pk=payment.pk)


def test_a_lower_amount_makes_new_bytes_and_a_new_round(payment, line, boss):
    amend(line, boss, amount=Decimal(400))
    now = fresh(payment)
    assert (now.round, now.given, now.needed) == (2, 0, 2)
    assert now.digest != payment.digest
    assert list(Transfer.objects.order_by("pk").values_list("round", "state")) == [(1, "cancelled"), (2, "sealed")]
    line.refresh_from_db()
    assert (line.amount, line.original_amount, line.item.amount) == (Decimal(400), Decimal(1000), Decimal(400))


def test_the_rest_of_the_entry_is_payable_again(line, boss):
    amend(line, boss, amount=Decimal(400))
    entry = SupplierEntry.objects.get(pk=line.entry_id)
    assert (entry.payable, entry.remitted) == (Decimal(600), False)


def test_the_old_digest_can_no_longer_be_approved(payment, line, boss):
    amend(line, boss, amount=Decimal(400))
    with pytest.raises(refusals.ChangedSinceSeen):
        approval.approve(payment, boss, payment.digest)
    assert approval.approve(payment, boss, fresh(payment).digest).given == 1


def test_a_moved_date_keeps_the_original_one(line, boss):
    amend(line, boss, pay_date=FRIDAY)
    amend(line, boss, pay_date=date(2026, 11, 30))
    line.refresh_from_db()
    assert (line.pay_date, line.original_pay_date) == (date(2026, 11, 30), build.TODAY)
    assert line.item.execution_date == date(2026, 11, 30)


@pytest.fixture
def discounted(line):
    """980 is paid of 1000: 20 are taken as cash discount until today."""
    SupplierEntry.objects.filter(pk=line.entry_id).update(discount_amount=Decimal(20), discount_date=build.TODAY)
    type(line).objects.filter(pk=line.pk).update(amount=Decimal(980), discount=Decimal(20))
    line.refresh_from_db()
    return line


def closes(line):
    line.refresh_from_db()
    entry = SupplierEntry.objects.get(pk=line.entry_id)
    return line.amount, line.discount, entry.in_payment, entry.payable, entry.remitted


def test_a_date_too_late_for_the_cash_discount_leaves_it_open_on_the_invoice(payment, discounted, boss):
    amend(discounted, boss, pay_date=FRIDAY)
    assert closes(discounted) == (Decimal(980), Decimal(0), Decimal(980), Decimal(20), False)
    assert "20.00 of the invoice stays open" in payment.events.filter(kind="amended").latest("pk").text
    assert "20.00 of the invoice stays open" in payment.events.last().text


def test_a_date_within_the_cash_discount_keeps_it(discounted, boss):
    SupplierEntry.objects.update(discount_date=FRIDAY)
    amend(discounted, boss, pay_date=FRIDAY)
    assert closes(discounted) == (Decimal(980), Decimal(20), Decimal(1000), Decimal(0), True)


def test_giving_up_the_discount_of_many_lines_asks_no_more_than_of_one(payment, discounted, django_assert_num_queries):
    for line in payment.lines.exclude(pk=discounted.pk):
        SupplierEntry.objects.filter(pk=line.entry_id).update(discount_date=build.TODAY)
        type(line).objects.filter(pk=line.pk).update(amount=Decimal(980), discount=Decimal(20))
    with django_assert_num_queries(3):
        assert amending._move_dates(payment.lines.all(), FRIDAY) == 2
    assert set(SupplierEntry.objects.values_list("in_payment", "remitted")) == {(Decimal(980), False)}
    assert set(payment.lines.values_list("discount", flat=True)) == {Decimal(0)}


def test_the_next_bank_day_may_be_too_late_for_the_cash_discount(payment, discounted, boss):
    set_business_time(build.NOW + timedelta(days=1))
    approval.move_to_next_bank_day(payment, boss)
    assert closes(discounted) == (Decimal(980), Decimal(0), Decimal(980), Decimal(20), False)


def test_the_change_stands_in_the_story(payment, line, boss):
    amend(line, boss, amount=Decimal(400), pay_date=FRIDAY)
    event = payment.events.last()
    assert (event.kind, event.person) == ("amended", boss)
    assert "400" in event.text
    assert "2026-11-27" in event.text


def test_approvers_are_asked_anew(line, boss):
    company = line.payment.company
    asking.ask(company)
    amend(line, boss, amount=Decimal(400))
    assert asking.ask(company) == 3
    assert MailOutbox.objects.filter(to=boss.email).count() == 2


def test_after_the_first_approval_nothing_is_changed(payment, line, boss):
    approval.approve(payment, boss, payment.digest)
    with pytest.raises(refusals.RoundClosed, match="first approval"):
        amend(line, boss, amount=Decimal(400))
    assert fresh(payment).round == 1


@pytest.mark.parametrize("amount", ["0", "-1", "1000.01", "10.001"])
def test_the_amount_can_only_be_lowered(line, boss, amount):
    with pytest.raises(refusals.NotAmendable):
        amend(line, boss, amount=Decimal(amount))


@pytest.mark.parametrize("day", [build.TODAY - timedelta(days=1), date(2026, 11, 28)])
def test_a_past_or_closed_day_is_refused(line, boss, day):
    with pytest.raises(refusals.NotAmendable):
        amend(line, boss, pay_date=day)


def test_nothing_is_no_change(payment, line, boss):
    with pytest.raises(refusals.NotAmendable):
        amend(line, boss, amount=line.amount)
    assert fresh(payment).round == 1


def test_only_approvers_change_lines_here(payment, line):
    with pytest.raises(refusals.NotAnApprover):
        amend(line, payment.created_by, amount=Decimal(1))


def test_payments_abroad_cannot_be_lowered():
    payment = build.an_estimate(lines=0)
    supplier = build.a_supplier(
        payment.company, country=build.a_country("DE"), iban="DE89370400440532013000", account="", bic="COBADEFF"
    )
    line = build.a_line(payment, build.a_supplier_entry(supplier))
    boss = build.an_approver(payment.company)
    build.an_approver(payment.company)
    upload(payment, payment.created_by)
    with pytest.raises(refusals.NotAmendable, match="inside the country"):
        amend(line, boss, amount=Decimal(1))


class TestCreditNotes:
    @pytest.fixture
    def netted(self):
        payment = build.an_estimate(lines=1)
        invoice = payment.lines.get()
        note = build.a_line(payment, build.a_supplier_entry(invoice.supplier, "-300"))
        for _ in range(2):
            build.an_approver(payment.company)
        upload(payment, payment.created_by)
        return invoice, note, build.an_approver(payment.company)

    def test_a_credit_note_is_left_alone(self, netted):
        _invoice, note, boss = netted
        with pytest.raises(refusals.NotAmendable, match="credit note"):
            amend(note, boss, amount=Decimal(-1))

    def test_an_invoice_cannot_be_lowered_below_its_credit_note(self, netted):
        invoice, _note, boss = netted
        with pytest.raises(CannotSeal):
            amend(invoice, boss, amount=Decimal(300))
        invoice.refresh_from_db()
        assert (invoice.amount, fresh(invoice.payment).round) == (Decimal(1000), 1)
        assert invoice.payment.transfers.get().state == "sealed"
        assert SupplierEntry.objects.get(pk=invoice.entry_id).in_payment == Decimal(1000)


class TestNextBankDay:
    def test_past_lines_move_and_approvals_start_again(self, payment, boss):
        approval.approve(payment, boss, payment.digest)
        set_business_time(build.NOW + timedelta(days=3))  # a Saturday
        with pytest.raises(refusals.DatePassed):
            approval.approve(payment, build.an_approver(payment.company), payment.digest)
        assert approval.move_to_next_bank_day(payment, boss) == 2
        now = fresh(payment)
        assert set(payment.lines.values_list("pay_date", "original_pay_date")) == {(date(2026, 11, 30), build.TODAY)}
        assert (now.round, now.given) == (2, 0)
        assert approval.approve(payment, boss, now.digest).given == 1
        assert set(Approval.objects.values_list("round", flat=True)) == {1, 2}

    def test_after_cut_off_today_becomes_tomorrow(self, payment, boss):
        payment.agreement.cutoff = time(9, 0)
        payment.agreement.save()
        approval.move_to_next_bank_day(payment, boss)
        assert set(payment.lines.values_list("pay_date", flat=True)) == {date(2026, 11, 26)}

    def test_later_lines_stay(self, payment, line, boss):
        amend(line, boss, pay_date=FRIDAY)
        set_business_time(build.NOW + timedelta(days=1))
        assert approval.move_to_next_bank_day(payment, boss) == 1
        line.refresh_from_db()
        assert line.pay_date == FRIDAY

    def test_when_nothing_is_late_nothing_moves(self, payment, boss):
        with pytest.raises(refusals.NotAmendable):
            approval.move_to_next_bank_day(payment, boss)
        assert fresh(payment).digest == payment.digest


def test_an_amendment_that_fails_after_sealing_leaves_no_file_behind(payment, line, boss, monkeypatch):
    before = sorted(files.stored_paths())

    def fail(*_given):
        raise RuntimeError("the process has no memory left")

    monkeypatch.setattr(rounds, "open_round", fail)
    with pytest.raises(RuntimeError):
        amend(line, boss, amount=Decimal(400))
    assert sorted(files.stored_paths()) == before
    assert fresh(payment).round == 1
    assert Transfer.objects.count() == 1


class TestDeputies:
    def stand_in(self, payment, person, **facts):
        facts = {"starts_on": build.TODAY, "ends_on": build.TODAY} | facts
        return Deputy.objects.create(company=payment.company, deputy=build.a_person(), person=person, **facts).deputy

    def test_a_deputy_lowers_an_amount_and_it_is_told_for_whom(self, payment, line, boss):
        deputy = self.stand_in(payment, boss)
        amend(line, deputy, amount=Decimal(400))
        assert payment.lines.first().amount == Decimal(400)
        told = payment.events.filter(kind="amended").get()
        assert told.text.endswith(f"In place of {boss.shown}.")

    def test_a_deputy_changes_nothing_beyond_the_limit(self, payment, line, boss):
        deputy = self.stand_in(payment, boss, limit=Decimal(1))
        with pytest.raises(refusals.NotAnApprover):
            amend(line, deputy, amount=Decimal(400))

    def test_a_deputy_changes_nothing_when_the_days_are_over(self, payment, line, boss):
        day = build.TODAY - timedelta(days=1)
        deputy = self.stand_in(payment, boss, starts_on=day, ends_on=day)
        with pytest.raises(refusals.NotAnApprover):
            amend(line, deputy, amount=Decimal(400))

    def test_a_deputy_cancels_and_it_is_told_for_whom(self, payment, boss):
        deputy = self.stand_in(payment, boss)
        approval.cancel(payment, deputy, "Wrong invoice")
        assert payment.events.filter(kind="cancelled", text__endswith=f"In place of {boss.shown}.").exists()

    def test_a_stranger_cancels_nothing(self, payment):
        with pytest.raises(refusals.NotAnApprover):
            approval.cancel(payment, build.a_person(), "Wrong invoice")
