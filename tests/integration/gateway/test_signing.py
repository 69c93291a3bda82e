"""Signatures by the book: RFC 9421's own vector, the example of our protocol, and everything that must not pass."""

import base64
import hashlib

import pytest

from integration.gateway import signing

RFC_SECRET = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ=="
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
OTHER_KEY = base64.b64encode(bytes(range(1, 33))).decode()
KEYID = "NO-918234567"
NOW = 1772445600
NONCE = "YW5zd2VyLW5vbmNlLTAx"
DIGEST = signing.content_digest(hashlib.sha256(b"{}").digest())


def a_signed_request(nonce="b3JhbmdlLWJpa2UtMDE"):
    body = signing.content_digest(hashlib.sha256(b"<Document/>").digest())
    return signing.sign_request(
        KEY, KEYID, method="PUT", authority="gateway.example:8090", content_type="application/xml", digest=body,
        path="/OPGatewayService/companies/NO-918234567/agreements/86011117947/payments/AP1-20260302-0001",
        created=NOW, nonce=nonce,
    )  # fmt: skip


def an_answer(
    asked, *, key=KEY, status=201, created=NOW, keyid=KEYID, components=None, covered_status=None, digest=DIGEST
):
    names = components or signing.RESPONSE_COMPONENTS
    stated = signing.parameters(names, created, NONCE, keyid)
    values = {
        '"@status"': str(covered_status or status),
        '"content-type"': "application/json",
        '"content-digest"': digest,
        signing.ASKED: f":{asked.value}:",
    }
    value = signing.hmac_sha256(
        signing.key_bytes(key), signing.signature_base([(name, values[name]) for name in names], stated)
    )
    return signing.Answer(status, "application/json", digest, f"sig1={stated}", f"sig1=:{value}:")


def test_the_vector_of_rfc_9421_appendix_b_2_5_is_met():
    stated = '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'
    lines = [
        ('"date"', "Tue, 20 Apr 2021 02:07:55 GMT"),
        ('"@authority"', "example.com"),
        ('"content-type"', "application/json"),
    ]
    base = signing.signature_base(lines, stated)
    assert signing.hmac_sha256(base64.b64decode(RFC_SECRET), base) == "pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8="


def test_the_digest_of_rfc_9530_is_met():
    sha256 = hashlib.sha256(b'{"hello": "world"}\n').digest()
    assert signing.content_digest(sha256) == "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"


def test_the_example_of_the_protocol_is_met():
    assert a_signed_request().value == "Q1FMK+BUG+DB4nvACKIqT3Cw5S2l3AlYMVUzgHjibRg="


def test_a_key_is_named_by_the_first_eight_digits_of_its_digest():
    assert signing.fingerprint(KEY) == "630dcd29"


@pytest.mark.parametrize("key", ["", "hello", "AAECAwQF", base64.b64encode(bytes(31)).decode()])
def test_a_key_that_is_not_32_bytes_is_refused(key):
    with pytest.raises(signing.BadSignature):
        signing.key_bytes(key)


def test_a_true_answer_gives_its_nonce():
    asked = a_signed_request()
    assert signing.verify_answer(an_answer(asked), asked, [KEY], KEYID, NOW) == NONCE


def test_an_answer_may_bear_the_previous_key_while_keys_change():
    asked = a_signed_request()
    assert signing.verify_answer(an_answer(asked), asked, [OTHER_KEY, KEY], KEYID, NOW) == NONCE


def test_an_answer_to_another_question_is_refused():
    first, second = a_signed_request(), a_signed_request(nonce="YW5vdGhlci1ub25jZS0wMg")
    with pytest.raises(signing.BadSignature, match="does not fit"):
        signing.verify_answer(an_answer(first), second, [KEY], KEYID, NOW)


@pytest.mark.parametrize(
    ("spoiled", "says"),
    [
        ({"key": OTHER_KEY}, "does not fit"),
        ({"covered_status": 500}, "does not fit"),
        ({"created": NOW - 61}, "clock"),
        ({"created": NOW + 61}, "clock"),
        ({"keyid": "NO-999999999"}, "another"),
        ({"components": signing.RESPONSE_COMPONENTS[:3]}, "does not cover"),
    ],
)
def test_a_spoiled_answer_is_refused(spoiled, says):
    asked = a_signed_request()
    with pytest.raises(signing.BadSignature, match=says):
        signing.verify_answer(an_answer(asked, **spoiled), asked, [KEY], KEYID, NOW)


@pytest.mark.parametrize("field", ["signature_input", "signature"])
def test_an_answer_with_an_unreadable_signature_is_refused(field):
    asked = a_signed_request()
    answer = an_answer(asked)
    values = {name: getattr(answer, name) for name in signing.Answer.__slots__} | {field: "sig2=nonsense"}
    with pytest.raises(signing.BadSignature, match="cannot be read"):
        signing.verify_answer(signing.Answer(**values), asked, [KEY], KEYID, NOW)


def test_every_request_has_the_agreed_headers():
    headers = a_signed_request().headers
    assert headers.keys() == {"Content-Type", "Content-Digest", "Signature-Input", "Signature"}
    assert 'alg="hmac-sha256"' in headers["Signature-Input"]
