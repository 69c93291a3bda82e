"""The test with 1.00: every step is read from rows, and with real neighbours the 7 comes back through the queue."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from companies import stopping
from companies.choices import Channel
from integration import guided_test, sending
from integration.queue import registration
from payments import lifecycle, transfers
from payments.choices import LineStatus, RoundState, TransferState
from payments.models import Payment, SupplierEntry, Transfer, TransferItem
from payments.preparing.criteria import NotPossible
from payments.releasing import uploading
from tests import build
from tests.integration.linking import a_linked_company, a_released_transfer
from tests.waiting import eventually

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_area(settings, tmp_path):
    settings.DATA_AREA = tmp_path


def states(payment):
    return [step.seen.state for step in guided_test.progress(Payment.objects.get(pk=payment.pk)).steps]


def open_step(payment):
    found = guided_test.progress(Payment.objects.get(pk=payment.pk))
    return next(step.seen for step in found.steps if step.seen.state != "done")


def a_test_payment(company=None):
    company = company or build.a_company()
    partner = build.a_bank(company)
    by = build.an_accountant(company)
    return guided_test.make(company, build.a_supplier(company), partner, by), by


def at_central(**facts):
    payment = build.an_uploaded_payment(lines=1, **facts)
    Payment.objects.filter(pk=payment.pk).update(round_state=RoundState.RELEASED)
    now = timezone.now()
    payment.transfers.update(state=TransferState.ACCEPTED, sent_at=now, accepted_at=now)
    return payment


def cancel_here(payment):
    transfers.cancelled(payment.transfers.get().pk, "a test")
    lines = list(payment.lines.values_list("pk", flat=True))
    lifecycle.move(lines, LineStatus.CANCELLED, source="cancel", by=payment.created_by)


class TestMaking:
    def test_an_entry_of_one_is_registered_and_suggested_alone(self):
        company = build.a_company()
        other = build.a_supplier_entry(build.a_supplier(company))
        payment, by = a_test_payment(company)
        line = payment.lines.get()
        assert (line.amount, line.currency_id, payment.created_by) == (Decimal("1.00"), "NOK", by)
        other.refresh_from_db()
        assert not other.remitted

    def test_it_can_be_uploaded_like_any_other(self):
        payment, by = a_test_payment()
        for _ in range(2):
            build.an_approver(payment.company)
        uploading.upload(payment, by)
        assert states(payment) == ["done", "done", "now", "waiting", "waiting"]

    def test_a_partner_that_cannot_pay_leaves_no_entry_behind(self):
        company = build.a_company()
        partner = build.a_bank_partner(company)
        with pytest.raises(NotPossible):
            guided_test.make(company, build.a_supplier(company), partner, build.an_accountant(company))
        assert not SupplierEntry.objects.filter(company=company).exists()

    def test_small_payments_are_offered_large_ones_and_salaries_are_not(self):
        payment, _by = a_test_payment()
        build.an_estimate(payment.company, 1, bank_partner=payment.bank_partner)
        build.an_estimate(payment.company, 1, "1.00", bank_partner=payment.bank_partner, salary=True)
        assert list(guided_test.offered(payment.company)) == [payment]


class TestSteps:
    def test_an_estimate_waits_for_its_upload(self):
        payment, _by = a_test_payment()
        assert states(payment) == ["done", "now", "waiting", "waiting", "waiting"]
        assert open_step(payment).act == "upload"

    def test_an_uploaded_payment_waits_for_its_approvers(self):
        payment = build.an_uploaded_payment(lines=1)
        assert states(payment) == ["done", "done", "now", "waiting", "waiting"]
        assert open_step(payment).act == "approval"

    def test_a_released_file_is_on_its_way(self):
        payment = at_central()
        payment.transfers.update(state=TransferState.RELEASED)
        assert open_step(payment).act == "sending"

    def test_stopped_sending_is_named(self):
        payment = at_central()
        payment.transfers.update(state=TransferState.RELEASED)
        stopping.stop(payment.company, payment.created_by, "a reason")
        assert "Sending is stopped" in open_step(payment).remedy

    def test_a_file_at_central_can_be_cancelled_there(self):
        payment = at_central()
        assert states(payment) == ["done", "done", "done", "now", "waiting"]
        assert open_step(payment).act == "cancel"

    def test_after_the_cancel_the_answer_is_waited_for_and_the_missing_reader_named(self):
        payment = at_central()
        cancel_here(payment)
        assert states(payment) == ["done", "done", "done", "done", "now"]
        assert "Message queue" in open_step(payment).remedy

    def test_an_answer_nobody_received_through_the_queue_does_not_pass(self):
        payment = at_central()
        cancel_here(payment)
        TransferItem.objects.filter(payment=payment).update(rank=guided_test.END)
        assert states(payment)[-1] == "bad"
        assert "by hand" in open_step(payment).text

    @pytest.mark.parametrize("status", [LineStatus.TRANSFERRED, LineStatus.SETTLED])
    def test_a_file_that_central_sent_on_cannot_pass(self, status):
        payment = at_central()
        payment.lines.update(status=status)
        assert states(payment)[3] == "bad"

    def test_a_payment_cancelled_before_it_left_cannot_pass(self):
        payment = build.an_uploaded_payment(lines=1)
        Payment.objects.filter(pk=payment.pk).update(round_state=RoundState.CANCELLED)
        payment.transfers.update(state=TransferState.CANCELLED)
        assert states(payment)[2] == "bad"

    def test_a_refused_file_says_why(self):
        payment = at_central()
        payment.transfers.update(state=TransferState.REFUSED, refused_text="No such account")
        assert "No such account" in open_step(payment).text

    def test_a_file_by_folder_never_reaches_central(self):
        payment = at_central()
        payment.transfers.update(channel=Channel.FOLDER)
        assert "never reaches AutoPay central" in open_step(payment).text

    def test_a_payment_of_a_thousand_is_no_small_one(self):
        assert guided_test.progress(at_central()).large


@pytest.mark.broker
@pytest.mark.story
@pytest.mark.django_db(transaction=True)
class TestThereAndBack:
    def test_the_seven_comes_back_through_the_queue(self, run_consumer, run_worker, sandbox):
        company = a_linked_company(sandbox)
        sandbox.post("/rules", {"stage": "file", "when": {}, "then": {"outcome": "hold"}, "first": True})
        registration.register()
        run_worker()
        run_consumer()
        transfer = a_released_transfer(company, lines=1)
        sending.send_transfer(transfer.pk)
        assert states(transfer.payment) == ["done", "done", "done", "now", "waiting"]
        anna = build.an_accountant(company)
        assert sending.cancel_at_central(transfer.pk, by=anna, reason="a test")
        eventually(lambda: guided_test.progress(Payment.objects.get(pk=transfer.payment_id)).over)
        *_before, cancel, answer = guided_test.progress(Payment.objects.get(pk=transfer.payment_id)).steps
        assert anna.shown in cancel.seen.text
        assert (answer.seen.state, answer.seen.message.by_download) == ("done", False)
        assert answer.seen.at - Transfer.objects.get().answered_at < timedelta(minutes=1)
