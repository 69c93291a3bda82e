"""What central and the banks make of an upload, and that the ledger, the messages and the files agree."""

from __future__ import annotations

import pytest
from lxml import etree

from tests.integration.sandbox.caller import ACCOUNT, pain001

pytestmark = pytest.mark.broker


def text(xml: bytes, path: str) -> list[str]:
    return [
        str(e.text) for e in etree.fromstring(xml).iterfind("." + "".join(f"//{{*}}{step}" for step in path.split("/")))
    ]


def kinds(sandbox) -> list[str]:
    return [m["message"]["fileKind"] for m in sandbox.messages()]


def test_a_file_is_accepted_sent_on_acknowledged_and_settled_on_its_day(sandbox):
    answer = sandbox.upload("AP1", pain001("AP1", "100.00", "250.50"))
    assert (answer.status_code, answer.json()["result"]) == (201, "accepted")
    assert sandbox.answer_is_signed(answer)
    sandbox.clock(run=True)
    assert kinds(sandbox) == ["status-report", "pain.002"]
    sandbox.clock(to="2026-03-03T23:59")
    assert kinds(sandbox) == ["status-report", "pain.002", "camt.054", "camt.053"]
    assert [m["amount"] for m in sandbox.movements()] == [-10000, -25050]
    assert {item["outcome"] for item in sandbox.items().values()} == {"settled"}
    assert text(sandbox.files("camt.053")[0], "Bal/Amt") == ["100000.00", "99649.50"]


def test_what_was_sent_stands_in_the_queue_with_the_same_ids(sandbox, broker):
    sandbox.upload("AP1", pain001("AP1", "100.00"))
    sandbox.clock(to="2026-03-04T12:00")
    by_hand = [(m["messageId"], m["messageType"]) for m in sandbox.messages()]
    assert [(e["messageId"], e["messageType"]) for e in broker.entries()] == by_hand
    assert len(by_hand) == 4


