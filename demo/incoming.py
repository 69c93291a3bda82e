"""The bank day of the demo: customers who pay right, and customers who do not. Each row says what must become of it.

`expected.json` beside this file lists, per payment, the rule that must match it or the reason that must park it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from companies.models import Company
from demo import numbers
from payments.choices import PaidStatus
from payments.models import CustomerEntry

EXPECTED = Path(__file__).with_name("expected.json")


@dataclass
class Plan:
    """Payments into one account, by the file format they come in."""

    company: Company
    account: str
    open: list[CustomerEntry]
    by_format: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)  # payer account -> label in expected.json
    serial: int = 0

    def take(self, *, kid: bool | None = None, rf: bool = False) -> CustomerEntry:
        """The next open invoice, with or without a KID of its own, or with an RF reference."""
        for place, entry in enumerate(self.open):
            has_rf = entry.kid.startswith("RF")
            if has_rf == rf and (kid is None or rf or bool(entry.kid) == kid):
                return self.open.pop(place)
        raise LookupError("no open invoice of this kind is left")

    def take_two(self) -> tuple[CustomerEntry, CustomerEntry]:
        """Two open invoices of one customer."""
        for entry in self.open:
            for other in self.open:
                if other.pk != entry.pk and other.customer_id == entry.customer_id:
                    self.open.remove(entry)
                    self.open.remove(other)
                    return entry, other
        raise LookupError("no customer has two open invoices")

    def pay(self, label: str, entry: CustomerEntry | None, amount: Decimal, form: str, **facts: Any) -> None:
        """One customer payment; its payer account is its own, so that the outcome can be found again."""
        self.serial += 1
        account = numbers.norwegian_account(self.serial * 13, f"97{self.company.number}0")
        name = entry.customer.name if entry else "Ukjent Betaler"
        self.labels[account] = label
        self.by_format.setdefault(form, []).append(
            {"amount": f"{amount:.2f}", "debtor": {"name": name, "account": account}, **facts}
        )


def plans(*, whatever: bool = False) -> list[Plan]:
    """What customers pay, from the open invoices as they are now (or from all, `whatever` became of them)."""
    return [_norwegian(Company.objects.get(number=1), whatever), _swedish(Company.objects.get(number=2), whatever)]


def expected() -> dict[str, str]:
    """label -> "matched <rule>" or "parked <reason>"."""
    outcomes: dict[str, str] = json.loads(EXPECTED.read_text(encoding="utf-8"))
    return outcomes


def labels() -> list[Plan]:
    """The same plans again, from all invoices whatever has become of them: which payer account is which row."""
    return plans(whatever=True)


def _open(company: Company, whatever: bool) -> list[CustomerEntry]:
    rows = CustomerEntry.objects.filter(company=company, amount__gt=0).select_related("customer")
    return list((rows if whatever else rows.filter(status=PaidStatus.OPEN)).order_by("invoice_no"))


def _norwegian(company: Company, whatever: bool) -> Plan:
    plan = Plan(company, company.bank_partners.get(number=1).account, _open(company, whatever))
    for number in range(1, 31):
        entry = plan.take(kid=True)
        plan.pay(f"no-kid-{number:02}", entry, entry.amount, "camt.054" if number % 2 else "vip", reference=entry.kid)
    for number in range(1, 9):
        entry = plan.take(kid=False)
        kid = numbers.kid(entry.customer.number, int(entry.invoice_no))
        plan.pay(f"no-split-{number}", entry, entry.amount, "camt.054", reference=kid)
    for number in range(1, 6):
        entry = plan.take(rf=True)
        plan.pay(f"no-rf-{number}", entry, entry.amount, "camt.054", reference=entry.kid)
    for number in range(1, 5):
        entry = plan.take()
        plan.pay(f"no-invoice-{number}", entry, entry.amount, "vip", invoices=[entry.invoice_no])
    for number in range(1, 5):
        entry = plan.take()
        plan.pay(f"no-text-{number}", entry, entry.amount, "camt.054", text=f"Faktura {entry.invoice_no}")
    one, two = plan.take_two()
    text = f"Faktura {one.invoice_no} og {two.invoice_no}"
    plan.pay("no-two-invoices", one, one.amount + two.amount, "camt.054", text=text)
    entry = plan.take(kid=True)
    plan.pay("no-underpaid", entry, entry.amount - 100, "camt.054", reference=entry.kid)
    entry = plan.take(kid=True)
    plan.pay("no-overpaid", entry, entry.amount + 250, "camt.054", reference=entry.kid)
    entry = plan.take(kid=True)
    plan.pay("no-twice-1", entry, entry.amount, "camt.054", reference=entry.kid)
    plan.pay("no-twice-2", entry, entry.amount, "vip", reference=entry.kid)
    unknown = numbers.kid(19999, 99999)
    plan.pay("no-unknown-kid", None, Decimal("1250.00"), "camt.054", reference=unknown)
    known = numbers.kid(10001, 99998)
    plan.pay("no-unknown-invoice", None, Decimal("990.00"), "camt.054", reference=known)
    plan.pay("no-nothing-said", None, Decimal("777.00"), "camt.054")
    entry = plan.take()
    wrong = f"Faktura {entry.invoice_no}"
    plan.pay("no-wrong-amount", entry, entry.amount - Decimal("33.33"), "vip", text=wrong)
    return plan


def _swedish(company: Company, whatever: bool) -> Plan:
    plan = Plan(company, company.bank_partners.get(number=1).account, _open(company, whatever))
    for number in range(1, 13):
        entry = plan.take(kid=True)
        plan.pay(f"se-ocr-{number:02}", entry, entry.amount, "camt.054", reference=entry.kid)
    entry = plan.take()
    plan.pay("se-text", entry, entry.amount, "camt.054", text=f"Faktura {entry.invoice_no}")
    plan.pay("se-nothing-said", None, Decimal("420.00"), "camt.054")
    return plan
