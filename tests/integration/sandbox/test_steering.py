"""Rules, clock and pages by which a person steers the sandbox."""

from __future__ import annotations

import pytest
import requests

from integration.sandbox import __main__ as program
from tests.integration.sandbox.caller import pain001

pytestmark = pytest.mark.broker


@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ({"stage": "bank"}, "stage"),
        ({"stage": "item", "then": {"outcome": "lose"}}, "then.outcome"),
        ({"stage": "item", "then": {"outcome": "settle", "colour": "red"}}, "colour"),
        ({"stage": "item", "when": {"weather": "rain"}, "then": {"outcome": "settle"}}, "weather"),
        ({"stage": "item", "when": {"share": "much"}, "then": {"outcome": "settle"}}, "share"),
        ({"stage": "item", "then": {"outcome": "settle"}, "times": 0}, "times"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_and_says_why(sandbox, rule, named):
    answer = requests.post(f"{sandbox.address}/sandbox/rules", json=rule, timeout=10)
    assert answer.status_code == 400
    assert named in answer.json()["detail"]


def test_the_first_rule_that_fits_decides_and_is_used_up(sandbox):
    sandbox.rule("item", {"outcome": "reject", "code": "AC04"}, when={"name": "*leverandør*"}, times=1)
    sandbox.rule("item", {"outcome": "reject", "code": "BE01"}, times=1)
    sandbox.upload("AP1", pain001("AP1", "1.00", "2.00", "3.00"))
    sandbox.clock(run=True)
    assert [item["code"] for item in sandbox.items().values()] == ["AC04", "BE01", ""]
    assert [rule["used"] for rule in sandbox.steer("GET", "/rules")["rules"]] == [1, 1]


def test_a_share_falls_the_same_whatever_the_order_of_files(a_sandbox):
    fates = []
    for order in (("AP1", "AP2"), ("AP2", "AP1")):
        sandbox = a_sandbox()
        sandbox.link()
        sandbox.rule("item", {"outcome": "reject", "code": "AC04"}, when={"share": 0.3})
        for msgid in order:
            sandbox.upload(msgid, pain001(msgid, *["5.00"] * 40))
        sandbox.clock(run=True)
        fates.append({name: item["code"] for name, item in sandbox.items().items()})
    assert fates[0] == fates[1]
    assert 10 < sum(code == "AC04" for code in fates[0].values()) < 40


def test_the_clock_does_not_run_backwards_by_accident(sandbox):
    answer = requests.post(f"{sandbox.address}/sandbox/clock", json={"to": "2026-01-01T10:00"}, timeout=10)
    assert answer.json()["code"] == "backwards"


def test_the_clock_can_step_from_event_to_event(sandbox):
    sandbox.upload("AP1", pain001("AP1", "1.00"))
    sandbox.clock(run=True)
    assert sandbox.clock(until="next")["time"] == "2026-03-03T14:00:00"
    assert sandbox.clock(until="next")["time"] == "2026-03-03T23:30:00"
    assert sandbox.clock(until="next")["next"] is None


def test_a_restart_keeps_time_rules_and_agreements(sandbox):
    sandbox.rule("item", {"outcome": "silent"})
    sandbox.clock(to="2026-03-09T12:00")
    before = [sandbox.steer("GET", path) for path in ("/rules", "/agreements", "/clock")]
    sandbox.stop()
    sandbox.start()
    assert [sandbox.steer("GET", path) for path in ("/rules", "/agreements", "/clock")] == before


def test_the_page_shows_everything_and_its_forms_work(sandbox):
    sandbox.rule("item", {"outcome": "silent"}, name="<b>quiet</b>")
    page = requests.get(f"{sandbox.address}/sandbox/", timeout=10)
    assert "&lt;b&gt;quiet&lt;/b&gt;" in page.text
    assert "script" not in page.text
    paid = requests.post(
        f"{sandbox.address}/sandbox/do/incoming", data={"account": "86011117947", "amount": "12.00"}, timeout=10
    )
    assert paid.status_code == 200
    thousand = {"account": "86011117947", "first": "1", "count": "1000"}
    requests.post(f"{sandbox.address}/sandbox/do/thousand", data=thousand, timeout=10).raise_for_status()
    requests.post(f"{sandbox.address}/sandbox/do/clock", data={"step": "hour"}, timeout=10).raise_for_status()
    assert len(sandbox.movements()) > 900


def test_a_foreign_page_may_not_steer(sandbox):
    answer = requests.post(
        f"{sandbox.address}/sandbox/do/clock",
        data={"step": "day"},
        headers={"Origin": "http://evil.example"},
        timeout=10,
    )
    assert answer.status_code == 403


def test_it_ends_in_good_order_when_asked_to(a_process):
    a_process.process.terminate()
    assert a_process.process.wait(timeout=10) == 0


def test_it_says_why_it_cannot_start(broker, tmp_path, capsys):
    rules = tmp_path / "rules.json"
    rules.write_text('[{"stage": "weather"}]')
    assert program.main(["--data", str(tmp_path), "--redis", broker.url, "--rules", str(rules)]) == 2
    assert "stage must be one of" in capsys.readouterr().err


def test_mails_of_the_demo_can_be_read(sandbox):
    sandbox.steer(
        "POST", "/mails", {"to": ["kari@nordlys.example"], "subject": "3 payments wait", "body": "Please approve."}
    )
    assert "3 payments wait" in requests.get(f"{sandbox.address}/sandbox/mails", timeout=10).text
