"""Sealed files sent through a real gateway: claimed once, answered, refused, or unknown and asked about."""

from datetime import timedelta

import pytest
from django.utils import timezone

from companies import stopping
from companies.clock import set_business_time
from companies.models import Company, SystemInformation
from integration import sending
from integration.models import Exchange
from payments import files, transfers
from payments.choices import LineStatus, RoundState, TransferState
from payments.models import LineChange, Payment, PaymentEvent, SupplierEntry, Transfer
from payments.preparing.mandates import Mandate
from payments.preparing.refusals import DatePassed
from payments.releasing import approval, late_files, signatures
from tests import build
from tests.integration.linking import KEY, a_linked_company, a_released_transfer, fault

pytestmark = [pytest.mark.django_db, pytest.mark.broker]
S = TransferState


@pytest.fixture(autouse=True)
def _short_limits(settings, tmp_path):
    settings.GATEWAY_READ_SECONDS, settings.DATA_AREA = 5, tmp_path / "files"


@pytest.fixture
def company(sandbox):
    return a_linked_company(sandbox)


def statuses(transfer):
    return set(transfer.payment.lines.values_list("status", flat=True))


def make_due(transfer):
    Transfer.objects.filter(pk=transfer.pk).update(not_before=timezone.now())


def uploads(sandbox):
    found = sandbox.get("/uploads")
    return found["uploads"] if isinstance(found, dict) else found


def test_an_approved_file_is_sent_and_its_lines_wait_for_central(company):
    transfer = a_released_transfer(company)
    assert sending.send_transfer(transfer.pk) == S.ACCEPTED
    transfer.refresh_from_db()
    assert transfer.remote_id.startswith("B")
    assert transfer.attempts == 1
    assert statuses(transfer) == {LineStatus.AT_EFT}
    assert PaymentEvent.objects.filter(payment=transfer.payment, kind="accepted").count() == 1


def test_a_file_that_was_sent_is_not_sent_again(company):
    transfer = a_released_transfer(company)
    sending.send_transfer(transfer.pk)
    assert sending.send_transfer(transfer.pk) is None
    assert Exchange.objects.filter(kind="upload").count() == 1


def test_the_log_names_file_count_and_sum(company):
    transfer = a_released_transfer(company)
    sending.send_transfer(transfer.pk)
    row = Exchange.objects.get(kind="upload")
    assert (row.transfer, row.payment, row.reference) == (transfer, transfer.payment, transfer.msg_id)
    assert (row.count, row.total, row.size) == (transfer.item_count, transfer.control_sum, transfer.size)
    assert (row.file.digest, row.file.path) == (transfer.digest, transfer.path)


def test_a_refused_file_rejects_every_line_with_the_reason_and_frees_the_entries(company):
    transfer = a_released_transfer(company, content=b"<Document/>")
    assert sending.send_transfer(transfer.pk) == S.REFUSED
    transfer.refresh_from_db()
    assert transfer.refused_code == "not-pain001"
    assert statuses(transfer) == {LineStatus.REFUSED}
    assert LineChange.objects.filter(payment=transfer.payment, reason_code="not-pain001").count() == 2
    assert set(SupplierEntry.objects.filter(company=company).values_list("in_payment", flat=True)) == {0}


@pytest.mark.parametrize("what", ["drop-answer", "unsigned", "wrong-signature", "garbage"])
def test_a_lost_answer_leaves_the_file_unknown_and_the_question_settles_it(company, sandbox, what):
    transfer = a_released_transfer(company)
    fault(sandbox, "uploadPayment", what)
    assert sending.send_transfer(transfer.pk) == S.UNKNOWN
    assert statuses(transfer) == {LineStatus.AT_EFT}
    assert sending.send_transfer(transfer.pk) is None  # not before its time
    make_due(transfer)
    assert sending.send_transfer(transfer.pk) == S.ACCEPTED
    assert Exchange.objects.filter(kind="upload").count() == 1
    transfer.refresh_from_db()
    assert (transfer.attempts, transfer.sends) == (2, 1)


def test_a_file_central_never_got_goes_out_again_with_the_same_bytes(company, sandbox):
    transfer = a_released_transfer(company)
    fault(sandbox, "uploadPayment", "down")
    assert sending.send_transfer(transfer.pk) == S.UNKNOWN
    make_due(transfer)
    assert sending.send_transfer(transfer.pk) == S.ACCEPTED
    kinds = list(Exchange.objects.exclude(kind="export").order_by("at").values_list("kind", flat=True))
    assert kinds == ["upload", "upload-status", "upload"]
    assert len(uploads(sandbox)) == 1
    transfer.refresh_from_db()
    assert transfer.sends == 2


