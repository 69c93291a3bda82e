"""What a run found, as a table for people and as JSON for programs."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.measure import Measured


@dataclass(frozen=True, slots=True)
class Finding:
    """One job at one size: what it cost and what its floor cost, measured right after it."""

    job: str
    title: str
    unit: str
    target: float | None
    items: int
    product: Measured | None = None
    floor: Measured | None = None
    error: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the floor."""
        if self.product is None or self.floor is None or not self.floor.seconds:
            return None
        return self.product.seconds / self.floor.seconds

    @property
    def cpu_ratio(self) -> float | None:
        """The same by processor time, which other work on the machine hardly touches."""
        if self.product is None or self.floor is None or not self.floor.cpu:
            return None
        return self.product.cpu / self.floor.cpu

    @property
    def verdict(self) -> str:
        """Whether the target is reached."""
        if self.ratio is None or self.target is None:
            return ""
        return f"<= {self.target:g} {'reached' if self.ratio <= self.target else 'NOT REACHED'}"

    def as_json(self) -> dict[str, Any]:
        """Everything, and what is computed from it."""
        rate = self.product.rate if self.product else None
        return {**asdict(self), "ratio": self.ratio, "cpu_ratio": self.cpu_ratio, "rate": rate}


def machine() -> str:
    """What it was measured on."""
    memory = 0.0
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal:"):
            memory = int(line.split()[1]) / 1024**2
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.release()},"
        f" Python {platform.python_version()}, load {load:.1f} when the run began"
    )


def as_json(where: str, database: str, findings: Sequence[Finding]) -> dict[str, Any]:
    """The whole run."""
    return {"machine": where, "database": database, "findings": [one.as_json() for one in findings]}


def lines(findings: Sequence[Finding]) -> Iterator[str]:
    """The findings of one job, sizes below each other."""
    first = findings[0]
    yield ""
    yield first.title
    broken = [one for one in findings if one.error]
    good = [one for one in findings if not one.error]
    if first.job == "pages":
        yield from _pages(good)
    elif first.job == "start":
        yield from _start(good)
    elif good:
        yield from _sizes(good)
    for one in broken:
        yield f"  {one.items} {one.unit}: failed\n{one.error}"


def _sizes(findings: Sequence[Finding]) -> Iterator[str]:
    unit = findings[0].unit
    yield (
        f"  {unit:>10} {'a second':>9} {'floor':>9} {'x floor':>8} {'cpu x':>6}"
        f" {'memory':>9} {'queries':>8} {'/1000':>7}"
    )
    for one in findings:
        product, floor = one.product, one.floor
        if product is None:
            continue
        queries = "-" if product.queries is None else str(product.queries)
        each = "-" if product.queries is None else f"{product.queries * 1000 / one.items:.1f}"
        rate = f"{floor.rate:>9.0f}" if floor else f"{'-':>9}"
        ratio = f"{one.ratio:>8.2f}" if one.ratio else f"{'-':>8}"
        cpu = f"{one.cpu_ratio:>6.2f}" if one.cpu_ratio else f"{'-':>6}"
        yield (
            f"  {one.items:>10} {product.rate:>9.0f} {rate} {ratio} {cpu}"
            f" {product.memory_mb:>6.0f} MB {queries:>8} {each:>7}  {one.verdict}"
        )
    yield from _growth(findings)


def _growth(findings: Sequence[Finding]) -> Iterator[str]:
    """How time an item and memory change with the number of items."""
    for small, large in pairwise(findings):
        if small.product and large.product and small.product.rate and large.product.rate:
            slower = small.product.rate / large.product.rate
            more = large.product.memory_mb - small.product.memory_mb
            yield f"  {small.items} to {large.items}: {slower:.2f} x the time an item, {more:+.0f} MB"


def _pages(findings: Sequence[Finding]) -> Iterator[str]:
    sizes = "".join(f" {one.items:>9} rows: p95  queries   bytes" for one in findings)
    yield f"  {'page':<14}{sizes}  p95 x  cpu x"
    names = list(findings[0].product.details) if findings and findings[0].product else []
    for name in names:
        row, shown = f"  {name:<14}", []
        for one in findings:
            page = one.product.details[name] if one.product else {}
            if "failed" in page:
                row += f" {page['failed']:>36}"
                continue
            shown.append(page)
            row += f" {page['p95_ms']:>15.0f} ms {page['queries']:>8} {page['bytes']:>8}"
        if len(shown) > 1:
            row += "".join(f"  {shown[-1][what] / shown[0][what]:>5.2f}" for what in ("p95_ms", "p95_cpu_ms"))
        yield row


def _start(findings: Sequence[Finding]) -> Iterator[str]:
    for one in findings:
        if one.product is None or one.floor is None:
            continue
        for name, seconds in one.product.details.items():
            bare = one.floor.details[name]
            yield f"  {name:<16} {seconds:>6.2f} s   bare project {bare:>6.2f} s   {seconds / bare:>5.2f} x"
