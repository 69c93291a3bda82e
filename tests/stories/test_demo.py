"""The demo as a person starts it: it proves itself, keeps its data, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autopay_console import processes
from tests.ports import a_free_port

pytestmark = [pytest.mark.broker, pytest.mark.story, pytest.mark.xdist_group("demo")]
ROOT = Path(__file__).parents[2]
PATIENCE = 240  # seconds; a machine at rest needs a tenth of it
READY_SECONDS = 15


def environment(var):
    """What the demo starts with: nothing of this test run but its own folder."""
    ours = ("AUTOPAY_", "DJANGO_", "DATABASE_", "REDIS_", "LOG_LEVEL", "SANDBOX_", "PUBLIC_", "CELERY_", "PORT")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"AUTOPAY_VAR": str(var), "PYTHONUNBUFFERED": "1"}


def demo(var, *options, port=None):
    """The demo, run to its end."""
    command = [sys.executable, "-m", "demo", "--port", str(port or a_free_port()), *options]
    return subprocess.run(
        command, cwd=ROOT, env=environment(var), capture_output=True, text=True, timeout=PATIENCE, check=False
    )


@pytest.fixture(scope="module")
def var(tmp_path_factory):
    """The folder of a demo that was run once."""
    return tmp_path_factory.mktemp("demo") / "var"


@pytest.fixture(scope="module")
def first(var):
    """The first start, with an empty folder."""
    return demo(var, "--once")


def seconds_until_up(output):
    return float(re.search(r"is up at \S+ after ([\d.]+) s", output).group(1))


def processes_of(var):
    """Pids of all processes that were started with this folder."""
    wanted, found = f"AUTOPAY_VAR={var}\0".encode(), []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (place / "environ").read_bytes() + b"\0" and processes.started_at(int(place.name)):
                found.append(int(place.name))
    return found


def test_the_first_start_ends_with_books_that_agree_with_the_banks(first, var):
    assert first.returncode == 0, first.stdout[-3000:] + first.stderr[-3000:]
    sums = re.findall(r"debits ([\d ,.]+) (=|≠) credits ([\d ,.]+) \w+", first.stdout)
    assert len(sums) == 2
    assert all(debit == credit and sign == "=" for debit, sign, credit in sums)
    assert "✗" not in first.stdout
    assert processes_of(var) == []


def test_a_second_start_keeps_the_data_and_is_up_soon(first, var):
    load = os.getloadavg()[0]
    assert first.returncode == 0
    again = demo(var, "--once")
    assert again.returncode == 0, again.stdout[-3000:] + again.stderr[-3000:]
    assert "done at an earlier start" in again.stdout
    assert re.findall("debits .*", again.stdout) == re.findall("debits .*", first.stdout)
    crowd = max(1.0, load / (os.cpu_count() or 1))  # others use this machine too
    assert seconds_until_up(again.stdout) < READY_SECONDS * crowd


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found through Linux' /proc")
def test_a_killed_demo_leaves_no_process_behind(first, var, tmp_path):
    log = tmp_path / "demo.log"
    with log.open("wb") as out:
        command = [sys.executable, "-m", "demo", "--port", str(a_free_port())]
        running = subprocess.Popen(command, cwd=ROOT, env=environment(var), stdout=out, stderr=out)
    try:
        end = time.monotonic() + PATIENCE
        while "is up at" not in log.read_text():
            assert running.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        assert len(processes_of(var)) >= 5  # broker, sandbox, worker, consumer, web server
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait()
    end = time.monotonic() + 5
    while (left := processes_of(var)) and time.monotonic() < end:
        time.sleep(0.1)
    assert left == []


def test_a_port_in_use_is_told_in_a_sentence(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = demo(tmp_path / "var", "--once", port=port)
    assert answer.returncode == 1
    assert f"Port {port} is taken by another program." in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(tmp_path):
    (tmp_path / "file").touch()  # a file where a folder should be: nobody, not even root, can write below it
    answer = demo(tmp_path / "file" / "var", "--once")
    assert answer.returncode == 1
    assert "The demo cannot write to" in answer.stderr
    assert "AUTOPAY_VAR" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_told_in_a_sentence(tmp_path):
    tmp_path.chmod(0o500)
    answer = demo(tmp_path / "var", "--once")
    tmp_path.chmod(0o700)
    assert answer.returncode == 1
    assert "The demo cannot write to" in answer.stderr


def test_two_demos_over_one_folder_are_told_apart(tmp_path):
    import fcntl

    with (tmp_path / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        answer = demo(tmp_path, "--once")
    assert answer.returncode == 1
    assert "Another demo runs over" in answer.stderr