def test_an_unknown_file_stays_unknown_while_nobody_answers_the_question(company, sandbox):
    transfer = a_released_transfer(company)
    fault(sandbox, "uploadPayment", "drop-answer")
    sending.send_transfer(transfer.pk)
    fault(sandbox, "uploadStatus", "down")
    make_due(transfer)
    assert sending.send_transfer(transfer.pk) == S.UNKNOWN
    assert Exchange.objects.filter(kind="upload").count() == 1


def test_an_unreachable_gateway_leaves_the_file_waiting_with_a_growing_pause(company):
    transfer = a_released_transfer(company)
    SystemInformation.objects.update(opg_address="http://no-such-host.invalid:8090/OPGatewayService/")
    pauses = []
    for _attempt in range(3):
        make_due(transfer)
        assert sending.send_transfer(transfer.pk) == S.RELEASED
        transfer.refresh_from_db()
        pauses.append(round((transfer.not_before - timezone.now()).total_seconds()))
    assert pauses == [15, 30, 60]
    assert "no-such-host" in transfer.last_error
    assert transfer.sends == 0


def test_a_wrong_key_shows_as_such_and_the_file_waits(company):
    transfer = a_released_transfer(company)
    Company.objects.filter(pk=company.pk).update(signing_key=KEY)
    assert sending.send_transfer(transfer.pk) == S.RELEASED
    transfer.refresh_from_db()
    assert "signature does not fit" in transfer.last_error


def test_a_file_is_not_sent_before_its_hold_is_over(company):
    transfer = a_released_transfer(company)
    Transfer.objects.update(not_before=timezone.now() + timedelta(seconds=120))
    assert sending.send_transfer(transfer.pk) is None


@pytest.mark.parametrize("state", [S.SEALED, S.CANCELLED, S.REFUSED])
def test_only_released_files_are_sent(company, state):
    transfer = a_released_transfer(company)
    Transfer.objects.update(state=state)
    assert sending.send_transfer(transfer.pk) is None


def test_nothing_leaves_while_sending_is_stopped_for_the_installation(company):
    transfer = a_released_transfer(company)
    SystemInformation.objects.update(stopped_at=timezone.now())
    assert sending.send_transfer(transfer.pk) is None
    assert transfers.due() == []


def test_nothing_leaves_while_the_company_is_stopped(company):
    transfer = a_released_transfer(company)
    Company.objects.filter(pk=company.pk).update(outgoing_stopped_at=timezone.now())
    assert sending.send_transfer(transfer.pk) is None


def test_an_unknown_file_is_asked_about_but_not_sent_again_while_stopped(company, sandbox):
    transfer = a_released_transfer(company)
    fault(sandbox, "uploadPayment", "down")
    sending.send_transfer(transfer.pk)
    SystemInformation.objects.update(stopped_at=timezone.now())
    make_due(transfer)
    assert sending.send_transfer(transfer.pk) == S.UNKNOWN
    assert uploads(sandbox) == []


def test_bytes_that_are_not_those_approved_never_leave(company, sandbox):
    transfer = a_released_transfer(company)
    files.full_path(transfer.path).write_bytes(b"<Document>other</Document>")
    assert sending.send_transfer(transfer.pk) == S.RELEASED
    transfer.refresh_from_db()
    assert "not the one that was approved" in transfer.last_error
    assert uploads(sandbox) == []


def test_a_worker_that_died_while_sending_leaves_the_file_unknown(company, settings):
    transfer = a_released_transfer(company)
    settings.SENDING_LEASE_SECONDS = 0
    assert transfers.claim(transfer.pk)
    assert transfers.expire_leases() == [transfer.pk]
    transfer.refresh_from_db()
    assert transfer.state == S.UNKNOWN
    assert sending.send_transfer(transfer.pk) == S.ACCEPTED


def test_two_workers_cannot_claim_the_same_file(company):
    transfer = a_released_transfer(company)
    assert transfers.claim(transfer.pk)
    assert transfers.claim(transfer.pk) is None
    assert transfers.claim_question(transfer.pk) is None


