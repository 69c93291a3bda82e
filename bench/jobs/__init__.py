"""The measured jobs. Each module says its title, unit and target and has `prepare`, `product` and `floor`.

`prepare` fills a database, `product` does the job in a copy of it, `floor` the least that must be done in another copy;
`target` is how many times the floor the job may take at most, None where there is nothing to compare with.
"""

from __future__ import annotations

from typing import Protocol

from bench.jobs import import_two, imports, pages, queue, queue_two, read, settle, start, suggestion, write, write_one
from bench.measure import Measured
from bench.place import Place


class Job(Protocol):
    """What a module of a job offers."""

    TITLE: str
    UNIT: str
    TARGET: float | None
    SIZES: tuple[int, ...]

    def prepare(self, place: Place, items: int) -> None:
        """What is there before the job begins; not measured."""

    def product(self, place: Place, items: int) -> Measured:
        """The job as people and banks start it."""

    def floor(self, place: Place, items: int) -> Measured | None:
        """The least that must be done."""


JOBS: dict[str, Job] = {
    "write": write,
    "write-one": write_one,
    "read": read,
    "import": imports,
    "import-two": import_two,
    "settle": settle,
    "suggestion": suggestion,
    "queue": queue,
    "queue-two": queue_two,
    "pages": pages,
    "start": start,
}
