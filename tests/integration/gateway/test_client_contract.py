"""What our client sends and takes is what the written contract names."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema_rs
import pytest
import requests
import yaml

from integration import downloading, rotation, sending
from integration.gateway import client
from integration.queue import registration
from tests import build
from tests.integration.linking import a_linked_company, a_released_transfer

pytestmark = [pytest.mark.django_db, pytest.mark.broker]
CONTRACT = yaml.safe_load((Path(__file__).resolve().parents[3] / "docs" / "gateway-api.yaml").read_text())
START = "/OPGatewayService"


def resolved(part):
    """The part a `$ref` names."""
    while "$ref" in part:
        found = CONTRACT
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        part = found
    return part


def operation_of(method, path):
    """The operation of the document a call belongs to."""
    for template, operations in CONTRACT["paths"].items():
        shape = re.sub(r"\{[^}]+\}", "[^/]+", template)
        if re.fullmatch(shape, path) and method.lower() in operations:
            return operations[method.lower()]
    return None


def fits(content, body):
    """Whether JSON fits the schema the document gives for it."""
    [media] = [value for name, value in content.items() if "json" in name]
    document = {**media["schema"], "components": CONTRACT["components"]}
    return jsonschema_rs.validator_for(document).is_valid(body)


@pytest.fixture
def calls(monkeypatch):
    """Every call of this test with its answer."""
    made, send = [], requests.Session.send

    def watched(session, request, **options):
        answer = send(session, request, **options)
        made.append((request, answer, answer.content))  # read before the client streams it
        return answer

    monkeypatch.setattr(requests.Session, "send", watched)
    return made


def test_calls_and_answers_are_those_of_the_document(sandbox, calls, settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"
    company = a_linked_company(sandbox)
    sandbox.post("/rules", {"stage": "file", "when": {}, "then": {"outcome": "hold"}, "first": True})
    with client.connect() as gateway:
        gateway.service()
        gateway.status()
        gateway.integrated_companies()
        gateway.export_company(company)
        gateway.ping(company)
    registration.register()
    transfer = a_released_transfer(company)
    sending.send_transfer(transfer.pk)
    sending.cancel_at_central(transfer.pk, by=build.a_person(), reason="Wrong supplier")
    sandbox.post("/mandates", {"company": f"NO-{company.organisation_no}", "customers": []})
    downloading.download(company)
    rotation.rotate_signing_key(company)
    seen = set()
    for request, answer, body in calls:
        path = urlsplit(request.url).path.removeprefix(START) or "/"
        operation = operation_of(request.method, path)
        assert operation, f"{request.method} {path} is not in the document"
        seen.add(operation["operationId"])
        said = operation["responses"].get(str(answer.status_code))
        assert said, f"{operation['operationId']} may not answer {answer.status_code}"
        wanted = operation.get("requestBody")
        if wanted and "json" in request.headers.get("Content-Type", ""):
            assert fits(resolved(wanted)["content"], json.loads(request.body)), request.body
        content = resolved(said).get("content", {})
        if any("json" in name for name in content):
            assert fits(content, json.loads(body)), body
    assert {"exportCompany", "ping", "registerQueue", "uploadPayment", "cancelAtCentral", "messagesAfter"} <= seen
    assert {"service", "instanceStatus", "integratedCompanies", "rotateSigningKey"} <= seen
