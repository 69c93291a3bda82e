"""The bench must run, or nobody knows how fast the console is: every job once, small, through the real command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def bench(*arguments):
    """Run the bench as bin/bench does, over very few items; its findings by job."""
    command = [sys.executable, "-m", "bench", "--json", "--no-migrations", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return {one["job"]: one for one in json.loads(done.stdout)["findings"]}


def test_every_job_over_the_database_is_measured_beside_its_floor():
    found = bench("--items", "30", "--jobs", "write", "read", "import", "import-two", "settle", "suggestion")
    assert set(found) == {"write", "read", "import", "import-two", "settle", "suggestion"}
    for one in found.values():
        assert one["ratio"] > 0
        assert one["rate"] > 0
        assert one["product"]["memory_mb"] >= 0
    assert found["import"]["product"]["queries"] > 0


def test_every_page_is_measured():
    pages = bench("--items", "30", "--jobs", "pages")["pages"]["product"]["details"]
    assert {"overview", "search", "payment", "approval", "incoming", "journal", "exchanges"} <= set(pages)
    assert not [page for page in pages.values() if "failed" in page]
    assert all(page["queries"] and page["bytes"] for page in pages.values())


@pytest.mark.broker
def test_the_queue_is_measured_with_real_processes():
    found = bench("--items", "30", "--jobs", "queue", "queue-two")
    assert found["queue"]["ratio"] > 0 and found["queue-two"]["ratio"] > 0


@pytest.mark.broker
def test_the_start_is_measured_beside_a_bare_project():
    found = bench("--jobs", "start")["start"]
    assert set(found["product"]["details"]) == set(found["floor"]["details"])


def test_a_measurement_that_fails_is_said_and_ends_with_an_error():
    command = [sys.executable, "-m", "bench", "--no-migrations", "--items", "0", "--jobs", "suggestion"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "failed" in done.stdout
