"""Size costs time, never memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.sandbox.caller import pain001

pytestmark = pytest.mark.broker


def peak_kilobytes(process) -> int:
    lines = Path(f"/proc/{process.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def test_twenty_thousand_payments_take_no_more_memory_than_one(a_process):
    a_process.upload("AP1", pain001("AP1", "1.00"))
    a_process.clock(to="2026-03-04T12:00")
    before = peak_kilobytes(a_process)
    a_process.upload("AP2", pain001("AP2", *["1.00"] * 20_000, day="2026-03-05"))
    a_process.clock(to="2026-03-06T12:00")
    assert sum(m["amount"] for m in a_process.movements()) == -2_000_100
    assert peak_kilobytes(a_process) - before < 24_000
