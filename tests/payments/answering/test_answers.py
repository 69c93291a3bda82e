"""Answers of banks and of AutoPay central: levels, ranks, contradictions, unknown ids (mapping 3, cases 20 to 32)."""

from decimal import Decimal

import pytest

from payments import lifecycle
from payments.answering import answers
from payments.choices import LineStatus, TransferState
from payments.models import AnswerException, BankFile, PaymentEvent, PaymentLine, SettlementFact, TransferItem
from payments.settling import settlement
from tests.build import a_company
from tests.payments.bank_messages import (
    a_debit,
    a_sent_payment,
    block,
    camt054,
    central_report,
    details,
    items_of,
    ntry,
    pain002,
    settle,
    statuses,
    transaction,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(db):
    return a_sent_payment()


def hear(payment, report):
    return answers.apply(payment.company, report, "pain.002 test")


def msg_id(payment):
    return payment.transfers.get().msg_id


def in_two_blocks(payment):
    """The first line in block A, the others in block B."""
    first = items_of(payment)[0]
    TransferItem.objects.filter(payment=payment).update(payment_info_id="BLOCK-B")
    TransferItem.objects.filter(pk=first.pk).update(payment_info_id="BLOCK-A")


def events(payment):
    return list(PaymentEvent.objects.filter(payment=payment, kind="answer").values_list("text", flat=True))


def test_case_20_a_technical_yes_for_the_file_acknowledges_every_line(payment, tmp_path):
    hear(payment, pain002(tmp_path, msg_id(payment), "ACTC"))
    assert statuses(payment) == [3, 3, 3]
    payment.refresh_from_db()
    assert payment.word == "received"


def test_case_21_a_repeated_file_that_was_sent_once_is_rejected_with_advice(payment, tmp_path):
    hear(payment, pain002(tmp_path, msg_id(payment), "RJCT", reason="DU01 Duplicate"))
    assert statuses(payment) == [4, 4, 4]
    assert set(payment.lines.values_list("reason_code", flat=True)) == {"DU01"}


def test_case_21_a_repeated_file_that_was_sent_twice_is_at_the_bank_already(payment, tmp_path):
    payment.transfers.update(attempts=2, sends=2)
    hear(payment, pain002(tmp_path, msg_id(payment), "RJCT", reason="DU01 Duplicate"))
    assert statuses(payment) == [2, 2, 2]
    assert "already" in events(payment)[0]


def test_a_repeated_file_that_was_sent_once_and_asked_about_since_is_rejected(payment, tmp_path):
    payment.transfers.update(attempts=3, sends=1)
    hear(payment, pain002(tmp_path, msg_id(payment), "RJCT", reason="DU01 Duplicate"))
    assert statuses(payment) == [4, 4, 4]


def test_case_22_a_rejected_block_takes_only_its_own_lines(payment, tmp_path):
    in_two_blocks(payment)
    hear(payment, pain002(tmp_path, msg_id(payment), "", block("BLOCK-A", "RJCT", "AC01")))
    assert statuses(payment) == [4, 2, 2]


def test_case_23_shells_without_status_and_id_follow_the_level_above(payment, tmp_path):
    block_id = items_of(payment)[0].payment_info_id
    shells = [transaction(), transaction(), transaction(amount="1000.00")]
    hear(payment, pain002(tmp_path, msg_id(payment), "ACCP", block(block_id, "ACCP", "", *shells)))
    assert statuses(payment) == [3, 3, 3]
    assert not AnswerException.objects.exists()


def test_case_24_a_partly_accepted_block_rejects_what_it_names_and_leaves_the_rest(payment, tmp_path):
    first = items_of(payment)[0]
    report = pain002(
        tmp_path,
        msg_id(payment),
        "",
        block(first.payment_info_id, "PART", "", transaction("RJCT", first.end_to_end_id, "AC04 CLOSED IN MAY")),
    )
    hear(payment, report)
    assert statuses(payment) == [4, 2, 2]
    line = payment.lines.get(line_no=1)
    assert line.reason_code == "AC04"
    assert line.reason_text.endswith("CLOSED IN MAY")
    payment.refresh_from_db()
    assert payment.word == "partly"


def test_case_25_a_yes_under_a_no_changes_nothing_and_is_looked_at(payment, tmp_path):
    first = items_of(payment)[0]
    report = pain002(
        tmp_path,
        msg_id(payment),
        "RJCT",
        block(first.payment_info_id, "", "", transaction("ACCP", first.end_to_end_id)),
    )
    hear(payment, report)
    assert statuses(payment) == [2, 2, 2]
    assert AnswerException.objects.get().kind == "contradiction"


def test_a_block_that_contradicts_itself_leaves_the_other_blocks_answered(payment, tmp_path):
    in_two_blocks(payment)
    first = items_of(payment)[0]
    report = pain002(
        tmp_path,
        msg_id(payment),
        "ACCP",
        block("BLOCK-A", "RJCT", "", transaction("ACSP", first.end_to_end_id)),
        block("BLOCK-B", "ACCP"),
    )
    hear(payment, report)
    assert statuses(payment) == [2, 3, 3]


def test_case_26_a_late_rejection_after_acceptance_counts(payment, tmp_path):
    hear(payment, pain002(tmp_path, msg_id(payment), "ACSP"))
    assert statuses(payment) == [3, 3, 3]
    hear(payment, pain002(tmp_path, msg_id(payment), "RJCT", reason="AM04"))
    assert statuses(payment) == [4, 4, 4]
    assert {e.in_payment for e in (line.entry for line in payment.lines.all())} == {Decimal(0)}


def test_case_27_a_late_acknowledgement_of_a_settled_line_is_only_heard(payment, tmp_path):
    settlement.settle([a_debit(item) for item in items_of(payment)])
    hear(payment, pain002(tmp_path, msg_id(payment), "ACTC"))
    assert statuses(payment) == [5, 5, 5]
    assert not AnswerException.objects.exists()


def test_case_29_a_payee_name_that_differs_warns_and_rejects_nothing(payment, tmp_path):
    first = items_of(payment)[0]
    names = block(
        first.payment_info_id, "", "", transaction("RVMC", first.end_to_end_id, "NARR Kontorrekvisita Norge AS")
    )
    hear(payment, pain002(tmp_path, msg_id(payment), "", names, version="10"))
    first.refresh_from_db()
    assert (first.payee_check, first.payee_check_name) == ("RVMC", "Kontorrekvisita Norge AS")
    assert statuses(payment) == [2, 2, 2]

    hear(payment, pain002(tmp_path, msg_id(payment), "ACSP", version="10"))
    assert statuses(payment) == [3, 3, 3]


@pytest.mark.parametrize(("asked", "status"), [(True, 7), (False, 4)])
def test_case_30_a_rejection_is_a_cancellation_when_we_asked_for_it(payment, tmp_path, asked, status):
    if asked:
        payment.cancel_reason = "Wrong account"
        payment.save()
    hear(payment, pain002(tmp_path, msg_id(payment), "RJCT", reason="DS02 ordered by user"))
    assert statuses(payment) == [status] * 3


def test_case_31_a_payment_that_waits_says_so_until_it_is_debited(payment, tmp_path):
    first = items_of(payment)[0]
    waiting = block(first.payment_info_id, "", "", transaction("PDNG", first.end_to_end_id, "AM04"))
    hear(payment, pain002(tmp_path, msg_id(payment), "", waiting))
    line = payment.lines.get(line_no=1)
    assert line.status == 3
    assert "PDNG" in line.waits_for

    entry = ntry("1000.00", details(first.end_to_end_id, "1000.00"))
    settle(payment.company, camt054(tmp_path, payment.bank_partner.account, entry))
    line.refresh_from_db()
    assert (line.status, line.waits_for) == (5, "")


def test_a_payment_that_waited_and_goes_on_waits_no_more(payment, tmp_path):
    hear(payment, pain002(tmp_path, msg_id(payment), "PDNG"))
    hear(payment, pain002(tmp_path, msg_id(payment), "ACSP"))
    assert set(payment.lines.values_list("waits_for", "status")) == {("", 3)}


def test_a_late_waiting_does_not_overwrite_an_execution(payment, tmp_path):
    hear(payment, pain002(tmp_path, msg_id(payment), "ACSP"))
    hear(payment, pain002(tmp_path, msg_id(payment), "PDNG"))
    assert set(payment.lines.values_list("waits_for", flat=True)) == {""}


def test_case_32_an_id_that_is_not_ours_touches_nothing_else(payment, tmp_path):
    block_id = items_of(payment)[0].payment_info_id
    report = pain002(
        tmp_path, msg_id(payment), "", block(block_id, "", "", transaction("RJCT", "X-99", amount="77.00"))
    )
    hear(payment, report)
    hear(payment, report)
    found = AnswerException.objects.get()
    assert (found.kind, found.amount, found.currency_code) == ("unknown_line", Decimal(77), "NOK")
    assert statuses(payment) == [2, 2, 2]


def test_a_shell_without_id_is_found_by_amount_and_account(payment, tmp_path):
    first = items_of(payment)[0]
    one = transaction("RJCT", amount="1000.00", account=first.account, reason="AC04")
    hear(payment, pain002(tmp_path, msg_id(payment), "", block(first.payment_info_id, "PART", "", one)))
    assert statuses(payment) == [4, 2, 2]


def test_named_payments_are_rejected_and_the_others_follow_the_accepted_file(payment, tmp_path):
    first = items_of(payment)[0]
    one = block(first.payment_info_id, "ACCP", "", transaction("RJCT", first.end_to_end_id, "AC04"))
    hear(payment, pain002(tmp_path, msg_id(payment), "ACCP", one))
    assert statuses(payment) == [4, 3, 3]


def test_a_status_nobody_knows_changes_nothing_and_is_looked_at(payment, tmp_path):
    hear(payment, pain002(tmp_path, msg_id(payment), "XXXX", version="10"))
    assert statuses(payment) == [2, 2, 2]
    assert {found.kind for found in AnswerException.objects.all()} == {"unknown_status"}


def test_a_rejection_of_a_debited_payment_is_looked_at_and_changes_nothing(payment, tmp_path):
    settlement.settle([a_debit(item) for item in items_of(payment)])
    hear(payment, pain002(tmp_path, msg_id(payment), "RJCT", reason="AC04"))
    assert statuses(payment) == [5, 5, 5]
    assert {found.kind for found in AnswerException.objects.all()} == {"rejected_after_booking"}


def test_blocked_money_stays_acknowledged_and_is_looked_at(payment, tmp_path):
    first = items_of(payment)[0]
    one = block(first.payment_info_id, "", "", transaction("BLCK", first.end_to_end_id, "AM07"))
    hear(payment, pain002(tmp_path, msg_id(payment), "", one, version="10"))
    assert statuses(payment) == [3, 2, 2]
    assert AnswerException.objects.get().kind == "blocked"


def test_settled_in_a_status_report_is_no_booking(payment, tmp_path):
    hear(payment, pain002(tmp_path, msg_id(payment), "ACSC"))
    assert statuses(payment) == [3, 3, 3]
    assert not SettlementFact.objects.exists()


def test_settled_in_a_status_report_books_when_the_bank_partner_says_so(payment, tmp_path):
    payment.bank_partner.pain002_settles = True
    payment.bank_partner.save()
    hear(payment, pain002(tmp_path, msg_id(payment), "ACSC"))
    assert statuses(payment) == [5, 5, 5]
    hear(payment, pain002(tmp_path, msg_id(payment), "ACSC"))
    assert SettlementFact.objects.count() == 3


@pytest.mark.parametrize("state", ["sealed", "released"])
def test_an_answer_to_a_file_never_released_is_parked_with_an_alarm(payment, tmp_path, state):
    payment.transfers.update(state=state)
    with pytest.raises(answers.Parked, match="Alarm"):
        hear(payment, pain002(tmp_path, msg_id(payment), "ACCP"))
    assert statuses(payment) == [2, 2, 2]
    assert AnswerException.objects.get().kind == "unknown_file"


@pytest.mark.parametrize(("count", "total"), [("4", ""), ("", "3000.01")])
def test_an_answer_with_another_count_or_sum_is_parked(payment, tmp_path, count, total):
    with pytest.raises(answers.Parked, match="Alarm"):
        hear(payment, pain002(tmp_path, msg_id(payment), "ACCP", counted=count, total=total))
    assert statuses(payment) == [2, 2, 2]


def test_an_answer_to_a_file_nobody_sent_is_refused_and_looked_at(tmp_path):
    company = a_company()
    kept = BankFile.objects.create(company=company, digest="d1", path="p", size=1)
    with pytest.raises(answers.Parked, match="NOT-OURS") as refusal:
        answers.apply(company, pain002(tmp_path, "NOT-OURS", "ACCP"), "test", kept)
    assert refusal.value.code == "unknown_file"
    assert "d1" in AnswerException.objects.get().source


def test_an_answer_with_foreign_file_id_is_found_by_its_payment_block(payment, tmp_path):
    block_id = items_of(payment)[0].payment_info_id
    hear(payment, pain002(tmp_path, "?", "", block(block_id, "ACCP")))
    assert statuses(payment) == [3, 3, 3]


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_an_answer_proves_that_a_doubtful_file_arrived(tmp_path, state):
    payment = a_sent_payment()
    payment.transfers.update(state=state)
    hear(payment, pain002(tmp_path, msg_id(payment), "ACCP"))
    assert payment.transfers.get().state == TransferState.ACCEPTED
    assert statuses(payment) == [3, 3, 3]


def test_a_bank_that_answers_first_implies_that_central_sent_the_file_on(tmp_path):
    payment = a_sent_payment(lines=1)
    PaymentLine.objects.filter(payment=payment).update(status=8)
    hear(payment, pain002(tmp_path, msg_id(payment), "ACCP"))
    steps = payment.changes.order_by("pk").values_list("before", "after")
    assert list(steps)[-2:] == [(8, 2), (2, 3)]


def at_central(lines=3):
    """Uploaded and accepted by AutoPay central: lines at 8."""
    from tests.build import an_uploaded_payment

    payment = an_uploaded_payment(lines=lines, status=LineStatus.ESTIMATE)
    lifecycle.move(payment.lines.values_list("pk", flat=True), LineStatus.AT_EFT, source="upload")
    payment.transfers.update(state="accepted", sent_at=payment.uploaded_at)
    return payment


def test_sent_on_to_the_bank_is_transferred(tmp_path):
    payment = at_central()
    hear(payment, central_report(tmp_path, msg_id(payment), "SENT_TO_BANK"))
    assert statuses(payment) == [2, 2, 2]


def test_a_deficient_payment_cancels_the_batch_and_the_others_name_it(tmp_path):
    payment = at_central()
    first, *_ = items_of(payment)
    said = (first.end_to_end_id, "DEFICIENT", "AC01 Account number wrong")
    hear(payment, central_report(tmp_path, msg_id(payment), "DEFICIENT", said))

    assert statuses(payment) == [7, 7, 7]
    one, two, _three = payment.lines.order_by("line_no")
    assert one.reason_code == "AC01"
    assert first.payee_name in two.reason_text
    assert payment.transfers.get().state == TransferState.CANCELLED
    assert {line.entry.in_payment for line in payment.lines.all()} == {Decimal(0)}


def test_a_file_that_central_refuses_takes_every_line_to_10(tmp_path):
    payment = at_central()
    hear(payment, central_report(tmp_path, msg_id(payment), "REFUSED", reason="SIGNATURE Signature does not fit"))
    assert statuses(payment) == [10, 10, 10]
    transfer = payment.transfers.get()
    assert (transfer.state, transfer.refused_code) == (TransferState.REFUSED, "SIGNATURE")
    payment.refresh_from_db()
    assert payment.status == 10


def test_single_payments_that_central_refuses_are_10_and_the_header_3(tmp_path):
    payment = at_central()
    first, *_ = items_of(payment)
    said = (first.end_to_end_id, "REFUSED", "AC01 No account")
    hear(payment, central_report(tmp_path, msg_id(payment), "SENT_TO_BANK", said))
    # an accepted batch may name refused payments; the others go on
    assert statuses(payment) == [10, 2, 2]
    payment.refresh_from_db()
    assert payment.status == 3


def test_central_cannot_refuse_what_the_bank_has(tmp_path):
    payment = a_sent_payment()
    hear(payment, central_report(tmp_path, msg_id(payment), "REFUSED"))
    assert statuses(payment) == [2, 2, 2]
    assert {found.kind for found in AnswerException.objects.all()} == {"contradiction"}
    assert payment.transfers.get().state == TransferState.ACCEPTED


def test_hearing_an_answer_twice_changes_and_tells_nothing_new(payment, tmp_path):
    report = pain002(tmp_path, msg_id(payment), "ACCP")
    hear(payment, report)
    before = payment.changes.count()
    result = hear(payment, report)
    assert (result.moved, result.stayed, payment.changes.count()) == ({}, 3, before)
    assert len(events(payment)) == 1


def test_an_answer_to_thousands_is_applied_in_sets(tmp_path, django_assert_max_num_queries):
    payment = a_sent_payment(lines=1)
    item, line = items_of(payment)[0], payment.lines.get()
    many = [
        TransferItem(
            **{f.attname: getattr(item, f.attname) for f in TransferItem._meta.concrete_fields if f.name != "id"}
            | {"position": n, "end_to_end_id": f"many-{n}"}
        )
        for n in range(2, 2001)
    ]
    TransferItem.objects.bulk_create(many, batch_size=100)
    PaymentLine.objects.bulk_create(
        [
            PaymentLine(
                **{f.attname: getattr(line, f.attname) for f in PaymentLine._meta.concrete_fields if f.name != "id"}
                | {"line_no": row.position, "item_id": row.pk}
            )
            for row in many
        ],
        batch_size=60,
    )
    with django_assert_max_num_queries(120):
        hear(payment, pain002(tmp_path, msg_id(payment), "ACCP"))
    assert set(statuses(payment)) == {3}
