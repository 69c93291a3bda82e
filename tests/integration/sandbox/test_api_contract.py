"""The contract both sides are held to, tried over real HTTP with whatever its schemas allow (schemathesis).

The other side must answer every call with a status, a content type and a body the document names. Our own client is
held to the same document: what it sends and expects is checked against its schemas.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import checks

CONTRACT = Path(__file__).resolve().parents[3] / "docs" / "gateway-api.yaml"
SCHEMA = schemathesis.openapi.from_path(str(CONTRACT))
HELD = [
    checks.not_a_server_error,
    schemathesis.checks.CHECKS.get_one("status_code_conformance"),
    schemathesis.checks.CHECKS.get_one("content_type_conformance"),
    schemathesis.checks.CHECKS.get_one("response_schema_conformance"),
]
pytestmark = [pytest.mark.broker]


@SCHEMA.parametrize()
@settings(
    max_examples=12, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much, HealthCheck.too_slow],
)  # fmt: skip
def test_every_call_is_answered_as_the_contract_says(case, sandbox):
    case.call_and_validate(base_url=sandbox.base, auth=("gateway", "sandbox"), checks=HELD, timeout=10)
