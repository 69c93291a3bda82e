"""Whatever comes over the line: a sentence, a refusal, a parked row; never a fault of ours, never a lost message."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.choices import MessageState
from integration.gateway import signing
from integration.models import InboxMessage
from integration.queue import envelope, inbox
from payments.iso20022 import reading
from payments.iso20022.messages import Refused
from payments.iso20022.text_view import as_text
from tests.integration.linking import KEY
from tests.integration.queue.messages import a_body

MESSAGES = sorted((Path(__file__).parents[1] / "messages").glob("*.xml"))
ASKED = signing.sign_request(
    KEY, "NO-1", method="POST", path="/x", authority="opg", content_type="application/json", digest="d", created=1000,
    nonce="n" * 22,
)  # fmt: skip
patient = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("messageId", "messageType", "message", "companyId", "fileId", "fileKind", "sha256", "createdAt")


def damaged(body: bytes, draw: random.Random) -> bytes:
    """Some bytes changed, taken out, doubled or cut off."""
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(body) or 1)
        body = draw.choice(
            [
                body[:at] + bytes([draw.randrange(256)]) + body[at + 1 :],
                body[:at] + body[at + draw.randint(1, 40) :],
                body[:at] + body[at : at + 60] + body[at:],
                body[:at],
            ]
        )
    return body


@patient
@given(st.binary(max_size=2000))
def test_any_bytes_are_an_envelope(body):
    read = envelope.read(body)
    assert read.key
    assert read.fault


@patient
@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_json_is_an_envelope(facts):
    read = envelope.of_message(facts)
    assert read.key
    assert len(read.key) <= 120


@pytest.mark.django_db
@patient
@given(st.lists(st.binary(max_size=300) | st.integers(0, 2**32).map(str), min_size=1, max_size=5))
def test_any_reading_is_rows_before_it_is_acknowledged(bodies):
    """`hear` commits before the consumer acknowledges: afterwards each body has its row, parked or to be worked on."""
    sent = [
        body if isinstance(body, bytes) else damaged(a_body("c-1", "m-1"), random.Random(int(body))) for body in bodies
    ]
    envelopes = [envelope.read(body) for body in sent]
    inbox.hear(envelopes)
    rows = InboxMessage.objects.filter(key__in=[one.key for one in envelopes])
    assert rows.count() == len({one.key for one in envelopes})
    assert set(rows.values_list("state", flat=True)) <= {MessageState.PARKED, MessageState.RECEIVED}


@patient
@given(*[st.text(max_size=200) for _ in range(4)], st.integers(100, 599))
def test_no_signature_but_the_right_one_is_taken(kind, digest, stated, value, status):
    answer = signing.Answer(status, kind, digest, stated, value)
    with pytest.raises(signing.BadSignature):
        signing.verify_answer(answer, ASKED, [KEY], "NO-1", 1000.0)


@patient
@given(st.text(max_size=20), st.integers(0, 2**32))
def test_a_signature_damaged_anywhere_is_refused(kind, seed):
    stated = signing.parameters(signing.RESPONSE_COMPONENTS, 1000, "m" * 22, "NO-1")
    values = ("200", kind, "sha-256=:x:", f":{ASKED.value}:")
    lines = zip(signing.RESPONSE_COMPONENTS, values, strict=True)
    base = "\n".join([*(f"{name}: {text}" for name, text in lines), f'"@signature-params": {stated}'])
    value = signing.hmac_sha256(signing.key_bytes(KEY), base.encode("utf-8", "replace"))
    draw = random.Random(seed)
    headers = [f"sig1={stated}".encode(), f"sig1=:{value}:".encode()]
    which = draw.randrange(2)
    changed = damaged(headers[which], draw)
    if changed == headers[which]:
        return
    headers[which] = changed
    answer = signing.Answer(200, kind, "sha-256=:x:", *(one.decode("latin-1") for one in headers))
    with pytest.raises(signing.BadSignature):
        signing.verify_answer(answer, ASKED, [KEY], "NO-1", 1000.0)


@pytest.mark.parametrize("sample", MESSAGES, ids=lambda path: path.name)
def test_a_damaged_file_is_read_or_refused_with_a_sentence(sample, tmp_path):
    whole, place = sample.read_bytes(), tmp_path / "damaged.xml"
    draw = random.Random(sample.name)
    refused = []
    for _ in range(60):
        place.write_bytes(damaged(whole, draw))
        try:
            told = reading.survey(place)
            for _line in as_text(told, reading.entries(place, told)):
                pass
        except Refused as refusal:
            refused.append(str(refusal))
    assert refused
    assert all(refused)


@pytest.mark.parametrize("size", [0, 1, 7, 4096])
def test_bytes_that_are_no_message_are_refused(size, tmp_path):
    place = tmp_path / "noise"
    place.write_bytes(random.Random(size).randbytes(size))
    with pytest.raises(Refused):
        reading.survey(place)
