"""Open entries of the demo: supplier invoices due around the first day, customer invoices waiting for payment."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from companies.calendars import FreeDays, calendars_for, planned_payment_date
from companies.models import Company, CurrencyRate, Customer, Supplier, VoucherType
from demo import numbers
from payments.choices import EntryKind
from payments.models import CustomerEntry, SupplierEntry

SUPPLIER_ENTRIES = {1: 84, 2: 36}
CUSTOMER_ENTRIES = {1: 110, 2: 40}
LATER_EVERY = 9  # each ninth invoice is due later than the first suggestion reaches


def supplier_entries(company: Company, suppliers: Sequence[Supplier], today: date, draw: random.Random) -> None:
    """Invoices and a few credit notes; one reference is wrong, so that preflight has something to say."""
    rates = _rates(company)
    free = FreeDays.from_bits(company.days_without_payments)
    kind = VoucherType.objects.get(company=company, number=1)
    rows = []
    for place in range(SUPPLIER_ENTRIES[company.number]):
        supplier = suppliers[place % len(suppliers)]
        credit_note = place % 23 == 22
        due = today + timedelta(days=draw.randint(9, 30) if place % LATER_EVERY == 8 else draw.randint(-6, 0))
        currency = str(supplier.currency_id)
        planned = planned_payment_date(due, free, calendars_for(str(company.country_id), currency))
        amount = _amount(draw, currency) * (Decimal("-0.1") if credit_note else 1)
        amount = amount.quantize(Decimal("0.01"))
        invoice = f"{70000 + company.number * 10000 + place}"
        rows.append(
            SupplierEntry(
                company=company,
                supplier=supplier,
                kind=EntryKind.CREDIT_NOTE if credit_note else EntryKind.INVOICE,
                voucher_no=f"{20000 + place}",
                voucher_type=kind,
                invoice_no=invoice,
                entry_date=due - timedelta(days=30),
                due_date=due,
                planned_date=planned.day,
                planned_why=" ".join((one.message % one.params) for one in planned.reasons)[:120],
                currency_id=currency,
                amount=amount,
                amount_booked=(amount * rates[currency]).quantize(Decimal("0.01")),
                rest=amount,
                kid="" if credit_note else _supplier_reference(company, supplier, place),
                extra_text=f"Invoice {invoice}",
                held=place == 40,
            )
        )
    SupplierEntry.objects.bulk_create(rows)


def _supplier_reference(company: Company, supplier: Supplier, place: int) -> str:
    """References as the supplier's country prints them; the twelfth Norwegian one has a wrong check digit."""
    if supplier.country_id == "NO" and company.country_id == "NO" and place % 3 == 0:
        good = numbers.luhn(f"{supplier.number:06}{place:05}")
        return good[:-1] + str((int(good[-1]) + 1) % 10) if place == 33 else good
    if supplier.country_id == "SE" and company.country_id == "SE":
        return numbers.luhn(f"{4000 + place}")
    if supplier.country_id == "FI" and place % 2 == 0:
        return numbers.rf_reference(f"{100000 + place}")
    return ""


def customer_entries(company: Company, customers: Sequence[Customer], today: date, draw: random.Random) -> None:
    """Invoices with and without a reference of their own; two credit notes."""
    rows = []
    for place in range(CUSTOMER_ENTRIES[company.number]):
        customer = customers[place % len(customers)]
        number = 12300 + company.number * 10000 + place
        credit_note = place in (50, 60)
        amount = _amount(draw, str(company.currency_id)) * (Decimal("-0.1") if credit_note else 1)
        amount = amount.quantize(Decimal("0.01"))
        due = today + timedelta(days=draw.randint(-20, 14))
        rows.append(
            CustomerEntry(
                company=company,
                customer=customer,
                kind=EntryKind.CREDIT_NOTE if credit_note else EntryKind.INVOICE,
                voucher_no=f"{30000 + place}",
                invoice_no=str(number),
                entry_date=due - timedelta(days=14),
                due_date=due,
                currency_id=company.currency_id,
                amount=amount,
                amount_booked=amount,
                rest=amount,
                kid="" if credit_note else customer_reference(company, customer.number, number, place),
            )
        )
    CustomerEntry.objects.bulk_create(rows)


def customer_reference(company: Company, customer: int, invoice: int, place: int) -> str:
    """What the invoice prints: KID by the guide's setting, every fifth only implied by its numbers; RF; Swedish OCR."""
    if company.country_id == "SE":
        body = str(invoice)
        return numbers.luhn(body + str((len(body) + 2) % 10))
    if place % 11 == 10:
        return numbers.rf_reference(str(invoice))
    return "" if place % 5 == 4 else numbers.kid(customer, invoice)


def _amount(draw: random.Random, currency: str) -> Decimal:
    low, high = (800, 48000) if currency in ("NOK", "SEK", "DKK") else (90, 5200)
    return Decimal(draw.randint(low * 100, high * 100)) / 100


def _rates(company: Company) -> dict[str, Decimal]:
    rates = dict(CurrencyRate.objects.filter(company=company).values_list("currency_id", "rate"))
    return {str(company.currency_id): Decimal(1), **rates}
