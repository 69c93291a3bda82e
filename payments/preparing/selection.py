"""Which open entries a payment suggestion would take, which not, and why not (guide "Create payment suggestion").

One query adds up the due entries by supplier and currency; everything after that is decided per supplier, so that a
preview over a million entries answers at once. Source: system §5, domain facts 2.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from django.db.models import Case, Count, F, Min, Q, Sum, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from autopay_console.kernel.money import NOTHING, ZERO, MoneyField
from autopay_console.kernel.once import once
from companies.choices import AgreementState, BankSystem, PendingState
from companies.clock import business_date
from companies.models import BankAgreement, BankPartner, Company, PendingChange
from payments.choices import RoundState
from payments.models import Payment, SupplierEntry
from payments.preparing import rates
from payments.preparing.criteria import MOST_BY_HAND, Criteria, Group, NotPossible, Order, Reason
from payments.preparing.due import candidates, discount_in_time, takeable

ACCOUNT_FIELDS = ("iban", "account", "giro", "bic", "bank_branch")
_FREE = F("rest") - F("in_payment")


def check(company: Company, criteria: Criteria, partners: dict[int, BankAgreement]) -> Payment | None:
    """Raise NotPossible for criteria that contradict each other; answers the existing payment to add to."""
    today = business_date(company)
    if criteria.transfer_date < today:
        raise NotPossible("transfer_date", _("The transmission date is past: choose today or later."))
    if criteria.transfer_date > criteria.up_to:
        text = _("The transmission date must not be later than the last due date that is taken.")
        raise NotPossible("transfer_date", text)
    if criteria.largest_amount is not None and criteria.largest_amount <= 0:
        raise NotPossible("largest_amount", _("The largest amount must be more than zero, or empty."))
    if max(len(criteria.without_entries), len(criteria.without_suppliers)) > MOST_BY_HAND:
        text = _("At most %(most)s entries can be left out by hand: choose narrower dates or amounts.")
        raise NotPossible("up_to", text % {"most": MOST_BY_HAND})
    partner = criteria.bank_partner
    if partner.company_id != company.pk or partner.pk not in partners:
        text = _("Bank partner %(partner)s has no active AutoPay agreement for outgoing payments.")
        raise NotPossible("bank_partner", text % {"partner": partner})
    number = criteria.payment_number
    return _existing(company, criteria, number) if number is not None else None


def _existing(company: Company, criteria: Criteria, number: int) -> Payment:
    payment = Payment.objects.filter(company=company, number=number).first()
    if payment is None:
        text = _("There is no payment %(number)s.") % {"number": number}
        raise NotPossible("payment_number", text)
    if payment.round_state != RoundState.DRAFT:
        text = _("Payment %(number)s was uploaded: choose one with status 1, or a new number.")
        raise NotPossible("payment_number", text % {"number": payment.number})
    if payment.bank_partner_id != criteria.bank_partner.pk:
        text = _("Payment %(number)s is paid by another bank partner; a payment has only one.")
        raise NotPossible("payment_number", text % {"number": payment.number})
    return payment


def payable_partners(company: Company) -> dict[int, BankAgreement]:
    """Bank partners in use with an agreement that is active for outgoing payments."""
    return once(("payable partners", company.pk), lambda: _payable_partners(company))


def _payable_partners(company: Company) -> dict[int, BankAgreement]:
    agreements = BankAgreement.objects.filter(
        company=company,
        state=AgreementState.ACTIVE,
        active_outgoing=True,
        bank_partner__active=True,
        bank_partner__bank_system=BankSystem.AUTOPAY,
    )
    return {one.bank_partner_id: one for one in agreements.select_related("bank_partner", "bank_partner__profile")}


def groups(
    company: Company, criteria: Criteria, partners: dict[int, BankAgreement], *, into: Payment | None = None
) -> list[Group]:
    """Every supplier and currency with due entries, in the chosen order; `reason` says why one is not taken."""
    waiting = _waiting_accounts(company)
    known = rates.rates_on(company, criteria.transfer_date)
    found = []
    for row in _added_up(company, criteria):
        group = _group(row, criteria)
        reason = _reason_of_supplier(row, waiting) or _reason_of_partner(group, row, criteria, partners, into)
        if reason is None:
            group, reason = _with_credit_notes(group, partners[group.partner_id].bank_partner)
        home = rates.in_home_currency(group.amount, group.currency, known)
        if reason is None and home is None:
            reason = Reason.NO_RATE
        found.append(replace(group, home_amount=home, reason=reason))
    return _within_limit(_in_order(found, criteria.order), criteria.largest_amount)


def _added_up(company: Company, criteria: Criteria) -> Iterator[dict[str, Any]]:
    discount = Case(
        When(discount_in_time(criteria.transfer_date), then=F("discount_amount")),
        default=NOTHING,
        output_field=MoneyField(),
    )
    credit = Q(amount__lt=ZERO)
    rows = (
        candidates(company, criteria)
        .order_by()
        .values(
            "supplier_id",
            "currency_id",
            "supplier__number",
            "supplier__name",
            "supplier__blocked",
            "supplier__bank_partner_id",
            "supplier__is_payroll",
            "supplier__customer__credit_stopped",
        )
        .annotate(
            entries=Count("pk"),
            net=Sum(_FREE - discount, output_field=MoneyField()),
            credit_notes=Count("pk", filter=credit),
            credit=Coalesce(Sum(_FREE, filter=credit, output_field=MoneyField()), NOTHING),
            first_date=Min("planned_date"),
        )
    )
    return cast(Iterator[dict[str, Any]], rows.iterator(chunk_size=2_000))


def _group(row: dict[str, Any], criteria: Criteria) -> Group:
    own = row["supplier__bank_partner_id"]
    return Group(
        supplier_id=row["supplier_id"],
        number=row["supplier__number"],
        name=row["supplier__name"],
        currency=row["currency_id"],
        entries=row["entries"],
        amount=row["net"],
        first_date=row["first_date"],
        partner_id=own if own and criteria.use_supplier_partner else criteria.bank_partner.pk,
        payroll=row["supplier__is_payroll"],
        credit_notes=row["credit_notes"],
        credit_amount=row["credit"],
    )


def _waiting_accounts(company: Company) -> set[int]:
    waiting = PendingChange.objects.filter(
        company=company, table="supplier", field__in=ACCOUNT_FIELDS, state=PendingState.WAITING
    )
    return set(waiting.values_list("object_id", flat=True))


def _reason_of_supplier(row: dict[str, Any], waiting: set[int]) -> Reason | None:
    if row["supplier__blocked"]:
        return Reason.BLOCKED
    if row["supplier__customer__credit_stopped"]:
        return Reason.CREDIT_STOPPED
    return Reason.ACCOUNT_WAITS if row["supplier_id"] in waiting else None


def reason_of_one(entry: SupplierEntry) -> Reason | None:
    """Why this entry may not be paid, whatever its date: by its supplier, or because it is held back."""
    supplier = entry.supplier
    row = {
        "supplier_id": supplier.pk,
        "supplier__blocked": supplier.blocked,
        "supplier__customer__credit_stopped": supplier.customer is not None and supplier.customer.credit_stopped,
    }
    if reason := _reason_of_supplier(row, _waiting_accounts(entry.company)):
        return reason
    if SupplierEntry.objects.filter(takeable(entry.company), pk=entry.pk).exists():
        return None
    return Reason.HELD if entry.held else Reason.REMITTED


def _reason_of_partner(
    group: Group,
    row: dict[str, Any],
    criteria: Criteria,
    partners: dict[int, BankAgreement],
    into: Payment | None,
) -> Reason | None:
    """One payment has one bank partner; "only for selected bank partner" and an existing payment keep others out."""
    own, selected = row["supplier__bank_partner_id"], criteria.bank_partner.pk
    if criteria.only_selected_partner and own and own != selected:
        return Reason.OTHER_PARTNER
    if into is not None and group.partner_id != into.bank_partner_id:
        return Reason.OTHER_PARTNER
    return None if group.partner_id in partners else Reason.NO_AGREEMENT


def _with_credit_notes(group: Group, partner: BankPartner) -> tuple[Group, Reason | None]:
    """Credit notes lower what is paid, but never below zero; where the bank sets none off, invoices are paid whole."""
    if group.credit_notes and not partner.profile.nets_credit_notes:
        group = replace(
            group,
            amount=group.amount - group.credit_amount,
            entries=group.entries - group.credit_notes,
        )
        return group, None if group.entries else Reason.NOT_NETTED
    return group, None if group.amount > 0 else Reason.CREDIT_EXCEEDS


def _in_order(found: list[Group], order: str) -> list[Group]:
    keys: dict[str, Callable[[Group], tuple[Any, ...]]] = {
        Order.DUE: lambda group: (group.first_date, group.number),
        Order.NUMBER: lambda group: (group.number,),
        Order.NAME: lambda group: (group.name.casefold(), group.number),
        Order.LARGEST: lambda group: (-(group.home_amount or ZERO), group.number),
        Order.SMALLEST: lambda group: (group.home_amount or ZERO, group.number),
    }
    return sorted(found, key=lambda group: (*keys[order](group), group.currency))


def _within_limit(ordered: list[Group], limit: Decimal | None) -> list[Group]:
    """Stops at the supplier that would pass the largest amount: neither that one nor any after it is taken."""
    if limit is None:
        return ordered
    by_supplier: dict[int, Decimal] = {}
    for group in ordered:
        if group.reason is None:
            by_supplier[group.supplier_id] = by_supplier.get(group.supplier_id, ZERO) + (group.home_amount or ZERO)
    total, kept = ZERO, set()
    for supplier_id, amount in by_supplier.items():  # in the order in which suppliers first come
        if total + amount > limit:
            break
        total += amount
        kept.add(supplier_id)
    return [
        group if group.reason or group.supplier_id in kept else replace(group, reason=Reason.OVER_LIMIT)
        for group in ordered
    ]
