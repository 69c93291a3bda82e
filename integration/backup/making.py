"""`manage.py backup`: database and files into one folder, every file with its SHA-256, then checked."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import SystemInformation
from integration.backup import databases
from integration.backup.databases import Refused
from payments import files

MANIFEST, SUMS, FILES = "manifest.json", "SHA256SUMS", "files"
PIECE = 1 << 20


@dataclass(slots=True)
class Manifest:
    """What a backup holds. `sums` is the SHA-256 of SHA256SUMS, which names every file; `keys` are marks of the field
    keys the secrets in it are encrypted with, not the keys."""

    made_at: str
    engine: str
    database: str  # file name; empty: files only
    data_area: str  # named in System information; empty: the setting
    files: int = 0
    bytes: int = 0
    sums: str = ""
    keys: list[str] = field(default_factory=list)
    migrations: dict[str, str] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)  # files that no longer have the digest in their name


def backup(target: Path, *, files_only: bool = False) -> Manifest:
    """Copy everything into `target`, which must not be there yet. It appears under its name when it is complete."""
    target = target.absolute()
    if target.exists():
        raise Refused(_("%(place)s is there already. Name a folder that is not.") % {"place": target})
    unfinished = target.with_name(f".{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True, mode=0o700)
    try:
        made = _fill(unfinished, files_only)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    unfinished.rename(target)
    return made


def _fill(folder: Path, files_only: bool) -> Manifest:
    made = Manifest(timezone.now().isoformat(), databases.engine(), "", named_area())
    with (folder / SUMS).open("w") as sums:
        if not files_only:
            copy = databases.dump(folder)
            made.database = copy.name
            sums.write(f"{files.digest_of(copy)}  {copy.name}\n")
        for path in files.stored_paths():
            if (size := _copy(path, folder, sums, made)) is not None:
                made.files, made.bytes = made.files + 1, made.bytes + size
        sums.flush()
        os.fsync(sums.fileno())
    made.sums = files.digest_of(folder / SUMS)
    made.keys, made.migrations = key_marks(), migrations()
    (folder / MANIFEST).write_text(json.dumps(asdict(made), indent=2, ensure_ascii=False) + "\n")
    return made


def _copy(path: str, folder: Path, sums: object, made: Manifest) -> int | None:
    """One file, in pieces; None when retention took it away meanwhile."""
    target = folder / FILES / path
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with (files.data_area() / path).open("rb") as source, target.open("wb") as out:
            while piece := source.read(PIECE):
                digest.update(piece)
                out.write(piece)
                size += len(piece)
            out.flush()
            os.fsync(out.fileno())
    except FileNotFoundError:
        target.unlink(missing_ok=True)
        return None
    if not fits_its_name(path, digest.hexdigest()):
        made.changed.append(path)
    print(f"{digest.hexdigest()}  {FILES}/{path}", file=sums)  # type: ignore[call-overload]
    return size


def read(folder: Path) -> Manifest:
    """The manifest of a backup. Raises Refused when there is none."""
    try:
        return Manifest(**json.loads((folder / MANIFEST).read_text()))
    except (OSError, ValueError, TypeError) as error:
        text = _("%(place)s is no complete backup: %(error)s")
        raise Refused(text % {"place": folder, "error": error}) from error


def verify(folder: Path) -> Iterator[str]:
    """Everything that is wrong with a backup: files gone or changed, files nobody listed, a database that is broken."""
    made = read(folder)
    if files.digest_of(folder / SUMS) != made.sums:
        yield _("%(file)s was changed.") % {"file": SUMS}
    found = 0
    for digest, path in listed(folder):
        place = folder / path
        if not place.is_file():
            yield _("%(file)s is gone.") % {"file": path}
        elif files.digest_of(place) != digest:
            yield _("%(file)s was changed.") % {"file": path}
        found += path.startswith(f"{FILES}/")
    if found != made.files:
        yield _("%(found)d files are listed, %(said)d were backed up.") % {"found": found, "said": made.files}
    if made.database and (fault := databases.sound(folder / made.database)):
        yield f"{made.database}: {fault}"


def listed(folder: Path) -> Iterator[tuple[str, str]]:
    """Digest and path of everything in a backup."""
    with (folder / SUMS).open() as lines:
        for line in lines:
            digest, _blank, path = line.rstrip("\n").partition("  ")
            yield digest, path


def fits_its_name(path: str, digest: str) -> bool:
    """Stored files carry the beginning of their digest in their name."""
    return path.rpartition("-")[2].partition(".")[0] in digest


def named_area() -> str:
    """The data area System information names; empty when there is none, or no table yet."""
    if SystemInformation._meta.db_table not in databases.tables():
        return ""
    return SystemInformation.objects.filter(pk=1).values_list("data_area", flat=True).first() or ""


def key_marks() -> list[str]:
    """A short mark of each field key, so that a restore can tell whether the right ones are there."""
    return [hashlib.sha256(b"field key:" + str(key).encode()).hexdigest()[:12] for key in settings.FIELD_KEYS]


def migrations() -> dict[str, str]:
    """The last migration of each app in the database."""
    applied = sorted(MigrationRecorder(connection).applied_migrations())
    return dict(applied)
