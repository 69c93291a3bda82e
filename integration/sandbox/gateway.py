"""The gateway's side of docs/gateway-protocol.md: who may call, what they get, and what goes wrong by rule."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import sqlite3
import time
from collections.abc import Callable
from functools import partial

from integration.sandbox import companies, downloads, uploads
from integration.sandbox.box import Box
from integration.sandbox.rules import Rule
from integration.sandbox.signatures import (
    REQUEST_COMPONENTS,
    WINDOW_SECONDS,
    Malformed,
    SignatureInput,
    content_digest,
    hmac_sha256,
    parse_input,
    parse_signature,
    sign_response,
    signature_base,
)
from integration.sandbox.wire import Answer, Problem, Request, Routes, problem_answer

BASE = "/OPGatewayService"
SERVICE = "OPGatewayService/1"
CompanyCall = Callable[..., Answer]


class ConnectionDropped(Exception):
    """The work is done, and the line breaks before the answer."""


def routes(box: Box) -> Routes:
    """Every operation of docs/gateway-api.yaml."""
    table = Routes()
    table.add("GET", f"{BASE}/", "service", partial(companies.service, box))
    instance, company = f"{BASE}/instances/{{guid}}", f"{BASE}/companies/{{keyid}}"
    for method, path, operation, function in (
        ("GET", "", "instanceStatus", companies.status),
        ("PUT", "/queue", "registerQueue", companies.register_queue),
        ("PUT", "/certificate", "uploadCertificate", companies.upload_certificate),
        ("GET", "/companies", "integratedCompanies", companies.list_companies),
        ("PUT", "/companies/{keyid}", "exportCompany", companies.export_company),
    ):
        table.add(method, instance + path, operation, partial(_instance_call, box, function))
    calls: tuple[tuple[str, str, str, CompanyCall], ...] = (
        ("POST", "/ping", "ping", companies.ping),
        ("POST", "/signing-key", "rotateSigningKey", companies.rotate_key),
        ("PUT", "/agreements/{account}/payments/{msgid}", "uploadPayment", uploads.receive),
        ("GET", "/payments/{msgid}", "uploadStatus", uploads.status),
        ("POST", "/payments/{msgid}/approve", "approveAtCentral", uploads.approve),
        ("POST", "/payments/{msgid}/cancel", "cancelAtCentral", uploads.cancel),
        ("GET", "/messages/after/{position}", "messagesAfter", downloads.messages_after),
        ("GET", "/files/{file_id}", "fetchFile", downloads.file),
    )
    for method, path, operation, function in calls:
        table.add(method, company + path, operation, partial(_company_call, box, function))
    return table


def answer(box: Box, table: Routes, request: Request) -> Answer:
    """Route, misbehave as the rules say, and name the service on every answer."""
    rule: Rule | None = None
    try:
        handler, values = table.find(request)
        rule = box.rules.choose(
            "call", {"operation": request.operation, "company": values.get("keyid", "")}, secrets.token_hex(8)
        )
        _before(rule)
        result = handler(request, **values)
    except Problem as problem:
        result = problem_answer(problem)
    result = _afterwards(rule, result)
    result.headers["Gateway-Service"] = SERVICE
    return result


def _before(rule: Rule | None) -> None:
    fault = rule.then["fault"] if rule else ""
    if rule and fault == "slow":
        time.sleep(float(rule.then.get("seconds", 2)))
    if fault == "down":
        raise Problem(503, "unavailable", "The gateway is down for maintenance; try again later.")
    if fault == "error":
        raise Problem(500, "central-fault", "AutoPay central met an error; the call was not carried out.")


def _afterwards(rule: Rule | None, result: Answer) -> Answer:
    fault = rule.then["fault"] if rule else ""
    if fault == "drop-answer":
        raise ConnectionDropped
    if fault == "garbage":
        return Answer(200, b"<html><body>It works!</body></html>", "text/html")
    if fault == "unsigned":
        for name in ("Signature", "Signature-Input"):
            result.headers.pop(name, None)
    if fault == "wrong-signature" and "Signature" in result.headers:
        result.headers["Signature"] = f"sig1=:{base64.b64encode(secrets.token_bytes(32)).decode()}:"
    return result


def _instance_call(box: Box, function: Callable[..., Answer], request: Request, **values: str) -> Answer:
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        raise Problem(401, "authentication-required", "Instance calls need the gateway user and password (HTTP Basic).")
    try:
        given = base64.b64decode(text, validate=True)
    except binascii.Error:
        given = b""
    if not hmac.compare_digest(given, f"{box.user}:{box.password}".encode()):
        raise Problem(401, "wrong-credentials", "The gateway user or password is wrong.")
    return function(box, request, **values)


def _company_call(box: Box, function: CompanyCall, request: Request, keyid: str, **values: str) -> Answer:
    company = _verified(box, request, keyid)
    try:
        if request.query:
            raise Problem(400, "malformed-request", "Company calls have no query string.")
        result = function(box, request, company=company, **values)
    except Problem as problem:
        result = problem_answer(problem)
    digest = content_digest(result.digest())
    signed = sign_response(
        str(company["used_key"]),
        result.status,
        result.content_type,
        digest,
        request.headers["signature"],
        int(time.time()),
        secrets.token_urlsafe(16),
        keyid,
    )
    result.headers |= {"Content-Digest": digest, **signed}
    return result


def _verified(box: Box, request: Request, keyid: str) -> sqlite3.Row:
    """The company whose signature the request bears; Problem 401 in the order of the protocol's §2.1."""
    headers = request.headers
    if "signature" not in headers or "signature-input" not in headers:
        raise Problem(401, "signature-missing", "Company calls are signed: Signature-Input and Signature are missing.")
    try:
        stated, signature = parse_input(headers["signature-input"]), parse_signature(headers["signature"])
    except Malformed as error:
        raise Problem(401, "signature-malformed", str(error)) from error
    if stated.components != REQUEST_COMPONENTS or stated.algorithm != "hmac-sha256":
        raise Problem(401, "signature-malformed", f"Sign {' '.join(REQUEST_COMPONENTS)} with alg hmac-sha256.")
    if "content-digest" not in headers or "content-type" not in headers:
        raise Problem(401, "signature-malformed", "Content-Type and Content-Digest are signed and must be sent.")
    if box.store.value("SELECT linked FROM company WHERE keyid = ?", stated.keyid) != 1:
        raise Problem(401, "unknown-company", f"{stated.keyid} is not linked; export the company again.")
    if stated.keyid != keyid:
        raise Problem(401, "keyid-mismatch", f"{stated.keyid} cannot act for {keyid}.")
    if abs(time.time() - stated.created) > WINDOW_SECONDS:
        raise Problem(
            401,
            "signature-expired",
            f"created is more than {WINDOW_SECONDS} s from the gateway's clock; check the clocks.",
        )
    company = _matching_key(box, request, stated, signature)
    if headers["content-digest"].replace(" ", "") != content_digest(request.sha256):
        raise Problem(401, "digest-mismatch", "The body is not the one that was signed.")
    _spend_nonce(box, stated)
    return company


