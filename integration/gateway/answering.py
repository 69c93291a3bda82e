"""Reading an answer: is it a gateway at all, does it bear the company's signature, what does it say.

An answer without signature proves nothing, except the 401 that says the request was not accepted.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import IO, Any

import requests
from django.conf import settings
from requests import exceptions as lost

from companies.models import Company
from integration.gateway import nonces, signing
from integration.gateway.calls import Reply
from integration.gateway.errors import (
    GatewayError,
    Malformed,
    Refused,
    Unavailable,
    WrongCredentials,
    WrongKey,
    WrongPath,
    WrongService,
)
from integration.gateway.keys import keyid, live_keys

SERVICE_HEADER = "Gateway-Service"
SERVICE = "OPGatewayService/"
MOST_JSON = 8 * 1024 * 1024
PIECE = 256 * 1024
CREDENTIALS = ("authentication-required", "wrong-credentials")


def read(
    response: requests.Response, signed: signing.Signed | None, company: Company | None, into: IO[bytes] | None
) -> Reply:
    """The answer to a call; raises GatewayError. `signed` is what the request was signed with, if it was."""
    if not response.headers.get(SERVICE_HEADER, "").startswith(SERVICE):
        raise WrongService(status=response.status_code)
    proven = signed is not None and company is not None and _prove(response, signed, company)
    reply = Reply(response.status_code)
    wants_file = into is not None and response.status_code == 200
    body = _body(response, into if wants_file else None, reply)
    if proven and response.headers["Content-Digest"].replace(" ", "") != signing.content_digest(_sha(reply)):
        raise Malformed(code="digest-mismatch", status=reply.status)
    if not wants_file:
        reply.digest, reply.size = "", 0
        reply.facts = _facts(body, response.status_code)
    if 200 <= reply.status < 300 and (proven or signed is None):
        return reply
    raise _problem(reply, proven, signed is not None, response.headers.get("Retry-After", ""))


def _prove(response: requests.Response, signed: signing.Signed, company: Company) -> bool:
    """Whether the answer is signed; raises Malformed when it is signed wrongly or was heard before."""
    headers = response.headers
    if "Signature" not in headers and "Signature-Input" not in headers:
        return False
    answer = signing.Answer(
        response.status_code,
        headers.get("Content-Type", ""),
        headers.get("Content-Digest", ""),
        headers.get("Signature-Input", ""),
        headers.get("Signature", ""),
    )
    name = keyid(company)
    try:
        nonce = signing.verify_answer(answer, signed, live_keys(company), name, time.time())
    except (signing.BadSignature, UnicodeError) as error:
        raise Malformed(str(error), "bad-signature", response.status_code) from error
    if not nonces.spend(name, nonce):
        raise Malformed(code="replayed-answer", status=response.status_code)
    return True


def _body(response: requests.Response, into: IO[bytes] | None, reply: Reply) -> bytes:
    """Read the body in pieces, into a file or into memory, hashing it on the way."""
    limit = MOST_JSON if into is None else settings.BANK_FILE_LIMIT
    sha256, kept = hashlib.sha256(), bytearray()
    try:
        for piece in response.iter_content(PIECE):
            reply.size += len(piece)
            if reply.size > limit:
                raise Malformed(code="too-large", status=reply.status, facts={"limit": limit})
            sha256.update(piece)
            if into is None:
                kept += piece
            else:
                into.write(piece)
    except (lost.RequestException, OSError) as error:
        raise Unavailable(code="broken-answer", status=reply.status) from error
    reply.digest = sha256.hexdigest()
    return bytes(kept)


def _sha(reply: Reply) -> bytes:
    return bytes.fromhex(reply.digest)


def _facts(body: bytes, status: int) -> dict[str, Any]:
    try:
        facts = json.loads(body or b"{}")
    except ValueError as error:
        raise Malformed(code="not-json", status=status) from error
    if not isinstance(facts, dict):
        raise Malformed(code="no-object", status=status)
    return facts


def _problem(reply: Reply, proven: bool, was_signed: bool, retry_after: str) -> GatewayError:
    """Which error an answer that is not good amounts to."""
    code, status = str(reply.facts.get("code", "")), reply.status
    text = str(reply.facts.get("detail") or "")
    facts = {} if text else {"status": status}
    wait = int(retry_after) if retry_after.isdigit() else 0
    if code == "nonce-replayed":  # a request just like this one was accepted a moment ago
        return Unavailable(text, code, status, facts=facts)
    if status == 401:
        kind = WrongCredentials if code in CREDENTIALS else WrongKey
        return kind(text, code, status, facts=facts)
    if code == "unknown-path":
        return WrongPath(text, code, status, facts=facts)
    if status >= 500:
        return Unavailable(text, code, status, facts=facts, retry_after=wait)
    if was_signed and not proven:
        return Malformed(code="unsigned", status=status, facts={"words": text or status})
    if 400 <= status < 500:
        return Refused(text, code, status, facts=facts)
    return Malformed(code="odd-status", status=status, facts={"status": status})
