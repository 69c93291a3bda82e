"""A payment at 1 Estimate: its lines are made, changed and taken out here; every change keeps the reservation right.

A change first bumps the payment's version where it is still a draft; an upload that started meanwhile makes it fail,
so nobody edits what is being sealed. Source: guide (edit before upload), decisions §2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from autopay_console.kernel import amounts
from autopay_console.kernel.money import ZERO
from autopay_console.kernel.sets import chunks
from companies.accounts import normalise
from companies.calendars import bank_day_from, calendars_for
from companies.choices import FeeCode
from companies.clock import business_date
from companies.models import BankPartner, Person, Supplier
from payments import headers, reservation, texts
from payments.choices import LineStatus, RoundState
from payments.iso20022.currencies import decimals_of
from payments.models import Payment, PaymentLine, SupplierEntry
from payments.preparing import payees
from payments.preparing.duplicates import payee_key
from payments.preparing.planning import said
from payments.reference_rules import classify as classify_reference
from payments.reference_rules import squeezed
from payments.story import tell

_SLICE = 500
log = structlog.get_logger(__name__)


class NotAnEstimate(Exception):
    """The payment was uploaded (or deleted) meanwhile; what was asked for was not done."""


class NotAllowed(Exception):
    """A line cannot be changed that way; `field` names it for the form."""

    def __init__(self, field: str, text: str) -> None:
        self.field, self.text = field, text
        super().__init__(text)


def open_for_change(payment: Payment) -> None:
    """Take the payment for a change within the transaction; raises NotAnEstimate when it is no draft any more."""
    draft = Payment.objects.filter(pk=payment.pk, round_state=RoundState.DRAFT)
    if not draft.update(version=F("version") + 1):
        text = _("Payment %(number)s is no longer an estimate: it was uploaded or deleted meanwhile.")
        raise NotAnEstimate(text % {"number": payment.number})


@dataclass(slots=True)
class Target:
    """A payment that is being filled, and what all its lines share."""

    payment: Payment
    partner: BankPartner
    transfer_date: date
    costs: dict[int, str]
    declarations: dict[str, str]

    @classmethod
    def of(cls, payment: Payment, partner: BankPartner, transfer_date: date) -> Target:
        """With the texts of fee and declaration codes."""
        company = payment.company
        costs, declarations = texts.foreign_costs(company, partner), texts.declaration_texts(company)
        return cls(payment, partner, transfer_date, costs, declarations)

    def line(self, entry: SupplierEntry, supplier: Supplier, number: int, taken: Decimal) -> PaymentLine:
        """A line that pays what was taken of an entry, less the cash discount when it is paid in time."""
        pay_date = self._pay_date(entry)
        in_time = entry.discount_date is not None and pay_date <= entry.discount_date
        earned = in_time and taken == entry.amount > entry.discount_amount  # none of a credit note
        discount = entry.discount_amount if earned else ZERO
        account = payees.account_of(supplier, self.partner.country_id, own=entry.account)
        fee_code = entry.fee_code or supplier.fee_code
        declaration, words = self._declaration(entry, supplier)
        amount = taken - discount
        return PaymentLine(
            payment=self.payment,
            line_no=number,
            company_id=self.payment.company_id,
            supplier_id=supplier.pk,
            entry_id=entry.pk,
            currency_id=entry.currency_id,
            amount=amount,
            original_amount=amount,
            discount=discount,
            pay_date=pay_date,
            account=account,
            kid=entry.kid,
            message=entry.extra_text if self.partner.include_extra_text else "",
            fee_code=fee_code,
            foreign_cost=self.costs[fee_code] if supplier.country_id != self.partner.country_id else "",
            declaration_code=declaration,
            declaration_text=words,
            payee_key=payee_key(account, amount, entry.currency_id, entry.kid),
        )

    def _pay_date(self, entry: SupplierEntry) -> date:
        """The planned date, not before the transmission date, on a bank day of the debit country."""
        day = self.transfer_date
        if not self.partner.planned_date_for_all:
            day = max(entry.planned_date, day)
        return bank_day_from(day, calendars_for(self.partner.country_id, entry.currency_id))

    def _declaration(self, entry: SupplierEntry, supplier: Supplier) -> tuple[str, str]:
        """Code and text for the authorities: of payments abroad only."""
        if supplier.country_id == self.partner.country_id:
            return "", ""
        code = entry.declaration_code or supplier.declaration_code
        if code:
            return code, self.declarations.get(code, "")
        code = self.partner.declaration_code
        return code, self.partner.declaration_text or self.declarations.get(code, "")


@transaction.atomic
def edit_line(
    line: PaymentLine,
    by: Person,
    *,
    amount: Decimal | None = None,
    pay_date: date | None = None,
    account: str | None = None,
    message: str | None = None,
    fee_code: int | None = None,
    kid: str | None = None,
    urgent: bool | None = None,
) -> PaymentLine:
    """Change a line before the upload; what is left out stays. Raises NotAllowed, NotAnEstimate or NotFree.

    A new amount is a part payment (or again the whole): a cash discount is only taken with the whole amount. A new
    reference is kept with the invoice too, so that the next suggestion has it.
    """
    payment = line.payment
    open_for_change(payment)
    around = ("supplier", "entry", "payment__bank_partner__profile", "payment__bank_partner__country")
    line = PaymentLine.objects.select_related(*around).get(pk=line.pk)
    changes: dict[str, Any] = {}
    if amount is not None and amount != line.amount:
        changes |= _new_amount(line, amount)
    if pay_date is not None and pay_date != line.pay_date:
        changes |= _new_date(line, pay_date, in_part="amount" in changes)
    if account is not None and normalise(account) != line.account:
        changes["account"] = _checked_account(line, account)
    if message is not None and message.strip() != line.message:
        changes["message"] = message.strip()[:280]
    if fee_code is not None and fee_code != line.fee_code:
        changes |= _new_fee_code(line, fee_code)
    if kid is not None and (plain := squeezed(kid)) != line.kid:
        changes["kid"] = _checked_reference(line, plain)
    if urgent is not None and urgent != line.urgent:
        changes["urgent"] = _checked_urgency(line, urgent)
    if not changes:
        return line
    what = ", ".join(_changed(line, name, value) for name, value in changes.items() if name != "discount")
    for name, value in changes.items():
        setattr(line, name, value)
    line.payee_key = payee_key(line.account, line.amount, line.currency_id, line.kid)
    line.save(update_fields=[*changes, "payee_key"])
    if "kid" in changes:
        SupplierEntry.objects.filter(pk=line.entry_id).update(kid=line.kid)
    headers.refresh_totals({payment.pk})
    tell(payment.pk, "edited", _("Line %(line)s: %(what)s.") % {"line": line.line_no, "what": what}, by)
    return line


def _changed(line: PaymentLine, column: str, value: Any) -> str:
    """A change as the payment's story tells it: what it was and what it is."""
    name = PaymentLine._meta.get_field(column).verbose_name  # type: ignore[union-attr]
    return f"{name} {_said(getattr(line, column))} → {_said(value)}"


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return amounts.shown(value)
    return str(value) if value not in ("", None) else "–"


