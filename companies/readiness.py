"""Why can this company not pay or receive yet? Conditions, each good or with a sentence and what to do about it.

The apps above register their checks when they start, so that this module knows none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db.models import prefetch_related_objects
from django.utils import timezone

from companies.installation import row as installation_row
from companies.models import Company, Job, SystemInformation

_FACTS = (
    "agreements__bank_partner__profile",
    "agreements__bank_partner__company",
    "bank_partners",
    "factoring_companies",
    "memberships__person",
)


class Side(StrEnum):
    """What cannot be done while the condition is not met."""

    PAY = "pay"
    RECEIVE = "receive"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must be in order. `remedy` says where and how a person mends it; empty when it is good.

    `page` is the url name of the remedy and its arguments, where the check knows them.
    """

    code: str
    good: bool
    text: str
    remedy: str = ""
    page: tuple[str, ...] = ()
    side: Side = Side.PAY


PROOF, PROVED = "proof", "good"  # kind and subject of the job that keeps how the last proof went
FRESH = timedelta(hours=24)
Check = Callable[[Company], Iterable[Condition]]
_CHECKS: list[Check] = []
_INSTALLATION: ContextVar[list[SystemInformation | None] | None] = ContextVar("installation", default=None)


def register(check: Check) -> Check:
    """Add a check (once); usable as a decorator. Called from `AppConfig.ready`."""
    if check not in _CHECKS:
        _CHECKS.append(check)
    return check


def conditions(company: Company) -> list[Condition]:
    """Everything that must be in order before the company can pay and receive, in the order of registration."""
    return gather([company])[company.pk]


def missing(company: Company) -> list[Condition]:
    """Only what is not in order."""
    return [condition for condition in conditions(company) if not condition.good]


def gather(companies: Sequence[Company]) -> dict[int, list[Condition]]:
    """The conditions of many companies, with the same few questions to the database as for one.

    Checks read a company's `agreements`, `bank_partners`, `factoring_companies` and `memberships` with `.all()`, and
    the installation's row with `installation()`.
    """
    fresh = list(Company.objects.filter(pk__in=[one.pk for one in companies]))
    prefetch_related_objects(fresh, *_FACTS)
    with _one_installation():
        return {one.pk: [condition for check in _CHECKS for condition in check(one)] for one in fresh}


def proved(companies: Sequence[Company]) -> set[int]:
    """Companies for which somebody has proved within a day that a payment would go through."""
    jobs = Job.objects.filter(kind=PROOF, subject=PROVED, finished_at__gte=timezone.now() - FRESH)
    return set(jobs.filter(company__in=[one.pk for one in companies]).values_list("company_id", flat=True))


def installation() -> SystemInformation | None:
    """System information; asked for once while conditions are gathered."""
    held = _INSTALLATION.get()
    if held is None:
        return installation_row()
    if not held:
        held.append(installation_row())
    return held[0]


@contextmanager
def _one_installation() -> Iterator[None]:
    token = _INSTALLATION.set([])
    try:
        yield
    finally:
        _INSTALLATION.reset(token)
