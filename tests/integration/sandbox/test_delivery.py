"""Files reach the queue at least once, whatever dies; and late, twice or not at all when a rule says so."""

from __future__ import annotations

import hashlib
import json
import time

import pytest

from tests.integration.sandbox.caller import pain001

pytestmark = pytest.mark.broker


def eventually(check, seconds: float = 10):
    """Wait for the background to get there."""
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)


def test_an_envelope_names_company_file_digest_and_time(sandbox, broker):
    sandbox.upload("AP1", pain001("AP1", "100.00"))
    eventually(lambda: len(broker.entries()) == 2)
    message = broker.entries()[0]["message"]
    content = sandbox.signed("GET", f"/files/{message['fileId']}").content
    assert message["sha256"] == hashlib.sha256(content).hexdigest()
    assert message["createdAt"] == "2026-03-02T10:00:00+01:00"
    assert message["companyId"] == sandbox.instance("GET", "/companies").json()["companies"][0]["companyId"]


def test_twice_means_the_same_message_id_two_times(sandbox, broker):
    sandbox.rule("delivery", {"deliver": "twice"}, when={"fileKind": "pain.002"})
    sandbox.upload("AP1", pain001("AP1", "100.00"))
    eventually(lambda: len(broker.entries()) == 3)
    ids = [entry["messageId"] for entry in broker.entries()]
    assert len(set(ids)) == 2


def test_a_copy_is_another_file_marked_as_copy(sandbox):
    sandbox.rule("delivery", {"deliver": "copy"}, when={"fileKind": "camt.054"})
    sandbox.upload("AP1", pain001("AP1", "100.00"))
    sandbox.clock(to="2026-03-03T15:00")
    first, second = sandbox.files("camt.054")
    assert b"<CpyDplctInd>COPY</CpyDplctInd>" in second
    assert b"CpyDplctInd" not in first


def test_a_lost_message_is_only_found_by_hand(sandbox, broker):
    sandbox.rule("delivery", {"deliver": "lost"}, when={"fileKind": "pain.002"})
    sandbox.upload("AP1", pain001("AP1", "100.00"))
    sandbox.clock(run=True)
    assert len(broker.entries()) == 1
    assert [m["message"]["fileKind"] for m in sandbox.messages()] == ["status-report", "pain.002"]


def test_a_late_message_comes_when_its_time_has_come(sandbox, broker):
    sandbox.rule("delivery", {"deliver": "late", "minutes": 90}, when={"fileKind": "status-report"})
    sandbox.upload("AP1", pain001("AP1", "100.00"))
    sandbox.clock(advance={"hours": 1})
    assert [e["message"]["fileKind"] for e in broker.entries()] == ["pain.002"]
    sandbox.clock(advance={"hours": 1})
    assert [e["message"]["fileKind"] for e in broker.entries()] == ["pain.002", "status-report"]


def test_out_of_order_lets_the_next_message_overtake(sandbox, broker):
    sandbox.rule("delivery", {"deliver": "out-of-order"}, when={"fileKind": "status-report"})
    sandbox.upload("AP1", pain001("AP1", "100.00"))
    sandbox.clock(run=True)
    assert [e["message"]["fileKind"] for e in broker.entries()] == ["pain.002", "status-report"]


def test_what_could_not_be_delivered_waits_for_the_queue_service(sandbox, broker):
    broker.stop()
    try:
        sandbox.upload("AP1", pain001("AP1", "100.00"))
        assert sandbox.clock(run=True)["notDelivered"] == 2
        assert sandbox.instance("PUT", "/queue", {"queue": "another"}).json()["code"] == "queue-unreachable"
    finally:
        broker.start()
    eventually(lambda: len(broker.entries()) == 2)


@pytest.mark.crash
def test_a_killed_sandbox_goes_on_where_it_was(a_process, broker):
    """Killed right after the answer: central has the file, so it is sent on, settled and told exactly as otherwise."""
    a_process.upload("AP1", pain001("AP1", *["10.00"] * 50))
    a_process.stop()
    a_process.start()
    assert a_process.signed("GET", "/payments/AP1").status_code == 200
    a_process.clock(to="2026-03-03T14:00")
    a_process.stop()
    a_process.start()
    a_process.clock(to="2026-03-04T12:00")
    assert sum(m["amount"] for m in a_process.movements()) == -50000
    assert {e["messageId"] for e in broker.entries()} == {m["messageId"] for m in a_process.messages()}
    assert [m["message"]["fileKind"] for m in a_process.messages()] == [
        "status-report",
        "pain.002",
        "camt.054",
        "camt.053",
    ]


@pytest.mark.crash
def test_a_sandbox_killed_at_any_moment_books_every_payment_once(a_process, broker):
    for number in range(6):
        a_process.upload(f"AP{number}", pain001(f"AP{number}", "10.00", "20.00", day="2026-03-02"))
        time.sleep(0.004 * number)
        a_process.stop()
        a_process.start()
    a_process.clock(to="2026-03-04T12:00")
    assert sum(m["amount"] for m in a_process.movements()) == -6 * 3000
    told = [json.dumps(e["message"]) for e in broker.entries()]
    assert set(told) == {json.dumps(m["message"]) for m in a_process.messages()}