def _new_amount(line: PaymentLine, amount: Decimal) -> dict[str, Any]:
    if (amount > 0) != (line.amount > 0) or not amount:
        text = (
            _("A credit note's amount must be less than zero.")
            if line.amount < 0
            else _("The amount must be more than zero; to pay nothing, take the line out.")
        )
        raise NotAllowed("amount", text)
    decimals = decimals_of(line.currency_id)
    if amount != round(amount, decimals):
        text = _("%(currency)s has %(decimals)s decimals.") % {"currency": line.currency_id, "decimals": decimals}
        raise NotAllowed("amount", text)
    reservation.change(line.entry_id, line.amount + line.discount, amount)
    return {"amount": amount, "discount": ZERO}


def _new_date(line: PaymentLine, day: date, *, in_part: bool) -> dict[str, Any]:
    if day < business_date(line.payment.company):
        raise NotAllowed("pay_date", _("The payment date is past: choose today or later."))
    last = line.entry.discount_date
    changes: dict[str, Any] = {"pay_date": day}
    if line.discount and last and day > last and not in_part:  # too late for the discount: the whole amount is due
        changes |= {"amount": line.amount + line.discount, "discount": ZERO}
    return changes


def _checked_account(line: PaymentLine, account: str) -> str:
    plain = normalise(account)
    own = {normalise(line.entry.account)} - {""}
    if plain in own | set(payees.accounts_of(line.supplier)):
        return plain
    text = _("%(account)s is no account of %(supplier)s: change it on the supplier, where a second person sees it.")
    raise NotAllowed("account", text % {"account": account, "supplier": line.supplier.name})


