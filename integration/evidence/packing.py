"""A zip archive that is sent while it is made, whatever its size, with the SHA-256 of everything in it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from autopay_console.kernel.export import RISKY
from payments import files

PIECE = 1 << 20
ROWS = 500
WHEN = (1980, 1, 1, 0, 0, 0)  # the same facts make the same bytes


class _Pipe:
    """Where the archive is written to: what was written is taken out again at once."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._written.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        """Everything written since the last time."""
        taken, self._written = b"".join(self._written), []
        return taken


class Packer:
    """Writes entries one after the other; every method yields the bytes of the archive as they become ready."""

    def __init__(self) -> None:
        self._pipe = _Pipe()
        self._zip = ZipFile(self._pipe, "w", ZIP_DEFLATED, allowZip64=True)  # type: ignore[call-overload]
        self.listed: list[dict[str, Any]] = []
        self._names: set[str] = set()

    def has(self, name: str) -> bool:
        """Whether an entry of this name is there already."""
        return name in self._names

    def stored(self, name: str, path: str) -> Iterator[bytes]:
        """A file of the data area. Raises FileGone before anything of it is written."""
        with files.open_stored(path) as source:
            yield from self._entry(name, iter(lambda: source.read(PIECE), b""))

    def table(self, name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
        """Rows as CSV: UTF-8, comma, first line names the columns; texts that look like formulas are disarmed."""
        yield from self._entry(name, _csv(head, rows))

    def text(self, name: str, text: str) -> Iterator[bytes]:
        """A small text."""
        yield from self._entry(name, [text.encode()])

    def facts(self, name: str, facts: Any) -> Iterator[bytes]:
        """JSON a person can read."""
        yield from self.text(name, json.dumps(facts, indent=2, ensure_ascii=False, default=str) + "\n")

    def close(self) -> Iterator[bytes]:
        """The archive's own list of contents."""
        self._zip.close()
        yield self._pipe.take()

    def _entry(self, name: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
        digest, size = hashlib.sha256(), 0
        entry = ZipInfo(name, WHEN)
        entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o644 << 16
        with self._zip.open(entry, "w", force_zip64=True) as out:
            for piece in pieces:
                out.write(piece)
                digest.update(piece)
                size += len(piece)
                yield self._pipe.take()
        self._names.add(name)
        self.listed.append({"path": name, "sha256": digest.hexdigest(), "size": size})
        yield self._pipe.take()


def _csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    buffer = io.StringIO()
    write: Callable[[Sequence[Any]], Any] = csv.writer(buffer, lineterminator="\n").writerow
    write(head)
    for number, row in enumerate(rows, 1):
        write([_cell(value) for value in row])
        if number % ROWS == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _cell(value: Any) -> Any:
    """Text that no spreadsheet runs: one ' before what begins like a formula, and before a ' of its own, so that
    whoever checks a seal gets the text back by taking one away."""
    if isinstance(value, str):
        return f"'{value}" if value.startswith((*RISKY, "'")) else value
    return "" if value is None else value
