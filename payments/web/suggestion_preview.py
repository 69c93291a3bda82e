"""The right side of the suggestion dialog: what OK would take, entry by entry, what would stop, what is left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict

from autopay_console.kernel.numbers import as_keys
from autopay_console.kernel.sets import chunks
from companies.access import Rights
from companies.models import Company, Supplier
from payments.models import SupplierEntry
from payments.preparing.criteria import MOST_BY_HAND, Criteria, Group, LeftOut, Preview, Reason
from payments.suggesting import foreseeing
from payments.validation import Finding

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Ticks:
    """What was unticked: every entry and supplier that was shown with a tick and came back without it."""

    entries: frozenset[int] = frozenset()
    suppliers: frozenset[int] = frozenset()

    @classmethod
    def of(cls, sent: QueryDict) -> Ticks:
        """From the form's fields `shown_…` and `keep_…`."""
        return cls(_unticked(sent, "entry"), _unticked(sent, "supplier"))


def _unticked(sent: QueryDict, what: str) -> frozenset[int]:
    return _numbers(sent.getlist(f"shown_{what}")) - _numbers(sent.getlist(f"keep_{what}"))


def _numbers(texts: Iterable[str]) -> frozenset[int]:
    return frozenset(as_keys(texts)[: 5 * MOST_BY_HAND])


@dataclass(frozen=True, slots=True)
class Row:
    """One supplier and currency with its first entries, and what the upload would stop of them."""

    group: Group
    entries: list[tuple[SupplierEntry, list[Finding]]]
    more: int
    open: bool
    first: bool  # of its supplier: the tick stands there, for all currencies

    @property
    def stops(self) -> int:
        """How many of the entries shown would stop the upload."""
        return sum(bool(found) for _entry, found in self.entries)


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview as this person may see it: salaries are a count and a total without the payroll role."""

    preview: Preview
    rows: list[Row]
    more: int
    salary_groups: int
    left_out: list[LeftOut]
    unticked: list[Supplier]
    looked_at: int
    stops: int

    @property
    def suppliers(self) -> int:
        return len({group.supplier_id for group in self.preview.groups})

    @property
    def left(self) -> int:
        return sum(one.entries for one in self.left_out)


def shown(company: Company, preview: Preview, rights: Rights) -> Shown:
    """Cut to what fits the dialog, without names of employees for those who may not see them."""
    groups = [group for group in preview.groups if rights.payroll or not group.payroll]
    found = foreseeing.foresee(company, preview.criteria, groups[:SHOWN])
    touched = _touched(company, preview.criteria)
    rows: list[Row] = []
    for group in groups[:SHOWN]:
        entries = found.entries.get((group.supplier_id, group.currency), [])
        said = [(entry, found.stops.get(entry.pk, [])) for entry in entries]
        bad = any(stops for _entry, stops in said)
        first = all(row.group.supplier_id != group.supplier_id for row in rows)
        more = max(group.entries - len(entries), 0)
        rows.append(Row(group, said, more, bad or group.supplier_id in touched, first))
    return Shown(
        preview,
        rows,
        max(len(groups) - SHOWN, 0),
        len(preview.groups) - len(groups),
        _left_out(company, preview, rights),
        _unticked_suppliers(company, preview.criteria),
        sum(len(row.entries) for row in rows),
        sum(row.stops for row in rows),
    )


def _unticked_suppliers(company: Company, criteria: Criteria) -> list[Supplier]:
    found = Supplier.objects.filter(company=company, pk__in=sorted(criteria.without_suppliers)[:MOST_BY_HAND])
    return list(found.only("pk", "number", "name").order_by("number")) if criteria.without_suppliers else []


def _touched(company: Company, criteria: Criteria) -> set[int]:
    """Suppliers of which some entries were unticked: their entries stay in sight."""
    found: set[int] = set()
    for part in chunks(sorted(criteria.without_entries)):
        entries = SupplierEntry.objects.filter(company=company, pk__in=part).order_by()
        found.update(entries.values_list("supplier_id", flat=True).distinct())
    return found


def _left_out(company: Company, preview: Preview, rights: Rights) -> list[LeftOut]:
    left = list(preview.left_out)
    if rights.payroll:
        return left
    numbers = {example.supplier_no for one in left for example in one.examples if one.reason != Reason.BY_HAND}
    staff = Supplier.objects.filter(company=company, number__in=numbers, is_payroll=True)
    names = set(staff.values_list("number", flat=True))
    return [
        LeftOut(one.reason, one.entries, tuple(e for e in one.examples if e.supplier_no not in names)) for one in left
    ]
