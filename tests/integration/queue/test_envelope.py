"""Whatever the bytes are, an envelope comes out, and what is wrong with it is said in words."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.queue import envelope
from tests.integration.queue.messages import DIGEST, a_body


def changed(**facts):
    body = json.loads(a_body(message_id="m-1", fileId="f-1"))
    for name, value in facts.items():
        target = body["message"] if name in body["message"] else body
        target[name] = value
    return json.dumps(body).encode()


def test_a_good_message_is_read_whole():
    read = envelope.read(a_body("c-1", "m-1", fileId="f-1", fileKind="vip"))
    assert (read.fault, read.key, read.message_id) == ("", "id:m-1", "m-1")
    assert (read.message_type, read.company_id, read.file_id, read.file_kind, read.digest) == (
        "IncomingPayments", "c-1", "f-1", "vip", DIGEST,
    )  # fmt: skip
    assert read.created_at.isoformat() == "2026-11-25T06:00:00+01:00"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"\xff\xfe\x00", "not JSON"),
        (b"", "not JSON"),
        (b"[1, 2]", "not a JSON object"),
        (b"[" * 100_000, "envelope is a small note"),
        (b"[" * 60_000, "not JSON"),
        (b'{"messageType": "IncomingPayments", "message": {}}', "no messageId"),
        (changed(messageId=17), "messageId is not a text"),
        (changed(messageId="x" * 101), "messageId is too long"),
        (changed(message="no object"), "not JSON"),
        (changed(message=None), "not a JSON object"),
        (changed(messageType="AutoReport"), "AutoReport"),
        (changed(companyId=""), "no companyId"),
        (changed(fileId=None), "no fileId"),
        (changed(fileId="a\u0000b"), "fileId"),
        (changed(fileId="\ud800"), "fileId"),
        (changed(sha256="AB" * 32), "sha256"),
        (changed(fileKind="camt.053"), "camt.053"),
    ],
)
def test_what_is_wrong_with_a_message_is_said(body, fault):
    assert fault in envelope.read(body).fault


def test_a_message_without_id_goes_by_the_digest_of_its_bytes():
    first, second = envelope.read(b"nonsense"), envelope.read(b"other nonsense")
    assert first.key.startswith("bytes:")
    assert first.key != second.key
    assert first.key == envelope.read(b"nonsense").key


def test_ids_that_differ_only_in_capitals_get_different_keys_on_every_database():
    first, second = envelope.key_of("ABC-1"), envelope.key_of("abc-1")
    assert first.lower() != second.lower()


def test_content_that_is_a_text_holding_the_object_is_read_too():
    body = json.loads(a_body("c-1", "m-1"))
    body["message"] = json.dumps(body["message"])
    assert envelope.read(json.dumps(body).encode()).company_id == "c-1"


def test_fields_nobody_knows_are_ignored():
    body = json.loads(a_body("c-1", "m-1")) | {"traceId": [1, 2, 3]}
    assert envelope.read(json.dumps(body).encode()).fault == ""


def test_a_message_of_the_download_list_has_the_key_it_has_on_the_queue():
    body = a_body("c-1", "m-1")
    listed = {"position": 41, **json.loads(body)}
    assert envelope.of_message(listed).key == envelope.read(body).key
    assert envelope.of_message(listed).content == envelope.read(body).content


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_stumble(body):
    read = envelope.read(body)
    assert read.fault
    assert "\x00" not in read.raw
    assert len(read.key) <= 120
    read.raw.encode("utf-8")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    )
)
def test_no_json_makes_the_reader_stumble(facts):
    body = json.dumps({"messageId": "m-1", "messageType": "IncomingPayments", "message": facts}).encode()
    assert envelope.read(body).key.startswith(("id:", "bytes:"))