def test_a_late_worker_cannot_undo_what_another_learned(company):
    transfer = a_released_transfer(company)
    held = transfers.claim(transfer.pk)
    assert transfers.prove_delivery(transfer)
    assert not transfers.unknown(held, "too late")
    assert not transfers.put_back(held, "too late")
    transfer.refresh_from_db()
    assert transfer.state == S.ACCEPTED


def test_an_answer_proves_delivery_only_once(company):
    transfer = a_released_transfer(company)
    transfers.claim(transfer.pk)
    assert transfers.prove_delivery(transfer)
    assert not transfers.prove_delivery(transfer)


def test_an_answer_proves_nothing_about_a_file_that_never_left(company):
    transfer = a_released_transfer(company)
    assert not transfers.prove_delivery(transfer)


def test_cancelling_stops_only_files_that_have_not_left(company):
    waiting, sent = a_released_transfer(company), a_released_transfer(company)
    transfers.claim(sent.pk)
    assert transfers.cancel_unsent(waiting.payment_id, 1) == 1
    assert transfers.cancel_unsent(sent.payment_id, 1) == 0
    assert transfers.claim(waiting.pk) is None


def test_companies_take_turns(sandbox, company):
    other = build.a_company()
    mine = [a_released_transfer(company, lines=1) for _one in range(3)]
    theirs = a_released_transfer(other, lines=1)
    assert transfers.due()[:2] == [mine[0].pk, theirs.pk]


def test_asking_again_by_hand_does_not_wait(company, sandbox):
    anna = build.a_person()
    transfer = a_released_transfer(company)
    fault(sandbox, "uploadPayment", "drop-answer")
    sending.send_transfer(transfer.pk)
    assert sending.ask_status(transfer.pk, by=anna) == S.ACCEPTED
    assert Exchange.objects.get(kind="upload-status").person == anna


def test_a_batch_held_at_central_can_be_cancelled_there(company, sandbox):
    sandbox.post("/rules", {"stage": "file", "when": {}, "then": {"outcome": "hold"}, "first": True})
    anna = build.a_person()
    transfer = a_released_transfer(company)
    sending.send_transfer(transfer.pk)
    assert sending.cancel_at_central(transfer.pk, by=anna, reason="Wrong supplier")
    transfer.refresh_from_db()
    assert transfer.state == S.CANCELLED
    assert statuses(transfer) == {LineStatus.CANCELLED}
    assert set(SupplierEntry.objects.filter(company=company).values_list("in_payment", flat=True)) == {0}


def a_held_batch(company, sandbox):
    sandbox.post("/rules", {"stage": "file", "when": {}, "then": {"outcome": "hold"}, "first": True})
    transfer = a_released_transfer(company)
    sending.send_transfer(transfer.pk)
    return transfer


def at_the_bank(sandbox):
    sandbox.post("/clock", {"advance": {"days": 2}})
    return sum(len(account["movements"]) for account in sandbox.get("/ledger")["accounts"].values())


def test_a_batch_held_at_central_goes_on_when_it_is_approved_there(company, sandbox):
    transfer = a_held_batch(company, sandbox)
    assert at_the_bank(sandbox) == 0
    bjorn = build.a_person()
    sending.approve_at_central(transfer.pk, by=bjorn)
    assert at_the_bank(sandbox) > 0
    assert Exchange.objects.filter(person=bjorn, reference=transfer.msg_id, outcome="ok").exists()


def test_a_held_batch_stays_at_central_while_sending_is_stopped(company, sandbox):
    transfer = a_held_batch(company, sandbox)
    stopping.stop(company, build.an_accountant(company), "a reason")
    with pytest.raises(sending.NotPossible):
        sending.approve_at_central(transfer.pk, by=build.a_person())
    assert at_the_bank(sandbox) == 0


def test_one_approver_does_not_release_a_batch_whose_names_two_people_decide_about(company, sandbox):
    transfer = a_held_batch(company, sandbox)
    transfer.items.filter(position=1).update(payee_check="RVNM", payee_check_name="Somebody else")
    with pytest.raises(sending.NotPossible, match="two people"):
        sending.approve_at_central(transfer.pk, by=build.a_person())
    assert at_the_bank(sandbox) == 0
    transfer.items.update(payee_check_done=True)
    sending.approve_at_central(transfer.pk, by=build.a_person())
    assert at_the_bank(sandbox) > 0


