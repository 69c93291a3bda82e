"""One call to the gateway: sent, answered, proven and written to the traffic log.

Bodies are streamed from and to files; the digest that is signed is the digest of the bytes that go over the line.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import time
from collections.abc import Mapping
from typing import IO, Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from requests import exceptions as lost

from integration import traffic
from integration.choices import Direction, Outcome
from integration.gateway import address as addresses
from integration.gateway import answering, signing
from integration.gateway.calls import Call, Reply
from integration.gateway.errors import (
    GatewayError,
    Refused,
    RefusedConnection,
    Unavailable,
    Unreachable,
    WrongCredentials,
    WrongKey,
)
from integration.gateway.keys import keyid, live_keys

_SYSTEM_NUMBERS = re.compile(r"\[(Errno -?\d+|SSL: \w+|X509: \w+)\] ?| ?\(_ssl\.c:\d+\)")
NOTHING_LISTENS = ("NewConnectionError", "NameResolutionError", "ConnectTimeoutError")


class Line:
    """The connection to one gateway: one Session, time limits on every call."""

    def __init__(self, address: str, user: str, password: str, read_seconds: float | None = None) -> None:
        self._read_seconds = read_seconds or settings.GATEWAY_READ_SECONDS
        self.base = addresses.base(address) if address.strip() else ""
        self._basic = (user.encode(), password.encode())
        self._session = requests.Session()
        self._session.trust_env = False  # no proxies and no .netrc passwords from the environment
        self._session.headers.update({"Accept-Encoding": "identity", "User-Agent": "AutoPayConsole"})

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def call(self, call: Call) -> Reply:
        """Make the call and write its row in the traffic log; raises GatewayError."""
        started = time.monotonic()
        reply: Reply | None = None
        error: GatewayError | None = None
        try:
            reply = self._with_each_key(call)
        except GatewayError as met:
            error = met
            raise
        finally:
            if reply or error:
                _record(call, self.base + call.path, reply, error, int((time.monotonic() - started) * 1000))
        return reply

    def _with_each_key(self, call: Call) -> Reply:
        """The key in force first; while a change of key is under way the previous one is still tried."""
        if call.company is None:
            return self._exchange(call, "")
        keys = live_keys(call.company)
        if not keys:
            raise WrongKey(code="no-key")
        for key in keys[:-1]:
            try:
                return self._exchange(call, key)
            except WrongKey as error:
                if error.code != "signature-incorrect":
                    raise
        return self._exchange(call, keys[-1])

    def _exchange(self, call: Call, key: str) -> Reply:
        if not self.base:
            raise Unreachable(code="no-address")
        body = call.file.open("rb") if call.file else _json_body(call.facts)
        try:
            prepared, signed = self._prepare(call, key, body)
            response = self._send(prepared)
            with response:
                return answering.read(response, signed, call.company, call.into)
        finally:
            if not isinstance(body, bytes):
                body.close()

    def _prepare(
        self, call: Call, key: str, body: bytes | IO[bytes]
    ) -> tuple[requests.PreparedRequest, signing.Signed | None]:
        try:
            request = self._session.prepare_request(requests.Request(call.method, self.base + call.path, data=body))
        except (lost.RequestException, ValueError) as error:
            raise Unreachable(code="bad-address", facts={"address": self.base, "error": str(error)}) from error
        content_type = "application/xml" if call.file else "application/json"
        request.headers["Content-Type"] = content_type
        if call.open_call:
            return request, None
        if call.company is None:
            request.headers["Authorization"] = "Basic " + base64.b64encode(b":".join(self._basic)).decode()
            return request, None
        sha256 = bytes.fromhex(call.digest) if call.file else hashlib.sha256(_bytes(body)).digest()
        url = str(request.url)
        try:
            signed = signing.sign_request(
                key,
                keyid(call.company),
                method=call.method,
                path=urlsplit(url).path,
                authority=addresses.authority(url),
                content_type=content_type,
                digest=signing.content_digest(sha256),
                created=int(time.time()),
                nonce=secrets.token_urlsafe(24),
            )
        except signing.BadSignature as error:
            raise WrongKey(code="bad-key", facts={"error": str(error)}) from error
        request.headers.update(signed.headers)
        return request, signed

    def _send(self, request: requests.PreparedRequest) -> requests.Response:
        limits = (settings.GATEWAY_CONNECT_SECONDS, self._read_seconds)
        try:
            return self._session.send(request, stream=True, timeout=limits, allow_redirects=False)
        except (lost.ConnectTimeout, lost.ConnectionError) as error:
            if isinstance(error, lost.ConnectTimeout) or _never_left(error):
                kind = RefusedConnection if "refused" in repr(error).lower() else Unreachable
                raise kind(facts={"address": self.base, "error": _reason(error)}) from error
            if "WRONG_VERSION_NUMBER" in repr(error):
                raise Unavailable(code="no-tls", facts={"address": self.base}) from error
            raise Unavailable(code="broken-line", facts={"error": _reason(error)}) from error
        except lost.Timeout as error:
            raise Unavailable(code="timeout", facts={"seconds": limits[1]}) from error
        except (lost.RequestException, OSError) as error:
            raise Unavailable(code="failed-call", facts={"error": _reason(error)}) from error


def _json_body(facts: Mapping[str, Any] | None) -> bytes:
    return b"" if facts is None else json.dumps(facts, ensure_ascii=False).encode()


def _bytes(body: bytes | IO[bytes]) -> bytes:
    return body if isinstance(body, bytes) else b""


def _never_left(error: lost.ConnectionError) -> bool:
    """Whether the connection was never made, so that the call cannot have been carried out."""
    text = repr(error)
    return any(name in text for name in NOTHING_LISTENS) or "CERTIFICATE_VERIFY_FAILED" in text


def _reason(error: Exception) -> str:
    """The short end of a nested network error, without the numbers of the system."""
    short = _SYSTEM_NUMBERS.sub("", str(error)).rsplit(": ", 1)[-1].strip("()\"' .")[:200]
    return short + ")" * (short.count("(") - short.count(")")) or type(error).__name__


def _record(call: Call, url: str, reply: Reply | None, error: GatewayError | None, milliseconds: int) -> None:
    traffic.record(
        Direction.IN if call.into is not None else Direction.OUT,
        call.kind,
        _outcome(call, reply, error),
        company=call.company,
        address=url,
        status_code=reply.status if reply else (error.status if error else None),
        milliseconds=milliseconds,
        size=reply.size if reply and call.into is not None else (call.file.stat().st_size if call.file else 0),
        file=call.kept,
        reference=call.reference,
        count=call.count,
        total=call.total,
        text=f"{error.code}: {error.text}" if error else _said(reply),
    )


def _outcome(call: Call, reply: Reply | None, error: GatewayError | None) -> Outcome:
    if reply:
        return Outcome.REPEAT if reply.facts.get("result") == "already-known" else Outcome.OK
    if isinstance(error, Refused | WrongKey | WrongCredentials):
        return Outcome.REFUSED
    surely_not = isinstance(error, Unreachable) or not call.changes
    return Outcome.FAILED if surely_not else Outcome.UNKNOWN


def _said(reply: Reply | None) -> str:
    """What of the answer is worth keeping in the log."""
    if reply is None:
        return ""
    words = [str(reply.facts[name]) for name in ("result", "state", "batchId", "linkState") if reply.facts.get(name)]
    return ", ".join([*words, f"sha-256 {reply.digest}"] if reply.digest else words)
