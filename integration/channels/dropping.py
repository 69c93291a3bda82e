"""Handing over files by folders, on this machine or at a server: `out`, `archive`, `error` and `in`.

The bank side takes files from `out`, puts what it took into `archive` and what it refused into `error`, with the
reason in a text file of the same name. Files for us come into `in`. A file is written under a name that says it is
not finished and then renamed: nobody ever sees half a file. Files are named by their message id.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import quote

from autopay_console.kernel.ids import new_token
from integration import traffic
from integration.channels.base import Absent, Delivered, Found, Lost, NotSent, Outcome, Refusal
from integration.choices import Direction
from integration.choices import Outcome as Logged
from payments.models import Transfer

OUT, ARCHIVE, ERROR, IN = "out", "archive", "error", "in"
TAKEN, PUT_ASIDE = "in/archive", "in/error"  # where we put what we have read, or could not read
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload")
STILL_SECONDS = 2  # a file that does not change between two looks is whole
PIECE = 1 << 20


class ChannelDown(Exception):
    """The folder or server cannot be reached or used; the text says what to do."""


class Misplaced(Exception):
    """A write or rename failed half-way: what lies there now must be looked at."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A file in a folder: name, bytes, when it changed last (seconds since 1970)."""

    name: str
    size: int
    changed: float


class Place(Protocol):
    """Folders somewhere; paths are relative, with forward slashes.

    Raises ChannelDown while nothing can have arrived yet, Misplaced when a rename failed half-way; reading from an
    opened file may raise any of `errors`.
    """

    address: str
    errors: tuple[type[Exception], ...]

    def ready(self, folder: str) -> None: ...
    def listing(self, folder: str) -> list[Listed]: ...
    def exists(self, path: str) -> bool: ...
    def read(self, path: str) -> IO[bytes]: ...
    def write(self, path: str, source: IO[bytes]) -> None: ...
    def rename(self, old: str, new: str) -> None: ...
    def remove(self, path: str) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that waits for us, whole."""

    name: str
    size: int


class DropChannel:
    """Sends by writing into `out`; completed delivery means the bank side has the file."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def send(self, transfer: Transfer, file: Path) -> Outcome:
        """Put the sealed bytes into `out` under their message id; what lies there already is not sent twice."""
        outcome: Outcome
        try:
            found = self._look(transfer)
            outcome = self._put(transfer, file) if isinstance(found, Absent) else found
        except ChannelDown as error:
            outcome = NotSent(str(error))
        except Misplaced as error:
            outcome = Lost(str(error))
        finally:
            self._place.close()
        self._log(transfer, outcome)
        return outcome

    def look_for(self, transfer: Transfer) -> Found:
        """Look in `out`, `archive` and `error` for a file of this message id."""
        try:
            return self._look(transfer)
        except (ChannelDown, Misplaced) as error:
            return Lost(str(error))
        finally:
            self._place.close()

    def _look(self, transfer: Transfer) -> Delivered | Refusal | Absent:
        name = file_name(transfer.msg_id)
        for folder in (ERROR, ARCHIVE, OUT):
            path = f"{folder}/{name}"
            if not self._place.exists(path):
                continue
            if self._digest(path) != transfer.digest:
                return Refusal("msgid-other-bytes", f"{path} holds other bytes under the message id {transfer.msg_id}.")
            if folder == ERROR:
                return Refusal("refused-by-bank-side", self._why(transfer.msg_id))
            return Delivered(at_bank=True)
        return Absent()

    def _put(self, transfer: Transfer, file: Path) -> Outcome:
        self._place.ready(OUT)
        name = file_name(transfer.msg_id)
        unfinished = f"{OUT}/.{name}.{new_token()[:8]}.part"  # its own name: two workers never write into one file
        with file.open("rb") as source:
            self._place.write(unfinished, source)
        found = self._look(transfer)  # writing may take long; another worker may have been faster
        if not isinstance(found, Absent):
            self._place.remove(unfinished)
            return found
        self._place.rename(unfinished, f"{OUT}/{name}")
        return Delivered(at_bank=True)

    def _digest(self, path: str) -> str:
        found = hashlib.sha256()
        for piece in pieces(self._place, path):
            found.update(piece)
        return found.hexdigest()

    def _why(self, msg_id: str) -> str:
        path = f"{ERROR}/{quote(msg_id, safe='')}.txt"
        if not self._place.exists(path):
            return "The bank side put the file into its error folder without a reason."
        text = next(pieces(self._place, path), b"").decode("utf-8", "replace").strip()
        return text[:500] or "The bank side gave no reason."

    def _log(self, transfer: Transfer, outcome: Outcome) -> None:
        words = {Delivered: Logged.OK, Refusal: Logged.REFUSED, Lost: Logged.UNKNOWN, NotSent: Logged.FAILED}
        traffic.record(
            Direction.OUT,
            "upload",
            words[type(outcome)],
            company=transfer.company,
            address=f"{self._place.address}/{OUT}/{file_name(transfer.msg_id)}",
            size=transfer.size,
            file=traffic.keep_transfer(transfer),
            reference=transfer.msg_id,
            count=transfer.item_count,
            total=transfer.control_sum,
            text="" if isinstance(outcome, Delivered) else outcome.text,
        )


class Inlet:
    """Files the bank side left for us in `in`."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def arrived(self) -> list[Arrived]:
        """Whole files, oldest first: not named as unfinished, and the same in two looks a moment apart."""
        first = set(self._candidates())
        if not first:
            return []
        time.sleep(STILL_SECONDS)
        still = [file for file in self._candidates() if file in first]
        return [Arrived(file.name, file.size) for file in sorted(still, key=lambda one: (one.changed, one.name))]

    def fetch(self, file: Arrived, into: IO[bytes]) -> bool:
        """Copy its bytes; False when there were more or fewer than announced: the next look takes it."""
        size = 0
        for piece in pieces(self._place, f"{IN}/{file.name}"):
            size += len(piece)
            into.write(piece)
        into.flush()
        return size == file.size

    def taken(self, file: Arrived) -> None:
        """It is stored with us: out of the way, kept at the other side."""
        self._move(file, TAKEN)

    def put_aside(self, file: Arrived) -> None:
        """It cannot be read: a person looks at it."""
        self._move(file, PUT_ASIDE)

    def close(self) -> None:
        """Give the connection back."""
        self._place.close()

    def _candidates(self) -> list[Listed]:
        return [
            file
            for file in self._place.listing(IN)
            if not file.name.startswith(".") and not file.name.lower().endswith(UNFINISHED)
        ]

    def _move(self, file: Arrived, folder: str) -> None:
        self._place.ready(folder)
        target = f"{folder}/{file.name}"
        if self._place.exists(target):
            target = f"{folder}/{new_token()[:8]}-{file.name}"
        self._place.rename(f"{IN}/{file.name}", target)


def pieces(place: Place, path: str) -> Iterator[bytes]:
    """A file's bytes; a line that breaks while reading is ChannelDown."""
    try:
        with place.read(path) as source:
            while piece := source.read(PIECE):
                yield piece
    except place.errors as error:
        raise ChannelDown(f"{place.address}/{path} cannot be read: {error}") from error


def file_name(msg_id: str) -> str:
    """The file's name; signs that are no good in file names are percent-encoded."""
    return f"{quote(msg_id, safe='')}.xml"