def _checked_reference(line: PaymentLine, plain: str) -> str:
    """KID, OCR, FIK, Finnish or RF reference with right check digits; empty for none."""
    if not plain:
        return ""
    if len(plain) > 35:
        raise NotAllowed("kid", _("A reference has at most 35 characters."))
    found = classify_reference(plain, line.supplier.country_id)
    if found is None:
        text = _("%(value)s is no reference that banks in the receiver's country know: write it as the message.")
        raise NotAllowed("kid", text % {"value": plain})
    if found.problem is not None:
        raise NotAllowed("kid", said(found.problem))
    return plain


def _checked_urgency(line: PaymentLine, urgent: bool) -> bool:
    if urgent and not may_be_urgent(line):
        text = _("%(bank)s has no same-day payment for this line: only payments at home, where the profile names one.")
        raise NotAllowed("urgent", text % {"bank": line.payment.bank_partner.profile.name})
    return urgent


def may_be_urgent(line: PaymentLine) -> bool:
    """Whether the bank's profile names a same-day instrument for such a payment: at home, to an account."""
    partner = line.payment.bank_partner
    at_home = line.supplier.country_id == partner.country_id and line.currency_id == partner.country.currency_id
    return bool(partner.profile.same_day_instrument) and at_home and not line.supplier.is_payroll


def _new_fee_code(line: PaymentLine, code: int) -> dict[str, Any]:
    if code not in FeeCode.values:
        raise NotAllowed("fee_code", _("Fee code %(code)s is not one of 0 to 4.") % {"code": code})
    partner = line.payment.bank_partner
    if line.supplier.country_id == partner.country_id:
        return {"fee_code": code}
    return {"fee_code": code, "foreign_cost": texts.foreign_costs(line.payment.company, partner)[code]}


@transaction.atomic
def take_out(line: PaymentLine, by: Person) -> None:
    """Remove a line from the estimate; its entry can be suggested again."""
    payment = line.payment
    open_for_change(payment)
    if not PaymentLine.objects.filter(pk=line.pk, status=LineStatus.ESTIMATE).exists():
        raise NotAnEstimate(_("Line %(line)s is no longer in the payment.") % {"line": line.line_no})
    reservation.release_lines([line.pk])
    PaymentLine.objects.filter(pk=line.pk).delete()
    headers.refresh_totals({payment.pk})
    text = _("Line %(line)s was taken out: %(invoice)s, %(amount)s %(currency)s.") % {
        "line": line.line_no,
        "invoice": line.entry.invoice_no,
        "amount": amounts.shown(line.amount),
        "currency": line.currency_id,
    }
    tell(payment.pk, "taken_out", text, by)


def delete(payment: Payment, by: Person) -> int:
    """Delete an estimate with all its lines; the entries can be suggested again. Answers the number of lines."""
    ids = list(PaymentLine.objects.filter(payment=payment).values_list("pk", flat=True))
    for some in chunks(ids, _SLICE):
        with transaction.atomic():
            open_for_change(payment)
            reservation.release_lines(some)
            PaymentLine.objects.filter(pk__in=some).delete()
    with transaction.atomic():
        open_for_change(payment)
        Payment.objects.filter(pk=payment.pk).delete()
    # a deleted payment keeps no story, so the log says who
    log.info("payment_deleted", company=payment.company_id, number=payment.number, lines=len(ids), by=by.pk)
    return len(ids)
