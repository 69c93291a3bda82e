"""Pay anew what was not paid: the entries of a payment's rejected, refused or cancelled lines in a new estimate.

A batch that AutoPay central cancelled as deficient is made again at once, without the payments it named or with all of
them. What is paid, held back or in another payment by now is left alone and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from autopay_console.kernel.sets import chunks
from companies.clock import business_date
from companies.models import Person, Supplier
from payments import headers, reservation
from payments.choices import RELEASES_ENTRY, LineStatus
from payments.models import Payment, PaymentLine, SupplierEntry
from payments.preparing.criteria import NotPossible
from payments.preparing.order_lines import suppliers_by_id
from payments.preparing.selection import payable_partners
from payments.story import tell
from payments.suggesting.estimates import Target, open_for_change
from payments.suggesting.suggestion import NothingToPay, new_payment

_SLICE = 500


@dataclass(frozen=True, slots=True)
class Again:
    """The new payment, how many lines it has, and how many entries could not be taken again."""

    payment: Payment
    taken: int
    gone: int


@dataclass(frozen=True, slots=True)
class Lost:
    """What of a payment was not paid: all its ended lines, and those central named as deficient."""

    lines: int
    deficient: int


def lost(payment: Payment) -> Lost:
    """How many lines of a payment ended without money, one query each."""
    rows = lost_lines(payment)
    return Lost(rows.count(), rows.filter(item__deficient=True, status=LineStatus.CANCELLED).count())


def lost_lines(payment: Payment, *, without_deficient: bool = False) -> QuerySet[PaymentLine]:
    """Lines at 4, 7 or 10."""
    rows = PaymentLine.objects.filter(payment=payment, status__in=RELEASES_ENTRY)
    return rows.exclude(item__deficient=True) if without_deficient else rows


def again(payment: Payment, by: Person, *, without_deficient: bool = False) -> Again:
    """A new estimate of the same bank partner with these entries; raises NotPossible or NothingToPay.

    Accounts and references come from supplier and entry as they are now, so that what was mended is used; the message,
    the fee code and a part payment stay as they were.
    """
    agreement = payable_partners(payment.company).get(payment.bank_partner_id)
    if agreement is None:
        text = _("Bank partner %(partner)s has no active AutoPay agreement for outgoing payments.")
        raise NotPossible("bank_partner", text % {"partner": payment.bank_partner})
    today = business_date(payment.company)
    made = new_payment(
        payment.company,
        {
            "bank_partner": agreement.bank_partner,
            "agreement": agreement,
            "description": payment.description,
            "transfer_date": today,
            "created_by": by,
            "salary": payment.salary,
        },
    )
    target, wanted, taken = Target.of(made, agreement.bank_partner, today), 0, 0
    ids = lost_lines(payment, without_deficient=without_deficient).order_by("pk").values_list("pk", flat=True)
    for some in chunks(list(ids), _SLICE):
        wanted += len(some)
        taken += _take(target, some)
    if not taken:
        made.delete()
        raise NothingToPay(_("Every one of these entries is paid, held back or in another payment by now."))
    headers.refresh_totals({made.pk})
    made.refresh_from_db()
    words = {"old": payment.number, "new": made.number, "lines": taken}
    tell(made.pk, "suggested", _("Suggested again from payment %(old)s: %(lines)s lines.") % words, by)
    tell(payment.pk, "suggested_again", _("Payment %(new)s pays %(lines)s lines of this one anew.") % words, by)
    return Again(made, taken, wanted - taken)


def _take(target: Target, ids: Sequence[int]) -> int:
    rows = {line.entry_id: line for line in PaymentLine.objects.filter(pk__in=ids)}
    with transaction.atomic():
        open_for_change(target.payment)
        entries = SupplierEntry.objects.filter(pk__in=list(rows), held=False, supplier__blocked=False).in_bulk()
        held = _reserve(entries, rows)
        suppliers = suppliers_by_id({entries[pk].supplier_id for pk in held})
        last = PaymentLine.objects.filter(payment=target.payment).aggregate(last=Max("line_no"))["last"] or 0
        PaymentLine.objects.bulk_create(
            [
                _line(target, entries[pk], suppliers[entries[pk].supplier_id], number, held[pk], rows[pk])
                for number, pk in enumerate(sorted(held, key=lambda pk: rows[pk].line_no), last + 1)
            ],
            batch_size=_SLICE,
        )
    return len(held)


def _line(
    target: Target, entry: SupplierEntry, supplier: Supplier, number: int, taken: Decimal, before: PaymentLine
) -> PaymentLine:
    line = target.line(entry, supplier, number, taken)
    line.message, line.fee_code, line.foreign_cost = before.message, before.fee_code, before.foreign_cost
    line.urgent = before.urgent
    return line


def _reserve(entries: dict[int, SupplierEntry], rows: dict[int, PaymentLine]) -> dict[int, Decimal]:
    """Whole entries as a set, part payments one by one; what is not free any more is left out."""
    parts = {pk: _part(entry, rows[pk]) for pk, entry in entries.items()}
    whole = [pk for pk, part in parts.items() if part == entries[pk].rest and not entries[pk].in_payment]
    held = reservation.reserve_whole(whole)
    for pk, part in parts.items():
        if part and pk not in held and pk not in whole:
            try:
                reservation.reserve(pk, part)
            except reservation.NotFree:
                continue
            held[pk] = part
    return held


def _part(entry: SupplierEntry, line: PaymentLine) -> Decimal:
    """What the line held before, at most what is free now."""
    free, before = entry.rest - entry.in_payment, line.amount + line.discount
    if not free or (free > 0) != (before > 0):
        return ZERO
    return min(free, before) if before > 0 else max(free, before)
