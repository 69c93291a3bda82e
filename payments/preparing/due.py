"""Which open entries are due, and which of them may be taken into a payment."""

from __future__ import annotations

from datetime import date

from django.db.models import F, Q, QuerySet

from autopay_console.kernel.money import ZERO
from companies.clock import business_date
from companies.models import Company
from payments.choices import STILL_OPEN
from payments.models import SupplierEntry
from payments.preparing.criteria import Criteria


def due_entries(company: Company, up_to: date) -> QuerySet[SupplierEntry]:
    """Open entries whose planned payment date has come."""
    return SupplierEntry.objects.filter(company=company, status__in=STILL_OPEN, planned_date__lte=up_to).exclude(
        rest=ZERO
    )


def takeable(company: Company) -> Q:
    """Entries that are in no payment and that nobody holds back (any longer)."""
    held = Q(held=True) & (Q(held_until__isnull=True) | Q(held_until__gt=business_date(company)))
    return Q(remitted=False) & ~held & ~Q(in_payment=F("rest"))


def by_hand(criteria: Criteria) -> Q:
    """Entries and suppliers that were unticked."""
    return Q(pk__in=sorted(criteria.without_entries)) | Q(supplier_id__in=sorted(criteria.without_suppliers))


def candidates(company: Company, criteria: Criteria) -> QuerySet[SupplierEntry]:
    """Due entries that may be taken, without those unticked by hand."""
    return due_entries(company, criteria.up_to).filter(takeable(company)).exclude(by_hand(criteria))


def discount_in_time(transfer_date: date) -> Q:
    """Entries whose cash discount may still be taken when they are paid on time, and that nothing was paid of yet."""
    untouched = Q(in_payment=ZERO, rest=F("amount"), rest__gt=F("discount_amount"), discount_amount__gt=ZERO)
    return untouched & Q(discount_date__gte=transfer_date) & Q(discount_date__gte=F("planned_date"))
