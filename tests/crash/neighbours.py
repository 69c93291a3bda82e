"""The processes around worker and consumer that die in a round: web server, the other side, broker."""

from __future__ import annotations

import json
import math
import os
import random
import shutil
import subprocess
import sys
import time
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connections
from django.db.models import F
from django.urls import reverse

from autopay_console import processes
from autopay_console.kernel.broker import plain_url
from integration import downloading
from integration.gateway.errors import GatewayError
from payments.choices import RoundState, Severity
from payments.models import Approval, Payment
from payments.releasing import uploading
from payments.releasing.uploading import CUT_OFF_AFTER
from payments.validation import findings
from tests.conftest import Sandbox
from tests.stories.place import Place, rest

CLICKS = 12  # more than anybody needs: each death uses up one point
PATIENCE = 150  # seconds: a file whose other side dies three times is tried after 15, 30 and 60


class Stubborn(Sandbox):
    """Asks a sandbox that may be dying until it answers."""

    def call(self, method: str, path: str, body: Any = None) -> Any:
        end = time.monotonic() + 30
        while True:
            try:
                return super().call(method, path, body)
            except (OSError, HTTPException):
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)


class Neighbours:
    """Starts, kills and ends them."""

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self._env, self._folder = env, folder
        self._running: list[processes.Running] = []
        self._clerk: subprocess.Popen[str] | None = None

    def end(self) -> None:
        """End what is left."""
        for running in self._running:
            running.stop(5)
        if self._clerk:
            self._clerk.kill()
            self._clerk.wait()

    # --- The other side
    def mortal(self, place: Place, draw: random.Random) -> None:
        """From now on the sandbox dies at its own commits, three times, over the same state and port."""
        before = place.sandbox
        before.process.stop()
        port, log = str(urlsplit(before.address).port), self._folder / "deaths.log"
        redis = redis_address(self._env)
        arguments = ["--port", port, "--data", str(self._folder / "sandbox"), "--redis", redis]
        lives = [int(math.exp(draw.uniform(0, math.log(40)))) for _ in range(3)]
        plan = self._folder / "sandbox-plan.json"
        plan.write_text(json.dumps({"log": str(log), "lives": lives, "arguments": arguments}))
        command = [sys.executable, "-m", "tests.crash.mortal_sandbox", str(plan)]
        self._running.append(processes.start("mortal-sandbox", command, self._folder, self._env))
        place.sandbox = Stubborn(self._running[-1], before.address)

    # --- The web server
    def uploaded_and_approved(self, place: Place, payment: Payment, draw: random.Random, log: Path) -> None:
        """A person uploads, others approve; each tries again when the page does not come back."""
        warnings = [one.code for one in findings(payment) if one.severity == Severity.WARN]
        upload = reverse("upload", args=[payment.number])
        for _ in range(CLICKS):
            self._click(place.clerk.pk, upload, {"accepted": warnings}, upto(draw, 70), log)
            time_for_uploads_passes()
            payment.refresh_from_db()
            if payment.round_state != RoundState.DRAFT:
                break
        for person in place.approvers:
            for _ in range(CLICKS):
                payment.refresh_from_db()
                if Approval.objects.filter(payment=payment, round=payment.round, person=person).exists():
                    break
                data = {"pick": [payment.number], "signed": "1", f"seen-{payment.number}": payment.digest}
                self._click(person.pk, reverse("approval_confirm"), {**data, "checked": "on"}, upto(draw, 25), log)
        payment.refresh_from_db()
        assert payment.round_state == RoundState.RELEASED, payment.round_state

    def _click(self, person: int, url: str, data: dict[str, Any], point: int, log: Path) -> None:
        if self._clerk is None:
            command = [sys.executable, "-m", "tests.crash.clerk", str(log)]
            environment = {**os.environ, **self._env}
            self._clerk = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                env=environment,
            )  # fmt: skip
            self._said()
        assert self._clerk.stdin
        connections.close_all()
        self._clerk.stdin.write(json.dumps({"person": person, "url": url, "data": data, "point": point}) + "\n")
        self._clerk.stdin.flush()
        assert self._said() in ("0", "killed", "99")

    def _said(self) -> str:
        assert self._clerk and self._clerk.stdout
        return self._clerk.stdout.readline().strip()

    # --- The broker
    def wiped(self, broker: processes.Broker, draw: random.Random, log: Path) -> None:
        """The broker dies while work is under way and comes back with nothing in it."""
        time.sleep(draw.uniform(0, 1.5))
        broker.running.kill()
        for left in broker.folder.glob("appendonlydir"):
            shutil.rmtree(left)
        broker.start_again()
        with log.open("a") as out:
            out.write("broker\twiped\tany moment\n")

    # --- Days
    def days(self, place: Place, most: int = 14) -> None:
        """Bank events until none is planned. What the queue lost comes by Download, as it does every quarter hour."""
        rest(PATIENCE)
        moved: dict[str, Any] = {}
        for _ in range(most):
            moved = place.a_step({"advance": {"hours": 1}} if moved.get("notDelivered") else None, 60)
            fetched(place)
            rest(PATIENCE)
            if not moved["next"] and not moved["notDelivered"]:
                return
        raise AssertionError(f"after {most} events the bank still plans more: {moved}")


def fetched(place: Place) -> None:
    """Download, again and again when the other side is dying."""
    for _ in range(20):
        try:
            downloading.download(place.company)
        except GatewayError:
            time.sleep(0.3)
        else:
            return


def time_for_uploads_passes() -> None:
    """Some minutes later the schedule finishes uploads whose web server died."""
    late = Payment.objects.filter(round_state=RoundState.WAITING, needed=0)
    late.update(uploaded_at=F("uploaded_at") - 2 * CUT_OFF_AFTER)
    uploading.finish_interrupted()


def upto(draw: random.Random, most: int) -> int:
    """A number of points: small ones as often as large ones."""
    return int(math.exp(draw.uniform(0, math.log(most))))


def redis_address(env: dict[str, str]) -> str:
    """The broker's address as redis-py writes it."""
    return plain_url(env["REDIS_URL"])
