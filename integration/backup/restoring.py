"""`manage.py restore`: a checked backup in place of an empty installation, or of one that was put aside for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from integration.backup import databases, making
from integration.backup.databases import Refused
from integration.backup.making import FILES, Manifest
from integration.models import StoredFile, WorkerBeat
from integration.queue.registration import ALIVE_SECONDS
from payments.models import BankFile, Transfer


@dataclass(slots=True)
class Restored:
    """What came back, and what a person must look at. `aside`: where the former database and files are kept."""

    manifest: Manifest
    files: int = 0
    aside: str = ""
    warnings: list[str] = field(default_factory=list)


def restore(folder: Path, *, replace: bool = False, files_only: bool = False) -> Restored:
    """Check the backup, then put database and files in place. Nothing is changed when Refused is raised."""
    made = making.read(folder)
    _may_be_used(folder, made, files_only)
    area = Path(made.data_area or settings.DATA_AREA)
    _may_be_replaced(area, replace, files_only)
    done = Restored(made)
    mark = f"before-restore-{timezone.now():%Y%m%dT%H%M%S}"
    area.mkdir(parents=True, exist_ok=True)
    if any(_stored(area)):
        done.aside = str(_put_aside(area, mark))
    done.files = _put_files(folder, area)
    if not files_only:
        databases.load(folder / made.database, area / f".{mark}")
    done.warnings = [*_warnings(made), *_without_file(area)]
    return done


def _may_be_used(folder: Path, made: Manifest, files_only: bool) -> None:
    if not files_only and not made.database:
        raise Refused(_("This backup holds files only. Restore the database by its own tools, then use --files-only."))
    if not files_only and made.engine != databases.engine():
        said = {"made": made.engine, "here": databases.engine()}
        raise Refused(_("The backup was made of %(made)s, DATABASE_URL names %(here)s.") % said)
    faults = list(making.verify(folder))
    if faults:
        raise Refused(_("The backup is damaged: %(faults)s") % {"faults": " ".join(faults[:5])})


def _may_be_replaced(area: Path, replace: bool, files_only: bool) -> None:
    alive = _alive()
    if alive:
        text = _("The installation is running (%(names)s). Stop web, workers, schedule and consumer first.")
        raise Refused(text % {"names": ", ".join(alive)})
    if replace:
        return
    if not files_only and databases.tables():
        raise Refused(_("The database is not empty. With --replace it is put aside first."))
    if any(_stored(area)):
        raise Refused(_("The data area %(place)s is not empty. With --replace it is put aside.") % {"place": area})


def _alive() -> list[str]:
    """Processes that beat a moment ago."""
    if WorkerBeat._meta.db_table not in databases.tables():
        return []
    since = timezone.now() - timedelta(seconds=ALIVE_SECONDS)
    rows = WorkerBeat.objects.filter(beat_at__gte=since, stopping=False)
    return list(rows.order_by("name").values_list("name", flat=True)[:5])


def _stored(area: Path) -> Iterator[Path]:
    if area.is_dir():
        yield from (one for one in area.iterdir() if not one.name.startswith("."))


def _put_aside(area: Path, mark: str) -> Path:
    """Within the data area, which may be a disk of its own; names with a dot belong to no company."""
    aside = area / f".{mark}"
    aside.mkdir()
    for one in list(_stored(area)):
        one.rename(aside / one.name)
    return aside


def _put_files(folder: Path, area: Path) -> int:
    count = 0
    for _digest, path in making.listed(folder):
        if not path.startswith(f"{FILES}/"):
            continue
        target = area / path.removeprefix(f"{FILES}/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / path, target)
        with target.open("rb") as written:
            os.fsync(written.fileno())
        count += 1
    return count


def _warnings(made: Manifest) -> Iterator[str]:
    if made.keys and not set(made.keys) & set(making.key_marks()):
        yield _("None of the FIELD_KEYS the backup's secrets are encrypted with is configured here: add them first.")
    here = making.migrations()
    if made.migrations and here != made.migrations:
        yield _("The database does not say that it has the migrations of the backup.")
    age = timezone.now() - datetime.fromisoformat(made.made_at)
    hours = {"hours": int(age.total_seconds() // 3600)}
    yield (
        _(
            "The backup is %(hours)d hours old. Before workers are started: compare the traffic with AutoPay central; "
            "files that left since then stand as not sent, and are asked about by their message id."
        )
        % hours
    )


def _without_file(area: Path) -> Iterator[str]:
    """Rows whose file the backup did not bring."""
    connection.ensure_connection()
    models: tuple[Any, ...] = (Transfer, BankFile, StoredFile)
    for model in models:
        gone = [path for path in model.objects.values_list("path", flat=True).iterator() if not (area / path).is_file()]
        if gone:
            said = {"count": len(gone), "table": model._meta.verbose_name, "first": gone[0]}
            yield _("%(count)d rows of %(table)s have no file in the data area, the first is %(first)s.") % said
