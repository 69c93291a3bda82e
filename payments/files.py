"""The one place where files live: sealed payment files and what banks sent, named by their digest.

A file is written beside its place, flushed to the disk and renamed, and only then does a row point at it: a row
never names a file that is not whole. Layout: `<data area>/<company>/<yyyy>/<mm>/<kind>-<digest>.<ext>`. The same
bytes in the same company and month are one file; companies never share one. Source: decisions §7.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from companies.clock import business_date
from companies.models import Company, SystemInformation

EXTENSIONS = {"pain001": "xml", "camt": "xml", "pain002": "xml", "vip": "vip", "status": "vsr", "other": "dat"}
_PIECE = 1 << 20
_SHORT = 16
_WORK = ".work"


class FileGone(Exception):
    """A row points at a file that is not in the data area."""


class FileChanged(Exception):
    """The bytes on the disk are not those whose digest was kept."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file in the data area: path relative to it, SHA-256 as hex, bytes."""

    path: str
    digest: str
    size: int


def data_area() -> Path:
    """The folder of all stored files: System information's data area, else the setting."""
    named = SystemInformation.objects.filter(pk=1).values_list("data_area", flat=True).first()
    return Path(named or settings.DATA_AREA)


def store(company: Company, kind: str, content: bytes | Path, *, extension: str | None = None) -> Stored:
    """Keep bytes, or a copy of a file, for this company. Storing the same again answers the same file."""
    with workspace(company) as folder:
        copy = folder / "file"
        digest, size = _write(copy, content)
        return _put_in_place(company, kind, copy, digest, size, extension)


def keep(company: Company, kind: str, finished: Path, digest: str, *, extension: str | None = None) -> Stored:
    """Move a file that was written and flushed in a `workspace` to its place; `digest` is its SHA-256."""
    return _put_in_place(company, kind, finished, digest, finished.stat().st_size, extension)


@contextmanager
def workspace(company: Company) -> Iterator[Path]:
    """A folder on the same disk as the data area for files that are not finished; gone afterwards."""
    parent = data_area() / str(company.number) / _WORK
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def full_path(path: str) -> Path:
    """Where a stored file lies; refuses a path that leads out of the data area."""
    area = data_area().resolve()
    found = (area / path).resolve()
    if not found.is_relative_to(area):
        raise FileGone(f"{path} is not in the data area")
    if not found.is_file():
        raise FileGone(f"{path} is not in the data area {area}")
    return found


def open_stored(path: str) -> BinaryIO:
    """A stored file for reading."""
    return full_path(path).open("rb")


def check_digest(path: str, digest: str) -> None:
    """Raise FileChanged unless the stored bytes still have this SHA-256: what is sent must be what was approved."""
    if digest_of(full_path(path)) != digest:
        raise FileChanged(f"{path} does not have the digest {digest[:_SHORT]} it was stored with")


def digest_of(path: Path) -> str:
    """SHA-256 of a file as hex, read in pieces."""
    found = hashlib.sha256()
    with path.open("rb") as source:
        while piece := source.read(_PIECE):
            found.update(piece)
    return found.hexdigest()


def remove(path: str) -> None:
    """Delete a file no row points at any more (a round that was given back); a file that is gone is no error."""
    with suppress(FileGone):
        full_path(path).unlink(missing_ok=True)


def stored_paths() -> Iterator[str]:
    """Every file of the data area, so that those without a row can be listed."""
    area = data_area()
    for path in sorted(area.glob("*/*/*/*")):
        if path.is_file() and _WORK not in path.parts:
            yield path.relative_to(area).as_posix()


def _write(target: Path, content: bytes | Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as out:
        for piece in [content] if isinstance(content, bytes) else _pieces(content):
            digest.update(piece)
            size += len(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest(), size


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while piece := source.read(_PIECE):
            yield piece


def name_by(table: Callable[[str], str]) -> None:
    """Let a table of the installation say which extension a kind of file gets (integration.file_kinds)."""
    global _extension
    _extension = table


def _standard(kind: str) -> str:
    return EXTENSIONS.get(kind, EXTENSIONS["other"])


_extension: Callable[[str], str] = _standard


def _put_in_place(company: Company, kind: str, finished: Path, digest: str, size: int, extension: str | None) -> Stored:
    today = business_date(company)
    ending = extension or _extension(kind)
    folder = Path(str(company.number)) / f"{today:%Y}" / f"{today:%m}"
    area = data_area()
    for length in (_SHORT, len(digest)):
        path = folder / f"{kind}-{digest[:length]}.{ending}"
        target = area / path
        if not target.exists() or digest_of(target) == digest:
            break
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        finished.replace(target)
        _flush_folder(target.parent)
    return Stored(path.as_posix(), digest, size)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