def test_the_same_bytes_are_already_known_and_other_bytes_are_refused(sandbox):
    body = pain001("AP1", "100.00")
    sandbox.upload("AP1", body)
    assert sandbox.upload("AP1", body).json()["result"] == "already-known"
    other = sandbox.upload("AP1", pain001("AP1", "101.00"))
    assert (other.status_code, other.json()["code"]) == (409, "msgid-other-bytes")
    sandbox.clock(to="2026-03-04T12:00")
    assert [m["amount"] for m in sandbox.movements()] == [-10000]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not-wellformed"),
        (b"no XML at all", "not-wellformed"),
        (b'<!DOCTYPE x [<!ENTITY e "x">]><Document/>', "not-wellformed"),
        (b"<Document/>", "not-pain001"),
        (pain001("AP1", "100.00").replace(b"<EndToEndId>AP1-1</EndToEndId>", b""), "schema-invalid"),
        (pain001("AP1", "100.00").replace(b"</PmtInf>", b"</PmtInf"), "not-wellformed"),
        (pain001("AP2", "100.00"), "msgid-mismatch"),
        (pain001("AP1", "100.00", debtor="11111111111"), "unknown-agreement"),
        (pain001("AP1", "100.00", count=2), "count-mismatch"),
        (pain001("AP1", "100.00", ctrl="100.01"), "sum-mismatch"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_stays_refused(sandbox, body, code):
    for _ in range(2):
        answer = sandbox.upload("AP1", body)
        assert (answer.status_code, answer.json()["code"], answer.json()["result"]) == (422, code, "refused")
    assert sandbox.signed("GET", "/payments/AP1").json()["refusal"]["code"] == code
    assert sandbox.items() == {}


def test_an_account_without_agreement_is_refused(sandbox):
    assert sandbox.upload("AP1", pain001("AP1", "1.00"), account="11111111111").json()["code"] == "unknown-agreement"


@pytest.mark.parametrize("version", ["03", "09"])
def test_both_versions_of_the_payment_file_are_taken(sandbox, version):
    assert sandbox.upload("AP1", pain001("AP1", "100.00", version=version)).status_code == 201


def test_a_deficient_payment_cancels_the_whole_batch(sandbox):
    sandbox.upload("AP1", pain001("AP1", "100.00", "0.00"))
    sandbox.clock(to="2026-03-04T12:00")
    report = sandbox.files("status-report")[0]
    assert text(report, "Status") == ["DEFICIENT", "DEFICIENT"]
    assert text(report, "Payment/LineRef") == ["AP1-2"]
    assert text(report, "Payment/ReasonCode") == ["AM01"]
    assert sandbox.movements() == []
    assert sandbox.signed("GET", "/payments/AP1").json()["state"] == "cancelled"


def test_a_rejected_payment_names_its_reason_and_the_others_are_paid(sandbox):
    sandbox.rule("item", {"outcome": "reject", "code": "AC04"}, when={"endToEndId": "AP1-2"})
    sandbox.upload("AP1", pain001("AP1", "100.00", "200.00"))
    sandbox.clock(to="2026-03-04T12:00")
    answer = sandbox.files("pain.002")[0]
    assert text(answer, "TxInfAndSts/TxSts") == ["RJCT"]
    assert text(answer, "TxInfAndSts/OrgnlEndToEndId") == ["AP1-2"]
    assert text(answer, "StsRsnInf/Rsn/Cd") == ["AC04"]
    assert [m["amount"] for m in sandbox.movements()] == [-10000]


def test_a_payment_can_be_rejected_as_late_as_its_value_date(sandbox):
    sandbox.rule("item", {"outcome": "reject", "code": "AM04", "at": "execution"}, when={"amountFrom": "150"})
    sandbox.upload("AP1", pain001("AP1", "100.00", "200.00"))
    sandbox.clock(to="2026-03-04T12:00")
    first, second = sandbox.files("pain.002")
    assert text(first, "TxInfAndSts/TxSts") == []
    assert text(second, "TxInfAndSts/OrgnlEndToEndId") == ["AP1-2"]
    assert sandbox.items()["AP1-2"]["outcome"] == "rejected"


def test_a_returned_payment_comes_back_with_its_reason(sandbox):
    sandbox.rule("item", {"outcome": "return", "code": "AC06", "days": 2})
    sandbox.upload("AP1", pain001("AP1", "100.00"))
    sandbox.clock(to="2026-03-06T12:00")
    assert [(m["amount"], m["kind"], m["bookingDate"]) for m in sandbox.movements()] == [
        (-10000, "payment", "2026-03-03"),
        (10000, "return", "2026-03-05"),
    ]
    assert text(sandbox.files("camt.054")[1], "RtrInf/Rsn/Cd") == ["AC06"]
    assert sandbox.items()["AP1-1"]["returned"] == 10000


@pytest.mark.parametrize(("booking", "amounts"), [("inside", [-12500]), ("apart", [-10000, -2500])])
def test_a_fee_is_inside_the_entry_or_apart(sandbox, booking, amounts):
    sandbox.rule("item", {"outcome": "settle", "fee": "25.00", "feeBooking": booking})
    sandbox.upload("AP1", pain001("AP1", "100.00"))
    sandbox.clock(to="2026-03-03T15:00")
    assert [m["amount"] for m in sandbox.movements()] == amounts
    assert len(text(sandbox.files("camt.054")[0], "Chrgs/Amt")) == (booking == "inside")


def test_a_foreign_payment_is_exchanged_and_rounded_in_the_accounts_currency(sandbox):
    sandbox.rule("item", {"outcome": "settle", "rate": "11.4567"})
    sandbox.upload("AP1", pain001("AP1", "33.33 EUR"))
    sandbox.clock(to="2026-03-03T15:00")
    assert sandbox.items()["AP1-1"]["booked"] == 38185
    advice = sandbox.files("camt.054")[0]
    assert text(advice, "InstdAmt/Amt") == ["33.33"]
    assert text(advice, "CcyXchg/XchgRate") == ["11.4567"]


@pytest.mark.parametrize(("booking", "details"), [("batch", 2), ("sum", 0)])
def test_a_lump_sum_comes_with_or_without_details(a_sandbox, booking, details):
    sandbox = a_sandbox()
    sandbox.link(options={"booking": booking})
    sandbox.upload("AP1", pain001("AP1", "100.00", "200.00"))
    sandbox.clock(to="2026-03-03T15:00")
    assert [m["amount"] for m in sandbox.movements()] == [-30000]
    advice = sandbox.files("camt.054")[0]
    assert text(advice, "Btch/PmtInfId") == ["AP1-1"]
    assert len(text(advice, "TxDtls/AmtDtls")) == details


def test_a_held_batch_waits_until_a_person_lets_it_go(sandbox):
    sandbox.rule("file", {"outcome": "hold"})
    sandbox.upload("AP1", pain001("AP1", "100.00"))
    sandbox.clock(run=True)
    assert sandbox.signed("GET", "/payments/AP1").json()["state"] == "waiting"
    assert sandbox.signed("POST", "/payments/AP1/approve", b'{"by": "Kari"}').status_code == 200
    sandbox.clock(run=True)
    assert sandbox.signed("GET", "/payments/AP1").json()["state"] == "sent"
    assert sandbox.signed("POST", "/payments/AP1/cancel", b'{"by": "Kari"}').json()["code"] == "already-sent"


def test_a_batch_cancelled_by_a_person_never_reaches_the_bank(sandbox):
    sandbox.rule("file", {"outcome": "hold"})
    sandbox.upload("AP1", pain001("AP1", "100.00"))
    sandbox.clock(run=True)
    cancelled = sandbox.signed("POST", "/payments/AP1/cancel", '{"by": "Kari", "reason": "feil beløp"}'.encode())
    assert cancelled.json()["state"] == "cancelled"
    sandbox.clock(to="2026-03-04T12:00")
    assert kinds(sandbox) == ["status-report"]
    assert text(sandbox.files("status-report")[0], "Batch/ReasonText") == ["Cancelled by Kari: feil beløp"]


def test_a_file_can_be_refused_by_central_and_by_the_bank(sandbox):
    sandbox.rule("file", {"outcome": "refuse", "code": "AG08"}, when={"msgId": "AP1"})
    sandbox.rule("file", {"outcome": "refuse-at-bank", "code": "DU01"}, when={"msgId": "AP2"})
    sandbox.upload("AP1", pain001("AP1", "100.00"))
    sandbox.upload("AP2", pain001("AP2", "100.00"))
    sandbox.clock(to="2026-03-04T12:00")
    assert text(sandbox.files("status-report")[0], "Batch/Status") == ["REFUSED"]
    assert text(sandbox.files("pain.002")[0], "GrpSts") == ["RJCT"]
    assert sandbox.movements() == []


@pytest.mark.parametrize(
    ("bic", "first", "statuses"),
    [
        ("DNBANOKK", "ACCP", ["RJCT"]),
        ("NDEANOKK", "ACTC", ["RJCT"]),
        ("DABANO22", "ACTC", ["RJCT"]),
        ("ESSENOKX", "ACCP", ["ACCP", "RJCT"]),
        ("HANDNOKK", "RCVD", ["RJCT"]),
        ("OKOYFIHH", "ACCP", ["RJCT"]),
        ("XXXXDEFF", "ACCP", ["RJCT"]),
    ],
)
def test_every_bank_answers_in_its_own_way(a_sandbox, bic, first, statuses):
    sandbox = a_sandbox()
    sandbox.link(bic=bic)
    sandbox.rule("item", {"outcome": "reject", "code": "AC04"}, when={"endToEndId": "AP1-2"})
    sandbox.upload("AP1", pain001("AP1", "100.00", "200.00"))
    sandbox.clock(to="2026-03-04T12:00")
    answers = sandbox.files("pain.002")
    assert text(answers[0], "GrpSts") == [first]
    assert [status for answer in answers for status in text(answer, "TxSts")] == statuses
    assert sum(m["amount"] for m in sandbox.movements()) == -10000


def test_the_value_date_moves_to_a_bank_day(sandbox):
    sandbox.upload("AP1", pain001("AP1", "100.00", day="2026-05-17"))
    sandbox.clock(to="2026-05-20T12:00")
    assert [m["bookingDate"] for m in sandbox.movements(ACCOUNT)] == ["2026-05-18"]


def test_the_final_report_tells_what_was_paid_of_a_lowered_amount(a_sandbox):
    sandbox = a_sandbox()
    sandbox.link(options={"finalReport": True})
    sandbox.rule("item", {"outcome": "lower", "amount": "80.00"})
    sandbox.upload("AP1", pain001("AP1", "100.00"))
    sandbox.clock(to="2026-03-03T15:00")
    sent, paid = sandbox.files("status-report")
    assert (text(sent, "Payment/Status"), text(sent, "PaidAmount")) == (["SENT_TO_BANK"], ["80.00"])
    assert (text(paid, "Payment/Status"), text(paid, "PaidAmount")) == (["PAID"], ["80.00"])
    assert [m["amount"] for m in sandbox.movements()] == [-8000]


def a_file_with_another_name(sandbox, code="RVNM"):
    """The bank answers in version .10 and knows the owner of one account by another name."""
    sandbox.link(bic="NDEANOKK", pain002="10")
    sandbox.rule("item", {"outcome": "other-name", "code": code, "text": "Nordlys Energi AS"}, times=1)
    sandbox.upload("AP1", pain001("AP1", "100.00", "250.00"))
    sandbox.clock(run=True)


def decided(sandbox, what):
    body = b'{"by": "Anna Berg", "reason": "Called them"}'
    return sandbox.signed("POST", f"/payments/AP1/{what}", body)


def test_a_bank_that_finds_another_name_says_so_and_waits(sandbox):
    a_file_with_another_name(sandbox)
    sandbox.clock(to="2026-03-04T12:00")
    (answer,) = sandbox.files("pain.002")
    assert text(answer, "GrpSts") == ["RVCM"]
    assert text(answer, "TxSts") == ["RVNM"]
    assert text(answer, "TxInfAndSts/StsRsnInf/AddtlInf") == ["Nordlys Energi AS"]
    assert sandbox.movements() == []


def test_released_by_the_payer_the_file_is_executed(sandbox):
    a_file_with_another_name(sandbox)
    assert decided(sandbox, "approve").status_code == 200
    sandbox.clock(to="2026-03-04T12:00")
    assert {item["outcome"] for item in sandbox.items().values()} == {"settled"}


def test_cancelled_by_the_payer_the_bank_rejects_the_file_as_cancelled(sandbox):
    a_file_with_another_name(sandbox, "RVMC")
    assert decided(sandbox, "cancel").status_code == 200
    sandbox.clock(to="2026-03-04T12:00")
    last = sandbox.files("pain.002")[-1]
    assert (text(last, "GrpSts"), text(last, "StsRsnInf/Rsn/Cd")) == (["RJCT"], ["DS02"])
    assert sandbox.movements() == []
