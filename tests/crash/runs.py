"""`python -m tests.crash.runs --runs N`: kill every process in N rounds and print what came of it (bin/crash)."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest


def main() -> int:
    """Run the rounds; 0 when in every one of them each line was booked exactly once."""
    parser = argparse.ArgumentParser(prog="bin/crash", description="Kill every process, and count what is booked.")
    parser.add_argument("--runs", type=int, default=12, help="how many rounds (default: 12)")
    parser.add_argument("--at-once", type=int, default=1, help="how many of them side by side (default: 1)")
    asked = parser.parse_args()
    runs = asked.runs
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "rounds.jsonl"
        report.touch()
        os.environ |= {"AUTOPAY_CRASH_SEEDS": str(runs), "AUTOPAY_CRASH_REPORT": str(report)}
        beside = ["-n", str(asked.at_once), "--dist", "load"] if asked.at_once > 1 else []
        code = pytest.main(["-q", "-p", "no:randomly", "-p", "no:cacheprovider", *beside, "tests/crash"])
        rounds = [json.loads(line) for line in report.read_text().splitlines()]
    _print(runs, rounds)
    return int(code)


def _print(runs: int, rounds: list[dict]) -> None:
    deaths = [death.split("\t") for one in rounds for death in one["deaths"]]
    print(f"\n{len(rounds)} of {runs} rounds ended with every line booked exactly once and clean books.")
    print(f"{len(deaths)} kills:")
    for (role, task), count in sorted(Counter((role, task.rsplit(".", 1)[-1]) for role, task, _ in deaths).items()):
        print(f"  {count:4} {role} {task or 'between reading, commit and acknowledgement'}")
    print("at:")
    for point, count in Counter(point for *_, point in deaths).most_common():
        print(f"  {count:4} {point}")
    if rounds:
        seconds = [one["seconds"] for one in rounds]
        print(f"Seconds a round: median {statistics.median(seconds):.1f}, longest {max(seconds):.1f}.")


if __name__ == "__main__":
    sys.exit(main())
