"""The signature code against RFC 9421's own vector and the worked example of the protocol."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from integration.sandbox.signatures import Malformed, fingerprint, hmac_sha256, parse_input, signature_base

PROTOCOL = Path(__file__).resolve().parents[3] / "docs" / "gateway-protocol.md"


def test_the_rfcs_hmac_vector_comes_out_byte_for_byte():
    """RFC 9421 appendix B.2.5."""
    key = base64.b64decode("uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==")
    values = {
        '"date"': "Tue, 20 Apr 2021 02:07:55 GMT",
        '"@authority"': "example.com",
        '"content-type"': "application/json",
    }
    parameters = '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'
    base = signature_base(list(values), values.__getitem__, parameters)
    assert base64.b64encode(hmac_sha256(key, base)).decode() == "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="


def test_the_worked_example_of_the_protocol_is_right():
    text = PROTOCOL.read_text()
    base = re.search(r'```\n("@method": PUT\n.*?)\n```', text, re.DOTALL)[1].encode()
    key, mark, signature = re.search(
        r"key `([^`]+)` \(bytes 0 to 31, fingerprint `(\w+)`\).*?\n`([^`]+)`", text, re.DOTALL
    ).groups()
    assert fingerprint(key) == mark
    assert base64.b64encode(hmac_sha256(base64.b64decode(key), base)).decode() == signature


@pytest.mark.parametrize(
    "header",
    [
        "",
        "sig1=",
        'sig2=("@method");created=1;nonce="0123456789abcdef";keyid="x";alg="hmac-sha256"',
        'sig1=("@method" @path);created=1;nonce="0123456789abcdef";keyid="x";alg="hmac-sha256"',
        'sig1=("@method");created=1;keyid="x";alg="hmac-sha256"',
        'sig1=("@method");created=1;created=2;nonce="0123456789abcdef";keyid="x";alg="hmac-sha256"',
        'sig1=("@method");created=1;nonce="0123456789abcdef";keyid="x";alg="hmac-sha256", sig2=()',
        'sig1=("@method");created=-1;nonce="0123456789abcdef";keyid="x";alg="hmac-sha256"',
    ],
)
def test_a_signature_input_of_another_form_is_malformed(header):
    with pytest.raises(Malformed):
        parse_input(header)
