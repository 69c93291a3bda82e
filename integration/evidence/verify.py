"""Check an unpacked evidence pack without the console: python3 verify.py [folder]

1. every file of SHA256SUMS has the digest it had when the pack was made, and nothing else is there;
2. each approval signed the digest of the sealed files of its round: SHA-256 over their digests, a line each;
3. the status changes of each line are a chain: every seal is the SHA-256 of the seal before it and the change.
Needs Python 3.9 and nothing else. Exit code 0: everything fits.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

NOT_LISTED = {"SHA256SUMS"}
CHAINED = ("line_id", "before", "after", "at", "made_by_id", "source", "reason_code", "reason_text")


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as source:
        while piece := source.read(1 << 20):
            found.update(piece)
    return found.hexdigest()


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a table by column name, without the mark that keeps a spreadsheet from running a text."""
    with path.open(encoding="utf-8", newline="") as source:
        for row in csv.DictReader(source):
            yield {name: text[1:] if text.startswith("'") else text for name, text in row.items()}


def files(folder: Path) -> Iterator[str]:
    """What differs between the folder and SHA256SUMS."""
    listed = {}
    for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, _, path = line.partition("  ")
        listed[path] = digest
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - NOT_LISTED
    for path in sorted(there - set(listed)):
        yield f"{path} is not listed"
    for path, digest in listed.items():
        if path not in there:
            yield f"{path} is missing"
        elif digest_of(folder / path) != digest:
            yield f"{path} was changed"


def approvals(folder: Path) -> Iterator[str]:
    """Approvals that are not of the sealed files of their round."""
    sealed: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in rows(folder / "files.csv"):
        sealed[row["round"]].append((int(row["sequence"]), row["sha256"]))
    for row in rows(folder / "approvals.csv"):
        digests = [digest for _, digest in sorted(sealed[row["round"]])]
        if hashlib.sha256("\n".join(digests).encode()).hexdigest() != row["digest"]:
            yield f"{folder.name}: the approval of {row['person']} is of other files"


def chains(folder: Path) -> Iterator[str]:
    """Status changes that do not fit their seal."""
    seals: dict[str, str] = {}
    for row in rows(folder / "changes.csv"):
        parts = [seals.get(row["line_id"], ""), *(row[name] for name in CHAINED)]
        seals[row["line_id"]] = row["seal"]
        if hashlib.sha256("\x1f".join(parts).encode()).hexdigest() != row["seal"]:
            yield f"{folder.name}: line {row['line_no']}: the change to {row['after']} does not fit its seal"


def main() -> int:
    """Print every fault; 0 when there is none."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    faults = list(files(folder))
    for payment in sorted(folder.glob("payment-*")):
        faults += [*approvals(payment), *chains(payment)]
    for fault in faults:
        print(fault)
    print("everything fits" if not faults else f"{len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
