"""Every process killed at any point of the way, again and again: every line and payment is booked once.

One round is the whole way of one payment file and one file of customer payments. In every round worker and consumer
die; by turns the web server dies while somebody uploads and approves, the other side dies at its own commits, or the
broker dies and comes back empty. AUTOPAY_CRASH_SEEDS (a number) runs more of them; AUTOPAY_CRASH_REPORT names a file
that gets one JSON line a round (bin/crash prints the figures).
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

from autopay_console import processes
from payments.choices import IncomingState, LineStatus
from payments.models import IncomingPayment, SettlementFact, Voucher
from tests import build
from tests.crash.neighbours import Neighbours, upto
from tests.stories.place import a_place, booked_once

pytestmark = [
    pytest.mark.broker,
    pytest.mark.crash,
    pytest.mark.xdist_group("crash"),
    pytest.mark.django_db(transaction=True),
]
SEEDS = int(os.environ.get("AUTOPAY_CRASH_SEEDS", "12"))


def workers(draw: random.Random) -> list[dict[str, int]]:
    """Where the lives of the worker end: in sending first, then in messages, files and settlements."""
    sending = {"send": upto(draw, 20), "handle": upto(draw, 150)}
    handling = {"handle": upto(draw, 200), "settle": upto(draw, 60)}
    settling = [{"settle": upto(draw, 60)} for _ in range(2)]
    return [sending, handling, *settling, {"handle": upto(draw, 60)}]


@pytest.fixture
def nursery(process_env, tmp_path):
    """`nursery(seed)`: worker, consumer and schedule with the deaths this seed plans."""
    started = []

    def start(seed: int) -> Path:
        draw = random.Random(seed)
        lives = {"worker": workers(draw), "consumer": [{"read": upto(draw, 12)} for _ in range(2)]}
        log, plan = tmp_path / "deaths.log", tmp_path / "plan.json"
        log.touch()
        plan.write_text(json.dumps({"log": str(log), "lives": lives}))
        env = {
            **process_env,
            "QUEUE_TAKEOVER_SECONDS": "0.5",
            "BROKER_VISIBILITY_TIMEOUT": "1",
            "CELERY_SKIP_CHECKS": "1",
        }
        env["SWEEP_SECONDS"] = "0.3"
        running = processes.start("nursery", [sys.executable, "-m", "tests.crash.nursery", str(plan)], tmp_path, env)
        started.append(running)
        running.wait_until(lambda: "nursery ready" in running.log.read_text(), 30, "ready")
        return log

    yield start
    for running in started:
        running.stop(5)


@pytest.fixture
def neighbours(process_env, tmp_path):
    """What else may die in a round."""
    found = Neighbours(process_env, tmp_path)
    yield found
    found.end()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_killed_at_any_point_every_line_is_booked_exactly_once(
    seed, sandbox, broker, process_env, nursery, neighbours, tmp_path
):
    began, draw = time.monotonic(), random.Random(f"{seed} neighbours")
    place = a_place(sandbox)
    build.a_factoring_company(place.company, place.partner)
    kids = [build.a_customer_entry(build.a_customer(place.company), "500.00").kid for _ in range(3)]
    closed = {"stage": "item", "when": {"name": "Stengt*"}, "then": {"outcome": "reject", "code": "AC04"}}
    sandbox.put("/rules", [closed])
    paid = [{"amount": "500.00", "reference": kid} for kid in kids]
    sandbox.post("/incoming", {"account": place.partner.account, "format": "camt.054", "payments": paid})
    dies = ("web", "sandbox", "broker")[seed % 3]
    if dies == "sandbox":
        neighbours.mortal(place, draw)
    log = nursery(seed)
    amounts = ("1000.00", "200.00", "30.00", "4.00", "0.50")
    place.invoices(*amounts, names=("Stengt Konto AS",))
    payment = place.suggested()
    if dies == "web":
        neighbours.uploaded_and_approved(place, payment, draw, log)
    else:
        place.uploaded(payment)
        place.approved(payment)
    for _ in range(2 if dies == "broker" else 0):
        neighbours.wiped(broker, draw, log)
        place.a_step(seconds=60)
    neighbours.days(place)

    assert sorted(place.statuses(payment)) == [LineStatus.REJECTED] + [LineStatus.POSTED] * 4
    assert len(place.sandbox.get("/ledger")["items"]) == 5  # the file reached the bank once
    assert SettlementFact.objects.count() == 4
    assert Voucher.objects.filter(batch__payment=payment).count() == 4
    incoming = IncomingPayment.objects.exclude(state=IncomingState.DUPLICATE)
    assert sorted(incoming.values_list("amount", flat=True)) == [Decimal("500.00")] * 3
    assert not incoming.filter(state=IncomingState.PARKED).exists()
    place.books_are_true()
    assert place.booked() == 150000 - 23450
    booked_once()
    _report(seed, time.monotonic() - began, log.read_text().splitlines())


def _report(seed: int, seconds: float, deaths: list[str]) -> None:
    if file := os.environ.get("AUTOPAY_CRASH_REPORT"):
        with Path(file).open("a") as out:
            out.write(json.dumps({"seed": seed, "seconds": round(seconds, 1), "deaths": deaths}) + "\n")