def test_only_a_batch_at_central_can_be_approved_there(company):
    transfer = a_released_transfer(company)
    with pytest.raises(sending.NotPossible):
        sending.approve_at_central(transfer.pk, by=build.a_person())


def three_days_later():
    set_business_time(build.NOW + timedelta(days=3))


def test_a_file_whose_payment_date_has_passed_does_not_leave_and_waits_in_approval_again(company, sandbox):
    transfer = a_released_transfer(company)
    payment, anna = transfer.payment, build.an_approver(company)
    signatures.keep(payment, Mandate(anna), signatures.Signature(payment.digest, second_factor=False))
    Payment.objects.filter(pk=payment.pk).update(given=1, needed=1)
    three_days_later()

    assert sending.send_transfer(transfer.pk) == S.SEALED

    payment.refresh_from_db()
    assert (payment.round_state, payment.given) == (RoundState.WAITING, 0)
    assert not payment.approvals.exists()
    assert isinstance(approval.date_gone(payment), DatePassed)
    assert statuses(transfer) == {LineStatus.AT_EFT}
    assert "move it to the next bank day" in PaymentEvent.objects.get(payment=payment, kind="undone").text
    assert uploads(sandbox) == []


def test_a_late_file_that_left_before_the_database_was_restored_is_recognised(company, sandbox):
    transfer = a_released_transfer(company)
    sending.send_transfer(transfer.pk)
    Transfer.objects.update(state=S.RELEASED, sends=0, attempts=0, sent_at=None, accepted_at=None)
    three_days_later()
    assert sending.send_transfer(transfer.pk) == S.ACCEPTED
    assert len(uploads(sandbox)) == 1
    assert Payment.objects.get(pk=transfer.payment_id).round_state == RoundState.RELEASED


def test_a_late_file_waits_while_nobody_can_say_whether_it_left(company, sandbox):
    transfer = a_released_transfer(company)
    three_days_later()
    fault(sandbox, "uploadStatus", "down")
    assert sending.send_transfer(transfer.pk) == S.RELEASED
    make_due(transfer)
    assert sending.send_transfer(transfer.pk) == S.SEALED
    assert uploads(sandbox) == []


def test_a_worker_that_ended_while_it_asked_about_a_late_file_leaves_nothing_to_send(company, sandbox):
    transfer = a_released_transfer(company)
    three_days_later()
    late_files.claim(transfer.pk)
    Transfer.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert sending.send_transfer(transfer.pk) == S.SEALED
    assert uploads(sandbox) == []


def test_a_late_file_of_a_payment_that_left_in_part_is_cancelled_and_frees_its_invoices(company, sandbox):
    transfer = a_released_transfer(company)
    sent = Transfer.objects.get(pk=transfer.pk)
    sent.pk, sent.sequence, sent.msg_id, sent.state = None, 2, "AP-SENT", S.ACCEPTED
    sent.save()
    three_days_later()

    assert sending.send_transfer(transfer.pk) == S.CANCELLED

    assert statuses(transfer) == {LineStatus.CANCELLED}
    assert set(SupplierEntry.objects.filter(company=company).values_list("in_payment", flat=True)) == {0}
    assert uploads(sandbox) == []


def test_two_late_files_asked_about_at_once_go_back_together(company):
    transfer = a_released_transfer(company)
    other = Transfer.objects.get(pk=transfer.pk)
    other.pk, other.sequence, other.msg_id = None, 2, "AP-OTHER"
    other.save()
    Payment.objects.filter(pk=transfer.payment_id).update(given=1, needed=1)
    three_days_later()
    first = late_files.claim(transfer.pk)
    Transfer.objects.filter(pk=other.pk).update(state=S.UNKNOWN, claim="another", attempts=1)
    late_files.keep_back(first)
    assert Transfer.objects.get(pk=transfer.pk).state == S.RELEASED
    Transfer.objects.filter(pk=other.pk).update(state=S.RELEASED)
    assert sending.send_transfer(transfer.pk) == S.SEALED
    assert Transfer.objects.get(pk=other.pk).state == S.SEALED


def test_while_sending_is_stopped_a_late_file_is_left_alone(company):
    transfer = a_released_transfer(company)
    SystemInformation.objects.update(stopped_at=timezone.now())
    three_days_later()
    assert sending.send_transfer(transfer.pk) is None
    assert Transfer.objects.get(pk=transfer.pk).state == S.RELEASED
