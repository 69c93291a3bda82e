"""Two people press at the same moment: exactly one of them, or exactly as many as needed, get it."""

import threading
from collections import Counter

import pytest
from django.db import connection, connections

from payments.choices import RoundState
from payments.models import Approval, Payment, PaymentLine, SupplierEntry, Transfer
from payments.preparing import refusals
from payments.preparing.criteria import Criteria
from payments.releasing import approval
from payments.releasing.uploading import AlreadyUploaded, upload
from payments.suggesting import suggestion
from payments.suggesting.suggestion import NothingToPay
from tests import build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def area(settings, tmp_path):
    settings.DATA_AREA = tmp_path
    if connection.vendor == "sqlite" and connection.is_in_memory_db():
        pytest.skip("an SQLite database in memory knows no races")


def at_once(*deeds):
    """Start all deeds together, each with a connection of its own; answers the names of what they raised, or None."""
    start = threading.Barrier(len(deeds))
    answers = [None] * len(deeds)

    def run(place, deed):
        try:
            start.wait(timeout=20)
            deed()
        except Exception as error:  # every outcome is an answer here
            answers[place] = type(error).__name__
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return Counter(answers)


def fresh(payment):
    return Payment.objects.get(pk=payment.pk)


def test_a_double_click_uploads_once():
    payment = build.an_estimate(lines=3)
    for _ in range(2):
        build.an_approver(payment.company)
    clerk = payment.created_by
    answers = at_once(*[lambda: upload(fresh(payment), clerk) for _ in range(3)])
    assert answers == {None: 1, AlreadyUploaded.__name__: 2}
    assert Transfer.objects.count() == 1
    assert fresh(payment).needed == 2


def test_four_approvers_at_once_release_a_payment_that_needs_two_once():
    payment = build.an_uploaded_payment(lines=2)
    people = [build.an_approver(payment.company) for _ in range(4)]
    digest = payment.digest
    answers = at_once(*[lambda who=who: approval.approve(payment, who, digest) for who in people])
    assert answers == {None: 2, refusals.RoundClosed.__name__: 2}
    assert Approval.objects.count() == fresh(payment).given == 2
    assert payment.events.filter(kind="released").count() == 1
    assert approval.broken_seals(payment) == []


def test_one_approver_in_two_windows_counts_once():
    payment = build.an_uploaded_payment(lines=1)
    boss = build.an_approver(payment.company)
    answers = at_once(*[lambda: approval.approve(payment, boss, payment.digest) for _ in range(3)])
    assert answers == {None: 1, refusals.AlreadyApproved.__name__: 2}
    assert fresh(payment).given == 1


def test_cancel_and_last_approval_leave_one_truth():
    payment = build.an_uploaded_payment(lines=2)
    first, second = build.an_approver(payment.company), build.an_approver(payment.company)
    approval.approve(payment, first, payment.digest)
    at_once(
        lambda: approval.approve(payment, second, payment.digest),
        lambda: approval.cancel(payment, first, "Stop"),
    )
    now = fresh(payment)
    assert now.round_state == RoundState.CANCELLED  # nothing had left yet, so the cancellation always gets it
    assert payment.transfers.get().state == "cancelled"
    assert set(payment.lines.values_list("status", flat=True)) == {7}


def test_suggestions_side_by_side_never_share_an_entry():
    company = build.a_company()
    bank = build.a_bank(company)
    for _ in range(6):
        supplier = build.a_supplier(company)
        for _ in range(5):
            build.a_supplier_entry(supplier)
    clerk = build.an_accountant(company)
    criteria = Criteria.usual(company, bank)
    answers = at_once(*[lambda: suggestion.create(company, criteria, clerk) for _ in range(3)])
    assert set(answers) <= {None, NothingToPay.__name__}
    assert PaymentLine.objects.count() == PaymentLine.objects.values("entry").distinct().count() == 30
    assert not SupplierEntry.objects.exclude(remitted=True).exists()
    assert sum(Payment.objects.values_list("line_count", flat=True)) == 30
