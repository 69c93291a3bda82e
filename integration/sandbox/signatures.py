"""RFC 9421 message signatures with hmac-sha256 and RFC 9530 digests, written from the RFCs."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

LABEL = "sig1"
REQUEST_COMPONENTS = ('"@method"', '"@path"', '"@authority"', '"content-type"', '"content-digest"')
RESPONSE_COMPONENTS = ('"@status"', '"content-type"', '"content-digest"', f'"signature";req;key="{LABEL}"')
WINDOW_SECONDS = 60

_ITEM = re.compile(r'"[^"\\]*"(?:;[a-z*][a-z0-9_.*-]*(?:=(?:"[^"\\]*"|[A-Za-z0-9_.*-]+))?)*')
_PARAMETER = re.compile(r';\s*([a-z*][a-z0-9_.*-]*)=(?:"([^"\\]*)"|(-?\d{1,15}))')
_NONCE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{16,64}")


class Malformed(ValueError):
    """A signature header cannot be read or is not of the agreed form."""


@dataclass(frozen=True)
class SignatureInput:
    """One member of Signature-Input: what is covered, with which parameters, and the text that is signed."""

    components: tuple[str, ...]
    created: int
    nonce: str
    keyid: str
    algorithm: str
    text: str


def content_digest(sha256: bytes) -> str:
    """The Content-Digest header for a body with this SHA-256."""
    return f"sha-256=:{base64.b64encode(sha256).decode()}:"


def fingerprint(key: str) -> str:
    """First 8 hex digits of SHA-256 over the decoded key: two people can compare it by eye, nobody can sign with it."""
    return hashlib.sha256(base64.b64decode(key)).hexdigest()[:8]


def signature_base(components: Sequence[str], value: Callable[[str], str], parameters: str) -> bytes:
    """RFC 9421 §2.5: one line per component identifier, then the parameters, joined by single line feeds."""
    lines = [f"{component}: {value(component)}" for component in components]
    lines.append(f'"@signature-params": {parameters}')
    return "\n".join(lines).encode("ascii")


def hmac_sha256(key: bytes, base: bytes) -> bytes:
    """RFC 9421 §3.3.3."""
    return hmac.new(key, base, hashlib.sha256).digest()


def parse_input(header: str) -> SignatureInput:
    """Read Signature-Input of a request; raises Malformed with a sentence."""
    label, _, text = header.strip().partition("=")
    inner = re.fullmatch(r"\(([^()]*)\)(.*)", text)
    if label != LABEL or inner is None:
        raise Malformed(f"Signature-Input must be {LABEL}=(…) with parameters.")
    components = tuple(_ITEM.findall(inner[1]))
    if " ".join(components) != inner[1].strip():
        raise Malformed("The list of covered components cannot be read.")
    found = _PARAMETER.findall(inner[2])
    if "".join(match[0] for match in _PARAMETER.finditer(inner[2])) != inner[2]:
        raise Malformed("The parameters of Signature-Input cannot be read.")
    values = {name: quoted or number for name, quoted, number in found}
    missing = {"created", "nonce", "keyid", "alg"} - values.keys()
    if missing or len(values) != len(found):
        raise Malformed(f"Signature-Input lacks or repeats: {', '.join(sorted(missing)) or 'a parameter'}.")
    if not values["created"].isdigit() or not _NONCE.fullmatch(values["nonce"]):
        raise Malformed("created must be seconds, nonce 16 to 64 printable characters.")
    return SignatureInput(components, int(values["created"]), values["nonce"], values["keyid"], values["alg"], text)


def parse_signature(header: str) -> bytes:
    """The bytes of `sig1=:…:`."""
    member = re.fullmatch(rf"{LABEL}=:([A-Za-z0-9+/=]+):", header.strip())
    if member is None:
        raise Malformed(f"Signature must be {LABEL}=:<base64>:.")
    try:
        return base64.b64decode(member[1], validate=True)
    except binascii.Error as error:
        raise Malformed("Signature is not base64.") from error


def sign_response(
    key: str, status: int, content_type: str, digest: str, asked: str, created: int, nonce: str, keyid: str
) -> dict[str, str]:
    """Signature headers of an answer; `asked` is the Signature header of the request it answers."""
    parameters = (
        f'({" ".join(RESPONSE_COMPONENTS)});created={created};nonce="{nonce}";keyid="{keyid}";alg="hmac-sha256"'
    )
    values = {
        '"@status"': str(status),
        '"content-type"': content_type,
        '"content-digest"': digest,
        RESPONSE_COMPONENTS[3]: asked.strip().partition("=")[2],
    }
    base = signature_base(RESPONSE_COMPONENTS, values.__getitem__, parameters)
    value = base64.b64encode(hmac_sha256(base64.b64decode(key), base)).decode()
    return {"Signature-Input": f"{LABEL}={parameters}", "Signature": f"{LABEL}=:{value}:"}
