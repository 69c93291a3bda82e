"""Open supplier entries become a payment with lines."""

from __future__ import annotations

from bench import floors, seeding
from bench.measure import Measured, Meter, measured
from bench.place import Place
from companies.calendars import bank_holidays
from companies.models import BankPartner, Company, Person
from payments.choices import PaidStatus
from payments.models import Payment, PaymentEvent, PaymentLine, PaymentTotal, SupplierEntry
from payments.preparing.criteria import Criteria
from payments.suggesting import suggestion
from tests import build

TITLE = "Suggestion: open entries to a payment"
UNIT = "entries"
TARGET = 3.0
SIZES = (1_000, 10_000, 100_000)
_READ = 1_000


def prepare(place: Place, items: int) -> None:
    """Open entries of many suppliers, one in ten of them due (of a million at most)."""
    company, _partner = seeding.a_company()
    build.an_accountant(company)
    seeding.supplier_entries(company, seeding.among(items), items)


def product(place: Place, items: int) -> Measured:
    """What OK in the suggestion dialog does."""
    company, partner, person = Company.objects.get(), BankPartner.objects.get(), Person.objects.get()

    bank_holidays("NO", build.TODAY.year)  # loads the calendars, once in a process

    def work(meter: Meter) -> None:
        suggestion.create(company, Criteria(partner, build.TODAY, build.TODAY), person)

    found = measured(items, work)
    lines = PaymentLine.objects.count()
    if lines != items:
        raise AssertionError(f"{lines} of {items} entries were taken")
    return found


def floor(place: Place, items: int) -> Measured:
    """One indexed select of the due entries and a bulk insert of the same lines."""
    company = Company.objects.get()

    def work(meter: Meter) -> None:
        due = SupplierEntry.objects.filter(
            company=company, planned_date__lte=build.TODAY, status__in=(PaidStatus.OPEN, PaidStatus.PARTLY)
        )
        for _entry in due.order_by("planned_date", "pk").iterator(_READ):
            pass
        floors.insert_same_rows(meter, (Payment, PaymentLine, PaymentTotal, PaymentEvent))

    return measured(items, work)
