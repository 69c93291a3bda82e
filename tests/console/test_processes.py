"""Processes end with their owner, and the broker keeps its data over a crash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
import redis

from autopay_console import processes
from tests.waiting import eventually

pytestmark = pytest.mark.broker


def test_the_broker_keeps_its_data_when_it_is_killed(tmp_path):
    broker = processes.start_broker(tmp_path, options=("--appendfsync", "always"))
    try:
        line = redis.Redis.from_url(broker.plain_url)
        line.set("voucher", "1")
        broker.running.kill()
        broker.start_again()
        assert line.get("voucher") == b"1"
    finally:
        broker.stop()


def test_a_child_ends_when_its_owner_is_killed(tmp_path):
    script = (
        "import sys, time; from pathlib import Path; from autopay_console import processes;"
        " broker = processes.start_broker(Path(sys.argv[1])); print(broker.running.pid, flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    child = int(owner.stdout.readline())
    assert processes.started_at(child)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    eventually(lambda: not processes.started_at(child), 5)


def test_a_broker_left_by_a_killed_run_is_ended_before_the_next_one_starts(tmp_path):
    first = processes.start_broker(tmp_path)
    left = first.running.pid
    second = processes.start_broker(tmp_path)
    try:
        assert first.running.process.wait(5) == 0
        assert second.running.alive
        assert second.running.pid != left
        assert not first.socket.parent.exists()
    finally:
        second.stop()


def test_a_pid_file_that_names_another_process_by_now_ends_nobody(tmp_path):
    file = tmp_path / "broker.pid"
    file.write_text(f"{os.getpid()} 1\n")
    assert processes.end_leftover(file) is False


def test_a_process_that_does_not_come_up_says_what_its_log_says(tmp_path):
    running = processes.start("broken", [sys.executable, "-c", "print('no such port'); raise SystemExit(3)"], tmp_path)
    with pytest.raises(processes.NotStarted, match="no such port"):
        running.wait_until(lambda: False, 5, "ready")
