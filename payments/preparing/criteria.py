"""What a person asks a payment suggestion for, and the words for what it leaves out (guide, suggestion dialog)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from companies.clock import business_date
from companies.models import BankPartner, Company


class Order(TextChoices):
    """In which order suppliers are taken; with a largest amount it decides who is paid."""

    DUE = "due", _("Earliest planned date first")
    NUMBER = "number", _("Supplier number")
    NAME = "name", _("Supplier name")
    LARGEST = "largest", _("Largest amount first")
    SMALLEST = "smallest", _("Smallest amount first")


class Reason(TextChoices):
    """Why an entry is not taken."""

    REMITTED = "remitted", _("Already remitted: it is in another payment.")
    BY_HAND = "by_hand", _("You left it out: tick it again to pay it.")
    HELD = "held", _("Held back: somebody marked it not to be paid yet.")
    BLOCKED = "blocked", _("The supplier is blocked.")
    CREDIT_STOPPED = "credit_stopped", _("The supplier is also a customer, and credit-stopped.")
    ACCOUNT_WAITS = "account_waits", _("A change of the supplier's account waits for a second person.")
    CREDIT_EXCEEDS = "credit_exceeds", _("The supplier's credit notes exceed the invoices.")
    NOT_NETTED = "not_netted", _("The bank does not set credit notes off: settle it with the supplier.")
    NO_RATE = "no_rate", _("The currency table has no rate for its currency.")
    OTHER_PARTNER = "other_partner", _("The supplier is paid by another bank partner.")
    NO_AGREEMENT = "no_agreement", _("Its bank partner has no active AutoPay agreement for outgoing payments.")
    OVER_LIMIT = "over_limit", _("The largest amount was reached.")


@dataclass(frozen=True, slots=True)
class Criteria:
    """The dialog. `largest_amount` is in company currency; `payment_number` names an existing payment still at 1."""

    bank_partner: BankPartner
    up_to: date
    transfer_date: date
    largest_amount: Decimal | None = None
    payment_number: int | None = None
    use_supplier_partner: bool = False
    only_selected_partner: bool = False
    order: str = Order.DUE
    description: str = ""
    without_entries: frozenset[int] = frozenset()  # unticked by hand, as are whole suppliers
    without_suppliers: frozenset[int] = frozenset()

    @classmethod
    def usual(cls, company: Company, bank_partner: BankPartner) -> Criteria:
        """What the dialog shows first: today plus the company's suggestion days, sent today."""
        today = business_date(company)
        return cls(bank_partner, today + timedelta(days=company.suggestion_days), today)


MOST_BY_HAND = 1_000  # entries and suppliers that may be unticked one by one


class NotPossible(Exception):
    """A criterion cannot be met; `field` names it for the form."""

    def __init__(self, field: str, text: str) -> None:
        self.field, self.text = field, text
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Example:
    """One of the entries, or one supplier, that was left out."""

    supplier_no: int
    supplier: str
    amount: Decimal
    currency: str
    invoice_no: str = ""
    why: str = ""  # who holds it back and until when
    entry_id: int = 0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A reason with how many entries it keeps out and the first of them."""

    reason: Reason
    entries: int
    examples: tuple[Example, ...] = ()

    @property
    def text(self) -> str:
        """The reason as a sentence."""
        return str(self.reason.label)


@dataclass(frozen=True, slots=True)
class Group:
    """One supplier's entries in one currency; `amount` is what would be paid, `home_amount` in company currency."""

    supplier_id: int
    number: int
    name: str
    currency: str
    entries: int
    amount: Decimal
    first_date: date
    partner_id: int
    payroll: bool = False
    credit_notes: int = 0
    credit_amount: Decimal = Decimal(0)
    home_amount: Decimal | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class PreviewPayment:
    """One of the payments OK would make: bank partner, salary or not, sums per currency."""

    bank_partner: BankPartner
    payroll: bool
    suppliers: int
    entries: int
    sums: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Preview:
    """What OK would do."""

    criteria: Criteria
    payments: tuple[PreviewPayment, ...]
    groups: tuple[Group, ...]
    left_out: tuple[LeftOut, ...]
    home_total: Decimal = Decimal(0)
    sums: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def entries(self) -> int:
        """Number of entries that would be taken."""
        return sum(group.entries for group in self.groups)
