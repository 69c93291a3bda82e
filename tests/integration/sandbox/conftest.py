"""A real queue service, and a sandbox of its own over real HTTP per test."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from tests.integration.sandbox.caller import Broker, Sandbox


@pytest.fixture(scope="session")
def queue_service():
    """One server for all tests of this worker; each test finds it empty."""
    folder = Path(tempfile.mkdtemp(prefix="q"))
    broker = Broker(folder)
    yield broker
    broker.stop()
    shutil.rmtree(folder)


@pytest.fixture
def broker(queue_service):
    queue_service.client.flushall()
    return queue_service


@pytest.fixture
def a_sandbox(broker, tmp_path):
    """Starts sandboxes with other options than the usual ones."""
    started = []

    def start(**options) -> Sandbox:
        started.append(Sandbox(tmp_path / f"sandbox{len(started)}", broker, **options))
        return started[-1]

    yield start
    for sandbox in started:
        sandbox.stop()


@pytest.fixture
def sandbox(a_sandbox):
    """A linked company with one DNB account, on Monday 2 March 2026 at 10."""
    sandbox = a_sandbox()
    sandbox.link()
    return sandbox


@pytest.fixture
def a_process(a_sandbox):
    """The same, in a process of its own that can be killed and measured."""
    sandbox = a_sandbox(own_process=True)
    sandbox.link()
    return sandbox
