"""From an open invoice to a posted voucher, and from the bank's file to a matched entry, through real processes."""

from __future__ import annotations

from decimal import Decimal

import pytest

from integration.models import InboxMessage
from payments.choices import IncomingState, LineStatus, PaidStatus, TransferState
from payments.clearing import resolving
from payments.models import Batch, IncomingPayment, SettlementFact, SupplierEntry, Transfer, Voucher
from payments.preparing import refusals
from payments.releasing import amending, approval, uploading
from tests import build
from tests.integration.linking import fault
from tests.stories.place import a_place, booked_once, rest, time_passes
from tests.waiting import eventually

pytestmark = [
    pytest.mark.broker,
    pytest.mark.story,
    pytest.mark.xdist_group("stories"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def place(sandbox, process_env):
    return a_place(sandbox)


@pytest.fixture
def town(place, run_worker, run_consumer):
    """The place with its worker, schedule and consumer at work."""
    run_worker(beat=True)
    run_consumer()
    return place


def test_a_payment_goes_from_suggestion_to_posted_voucher_and_a_rejected_line_is_mended_and_paid(town):
    town.sandbox.post("/rules", {
        "stage": "item", "when": {"name": "Stengt*"}, "then": {"outcome": "reject", "code": "AC04"},
    })  # fmt: skip
    payment = town.paid("1000.00", "250.50", "99.90", names=("Kontor AS", "Stengt Konto AS", "Papir AS"))
    town.days()
    rejected = payment.lines.get(status=LineStatus.REJECTED)
    assert (rejected.supplier.name, rejected.reason_code) == ("Stengt Konto AS", "AC04")
    assert sorted(town.statuses(payment)) == [LineStatus.REJECTED, LineStatus.POSTED, LineStatus.POSTED]
    entry = SupplierEntry.objects.get(pk=rejected.entry_id)
    assert (entry.status, entry.in_payment, entry.remitted) == (PaidStatus.OPEN, 0, False)
    town.books_are_true()

    town.sandbox.put("/rules", [])  # the supplier opened an account again
    again = town.suggested()
    assert [line.entry_id for line in again.lines.all()] == [entry.pk]
    town.uploaded(again)
    town.approved(again)
    town.days()
    assert town.statuses(again) == [LineStatus.POSTED]
    entry.refresh_from_db()
    assert (entry.rest, entry.in_payment) == (0, 0)
    assert entry.status in (PaidStatus.LATE, PaidStatus.ON_TIME)
    town.books_are_true()
    assert town.booked() == -135040
    booked_once()


def test_customer_payments_are_matched_or_parked_and_a_second_delivery_books_nothing(town):
    build.a_factoring_company(town.company, town.partner)
    entry = build.a_customer_entry(build.a_customer(town.company), "1500.00")
    town.sandbox.post("/rules", {"stage": "delivery", "when": {}, "then": {"deliver": "twice"}})
    paid = [{"amount": "1500.00", "reference": entry.kid}, {"amount": "77.00"}]
    town.sandbox.post("/incoming", {"account": town.partner.account, "format": "camt.054", "payments": paid})
    town.days()
    states = dict(IncomingPayment.objects.values_list("amount", "state"))
    assert states[Decimal("77.00")] == IncomingState.PARKED
    assert states[Decimal("1500.00")] != IncomingState.PARKED
    assert IncomingPayment.objects.exclude(state=IncomingState.DUPLICATE).count() == 2
    entry.refresh_from_db()
    assert (entry.rest, entry.status) == (0, PaidStatus.ON_TIME)
    assert town.booked() == 150000
    assert InboxMessage.objects.filter(heard=2).exists()

    parked = IncomingPayment.objects.get(state=IncomingState.PARKED)
    resolving.post_to_account(parked, town.clerk, "1579", version=parked.version)
    rest()
    town.books_are_true()


def test_answers_that_come_twice_late_and_out_of_order_book_every_line_once(town):
    town.sandbox.put("/rules", [
        {"stage": "delivery", "when": {"messageType": "OutgoingPaymentStatus"}, "then": {"deliver": "twice"}},
        {"stage": "delivery", "when": {"fileKind": "camt.054"}, "then": {"deliver": "copy"}},
        {"stage": "delivery", "when": {"fileKind": "camt.053"}, "then": {"deliver": "late", "minutes": 90}},
    ])  # fmt: skip
    payment = town.paid("1000.00", "2000.00")
    town.days()
    assert town.statuses(payment) == [LineStatus.POSTED] * 2
    assert SettlementFact.objects.count() == 2
    assert Voucher.objects.filter(batch__payment=payment).count() == 2
    assert InboxMessage.objects.filter(heard=2).exists()
    town.books_are_true()
    booked_once()


def test_lines_of_a_refused_file_stand_at_10_and_their_entries_are_free_again(town):
    town.sandbox.post("/rules", {"stage": "file", "when": {}, "then": {"outcome": "refuse", "code": "AM05"}})
    payment = town.paid("1000.00", "2000.00")
    eventually(lambda: town.statuses(payment) == [LineStatus.REFUSED] * 2)
    eventually(lambda: Transfer.objects.get().state == TransferState.REFUSED)
    assert set(SupplierEntry.objects.values_list("in_payment", "remitted", "status")) == {(0, False, PaidStatus.OPEN)}
    assert town.suggested().lines.count() == 2
    town.books_are_true()


def test_a_deficient_batch_is_cancelled_as_a_whole_and_its_lines_stand_at_7(town):
    town.sandbox.post("/rules", {
        "stage": "item", "when": {"name": "Mangel*"}, "then": {"outcome": "deficient", "code": "RC01"},
    })  # fmt: skip
    payment = town.paid("1000.00", "2000.00", names=("Kontor AS", "Mangel AS"))
    eventually(lambda: town.statuses(payment) == [LineStatus.CANCELLED] * 2)
    assert set(SupplierEntry.objects.values_list("in_payment", "remitted")) == {(0, False)}
    town.days()
    town.books_are_true()
    assert not Batch.objects.exists()


def test_a_payment_changed_in_approval_needs_a_new_round_and_only_the_new_file_leaves(place, run_worker):
    run_worker(beat=True)
    place.invoices("1000.00")
    payment = place.suggested()
    before = place.uploaded(payment)
    first, second = place.approvers
    amending.amend(payment.lines.get(), first, amount=Decimal("400.00"))
    with pytest.raises(refusals.ChangedSinceSeen):
        approval.approve(payment, second, before.digest)
    place.approved(payment)
    eventually(lambda: Transfer.objects.filter(round=2, state=TransferState.ACCEPTED).exists())
    assert Transfer.objects.get(round=1).state == TransferState.CANCELLED
    assert [item["amount"] for item in place.sandbox.get("/ledger")["items"]] == [40000]


def test_an_approval_holds_for_the_bytes_that_were_seen_and_nothing_is_changed_after_it(place):
    place.invoices("1000.00")
    payment = place.suggested()
    place.uploaded(payment)
    payment.refresh_from_db()
    approval.approve(payment, place.approvers[0], payment.digest)
    with pytest.raises(refusals.RoundClosed):
        amending.amend(payment.lines.get(), place.approvers[1], amount=Decimal("400.00"))
    with pytest.raises(uploading.AlreadyUploaded):
        place.uploaded(payment)
    assert Transfer.objects.get().state == TransferState.SEALED


@pytest.mark.parametrize(
    ("what", "more"),
    [("down", {}), ("error", {}), ("drop-answer", {}), ("garbage", {}), ("unsigned", {}), ("slow", {"seconds": 3})],
)
def test_a_gateway_that_fails_leaves_the_answer_unknown_and_the_file_is_delivered_once(place, settings, what, more):
    from integration import sending

    settings.GATEWAY_READ_SECONDS = 1
    fault(place.sandbox, "uploadPayment", what, **more)
    place.paid("1000.00", "2000.00")
    transfer = Transfer.objects.get()
    assert sending.send_transfer(transfer.pk) == TransferState.UNKNOWN
    time_passes()
    settings.GATEWAY_READ_SECONDS = 20
    assert sending.send_transfer(transfer.pk) == TransferState.ACCEPTED
    assert [upload["msgid"] for upload in place.sandbox.get("/uploads")["uploads"]] == [transfer.msg_id]
    assert len(place.sandbox.get("/ledger")["items"]) == 2


def test_a_gateway_that_is_not_there_leaves_the_file_waiting_and_it_goes_out_later(place, run_worker):
    from companies.models import SystemInformation

    SystemInformation.objects.update(opg_address="http://127.0.0.1:9/OPGatewayService/")
    run_worker(beat=True)
    place.paid("1000.00")
    transfer = eventually(lambda: Transfer.objects.filter(attempts=1).exclude(last_error="").first())
    assert transfer.state == TransferState.RELEASED  # it surely never left
    SystemInformation.objects.update(opg_address=place.sandbox.gateway)
    time_passes()
    eventually(lambda: Transfer.objects.get().state == TransferState.ACCEPTED)
    assert len(place.sandbox.get("/ledger")["items"]) == 1
