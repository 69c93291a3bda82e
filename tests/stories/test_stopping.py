"""Sending stopped in the midst of work: nothing leaves, everything still arrives, and two people let it go on."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile

import pytest

from companies import stopping
from integration.evidence import pack
from payments.choices import IncomingState, LineStatus, TransferState
from payments.models import IncomingPayment, Transfer
from tests import build
from tests.stories.place import a_place
from tests.waiting import eventually

pytestmark = [
    pytest.mark.broker,
    pytest.mark.story,
    pytest.mark.xdist_group("stories"),
    pytest.mark.django_db(transaction=True),
]


def test_while_stopped_nothing_leaves_and_everything_that_arrives_is_booked(
    sandbox, process_env, run_worker, run_consumer, tmp_path
):
    town = a_place(sandbox)
    build.a_factoring_company(town.company, town.partner)
    entry = build.a_customer_entry(build.a_customer(town.company), "500.00")
    run_worker(beat=True)
    run_consumer()
    first = town.paid("1000.00")
    eventually(lambda: Transfer.objects.filter(payment=first, state=TransferState.ACCEPTED).exists())
    row = stopping.stop(town.company, town.clerk, "A supplier account looks wrong")

    second = town.paid("2000.00")
    paid = [{"amount": "500.00", "reference": entry.kid}]
    sandbox.post("/incoming", {"account": town.partner.account, "format": "camt.054", "payments": paid})
    for _ in range(8):
        moved = sandbox.post("/clock", {"until": "next"})
        if not moved["next"]:
            break
    eventually(lambda: town.statuses(first) == [LineStatus.POSTED])
    eventually(lambda: IncomingPayment.objects.filter(state=IncomingState.POSTED).count() == 1)
    assert Transfer.objects.get(payment=second).state == TransferState.RELEASED
    assert len(sandbox.get("/uploads")["uploads"]) == 1

    [answer, *_more] = pack.answers_to(first)
    assert answer.company == town.company
    archive = zipfile.ZipFile(io.BytesIO(b"".join(pack.of_payment(first, person="Anna Berg", payroll=False))))
    names = archive.namelist()
    assert any(name.startswith(f"payment-{first.number}/answers/") for name in names)
    assert archive.read(f"payment-{first.number}/vouchers.csv").count(b"\n") == 2
    archive.extractall(tmp_path / "pack")
    checked = subprocess.run([sys.executable, "verify.py"], cwd=tmp_path / "pack", capture_output=True, check=False)
    assert checked.returncode == 0, checked.stdout

    stopping.ask_resume(row, town.approvers[0], "The supplier confirmed it")
    stopping.resume(row, town.approvers[1])
    eventually(lambda: len(sandbox.get("/uploads")["uploads"]) == 2)
