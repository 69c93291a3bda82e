"""Both sides agree on every file: the console's reader finds nothing to warn about and comes to the ledger's øre."""

from __future__ import annotations

from decimal import Decimal

import pytest

from payments.iso20022 import reading
from tests.integration.sandbox.caller import ACCOUNT
from tests.integration.sandbox.test_files_are_valid import everything_happens
from tests.integration.sandbox.test_incoming import PAYMENTS

pytestmark = pytest.mark.broker


@pytest.mark.parametrize("bic", ["DNBANOKK", "NDEANOKK", "DABANO22", "ESSENOKX", "HANDNOKK", "OKOYFIHH"])
def test_statements_as_the_console_reads_them_add_up_to_the_ledger(a_sandbox, tmp_path, bic):
    sandbox = a_sandbox()
    sandbox.link(bic=bic)
    everything_happens(sandbox)
    sandbox.steer("POST", "/incoming", {"account": ACCOUNT, "payments": PAYMENTS})
    sandbox.steer("PUT", "/rules", [])
    sandbox.clock(advance={"days": 1})
    booked: dict[str, Decimal] = {}
    for message in sandbox.messages():
        path = tmp_path / "file.xml"
        path.write_bytes(sandbox.signed("GET", f"/files/{message['message']['fileId']}").content)
        survey = reading.survey(path)
        assert survey.warnings == ()
        if message["message"]["fileKind"] in ("camt.053", "camt.054", "vip"):
            entries = [entry for _, entry in reading.entries(path, survey)]
            assert all(entry.adds_up for entry in entries)
            if message["message"]["fileKind"] == "camt.053":
                for entry in entries:  # a copy of a statement names the same entries again
                    booked[entry.entry_reference] = entry.amount if entry.direction == "credit" else -entry.amount
    assert sum(booked.values()) == Decimal(sum(m["amount"] for m in sandbox.movements())) / 100
