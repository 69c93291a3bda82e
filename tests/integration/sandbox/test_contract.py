"""The sandbox keeps to the written contract, and shares no code with the console."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import jsonschema_rs
import pytest
import requests
import yaml

from tests.integration.sandbox.caller import GUID, KEYID, pain001

ROOT = Path(__file__).resolve().parents[3]
CONTRACT = yaml.safe_load((ROOT / "docs" / "gateway-api.yaml").read_text())
ALLOWED = {"lxml", "redis", "sepaxml", *sys.stdlib_module_names}


def fits(schema: str, facts: object) -> bool:
    """Whether an answer has the form the OpenAPI document promises."""
    document = {"$ref": f"#/components/schemas/{schema}", "components": CONTRACT["components"]}
    return jsonschema_rs.validator_for(document, validate_formats=True).is_valid(facts)


def test_the_sandbox_imports_nothing_of_the_console():
    for path in (ROOT / "integration" / "sandbox").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.startswith("integration.sandbox") or name.partition(".")[0] in ALLOWED, (path.name, name)


@pytest.mark.broker
def test_instance_answers_have_the_promised_form(sandbox):
    assert fits("Service", requests.get(f"{sandbox.base}/", timeout=10).json())
    status = sandbox.instance("GET").json()
    assert fits("InstanceStatus", status)
    assert fits("Certificate", sandbox.instance("PUT", "/certificate", {"fingerprint": status["fingerprint"]}).json())
    assert fits("InstanceStatus", sandbox.instance("GET").json())
    assert fits("QueueRegistration", sandbox.instance("PUT", "/queue", {"queue": f"vbus-{GUID}"}).json())
    assert fits("ExportedCompany", sandbox.instance("PUT", f"/companies/{KEYID}", {"name": "Nordlys AS"}).json())
    assert all(fits("LinkedCompany", one) for one in sandbox.instance("GET", "/companies").json()["companies"])


@pytest.mark.broker
def test_company_answers_and_envelopes_have_the_promised_form(sandbox, broker):
    body = pain001("AP1", "100.00")
    assert fits("UploadAnswer", sandbox.upload("AP1", body).json())
    assert fits("UploadAnswer", sandbox.upload("AP1", body).json())
    refused = sandbox.upload("AP2", body)
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert fits("Problem", refused.json())
    assert fits("Upload", sandbox.signed("GET", "/payments/AP1").json())
    assert fits("Upload", sandbox.signed("GET", "/payments/AP2").json())
    sandbox.clock(to="2026-03-04T12:00")
    assert all(fits("Envelope", entry) for entry in broker.entries())
    assert all(fits("Envelope", entry) for entry in sandbox.messages())


@pytest.mark.broker
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("PUT", "/queue"), ("PUT", "/certificate"), ("GET", "/companies"), ("PUT", f"/companies/{KEYID}")],
)
def test_nonsense_is_answered_with_a_problem_not_with_a_fault(sandbox, method, path):
    url = f"{sandbox.base}/instances/{GUID}{path}"
    for auth, body in (
        (None, b""),
        (("gateway", "sandbox"), b"[1, 2"),
        (("gateway", "sandbox"), b"[]"),
        (("ø", "æ"), b"{}"),
    ):
        login = None if auth is None else (auth[0].encode(), auth[1].encode())
        answer = requests.request(method, url, data=body, auth=login, timeout=10)
        assert answer.status_code < 500
        assert answer.headers["Gateway-Service"] == "OPGatewayService/1"
        if answer.status_code >= 400:
            assert fits("Problem", answer.json())
