"""What a suggestion leaves out: every reason with its number of entries and the first examples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Q
from django.utils.translation import gettext as _

from companies.models import BankAgreement, Company
from payments.models import SupplierEntry
from payments.preparing.criteria import MOST_BY_HAND, Criteria, Example, Group, LeftOut, Reason
from payments.preparing.due import by_hand, due_entries, takeable

_EXAMPLES = 20


def left_out(
    company: Company, criteria: Criteria, partners: dict[int, BankAgreement], found: Iterable[Group]
) -> list[LeftOut]:
    """Every reason with its number of entries and the first examples."""
    made = _entries_left_out(company, criteria)
    by_reason: dict[Reason, list[Group]] = {}
    for group in found:
        if group.reason:
            by_reason.setdefault(group.reason, []).append(group)
        elif group.credit_notes and not partners[group.partner_id].bank_partner.profile.nets_credit_notes:
            kept_out = replace(group, entries=group.credit_notes, amount=group.credit_amount)
            by_reason.setdefault(Reason.NOT_NETTED, []).append(kept_out)
    for reason, some in by_reason.items():
        examples = tuple(Example(g.number, g.name, g.amount, g.currency) for g in some[:_EXAMPLES])
        made.append(LeftOut(reason, sum(group.entries for group in some), examples))
    return sorted(made, key=lambda one: list(Reason).index(one.reason))


def _entries_left_out(company: Company, criteria: Criteria) -> list[LeftOut]:
    entries, free = due_entries(company, criteria.up_to), takeable(company)
    kinds = [(Reason.HELD, Q(held=True) & ~free), (Reason.REMITTED, Q(held=False) & ~free)]
    if criteria.without_entries or criteria.without_suppliers:
        kinds.insert(0, (Reason.BY_HAND, free & by_hand(criteria)))
    made = []
    for reason, which in kinds:
        some = entries.filter(which)
        if count := some.count():
            most = _EXAMPLES
            if reason == Reason.BY_HAND:  # whole suppliers are named by themselves
                most, some = MOST_BY_HAND, some.exclude(supplier_id__in=sorted(criteria.without_suppliers))
            first = some.order_by("planned_date", "pk").select_related("supplier", "held_by")[:most]
            made.append(LeftOut(reason, count, tuple(_example(entry) for entry in first)))
    return made


def _example(entry: SupplierEntry) -> Example:
    supplier, why = entry.supplier, ""
    if entry.held:
        until = _("until %(day)s") % {"day": entry.held_until.isoformat()} if entry.held_until else ""
        why = " · ".join(filter(None, (until, entry.held_reason, entry.held_by.shown if entry.held_by else "")))
    return Example(supplier.number, supplier.name, entry.rest, entry.currency_id, entry.invoice_no, why, entry.pk)
