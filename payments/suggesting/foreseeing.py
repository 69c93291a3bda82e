"""What the preflight would stop, said in the suggestion dialog before any line is made.

Lines are made in memory only, for the entries the dialog shows; the rules are those of the upload. Source: system §5.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from companies.models import BankAgreement, Company, Supplier
from payments.models import Payment, PaymentLine, SupplierEntry
from payments.preparing import selection
from payments.preparing.criteria import Criteria, Group
from payments.preparing.due import candidates
from payments.preparing.order_lines import LineRow, suppliers_by_id
from payments.preparing.ordering import Desk, planned_of
from payments.suggesting.estimates import Target
from payments.validation import Finding, items, payees

MOST = 500  # entries that are looked at for one preview
_A_GROUP = 20
_Key = tuple[int, str]  # supplier, currency


@dataclass(slots=True)
class Foreseen:
    """Entries the dialog lists per supplier and currency, and what would stop them, by entry."""

    entries: dict[_Key, list[SupplierEntry]] = field(default_factory=dict)
    stops: dict[int, list[Finding]] = field(default_factory=dict)


def foresee(company: Company, criteria: Criteria, groups: Sequence[Group]) -> Foreseen:
    """The first entries of these suppliers with the stops of the preflight. Changes nothing."""
    found = Foreseen()
    by_supplier = {(group.supplier_id, group.currency): group for group in groups}
    wanted = {group.supplier_id for group in groups}
    rows = candidates(company, criteria).filter(supplier_id__in=wanted).order_by("planned_date", "pk")
    for entry in rows[:MOST]:
        if (key := (entry.supplier_id, entry.currency_id)) in by_supplier:
            kept = found.entries.setdefault(key, [])
            if len(kept) < _A_GROUP:
                kept.append(entry)
    parts: dict[int, list[SupplierEntry]] = defaultdict(list)
    for key, entries in found.entries.items():
        parts[by_supplier[key].partner_id] += entries
    partners = selection.payable_partners(company)
    suppliers = suppliers_by_id(wanted)
    for partner_id, some in parts.items():
        for finding in _stops(company, criteria, partners[partner_id], some, suppliers):
            found.stops.setdefault(finding.line_id or 0, []).append(finding)
    return found


def _stops(
    company: Company,
    criteria: Criteria,
    agreement: BankAgreement,
    entries: Iterable[SupplierEntry],
    suppliers: dict[int, Supplier],
) -> Iterator[Finding]:
    """Entries stand in for their lines: a finding's line is the entry's number."""
    partner = agreement.bank_partner
    payment = Payment(company=company, number=0, bank_partner=partner, agreement=agreement)
    target = Target.of(payment, partner, criteria.transfer_date)
    lines: list[PaymentLine] = []
    rows: list[LineRow] = []
    for entry in sorted(entries, key=lambda one: (one.supplier_id, one.currency_id, one.planned_date, one.pk)):
        if entry.amount > 0 or partner.profile.nets_credit_notes:
            line = target.line(entry, suppliers[entry.supplier_id], len(lines) + 1, entry.rest - entry.in_payment)
            line.pk = entry.pk
            lines.append(line)
            rows.append(_row(line, entry))
    desk = Desk(payment)
    invoices = [line for line in lines if line.amount > 0 and line.account]
    for finding in (*items.check_planned(desk, planned_of(desk, rows)), *payees.look(desk, invoices)):
        if finding.stops and finding.code != "supplier_blocked":
            yield finding


def _row(line: PaymentLine, entry: SupplierEntry) -> LineRow:
    return LineRow(
        id=entry.pk,
        line_no=line.line_no,
        supplier_id=line.supplier_id,
        currency=line.currency_id,
        amount=line.amount,
        pay_date=line.pay_date,
        account=line.account,
        kid=line.kid,
        message=line.message,
        fee_code=line.fee_code,
        declaration_code=line.declaration_code,
        declaration_text=line.declaration_text,
        invoice_no=entry.invoice_no,
    )
