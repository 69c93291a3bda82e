"""RFC 9421 message signatures (hmac-sha256) and RFC 9530 digests, as docs/gateway-protocol.md §2 agrees them.

Pure: no clock, no database, no network. The referee is RFC 9421's own test vector B.2.5.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

LABEL = "sig1"
ALGORITHM = "hmac-sha256"
WINDOW_SECONDS = 60
KEY_BYTES = 32
REQUEST_COMPONENTS = ('"@method"', '"@path"', '"@authority"', '"content-type"', '"content-digest"')
ASKED = f'"signature";req;key="{LABEL}"'
RESPONSE_COMPONENTS = ('"@status"', '"content-type"', '"content-digest"', ASKED)

_INPUT = re.compile(r"sig1=(\(([^()]*)\)((?:;[a-z]+=(?:\"[^\"\\]*\"|\d{1,15}))*))")
_PARAMETER = re.compile(r";([a-z]+)=(?:\"([^\"\\]*)\"|(\d{1,15}))")
_SIGNATURE = re.compile(r"sig1=:([A-Za-z0-9+/]+={0,2}):")
_NONCE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{16,64}")


class BadSignature(ValueError):
    """A signature, digest or key is not what was agreed; the text says which part."""


@dataclass(frozen=True, slots=True)
class Signed:
    """Headers of a signed request and the signature value its answer must name."""

    headers: Mapping[str, str]
    value: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer's signature covers."""

    status: int
    content_type: str
    content_digest: str
    signature_input: str
    signature: str


def key_bytes(key: str) -> bytes:
    """The signing key as bytes; BadSignature when it is not 32 bytes in base64 (44 characters)."""
    try:
        raw = base64.b64decode(key.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadSignature("The signing key is not base64.") from error
    if len(raw) != KEY_BYTES:
        raise BadSignature(f"The signing key has {len(raw)} bytes, not {KEY_BYTES}.")
    return raw


def fingerprint(key: str) -> str:
    """First 8 hex digits of SHA-256 over the key bytes: comparable by eye, useless to a thief."""
    return hashlib.sha256(key_bytes(key)).hexdigest()[:8]


def content_digest(sha256: bytes) -> str:
    """The Content-Digest header (RFC 9530) for a body with this SHA-256."""
    return f"sha-256=:{base64.b64encode(sha256).decode()}:"


def signature_base(lines: Iterable[tuple[str, str]], parameters: str) -> bytes:
    """RFC 9421 §2.5: one line per covered component, then the parameters, joined by single line feeds."""
    covered = [f"{component}: {value}" for component, value in lines]
    return "\n".join([*covered, f'"@signature-params": {parameters}']).encode("ascii")


def hmac_sha256(key: bytes, base: bytes) -> str:
    """RFC 9421 §3.3.3, as base64."""
    return base64.b64encode(hmac.new(key, base, hashlib.sha256).digest()).decode()


def parameters(components: Sequence[str], created: int, nonce: str, keyid: str) -> str:
    """The value of Signature-Input after its label."""
    return f'({" ".join(components)});created={created};nonce="{nonce}";keyid="{keyid}";alg="{ALGORITHM}"'


def sign_request(
    key: str, keyid: str, *, method: str, path: str, authority: str, content_type: str, digest: str, created: int,
    nonce: str,
) -> Signed:  # fmt: skip
    """Headers of a company call. `path` and `authority` are exactly as they go over the line."""
    stated = parameters(REQUEST_COMPONENTS, created, nonce, keyid)
    values = (method, path, authority, content_type, digest)
    value = hmac_sha256(key_bytes(key), signature_base(zip(REQUEST_COMPONENTS, values, strict=True), stated))
    headers = {
        "Content-Type": content_type,
        "Content-Digest": digest,
        "Signature-Input": f"{LABEL}={stated}",
        "Signature": f"{LABEL}=:{value}:",
    }
    return Signed(headers, value)


def verify_answer(answer: Answer, asked: Signed, keys: Iterable[str], keyid: str, now: float) -> str:
    """Check that the gateway answered this very request with a key we share; returns the answer's nonce.

    Several keys are allowed while a change of key is under way. Raises BadSignature.
    """
    found = _INPUT.fullmatch(answer.signature_input.strip())
    sent = _SIGNATURE.fullmatch(answer.signature.strip())
    if not found or not sent:
        raise BadSignature("The answer's signature cannot be read.")
    stated, components, rest = found.groups()
    if components != " ".join(RESPONSE_COMPONENTS):
        raise BadSignature("The answer's signature does not cover what was agreed.")
    pairs = _PARAMETER.findall(rest)
    values = {name: text or number for name, text, number in pairs}
    if len(values) != len(pairs) or not {"created", "nonce", "keyid", "alg"} <= values.keys():
        raise BadSignature("The answer's signature lacks created, nonce, keyid or alg.")
    if values["alg"] != ALGORITHM or values["keyid"] != keyid or not _NONCE.fullmatch(values["nonce"]):
        raise BadSignature("The answer is signed with another algorithm or for another company.")
    if not values["created"].isdigit() or abs(now - int(values["created"])) > WINDOW_SECONDS:
        raise BadSignature(f"The answer was signed more than {WINDOW_SECONDS} s from our clock; check the clocks.")
    covered = (str(answer.status), answer.content_type, answer.content_digest, f":{asked.value}:")
    try:
        base = signature_base(zip(RESPONSE_COMPONENTS, covered, strict=True), stated)
    except UnicodeEncodeError as error:
        raise BadSignature("The answer's signed headers hold signs that are not ASCII.") from error
    if not any(hmac.compare_digest(hmac_sha256(key_bytes(key), base), sent[1]) for key in keys):
        raise BadSignature("The answer's signature does not fit the company's key.")
    return str(values["nonce"])
