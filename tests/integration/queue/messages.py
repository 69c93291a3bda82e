"""Bodies of queue messages for the tests."""

from __future__ import annotations

import json

from autopay_console.kernel import broker
from integration.queue import inbox, registration
from tests.build import a_number

DIGEST = "ab" * 32


def a_body(company_id="visma-1", message_id=None, message_type="IncomingPayments", **facts):
    """The bytes of one envelope, as docs/gateway-protocol.md §5 writes it."""
    content = {
        "companyId": company_id,
        "fileId": f"f-{a_number():012d}",
        "fileKind": "camt.054",
        "sha256": DIGEST,
        "createdAt": "2026-11-25T06:00:00+01:00",
    } | facts
    message_id = message_id or f"0b9f0c1e-6a53-4a5e-9d2f-{a_number():012d}"
    return json.dumps({"messageId": message_id, "messageType": message_type, "message": content}).encode()


def a_test_body(message_id=None):
    """A message that ends in the worker and brings no file."""
    message_id = message_id or f"selftest-{a_number():012d}"
    return json.dumps({"messageId": message_id, "messageType": "SelfTest", "message": {}}).encode()


def put(*bodies):
    """Append entries to the private queue, as the gateway does."""
    name = registration.queue_name()
    with broker.client() as line:
        for body in bodies:
            line.xadd(name, {b"body": body})
    return name


def claim_next(company_id):
    """Take one message of a company, as a worker that takes them one by one; None when there is none to take."""
    return next(iter(inbox.claim_some(company_id, 1)), None)


def depth():
    """Entries in the private queue."""
    with broker.client() as line:
        return line.xlen(registration.queue_name())
