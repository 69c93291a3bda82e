"""The header is what the lines and files say."""

from decimal import Decimal
from itertools import combinations

import pytest

from payments import headers
from payments.choices import BatchWord, LineStatus, PaymentStatus, TransferState
from payments.headers import Lines
from payments.models import PaymentLine
from tests import build

WORDS = {
    # lines:            (no file, sealed, released, sending, accepted, refused, unknown, cancelled)
    Lines.ESTIMATE: ["new"] * 8,
    Lines.AT_EFT: ["error", "waiting", "approved", "approved", "approved", "error", "error", "cancelled"],
    Lines.TRANSFERRED: ["sent"] * 8,
    Lines.ACKNOWLEDGED: ["received"] * 8,
    Lines.COMPLETED: ["completed"] * 8,
    Lines.PARTLY: ["partly"] * 8,
    Lines.REJECTED: ["rejected"] * 8,
    Lines.REFUSED: ["error"] * 8,
    Lines.CANCELLED: ["cancelled"] * 8,
}
FILES = (None, "sealed", "released", "sending", "accepted", "refused", "unknown", "cancelled")
STATUSES = [status for status in LineStatus if status != LineStatus.LINES_MISSING]
EVERY_SET = [set(some) for size in range(len(STATUSES) + 1) for some in combinations(STATUSES, size)]


@pytest.mark.parametrize("lines", Lines)
@pytest.mark.parametrize(("place", "files"), list(enumerate(FILES)))
def test_every_combination_has_its_word(lines, place, files):
    state = TransferState(files) if files else None
    assert headers.WORDS[lines, state] == BatchWord(WORDS[lines][place])


def test_every_set_of_line_statuses_has_a_standing_and_a_status():
    for some in EVERY_SET:
        assert headers.lines_together(some) in Lines
        assert headers.payment_status(some) in PaymentStatus


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        ([], 1),
        ([1], 1),
        ([8], 8),
        ([7], 8),
        ([7, 8], 8),
        ([10], 10),
        ([7, 10], 8),
        ([2], 2),
        ([4], 2),
        ([2, 7], 2),
        ([2, 8], 2),
        ([4, 7], 2),
        ([2, 10], 3),
        ([3, 4], 3),
        ([4, 6], 3),
        ([5, 6], 2),
    ],
)
def test_the_header_status_follows_from_the_lines(statuses, status):
    assert headers.payment_status(statuses) == status


@pytest.mark.parametrize(
    ("statuses", "standing"),
    [
        ([8, 7], Lines.AT_EFT),
        ([8, 2], Lines.AT_EFT),
        ([8, 2, 4], Lines.PARTLY),
        ([8, 5], Lines.PARTLY),
        ([2, 3], Lines.TRANSFERRED),
        ([3, 7], Lines.PARTLY),
        ([3, 5], Lines.PARTLY),
        ([5, 6], Lines.COMPLETED),
        ([6, 4], Lines.PARTLY),
        ([4, 7], Lines.REJECTED),
        ([10, 7], Lines.REFUSED),
    ],
)
def test_lines_are_taken_together(statuses, standing):
    assert headers.lines_together(statuses) is standing


def test_refused_only_when_every_line_is_refused():
    for some in EVERY_SET:
        assert (headers.payment_status(some) == 10) == (some == {10})


@pytest.mark.django_db
def test_refresh_writes_status_and_word_of_many_payments():
    waiting, sent = build.an_uploaded_payment(), build.a_transferred_payment()
    headers.refresh({waiting.pk, sent.pk})
    waiting.refresh_from_db()
    sent.refresh_from_db()
    assert (waiting.status, waiting.word) == (8, "waiting")
    assert (sent.status, sent.word) == (2, "sent")
    assert sent.unanswered_since is not None
    assert waiting.unanswered_since is None


@pytest.mark.django_db
def test_refresh_reads_in_sets(django_assert_max_num_queries):
    payments = [build.an_uploaded_payment(lines=1) for _ in range(4)]
    headers.refresh(payment.pk for payment in payments)
    with django_assert_max_num_queries(8):
        headers.refresh(payment.pk for payment in payments)


@pytest.mark.django_db
def test_totals_are_kept_per_currency_and_never_added_together():
    payment = build.an_estimate(lines=2)
    supplier = build.a_supplier(payment.company)
    build.a_line(payment, build.a_supplier_entry(supplier, "50.00", currency="EUR"))
    headers.refresh_totals({payment.pk})
    totals = {total.currency_id: (total.amount, total.lines) for total in payment.totals.all()}
    assert totals == {"NOK": (Decimal("2000.00"), 2), "EUR": (Decimal("50.00"), 1)}
    PaymentLine.objects.filter(payment=payment, currency="EUR").delete()
    headers.refresh_totals({payment.pk})
    assert set(payment.totals.values_list("currency_id", flat=True)) == {"NOK"}


@pytest.mark.django_db
def test_an_employee_in_a_payment_makes_it_salary():
    payment = build.an_estimate(lines=1)
    build.a_line(payment, build.a_supplier_entry(build.a_supplier(payment.company, is_payroll=True)))
    headers.refresh_totals({payment.pk})
    payment.refresh_from_db()
    assert payment.salary
