"""What the bank says is on an account: the latest statement or intraday report, and what was booked after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, F, Max, OuterRef, Sum, Window

from autopay_console.kernel.money import ZERO
from autopay_console.kernel.once import once
from companies.accounts import account_key
from companies.models import BankPartner, Company, FactoringCompany
from payments.choices import ImportPhase
from payments.models import BankEntry, Statement

TOLD_BY = ("camt.053", "camt.052")
NOTIFIED_BY = ("camt.054", "vip")


@dataclass(frozen=True, slots=True)
class Balance:
    """What the bank says is on the account: the sum, the day it stood there, and what was booked after it."""

    told: Decimal
    day: date
    source: str
    booked_since: Decimal = ZERO

    @property
    def now(self) -> Decimal:
        return self.told + self.booked_since

    @property
    def intraday(self) -> bool:
        """A report of a day that is not over."""
        return self.source == "camt.052"


@dataclass(frozen=True, slots=True)
class OurAccount:
    """One account of the company, as far as others ask about it."""

    pk: int
    account: str
    currency: str
    active: bool
    has_factoring: bool  # customers pay to it through a factoring company


def our_accounts(company: Company) -> tuple[OurAccount, ...]:
    """Every account of the company by its number, also those no longer in use; one query."""
    return once(("our accounts", company.pk), lambda: tuple(_our_accounts(company)))


def _our_accounts(company: Company) -> Iterator[OurAccount]:
    factoring = Exists(FactoringCompany.objects.filter(company=company, bank_partner=OuterRef("pk")))
    rows = BankPartner.objects.filter(company=company).annotate(factoring=factoring).order_by("number")
    for row in rows.values_list("pk", "account", "currency_id", "active", "factoring"):
        yield OurAccount(*row)


def of_accounts(company: Company, partners: Sequence[BankPartner]) -> dict[int, Balance]:
    """The latest balance the bank told of each account, and what notifications booked after that day."""
    by_key = {account_key(one.account): one.pk for one in partners}
    told = Statement.objects.filter(
        company=company,
        account__in=list(by_key),
        closing__isnull=False,
        to_date__isnull=False,
        file__type__in=TOLD_BY,
        file__phase__gt=ImportPhase.STAGING,
    )
    found: dict[str, Balance] = {}
    rows = told.annotate(last=Window(Max("to_date"), partition_by=F("account"))).filter(to_date=F("last"))
    latest = rows.order_by("file__received_at", "page").values_list("account", "to_date", "closing", "file__type")
    for key, day, closing, kind in latest:
        if found.get(key) and found[key].source == "camt.053" and kind != "camt.053":
            continue  # the statement of a day weighs more than a report of the same day
        if closing is not None and day is not None:
            found[key] = Balance(closing, day, kind)
    if not found:
        return {}
    since = BankEntry.objects.filter(
        company=company,
        account__in=list(found),
        booking_date__gt=min(one.day for one in found.values()),
        status="BOOK",
        message_type__in=NOTIFIED_BY,
        file__phase__gt=ImportPhase.STAGING,
    ).order_by()
    booked: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for key, day, total in since.values_list("account", "booking_date").annotate(total=Sum("amount")):
        if day > found[key].day:
            booked[key] += total
    return {by_key[key]: Balance(one.told, one.day, one.source, booked[key]) for key, one in found.items()}
