"""Requests, answers and routes of the sandbox, on plain WSGI."""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import IO, Any
from urllib.parse import parse_qs, unquote

MOST_BYTES = 512 * 1024 * 1024
IN_MEMORY = 1024 * 1024


class Problem(Exception):
    """An error answer: status, stable code, a sentence a person can act on."""

    def __init__(self, status: int, code: str, detail: str, **more: object) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.more = status, code, detail, more


@dataclass
class Answer:
    """What goes back. `body` is bytes or pieces; pieces need `digest` when the answer is signed."""

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    sha256: bytes | None = None

    def digest(self) -> bytes:
        """SHA-256 of the body."""
        if self.sha256 is not None:
            return self.sha256
        return hashlib.sha256(self.body if isinstance(self.body, bytes) else b"").digest()


@dataclass
class Request:
    """One call, its body already taken off the line (in memory or in a temporary file) with its SHA-256."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: IO[bytes]
    length: int
    sha256: bytes
    operation: str = ""

    def bytes(self) -> bytes:
        """The whole body, for the small ones."""
        self.body.seek(0)
        return self.body.read()

    def json(self) -> Any:
        """The body as a JSON object; empty counts as {}."""
        try:
            facts = json.loads(self.bytes() or b"{}")
        except ValueError as error:
            raise Problem(400, "malformed-request", f"The body is not JSON: {error}.") from error
        if not isinstance(facts, dict | list):
            raise Problem(400, "malformed-request", "The body must be a JSON object or list.")
        return facts

    def object(self) -> dict[str, Any]:
        """The body as a JSON object, nothing else."""
        facts = self.json()
        if not isinstance(facts, dict):
            raise Problem(400, "malformed-request", "The body must be a JSON object.")
        return facts

    def form(self) -> dict[str, str]:
        """The fields of an HTML form."""
        fields = parse_qs(self.bytes().decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[-1] for name, values in fields.items()}

    def asked(self, name: str, default: str = "") -> str:
        """One value of the query string."""
        return parse_qs(self.query).get(name, [default])[-1]


Handler = Callable[..., Answer]


class Routes:
    """Which function answers which method and path; `{name}` stands for one segment, decoded."""

    def __init__(self) -> None:
        self._routes: list[tuple[str, re.Pattern[str], str, Handler]] = []

    def add(self, method: str, template: str, operation: str, handler: Handler) -> None:
        """Register one operation."""
        pattern = re.sub(r"\{([a-z_]+)\}", r"(?P<\1>[^/]+)", template)
        self._routes.append((method, re.compile(pattern), operation, handler))

    def find(self, request: Request) -> tuple[Handler, dict[str, str]]:
        """The handler and its path values; sets `request.operation`. Problem 404 or 405."""
        known_path = False
        for method, pattern, operation, handler in self._routes:
            if match := pattern.fullmatch(request.path):
                if method == request.method:
                    request.operation = operation
                    return handler, {name: unquote(value) for name, value in match.groupdict().items()}
                known_path = True
        if known_path:
            raise Problem(405, "method-not-allowed", f"{request.method} is not possible on {request.path}.")
        raise Problem(404, "unknown-path", f"The gateway has nothing at {request.path}; check the gateway address.")


def read_request(environ: dict[str, Any]) -> Request:
    """Take a request off the line; the body is hashed while it is read."""
    raw = str(environ.get("RAW_PATH") or environ.get("PATH_INFO") or "/")
    path, _, query = raw.partition("?")
    headers = {
        name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = str(environ["CONTENT_TYPE"])
    length_text = str(environ.get("CONTENT_LENGTH") or "0")
    if not length_text.isdigit() or "transfer-encoding" in headers:
        raise Problem(400, "malformed-request", "Send the body with Content-Length, not chunked.")
    length = int(length_text)
    if length > MOST_BYTES:
        raise Problem(413, "too-large", f"At most {MOST_BYTES} bytes are taken.")
    body: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (lives as long as the request)
    sha256 = hashlib.sha256()
    left = length
    while left and (piece := environ["wsgi.input"].read(min(left, 65536))):
        sha256.update(piece)
        body.write(piece)
        left -= len(piece)
    if left:
        raise Problem(400, "malformed-request", "The body ended too early.")
    body.seek(0)
    return Request(str(environ["REQUEST_METHOD"]), path, query, headers, body, length, sha256.digest())


def json_answer(facts: object, status: int = 200, **headers: str) -> Answer:
    """A JSON answer."""
    body = json.dumps(facts, ensure_ascii=False).encode()
    return Answer(status, body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def problem_answer(problem: Problem) -> Answer:
    """RFC 9457 problem document."""
    facts = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        **problem.more,
    }
    answer = json_answer(facts, problem.status)
    answer.content_type = "application/problem+json"
    if problem.status == 503:
        answer.headers["Retry-After"] = "5"
    if problem.code in ("authentication-required", "wrong-credentials"):
        answer.headers["WWW-Authenticate"] = 'Basic realm="gateway"'
    return answer


def pieces(stream: IO[bytes], size: int = 65536) -> Iterator[bytes]:
    """A file in blocks; closed at the end."""
    with stream:
        while piece := stream.read(size):
            yield piece
