"""Every shared sample is read with the figures an independent count finds, or refused for the right reason."""

import csv
import json
import os
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import jsonschema_rs
import pytest
from lxml import etree

from payments.iso20022.json_view import as_json
from payments.iso20022.messages import Refused
from payments.iso20022.reading import entries, survey

pytestmark = pytest.mark.samples

FOLDER = Path(os.environ.get("AUTOPAY_SAMPLES") or ".none")
XSD = Path(os.environ.get("AUTOPAY_XSD") or ".none")
INDEX = FOLDER / "INDEX.tsv"
SCHEMA = Path(__file__).parents[3] / "docs" / "read_bank_file.schema.json"
REFUSED = {
    "test-camt053-more-than-one-xml": "not_well_formed",
    "test-camt053-wrong-amount": "amount_missing",
    "test-camt-parse-invalid.xml": "unknown_type",
    "01-truncated.xml": "not_well_formed",
    "02-empty.xml": "empty",
    "09-deep-nesting.xml": "unknown_type",
    "17-six-decimals.xml": "decimals",
    "34-control-characters.xml": "not_well_formed",
    "37-xinclude.xml": "xinclude",
}
NOT_ADDING_UP = {
    "test-camt053-multiple-accounts_03.xml": 1,
    "de.camt.053.001.02.xml": 1,
    "camt053_P_CH2909000000250094239_1110092698_0_2020112503071366_v2019.xml": 1,
    "valid_example_with_instdamt.xml": 1,
    "19-txdtls-do-not-sum.xml": 1,
    "20-nboftxs-wrong.xml": 1,
}


def sample_names():
    if not INDEX.is_file():
        return []
    with INDEX.open(encoding="utf-8", newline="") as file:
        return [row["path"] for row in csv.DictReader(file, delimiter="\t")]


NAMES = sample_names()
READABLE = [name for name in NAMES if Path(name).name not in REFUSED]


@pytest.fixture(autouse=True)
def _samples():
    if not INDEX.is_file():
        pytest.skip("AUTOPAY_SAMPLES does not name the folder of sample files")


def named(root, name):
    return [element for element in root.iter() if element.tag.rpartition("}")[2] == name]


def own(element, name):
    return next((part for part in element if part.tag.rpartition("}")[2] == name), None)


def booked_line(line):
    """Whether the plain count takes the line for money that moved: text or code BOOK."""
    status = own(line, "Sts")
    return status is None or "".join(status.itertext()).strip() == "BOOK"


def sums_counted(lines, amounts, ways):
    """Credits and debits of booked lines per currency, as a person adds them up."""
    found = {}
    for line, (currency, amount), way in zip(lines, amounts, ways, strict=True):
        if booked_line(line):
            sums = found.setdefault(currency, {"credit": Decimal(0), "debit": Decimal(0)})
            sums[way] += amount
    return {currency: sums for currency, sums in found.items() if any(sums.values())}


def sums_read(found):
    """The same from the reader's survey."""
    sums = {}
    for row in found.sums:
        one = sums.setdefault(row.currency, {"credit": Decimal(0), "debit": Decimal(0)})
        one["credit"] += row.credit_sum
        one["debit"] += row.debit_sum
    return {currency: one for currency, one in sums.items() if any(one.values())}


def counted_shares(line):
    """Sum of the details' own amounts, where each has one in the line's currency; None where a rule must choose."""
    details = named(line, "TxDtls")
    currency = own(line, "Amt").get("Ccy")
    shares = [own(detail, "Amt") for detail in details]
    if not shares or any(share is None or share.get("Ccy") != currency for share in shares):
        return None
    return sum(Decimal(share.text.strip()) for share in shares)


def read(name):
    path = FOLDER / name
    found = survey(path)
    return found, [entry for _, entry in entries(path, found)]


@pytest.mark.parametrize("name", NAMES or ["(no samples)"])
def test_a_sample_is_read_or_refused_as_expected(name):
    expected = REFUSED.get(Path(name).name)
    if expected is None:
        survey(FOLDER / name)
        return
    with pytest.raises(Refused) as caught:
        survey(FOLDER / name)
    assert caught.value.code == expected


@pytest.mark.parametrize("name", READABLE or ["(no samples)"])
def test_counts_and_sums_of_a_sample_are_those_of_a_plain_count(name):
    found, booked = read(name)
    root = ElementTree.parse(FOLDER / name).getroot()
    if found.type.startswith("camt"):
        lines = named(root, "Ntry")
        assert found.entries == len(booked) == len(lines)
        assert found.details == sum(len(entry.details) for entry in booked) == len(named(root, "TxDtls"))
        amounts = [(own(line, "Amt").get("Ccy"), Decimal(own(line, "Amt").text.strip())) for line in lines]
        assert [(entry.currency, entry.amount) for entry in booked] == amounts
        ways = [{"CRDT": "credit", "DBIT": "debit"}[own(line, "CdtDbtInd").text.strip()] for line in lines]
        assert [entry.direction for entry in booked] == ways
        assert sums_read(found) == sums_counted(lines, amounts, ways)
        shares = [counted_shares(line) for line in lines]
        read_shares = [sum(part.amount for part in entry.details) for entry in booked]
        assert [one for one, known in zip(read_shares, shares, strict=True) if known is not None] == [
            known for known in shares if known is not None
        ]
    elif found.type == "pain.001":
        transfers = named(root, "CdtTrfTxInf")
        assert (found.entries, found.details) == (len(named(root, "PmtInf")), len(transfers))
        assert sum(entry.amount for entry in booked) == sum(
            Decimal(amount.text) for transfer in transfers for amount in named(transfer, "InstdAmt")
        )
    else:
        assert found.details == len(named(root, "TxInfAndSts"))
        assert len(found.report.payments) == len(named(root, "OrgnlPmtInfAndSts"))


@pytest.mark.parametrize("name", READABLE or ["(no samples)"])
def test_only_entries_that_really_contradict_themselves_do_not_add_up(name):
    assert survey(FOLDER / name).not_adding_up == NOT_ADDING_UP.get(Path(name).name, 0)


@pytest.mark.parametrize("name", READABLE or ["(no samples)"])
def test_a_sample_keeps_the_json_contract(name):
    path = FOLDER / name
    found = survey(path)
    document = json.loads("".join(as_json(found, entries(path, found))))
    jsonschema_rs.validator_for(json.loads(SCHEMA.read_text())).validate(document)


@pytest.mark.parametrize("name", READABLE or ["(no samples)"])
def test_what_the_official_schema_refuses_is_never_read_silently(name):
    if not XSD.is_dir():
        pytest.skip("AUTOPAY_XSD does not name the folder of official schemas")
    tree = etree.parse(FOLDER / name)
    message = (etree.QName(tree.getroot()).namespace or "").rpartition(":")[2]
    rules = XSD / f"{message}.xsd"
    valid = rules.is_file() and etree.XMLSchema(etree.parse(rules)).validate(tree)
    assert valid or survey(FOLDER / name).warnings
