"""The JSON view keeps its contract: docs/read_bank_file.schema.json."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

from payments.iso20022.json_view import as_json
from payments.iso20022.reading import entries, survey
from tests.payments.iso20022.reading_tools import MESSAGES

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "read_bank_file.schema.json").read_text())
NAMES = sorted(path.name for path in MESSAGES.iterdir() if path.suffix == ".xml")


def as_document(name):
    found = survey(MESSAGES / name)
    return json.loads("".join(as_json(found, entries(MESSAGES / name, found))))


@pytest.mark.parametrize("name", NAMES)
def test_every_message_keeps_the_contract(name):
    jsonschema_rs.validator_for(SCHEMA).validate(as_document(name))


@pytest.mark.parametrize("name", NAMES)
def test_no_amount_is_a_json_number(name):
    text = json.dumps(as_document(name))
    assert json.loads(text, parse_float=lambda number: pytest.fail(f"a float: {number}"))


def test_entries_stand_under_their_account():
    document = as_document("camt.052.001.08-intraday.xml")
    assert [(account["currency"], len(account["entries"])) for account in document["accounts"]] == [
        ("SEK", 1),
        ("EUR", 1),
    ]


def test_an_account_without_entries_stands_there_too():
    assert [len(account["entries"]) for account in as_document("vip.xml")["accounts"]] == [2, 0]


def test_a_detail_shows_amount_reference_and_payer():
    detail = as_document("camt.054.001.02-credit.xml")["accounts"][0]["entries"][0]["details"][0]
    assert detail["amount"] == "1012.50"
    assert detail["references"] == [{"kind": "KID", "value": "00001234500000100011", "valid": True}]
    assert detail["debtor"] == {"name": "Nordlys Kafé AS", "account": "12345678903"}


def test_absent_is_null():
    entry = as_document("camt.053.001.02-page2.xml")["accounts"][0]["entries"][0]
    assert (entry["bank_reference"], entry["batch"]) == (None, None)


def test_an_answer_shows_its_levels():
    document = as_document("pain.002.001.03-partly.xml")
    assert document["original_message_id"] == "AP1-20261122-000017"
    assert [(block["id"], block["status"]) for block in document["payments"]] == [
        ("C1-B2045-01", "PART"),
        ("C1-B2045-02", "RJCT"),
    ]
    assert document["accounts"] == []