def _matching_key(box: Box, request: Request, stated: SignatureInput, signature: bytes) -> sqlite3.Row:
    headers = request.headers
    values = {
        '"@method"': request.method,
        '"@path"': request.path,
        '"@authority"': headers.get("host", "").lower().removesuffix(":80"),
        '"content-type"': headers["content-type"].strip(),
        '"content-digest"': headers["content-digest"].strip(),
    }
    try:
        base = signature_base(stated.components, values.__getitem__, stated.text)
    except UnicodeEncodeError as error:
        raise Problem(401, "signature-malformed", "Signed values must be ASCII; percent-encode the path.") from error
    row = box.store.row("SELECT key, next_key FROM company WHERE keyid = ?", stated.keyid)
    keys = [key for key in (row["key"], row["next_key"]) if key] if row else []
    used = next(
        (key for key in keys if hmac.compare_digest(hmac_sha256(base64.b64decode(key), base), signature)),
        None,
    )
    if row is None or used is None:
        raise Problem(
            401,
            "signature-incorrect",
            "The signature does not fit; compare the key fingerprint with Check link.",
        )
    if used != row["key"]:
        with box.store.writing() as db:
            db.execute(
                "UPDATE company SET key = next_key, next_key = NULL WHERE keyid = ? AND next_key = ?",
                (stated.keyid, used),
            )
    found = box.store.row("SELECT *, ? AS used_key FROM company WHERE keyid = ?", used, stated.keyid)
    if found is None:
        raise Problem(401, "unknown-company", f"{stated.keyid} is not linked.")
    return found


def _spend_nonce(box: Box, stated: SignatureInput) -> None:
    with box.store.writing() as db:
        db.execute("DELETE FROM nonce WHERE seen < ?", (time.time() - 4 * WINDOW_SECONDS,))
        try:
            db.execute("INSERT INTO nonce VALUES (?, ?, ?)", (stated.keyid, stated.nonce, time.time()))
        except sqlite3.IntegrityError as error:
            raise Problem(
                401, "nonce-replayed", "This request was already made; sign it anew with a new nonce."
            ) from error
