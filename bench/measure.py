"""One measurement: seconds, peak memory growth and queries of a piece of work, in a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from django.db import connection

_STATUS = Path("/proc/self/status")
_FORGET_PEAK = "5"  # proc(5), clear_refs: the peak of the resident memory starts anew


class Failed(RuntimeError):
    """A measurement ended with an error; the text is what it said."""


@dataclass(slots=True)
class Measured:
    """What one piece of work cost. `details` holds a job's own figures, such as its pages."""

    items: int
    seconds: float
    cpu: float = 0.0  # of this process; less disturbed by neighbours than the clock
    memory_mb: float = 0.0
    queries: int | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Items a second."""
        return self.items / self.seconds if self.seconds else 0.0


class Meter:
    """Runs while its block does; `paused()` takes preparations in between out of the time and the queries."""

    def __init__(self) -> None:
        self.queries = 0
        self._out = 0.0
        self._stopped = False
        self._begun, self._begun_cpu = time.perf_counter(), time.process_time()
        self._out_cpu = 0.0

    def count(self, execute: Callable[..., Any], *arguments: Any) -> Any:
        """Wrapper of the database connection: one more query (many rows of one statement are one)."""
        self.queries += not self._stopped
        return execute(*arguments)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Not part of the work."""
        begun, cpu, self._stopped = time.perf_counter(), time.process_time(), True
        try:
            yield
        finally:
            self._stopped = False
            self._out += time.perf_counter() - begun
            self._out_cpu += time.process_time() - cpu

    def seconds(self) -> float:
        """So far, without pauses."""
        return time.perf_counter() - self._begun - self._out

    def cpu(self) -> float:
        """Processor seconds of this process so far, without pauses."""
        return time.process_time() - self._begun_cpu - self._out_cpu


def measured(items: int, work: Callable[[Meter], object]) -> Measured:
    """Run the work once and measure it."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA mmap_size=0")  # memory is what the program holds, not mapped files
    before = _forget_peak()
    meter = Meter()
    with connection.execute_wrapper(meter.count):
        work(meter)
    seconds, cpu = meter.seconds(), meter.cpu()
    return Measured(items, seconds, cpu, max(0.0, _megabytes("VmHWM") - before), meter.queries)


def in_own_process(work: Callable[[], Measured | None]) -> Measured | None:
    """Do it in a process that ends afterwards, so that no measurement warms or fattens the next one."""
    return _answer(*_begin(work))


def side_by_side(items: int, works: Sequence[Callable[[], object]]) -> Measured:
    """Each piece of work in a process of its own, begun together: seconds until the last is done, processor time of
    all. Nothing may be connected in this process."""

    def timed(work: Callable[[], object]) -> Measured:
        before = time.process_time()
        work()
        return Measured(items, 0.0, time.process_time() - before)

    begun = time.perf_counter()
    parts = [_answer(*one) for one in [_begin(partial(timed, work)) for work in works]]
    return Measured(items, time.perf_counter() - begun, sum(part.cpu for part in parts if part))


def _begin(work: Callable[[], Measured | None]) -> tuple[BaseProcess, Connection]:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)

    def child() -> None:
        try:
            theirs.send((work(), ""))
        except BaseException:
            theirs.send((None, traceback.format_exc()))
        finally:
            theirs.close()
            os._exit(0)  # nothing of the parent is cleaned up twice

    process = context.Process(target=child)
    process.start()
    theirs.close()
    return process, ours


def _answer(process: BaseProcess, ours: Connection) -> Measured | None:
    answer: Measured | None
    try:
        answer, error = ours.recv()
    except EOFError:
        answer, error = None, "the process ended without an answer"
    process.join()
    if error:
        raise Failed(error)
    return answer


def _forget_peak() -> float:
    """Resident megabytes now; peaks count from here."""
    try:
        Path("/proc/self/clear_refs").write_text(_FORGET_PEAK)
    except OSError:
        return _megabytes("VmHWM")
    return _megabytes("VmRSS")


def _megabytes(name: str, status: Path = _STATUS) -> float:
    for line in status.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def peak_of(pid: int) -> float:
    """Highest resident memory of another process, in megabytes."""
    return _megabytes("VmHWM", Path(f"/proc/{pid}/status"))
