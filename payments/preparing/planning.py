"""A supplier invoice is registered: when it is to be paid is decided here, and said in words.

The planned payment date is the last day of the cash discount or the due date, moved off the company's days without
payments and off bank holidays when the voucher type asks for it. Visma Business decides this once, at registration;
so do we (domain facts 1.6, 1.7; guide "Planned payment date").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.utils import translation
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from companies.accounts import normalise
from companies.calendars import FreeDays, Planned, calendars_for, planned_payment_date
from companies.clock import business_date
from companies.models import BankPartner, Company, Supplier, VoucherType
from companies.problems import Problem
from payments.choices import EntryKind
from payments.models import SupplierEntry


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What the voucher of an invoice or credit note says; a credit note's amount is negative.

    `amount_booked` is in company currency and may be left out when the currency is the company's own. Codes that are
    0 or empty come from the supplier. `discount_amount` may be taken up to and including `discount_date`.
    """

    invoice_no: str
    amount: Decimal
    entry_date: date
    due_date: date
    currency: str = ""
    amount_booked: Decimal | None = None
    discount_amount: Decimal = ZERO
    discount_date: date | None = None
    voucher_no: str = ""
    voucher_type: VoucherType | None = None
    kid: str = ""
    extra_text: str = ""
    account: str = ""
    fee_code: int = 0
    declaration_code: str = ""
    held: bool = False


@dataclass(frozen=True, slots=True)
class PlannedDate:
    """The day an entry is to be paid, and why it is that day."""

    day: date
    why: str


def register_supplier_entry(company: Company, supplier: Supplier, new: NewEntry) -> SupplierEntry:
    """Register an invoice or credit note as an open entry with its planned payment date."""
    if supplier.company_id != company.pk:
        raise ValueError(f"supplier {supplier.number} is not one of company {company.number}")
    entry = Planner(company).entry(supplier, new)
    entry.save(force_insert=True)
    return entry


def planned_date(company: Company, supplier: Supplier, new: NewEntry) -> PlannedDate:
    """When to pay, and why then, in the company's language."""
    return Planner(company).planned(supplier, new)


class Planner:
    """Plans any number of entries of one company: what they share is read once."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.free = FreeDays.from_bits(company.days_without_payments)

    @cached_property
    def today(self) -> date:
        """The business date."""
        return business_date(self.company)

    @cached_property
    def _first_partner(self) -> BankPartner | None:
        return BankPartner.objects.filter(company=self.company, active=True).order_by("number").first()

    def entry(self, supplier: Supplier, new: NewEntry) -> SupplierEntry:
        """The open entry with its planned payment date, not saved yet."""
        company = self.company
        planned = self.planned(supplier, new)
        currency = new.currency or company.currency_id
        if new.amount_booked is None and currency != company.currency_id:
            raise ValueError(f"{new.invoice_no}: an amount in {currency} needs its amount in {company.currency_id}")
        return SupplierEntry(
            company=company,
            supplier=supplier,
            kind=EntryKind.INVOICE if new.amount > 0 else EntryKind.CREDIT_NOTE,
            voucher_no=new.voucher_no,
            voucher_type=new.voucher_type,
            invoice_no=new.invoice_no,
            entry_date=new.entry_date,
            due_date=new.due_date,
            planned_date=planned.day,
            planned_why=planned.why,
            currency_id=currency,
            amount=new.amount,
            amount_booked=new.amount if new.amount_booked is None else new.amount_booked,
            rest=new.amount,
            discount_amount=new.discount_amount,
            discount_date=new.discount_date,
            kid=new.kid.replace(" ", ""),
            extra_text=new.extra_text,
            account=normalise(new.account),
            fee_code=new.fee_code or supplier.fee_code,
            declaration_code=new.declaration_code or supplier.declaration_code,
            held=new.held,
        )

    def planned(self, supplier: Supplier, new: NewEntry) -> PlannedDate:
        """When to pay, and why then, in the company's language."""
        calendars = self._calendars(supplier, new.currency or self.company.currency_id)
        free = self.free
        with translation.override(self.company.language):
            base, why = new.due_date, ""
            if last := self._discount_in_reach(new):
                base, why = last, _("Last day of the cash discount.")
                free = replace(free, earlier=True)  # a later day would lose the discount
            if new.voucher_type is not None and not new.voucher_type.move_to_workday:
                return PlannedDate(base, why)
            planned = planned_payment_date(base, free, calendars)
            return PlannedDate(planned.day, _in_words(why, base, planned))

    def _discount_in_reach(self, new: NewEntry) -> date | None:
        """The last day of a discount that can still be taken."""
        last = new.discount_date
        return last if new.discount_amount and last and self.today <= last <= new.due_date else None

    def _calendars(self, supplier: Supplier, currency: str) -> tuple[str, ...]:
        """The bank holidays of the account that will be debited, and TARGET for euro; none when switched off."""
        if not self.company.use_bank_holidays:
            return ()
        partner = supplier.bank_partner or self._first_partner
        return calendars_for(partner.country_id if partner else self.company.country_id, currency)


def _in_words(why: str, base: date, planned: Planned) -> str:
    reasons = [said(reason) for reason in planned.reasons]
    if reasons and planned.day != base:
        # the first and the last closed day are enough to understand the move
        reasons = [reasons[0]] if len(reasons) == 1 else [reasons[0], reasons[-1]]
    return " ".join(part for part in (why, *reasons) if part)[:120]


def said(problem: Problem) -> str:
    """A finding in the language in force."""
    text = _(problem.message)
    return text % problem.params if problem.params else text
