"""Every file the sandbox's banks write is valid against the official schema of its version."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lxml import etree

from tests.integration.sandbox.caller import ACCOUNT, pain001
from tests.integration.sandbox.test_incoming import PAYMENTS

pytestmark = [pytest.mark.broker]
OWN = Path(__file__).resolve().parents[3] / "payments" / "iso20022" / "schemas"


@pytest.fixture(scope="session")
def schemas():
    folder = os.environ.get("AUTOPAY_XSD", "")
    if not folder:
        pytest.skip("AUTOPAY_XSD is not set: no official schemas to check against")
    return Path(folder)


def check(schemas: Path, xml: bytes) -> str:
    """The message name of a valid file."""
    root = etree.fromstring(xml)
    name = etree.QName(root).namespace.rpartition(":")[2]
    etree.XMLSchema(etree.parse(str(schemas / f"{name}.xsd"))).assertValid(root)
    return name


def everything_happens(sandbox) -> None:
    for outcome in (
        {"outcome": "reject", "code": "AC04", "text": "x" * 200},
        {"outcome": "reject", "code": "AM04", "at": "execution"},
        {"outcome": "return", "code": "AC06"},
        {"outcome": "pending", "code": "AM04"},
        {"outcome": "cancel"},
        {"outcome": "settle", "fee": "25.00", "feeBooking": "inside"},
        {"outcome": "settle", "fee": "25.00", "feeBooking": "apart"},
    ):
        sandbox.rule("item", outcome, times=1)
    sandbox.rule("delivery", {"deliver": "copy"})
    sandbox.upload("AP1", pain001("AP1", *["100.00"] * 8, "55.55 EUR", "1000 JPY"))
    sandbox.upload("AP2", pain001("AP2", "10.00", "20.00", batch="true", payee="DE89370400440532013000"))
    sandbox.rule("file", {"outcome": "refuse-at-bank", "code": "DU01"})
    sandbox.clock(run=True)
    sandbox.upload("AP3", pain001("AP3", "10.00"))
    sandbox.steer("POST", "/incoming", {"account": ACCOUNT, "payments": PAYMENTS, "format": "camt.054"})
    sandbox.clock(to="2026-03-12T12:00")


@pytest.mark.samples
@pytest.mark.parametrize("bic", ["DNBANOKK", "NDEANOKK", "DABANO22", "ESSENOKX", "HANDNOKK", "OKOYFIHH", "XXXXDEFF"])
@pytest.mark.parametrize("newer", [False, True])
def test_whatever_happens_the_banks_files_are_valid(a_sandbox, schemas, bic, newer):
    sandbox = a_sandbox()
    options = {"camt": "08", "pain002": "10"} if newer else {"camt": "02", "pain002": "03"}
    sandbox.link(bic=bic, options=options, iban="NO9386011117947" if newer else "")
    everything_happens(sandbox)
    names = {check(schemas, xml) for kind in ("pain.002", "camt.054", "camt.053") for xml in sandbox.files(kind)}
    camt, pain = options["camt"], options["pain002"]
    assert names == {f"pain.002.001.{pain}", f"camt.054.001.{camt}", f"camt.053.001.{camt}"}


def test_autopays_own_files_are_valid_against_the_documented_schemas(a_sandbox):
    sandbox = a_sandbox()
    sandbox.link(options={"finalReport": True})
    sandbox.rule("item", {"outcome": "lower", "amount": "80.00"}, when={"endToEndId": "AP1-1"})
    sandbox.rule("item", {"outcome": "leave-out"}, when={"endToEndId": "AP1-2"})
    sandbox.rule("item", {"outcome": "settle", "fee": "5.00"}, when={"endToEndId": "AP1-3"})
    sandbox.rule("file", {"outcome": "refuse", "text": "x" * 900}, when={"msgId": "AP3"})
    sandbox.rule("file", {"outcome": "hold"}, when={"msgId": "AP4"})
    sandbox.upload("AP1", pain001("AP1", "100.00", "200.00", "300.00", "400.00"))
    sandbox.upload("AP2", pain001("AP2", "0.00", "1.00"))
    sandbox.upload("AP3", pain001("AP3", "1.00"))
    sandbox.upload("AP4", pain001("AP4", "1.00"))
    sandbox.clock(run=True)
    sandbox.signed("POST", "/payments/AP4/cancel", b'{"by": "Kari"}')
    sandbox.steer(
        "POST", "/incoming", {"account": ACCOUNT, "payments": [*PAYMENTS, {"amount": "1", "text": "y" * 300}]}
    )
    sandbox.clock(to="2026-03-04T12:00")
    for kind, name, number in (("status-report", "visma-status-report", 5), ("vip", "visma-incoming-payments", 2)):
        schema, files = etree.XMLSchema(etree.parse(str(OWN / f"{name}.xsd"))), sandbox.files(kind)
        for file in files:
            schema.assertValid(etree.fromstring(file))
        assert len(files) == number
