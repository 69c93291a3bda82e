"""Real neighbours for the tests: a broker, the sandbox over HTTP, workers and consumers as processes of their own.

Every test worker has its own database file, broker and free port, so that tests run side by side.
"""

from __future__ import annotations

import contextlib
import json
import os
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kombu.pools
import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection
from django.utils import translation

from autopay_console import processes


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite lives in a file, so that other processes see it; a test run need not survive a power cut."""
    default = django_settings.DATABASES["default"]
    if default["ENGINE"] == "django.db.backends.sqlite3":
        default.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        options = default["OPTIONS"]
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Texts are English again after a test: a request of a Norwegian leaves this process in Norwegian."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def broker_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[processes.Broker]:
    """One broker per test worker; it ends with the test worker, even a killed one."""
    broker = processes.start_broker(tmp_path_factory.mktemp("broker"))
    yield broker
    broker.stop()


@pytest.fixture
def broker(broker_process: processes.Broker, settings: Any) -> Iterator[processes.Broker]:
    """An empty broker that this process and its workers use for the length of one test."""
    if not broker_process.running.alive:
        broker_process.start_again()
    line = redis.Redis.from_url(broker_process.plain_url)
    line.execute_command("ACL", "SETUSER", "default", "on", "nopass", "~*", "&*", "+@all")
    line.flushall()
    with celery_speaks_to(broker_process.url):  # first: Celery, when it is loaded now, reads the address of before
        settings.REDIS_URL = broker_process.url
        yield broker_process
    line.close()


@contextlib.contextmanager
def celery_speaks_to(url: str) -> Iterator[None]:
    """Let this process' nudges go to another broker."""
    from autopay_console.celery import app

    before = app.conf.broker_url
    for address in (url, before):
        app.conf.broker_url = address
        app.conf.broker_read_url = app.conf.broker_write_url = address
        kombu.pools.reset()
        app._pool = app.amqp._producer_pool = None
        if address == url:
            yield


class Sandbox:
    """A running sandbox: its address, and calls that steer it (docs/sandbox.md)."""

    def __init__(self, process: processes.Running, address: str) -> None:
        self.process, self.address = process, address

    @property
    def gateway(self) -> str:
        """What stands in System information as address of the gateway."""
        return f"{self.address}/OPGatewayService/"

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One call below /sandbox; JSON in, JSON out."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.address}/sandbox{path}", data, {"Content-Type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.call("POST", path, body if body is not None else {})

    def put(self, path: str, body: Any) -> Any:
        return self.call("PUT", path, body)


@pytest.fixture
def sandbox(broker: processes.Broker, tmp_path: Path) -> Iterator[Sandbox]:
    """AutoPay central, gateway and banks, running with empty state on a free port."""
    process, address = processes.start_sandbox(tmp_path / "sandbox", broker.plain_url)
    yield Sandbox(process, address)
    process.stop()


@pytest.fixture
def process_env(broker: processes.Broker, transactional_db: None, tmp_path: Path, settings: Any) -> dict[str, str]:
    """Environment of workers and consumers: the same database, broker and data area as this test."""
    settings.DATA_AREA = tmp_path / "files"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {**settings.STORAGES["default"], "OPTIONS": {"location": settings.DATA_AREA}},
    }
    return {
        "AUTOPAY_MODE": "test",
        "AUTOPAY_VAR": str(tmp_path / "var"),
        "AUTOPAY_DATA": str(settings.DATA_AREA),
        "DATABASE_URL": database_url(),
        "REDIS_URL": broker.url,
        "DJANGO_SETTINGS_MODULE": "autopay_console.settings",
        "BROKER_VISIBILITY_TIMEOUT": "4",
        "QUEUE_TAKEOVER_SECONDS": "2",
        "SWEEP_SECONDS": "1",
        "LOG_LEVEL": "INFO",
        "PYTHONDONTWRITEBYTECODE": os.environ.get("PYTHONDONTWRITEBYTECODE", ""),
    }


def database_url() -> str:
    """The address of the database this test uses, for another process."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    user, password = values.get("USER") or "", values.get("PASSWORD") or ""
    host, port = str(values.get("HOST") or "localhost").replace("/", "%2F"), values.get("PORT") or "5432"
    return f"postgres://{user}{':' + password if password else ''}@{host}:{port}/{values['NAME']}"


Start = Callable[..., processes.Running]


@pytest.fixture
def run_worker(process_env: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """`run_worker(queues=…, concurrency=1, pool="solo", beat=False, **env)`: a real Celery worker, ready to work."""
    started: list[processes.Running] = []

    def run(**options: Any) -> processes.Running:
        env = {**process_env, **{name: str(options.pop(name)) for name in list(options) if name.isupper()}}
        options.setdefault("pool", "solo")
        options.setdefault("name", f"worker{len(started) + 1}")
        worker = processes.start_worker(tmp_path / "log", env, **options)
        started.append(worker)
        worker.wait_until(lambda: " ready." in worker.tail(50), 30, "ready")
        return worker

    yield run
    end_all(started)


@pytest.fixture
def run_consumer(process_env: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """`run_consumer(**env)`: a real reader of the private queue, reading."""
    started: list[processes.Running] = []

    def run(**env: Any) -> processes.Running:
        name = f"consumer{len(started) + 1}"
        settings_of_it = {**process_env, **{key: str(value) for key, value in env.items()}}
        consumer = processes.start_consumer(tmp_path / "log", settings_of_it, name=name)
        started.append(consumer)
        consumer.wait_until(lambda: "queue_reading" in consumer.tail(50), 30, "reading")
        return consumer

    yield run
    end_all(started)


def end_all(started: list[processes.Running]) -> None:
    """End what a test started, the youngest first."""
    for process in reversed(started):
        process.stop(10)
