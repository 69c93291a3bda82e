"""Payment suggestion: due entries become payments with lines at 1 Estimate, and are marked Remitted.

Several people may suggest side by side: an entry goes to the one whose UPDATE takes it. Entries are read in slices by
planned date, so that 100 000 of a million are taken in flat memory and no transaction lasts long. Editing what was
suggested is in payments.suggesting.estimates. Source: guide, system §5.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from autopay_console.kernel.rows import store
from autopay_console.kernel.sets import chunks
from companies.clock import business_date
from companies.models import BankAgreement, BankPartner, Company, Person
from payments import headers, reservation
from payments.models import Payment, PaymentLine, SupplierEntry
from payments.preparing import selection
from payments.preparing.criteria import Criteria, Group, NotPossible, Order, Preview, PreviewPayment, Reason
from payments.preparing.due import candidates, takeable
from payments.preparing.left_out import left_out
from payments.preparing.order_lines import suppliers_by_id
from payments.story import tell
from payments.suggesting import holding
from payments.suggesting.estimates import Target, delete, edit_line, open_for_change, take_out

__all__ = [
    "Criteria",
    "Made",
    "NotPossible",
    "NothingToPay",
    "Order",
    "Preview",
    "Reason",
    "create",
    "create_of",
    "delete",
    "edit_line",
    "preview",
    "take_out",
]
_SLICE = 1_000
_TRIES = 8
Key = tuple[int, bool]  # bank partner, salary


class NothingToPay(Exception):
    """No entry fits the criteria; no payment was made."""


@dataclass(frozen=True, slots=True)
class Made:
    """The payments that were made (or added to), one per bank partner, salaries apart."""

    payments: tuple[Payment, ...]
    entries: int

    @property
    def payment(self) -> Payment:
        """The first of them: the only one unless suppliers have bank partners of their own."""
        return self.payments[0]


def preview(company: Company, criteria: Criteria) -> Preview:
    """What OK would take, and why an entry is left out. Changes nothing; raises NotPossible for wrong criteria."""
    partners = selection.payable_partners(company)
    into = selection.check(company, criteria, partners)
    found = selection.groups(company, criteria, partners, into=into)
    taken = [group for group in found if group.reason is None]
    by_payment: dict[Key, list[Group]] = defaultdict(list)
    for group in taken:
        by_payment[group.partner_id, group.payroll].append(group)
    return Preview(
        criteria=criteria,
        payments=tuple(
            PreviewPayment(
                partners[partner_id].bank_partner,
                payroll,
                len({group.supplier_id for group in some}),
                sum(group.entries for group in some),
                _sums(some),
            )
            for (partner_id, payroll), some in sorted(by_payment.items())
        ),
        groups=tuple(taken),
        left_out=tuple(left_out(company, criteria, partners, found)),
        home_total=sum((group.home_amount or ZERO for group in taken), ZERO),
        sums=_sums(taken),
    )


def _sums(some: Sequence[Group]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for group in some:
        sums[group.currency] += group.amount
    return dict(sums)


def create(company: Company, criteria: Criteria, by: Person) -> Made:
    """Make the payments the criteria ask for; raises NothingToPay when no entry fits."""
    partners = selection.payable_partners(company)
    into = selection.check(company, criteria, partners)
    holding.let_go_in_time(company)
    chosen = {
        (group.supplier_id, group.currency): group
        for group in selection.groups(company, criteria, partners, into=into)
        if group.reason is None
    }
    if not chosen:
        raise NothingToPay(_("No open entry fits: see the preview for what is left out and why."))
    targets: dict[Key, Target] = {}
    for rows in _slices(company, criteria):
        parts: dict[Key, list[SupplierEntry]] = defaultdict(list)
        for entry in rows:
            group = chosen.get((entry.supplier_id, entry.currency_id))
            if group is not None:
                parts[group.partner_id, group.payroll].append(entry)
        for key, entries in parts.items():
            if key not in targets:
                targets[key] = _target(company, criteria, by, partners[key[0]], key[1], into)
            _take(targets[key], entries)
    return _finished([target.payment for target in targets.values()], into, by)


def create_of(entry: SupplierEntry, partner: BankPartner, by: Person, *, description: str = "") -> Payment:
    """A payment of this one entry alone, sent today, under the same rules; raises NotPossible or NothingToPay."""
    company = entry.company
    today = business_date(company)
    criteria = Criteria(partner, today, today, description=description)
    partners = selection.payable_partners(company)
    selection.check(company, criteria, partners)
    if reason := selection.reason_of_one(entry):
        raise NotPossible("supplier", str(reason.label))
    target = _target(company, criteria, by, partners[partner.pk], entry.supplier.is_payroll, None)
    _take(target, [entry])
    return _finished([target.payment], None, by).payment


def _slices(company: Company, criteria: Criteria) -> Iterator[list[SupplierEntry]]:
    """Due entries a thousand at a time, by planned date and id; what was taken or held meanwhile is left out."""
    due = candidates(company, criteria).order_by("planned_date", "pk").values_list("pk", flat=True)
    for keys in chunks(list(due), _SLICE):
        free = SupplierEntry.objects.filter(takeable(company), pk__in=keys)
        yield list(free.order_by("planned_date", "pk"))


def _target(
    company: Company, criteria: Criteria, by: Person, agreement: BankAgreement, payroll: bool, into: Payment | None
) -> Target:
    payment = into if into is not None and into.salary == payroll else None
    if payment is None:
        values = {
            "bank_partner": agreement.bank_partner,
            "agreement": agreement,
            "description": criteria.description,
            "transfer_date": criteria.transfer_date,
            "created_by": by,
            "salary": payroll,
        }
        payment = new_payment(company, values)
    return Target.of(payment, agreement.bank_partner, criteria.transfer_date)


def new_payment(company: Company, values: dict[str, object]) -> Payment:
    """An empty estimate under the next free payment number; whoever loses the race for one takes the next."""
    for attempt in range(_TRIES):
        last = Payment.objects.filter(company=company).aggregate(last=Max("number"))["last"] or 0
        try:
            with transaction.atomic():
                return Payment.objects.create(company=company, number=last + 1, **values)
        except IntegrityError:
            if attempt == _TRIES - 1:
                raise
    raise AssertionError


def _take(target: Target, entries: list[SupplierEntry]) -> int:
    """One slice: reserve, write the lines; together or not at all. Answers how many were taken."""
    nets = target.partner.profile.nets_credit_notes
    entries = [entry for entry in entries if nets or entry.amount > 0]
    suppliers = suppliers_by_id({entry.supplier_id for entry in entries})
    with transaction.atomic():
        open_for_change(target.payment)
        taken = _reserve(entries)
        mine = [entry for entry in entries if entry.pk in taken]
        last = PaymentLine.objects.filter(payment=target.payment).aggregate(last=Max("line_no"))["last"] or 0
        store(
            PaymentLine,
            (
                target.line(entry, suppliers[entry.supplier_id], number, taken[entry.pk])
                for number, entry in enumerate(mine, last + 1)
            ),
        )
    return len(mine)


def _reserve(entries: list[SupplierEntry]) -> dict[int, Decimal]:
    """Untouched entries as a set, entries of which another payment has a part one by one."""
    taken = reservation.reserve_whole(entry.pk for entry in entries if not entry.in_payment)
    for entry in entries:
        if entry.in_payment:
            part = entry.rest - entry.in_payment
            with suppress(reservation.NotFree):
                reservation.reserve(entry.pk, part)
                taken[entry.pk] = part
    return taken


def _finished(payments: list[Payment], into: Payment | None, by: Person) -> Made:
    """Headers right, suppliers without anything to pay taken out again, payments without lines deleted."""
    kept, entries = [], 0
    for payment in payments:
        _drop_what_pays_nothing(payment)
        headers.refresh_totals({payment.pk})
        payment.refresh_from_db()
        if payment.line_count == 0 and payment != into:
            payment.delete()
            continue
        entries += payment.line_count
        text = _("Suggested: the payment now has %(lines)s lines.") % {"lines": payment.line_count}
        tell(payment.pk, "suggested", text, by)
        kept.append(payment)
    if not kept:
        raise NothingToPay(_("Another suggestion took these entries a moment ago."))
    return Made(tuple(kept), entries)


def _drop_what_pays_nothing(payment: Payment) -> None:
    """When another suggestion took a supplier's invoices meanwhile, its credit notes are left for later too."""
    lines = PaymentLine.objects.filter(payment=payment)
    sums = lines.order_by().values("supplier_id", "currency_id").annotate(net=Sum("amount"))
    for row in sums.filter(net__lte=ZERO):
        with transaction.atomic():
            open_for_change(payment)
            some = lines.filter(supplier_id=row["supplier_id"], currency_id=row["currency_id"])
            ids = list(some.values_list("pk", flat=True))
            reservation.release_lines(ids)
            some.filter(pk__in=ids).delete()
