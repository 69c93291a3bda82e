"""`bin/bench`: measure the main jobs and their floors. See docs/performance.md."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.place import Databases
    from bench.report import Finding

NAMES = (
    "write",
    "write-one",
    "read",
    "import",
    "import-two",
    "settle",
    "suggestion",
    "queue",
    "queue-two",
    "pages",
    "start",
)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measures the main jobs beside their floors.")
    parser.add_argument("--quick", action="store_true", help="1 000 items only: under a minute on a free machine")
    parser.add_argument("--items", type=int, nargs="+", help="these sizes instead")
    parser.add_argument("--jobs", nargs="+", choices=NAMES, default=NAMES, help="these jobs only")
    parser.add_argument("--peers", action="store_true", help="other libraries beside it (installed for this)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--no-migrations", action="store_true", help="tables straight from the models")
    parser.add_argument("--db", default="", metavar="postgres://…", help="a PostgreSQL server instead of SQLite files")
    return parser.parse_args()


def set_up(folder: Path, db: str) -> None:
    """Django in test mode, with everything it writes in the folder; nothing is connected yet."""
    os.environ["AUTOPAY_MODE"] = "test"
    os.environ["AUTOPAY_VAR"] = str(folder / "var")
    os.environ["AUTOPAY_DATA"] = str(folder / "files")
    os.environ["DATABASE_URL"] = db or f"sqlite:///{folder / 'none.sqlite3'}"
    os.environ["LOG_LEVEL"] = "ERROR"
    os.environ["REDIS_URL"] = ""
    os.environ["DJANGO_SETTINGS_MODULE"] = "autopay_console.settings"
    (folder / "var" / "static").mkdir(parents=True, exist_ok=True)
    import django

    django.setup()


def sizes_of(wanted: tuple[int, ...], asked: argparse.Namespace) -> tuple[int, ...]:
    """The sizes of a job in this run."""
    if max(wanted) == 1:  # a job without a size
        return wanted
    return tuple(asked.items or ((1_000,) if asked.quick else wanted))


def find(name: str, items: int, databases: Databases, folder: Path) -> Finding:
    """Prepare, do, and do the floor: three processes, each in its own copy of the database."""
    from bench.jobs import JOBS
    from bench.measure import Failed
    from bench.place import Place
    from bench.report import Finding

    job = JOBS[name]
    about = (name, job.TITLE, job.UNIT, job.TARGET, items)
    place = Place(folder / f"{name}-{items}", databases, f"{name}_{items}")
    prepared = place.database("prepared")
    try:
        place.run("prepared", lambda here: job.prepare(here, items), databases.template)
        product = place.run("product", lambda here: job.product(here, items), prepared)
        floor = place.run("floor", lambda here: job.floor(here, items), prepared)
        return Finding(*about, product=product, floor=floor)
    except Failed as error:
        return Finding(*about, error=str(error))
    finally:
        databases.drop(prepared, place.database("product"), place.database("floor"))


def main() -> int:
    """Measure and print; 1 when a measurement failed."""
    asked = arguments()
    with tempfile.TemporaryDirectory(prefix="autopay-bench-") as name:
        folder = Path(name)
        set_up(folder, asked.db)
        from bench import report
        from bench.jobs import JOBS
        from bench.place import Databases

        where = report.machine()
        databases = Databases(folder, asked.db)
        say = (lambda text: None) if asked.json else (lambda text: print(text, flush=True))
        say(f"{where}\nDatabase: {'PostgreSQL' if asked.db else 'SQLite'}; every measurement in a process of its own.")
        findings: list[Finding] = []
        try:
            databases.make_template(migrations=not (asked.no_migrations or asked.quick))
            for job in asked.jobs:
                some = [find(job, items, databases, folder) for items in sizes_of(JOBS[job].SIZES, asked)]
                findings += some
                for line in report.lines(some):
                    say(line)
        finally:
            databases.drop()
        if asked.peers:
            from bench import peers

            for line in peers.lines(folder, max(asked.items or [1_000 if asked.quick else 100_000])):
                say(line)
        if asked.json:
            print(json.dumps(report.as_json(where, "postgresql" if asked.db else "sqlite", findings), indent=1))
        return int(any(one.error for one in findings))


if __name__ == "__main__":
    sys.exit(main())
