"""Parked payments to be resolved in tests of the screens."""

from __future__ import annotations

from payments.models import IncomingPayment
from tests.payments.incoming import bank_files

KID = "00001234500000100011"


def a_company(**facts):
    """A company that receives payments, with invoice 12345 of customer 10001 open."""
    company = bank_files.a_receiving_company(**facts)
    bank_files.an_invoice(company, "1012.50")
    return company


def parked(company, amount="500.00", **facts):
    """A payment that names nothing."""
    credit = bank_files.a_credit(bank_files.a_payment(amount, **{"account": "", **facts}))
    file = bank_files.loaded(company, bank_files.camt054(credit))
    return IncomingPayment.objects.get(file=file)


def split_of(payment, *shares, **more):
    """What the split form sends: (entry, amount) pairs."""
    values = {"version": payment.version, "rest": "leave", "remember": "1", "entry": [], "use": []} | more
    for entry, amount in shares:
        values["entry"].append(entry.pk)
        values["use"].append(entry.pk)
        values[f"place_{entry.pk}"] = amount
    return values
