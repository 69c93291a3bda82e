"""Everything the demo starts: broker, sandbox, worker with schedule, consumer, web server. Ends with its owner."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autopay_console import processes
from autopay_console.processes import Running
from demo.places import ROOT, Stop
from demo.say import Teller

GATEWAY_USER, GATEWAY_PASSWORD = "customer.administrator", "gateway-demo-password"
SANDBOX_PORT_KEY = "sandbox.port"


@dataclass
class Town:
    """The running processes and how to speak to the sandbox."""

    var: Path
    port: int
    tell: Teller
    stack: ExitStack
    sandbox_url: str = ""
    first_time: bool = False
    running: list[Running] = field(default_factory=list)

    def add(self, process: Running) -> Running:
        """Remember a process; it is stopped in reverse order."""
        self.running.append(process)
        self.stack.callback(process.stop)
        return process

    def sandbox(self, path: str, body: Any = None, method: str = "") -> Any:
        """One call to the sandbox's own pages."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.sandbox_url}/sandbox{path}",
            data=data,
            method=method or ("POST" if data else "GET"),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise Stop(f"The sandbox refused {path}: {error.read().decode(errors='replace')[:400]}") from error

    def queue_depth(self) -> int:
        """Messages on the private queue that nobody has taken yet."""
        from autopay_console.kernel import broker
        from integration.queue import registration

        with broker.client() as line:
            return registration.depth(line, registration.queue_name()).entries

    def serve(self) -> None:
        """Start worker, consumer and web server, and wait for the first page."""
        logs = self.var / "logs"
        self.add(processes.start_worker(logs, dict(os.environ), concurrency=1, beat=True))
        self.add(processes.start_consumer(logs, dict(os.environ)))
        command = [sys.executable, "-m", "gunicorn", "autopay_console.wsgi", "--bind", f"127.0.0.1:{self.port}"]
        command += ["--worker-class", "gthread", "--workers", "1", "--threads", "6", "--graceful-timeout", "5"]
        web = self.add(processes.start("web", command, logs))
        web.wait_until(self._first_page, 30, "ready")

    def _first_page(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def watch(self) -> None:
        """Stay until Ctrl-C; say so when one of the processes ends by itself."""
        while True:
            time.sleep(1)
            for process in list(self.running):
                if not process.alive:
                    self.running.remove(process)
                    self.tell.line(f"{process.name} ended; its log is {process.log}")


@contextmanager
def open_town(var: Path, port: int, tell: Teller) -> Iterator[Town]:
    """Broker, database and sandbox are up inside; everything started is stopped outside."""
    with ExitStack() as stack:
        town = Town(var, port, tell, stack)
        redis_url = os.environ.get("REDIS_URL", "")
        if not redis_url:
            broker = processes.start_broker(var / "broker")
            stack.callback(broker.stop)
            os.environ["REDIS_URL"], redis_url = broker.url, broker.plain_url
        _keys_fit(var)
        _prepare_database(tell)
        sandbox, town.sandbox_url = processes.start_sandbox(var / "sandbox", redis_url)
        town.add(sandbox)
        os.environ["SANDBOX_URL"] = town.sandbox_url + "/sandbox/"
        _setup_django()
        _load_once(town)
        yield town


def _keys_fit(var: Path) -> None:
    if (var / "console.sqlite3").exists() and not (var / "keys" / "field_key").exists():
        raise Stop(
            f"{var} holds data whose key (keys/field_key) is gone; stored secrets cannot be read."
            " Start over: bin/demo --fresh"
        )


def _prepare_database(tell: Teller) -> None:
    with tell.step("database and pages prepared"):
        for command in (["migrate", "--verbosity", "0"], ["collectstatic", "--noinput", "--verbosity", "0"]):
            run = subprocess.run(
                [sys.executable, "manage.py", *command], cwd=ROOT, capture_output=True, text=True, check=False
            )
            if run.returncode:
                raise Stop(f"manage.py {command[0]} failed:\n{run.stderr[-1500:]}")


def _setup_django() -> None:
    import django

    django.setup()


def _load_once(town: Town) -> None:
    from companies.clock import business_now, set_business_time
    from companies.models import Company, SystemInformation
    from demo import load, sides

    town.first_time = not Company.objects.exists()
    if town.first_time:
        with town.tell.step("two companies, their banks, suppliers, customers and people loaded"):
            first = load.first_business_day(datetime.now(UTC).date())
            moment = datetime(first.year, first.month, first.day, 10, tzinfo=business_now().tzinfo)
            set_business_time(moment)
            load.load(first, moment)
            sides.introduce(town, moment)
    SystemInformation.objects.filter(pk=1).update(opg_address=f"{town.sandbox_url}/OPGatewayService/")
    sides.link(town)
