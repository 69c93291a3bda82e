"""The gateway's calls, as docs/gateway-protocol.md says."""

from __future__ import annotations

import base64
import hashlib
import time

import pytest
import requests

from tests.integration.sandbox.caller import GUID, KEYID, QUEUE, pain001

pytestmark = pytest.mark.broker


def test_the_gateway_names_itself_without_credentials(sandbox):
    response = requests.get(f"{sandbox.base}/", timeout=10)
    assert response.json()["service"] == "OPGatewayService"
    assert response.headers["Gateway-Service"] == "OPGatewayService/1"


def test_a_wrong_path_is_told_from_wrong_credentials(sandbox):
    assert requests.get(f"{sandbox.address}/Gateway/", timeout=10).json()["code"] == "unknown-path"
    assert sandbox.instance("GET", user=("gateway", "guess")).json()["code"] == "wrong-credentials"
    assert requests.get(f"{sandbox.base}/instances/{GUID}", timeout=10).json()["code"] == "authentication-required"


def test_the_status_of_a_new_instance_says_that_everything_is_absent(a_sandbox):
    status = a_sandbox().instance("GET").json()
    assert status["queue"] == {"name": None, "state": "absent", "registeredAt": None}
    assert status["certificate"]["state"] == "absent"
    assert status["businessDate"] == "2026-03-02"


def test_registering_the_queue_twice_changes_nothing(sandbox):
    again = sandbox.instance("PUT", "/queue", {"queue": QUEUE}).json()
    assert again["created"] is False
    assert sandbox.instance("GET").json()["queue"]["name"] == QUEUE


def test_a_new_gateway_makes_the_certificate_outdated(sandbox):
    fingerprint = sandbox.instance("GET").json()["fingerprint"]
    assert sandbox.instance("PUT", "/certificate", {"fingerprint": fingerprint}).json()["state"] == "uploaded"
    sandbox.steer("POST", "/gateway/reinstall")
    assert sandbox.instance("GET").json()["certificate"]["state"] == "outdated"
    assert sandbox.instance("PUT", "/certificate", {"fingerprint": fingerprint}).json()["code"] == "fingerprint-changed"


def test_a_repeated_export_returns_the_same_company_and_key(sandbox):
    first = sandbox.instance("PUT", f"/companies/{KEYID}", {"name": "Nordlys AS"})
    second = sandbox.instance("PUT", f"/companies/{KEYID}", {"name": "Nordlys og sønn AS"})
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["signingKey"] == second.json()["signingKey"] == sandbox.key
    listed = sandbox.instance("GET", "/companies").json()["companies"][0]
    assert listed["name"] == "Nordlys og sønn AS"
    assert listed["keyFingerprint"] == hashlib.sha256(base64.b64decode(sandbox.key)).hexdigest()[:8]


def test_a_signed_ping_gets_a_signed_answer(sandbox):
    response = sandbox.signed("POST", "/ping")
    assert response.status_code == 200
    assert sandbox.answer_is_signed(response)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"key": base64.b64encode(bytes(32)).decode()}, "signature-incorrect"),
        ({"created": int(time.time()) - 600}, "signature-expired"),
        ({"digest_of": b"something else"}, "digest-mismatch"),
        ({"keyid": "NO-999999999"}, "unknown-company"),
        ({"company": "NO-999999999"}, "keyid-mismatch"),
        ({"signed_path": "/OPGatewayService/companies/NO-918234567/signing-key"}, "signature-incorrect"),
        ({"nonce": "short"}, "signature-malformed"),
    ],
)
def test_a_wrong_signature_is_refused_with_its_reason_and_an_unsigned_answer(sandbox, wrong, code):
    response = sandbox.signed("POST", "/ping", **wrong)
    assert (response.status_code, response.json()["code"]) == (401, code)
    assert "Signature" not in response.headers


def test_a_replayed_request_is_refused(sandbox):
    nonce = "the-same-nonce-again"
    assert sandbox.signed("POST", "/ping", nonce=nonce).status_code == 200
    assert sandbox.signed("POST", "/ping", nonce=nonce).json()["code"] == "nonce-replayed"


def test_an_unsigned_company_call_is_refused(sandbox):
    response = requests.post(f"{sandbox.base}/companies/{KEYID}/ping", timeout=10)
    assert response.json()["code"] == "signature-missing"


def test_both_keys_are_good_until_the_new_one_was_used(sandbox):
    old = sandbox.key
    new = sandbox.signed("POST", "/signing-key").json()["signingKey"]
    assert sandbox.signed("POST", "/signing-key").json()["signingKey"] == new
    sandbox.key = new
    assert sandbox.answer_is_signed(sandbox.signed("POST", "/ping"))
    assert sandbox.signed("POST", "/ping", key=old).json()["code"] == "signature-incorrect"


def test_the_status_of_an_upload_settles_a_lost_answer(sandbox):
    sandbox.rule("call", {"fault": "drop-answer"}, when={"operation": "uploadPayment"}, times=1)
    body = pain001("AP1", "100.00")
    with pytest.raises(requests.ConnectionError):
        sandbox.upload("AP1", body)
    known = sandbox.signed("GET", "/payments/AP1").json()
    assert known["sha256"] == hashlib.sha256(body).hexdigest()
    assert sandbox.signed("GET", "/payments/AP2").json()["code"] == "unknown-msgid"


@pytest.mark.parametrize(
    ("fault", "status"), [("down", 503), ("error", 500), ("garbage", 200), ("unsigned", 200), ("wrong-signature", 200)]
)
def test_the_line_can_be_made_to_fail(sandbox, fault, status):
    sandbox.rule("call", {"fault": fault}, when={"operation": "ping"}, times=1)
    spoiled = sandbox.signed("POST", "/ping")
    assert spoiled.status_code == status
    assert not sandbox.answer_is_signed(spoiled)
    assert sandbox.answer_is_signed(sandbox.signed("POST", "/ping"))


def test_a_file_of_another_company_is_unknown(sandbox):
    sandbox.upload("AP1", pain001("AP1", "100.00"))
    sandbox.clock(run=True)
    file = sandbox.messages()[0]["message"]["fileId"]
    other = sandbox.instance("PUT", "/companies/SE-5566778899", {"name": "Norrsken AB"}).json()["signingKey"]
    wrong = {"company": "SE-5566778899", "keyid": "SE-5566778899", "key": other}
    assert sandbox.signed("GET", f"/files/{file}", **wrong).json()["code"] == "unknown-file"
