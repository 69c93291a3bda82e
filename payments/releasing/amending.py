"""Changes in Approval: a lower amount, another date. New bytes, a new digest, and approvals start again.

Only before the first approval may a person change a line (amount: lower, at home, no credit note; the original stays on
the line). Whoever may approve the payment may change it, a deputy too. A payment whose date has passed may be moved
with approvals already given: they were for other bytes and are asked for again. All of it is one transaction. Source:
decisions §4, domain facts 3.6.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from autopay_console.kernel import amounts
from autopay_console.kernel.money import ZERO
from companies.calendars import bank_day_from, calendars_for, closed_because, earliest_execution
from companies.clock import business_date, business_now
from companies.models import Person
from payments import events, files, headers, reservation, transfers
from payments.choices import LineStatus, RoundState
from payments.iso20022.currencies import decimals_of
from payments.models import Payment, PaymentLine, Transfer
from payments.preparing import payees, refusals, rounds, sealing
from payments.preparing.duplicates import payee_key
from payments.preparing.mandates import in_place_of, mandates
from payments.story import tell


def amend(line: PaymentLine, by: Person, amount: Decimal | None = None, pay_date: date | None = None) -> PaymentLine:
    """Lower a line's amount or move its date before the first approval.

    Raises NotAmendable, NotAnApprover, RoundClosed, ChangedSinceSeen or CannotSeal; then nothing was changed.
    """
    payment = _read(line.payment_id)
    line = PaymentLine.objects.select_related("supplier", "entry").get(pk=line.pk)
    _check_person(payment, by)
    _check_line(line)
    if amount is not None:
        _check_amount(payment, line, amount)
    if pay_date is not None:
        _check_date(payment, line, pay_date)

    def change() -> str:
        return _amended(line, amount, pay_date)

    _seal_anew(payment, Q(given=0), by, "amended", change)
    return line


def move_to_next_bank_day(payment: Payment, by: Person) -> int:
    """Move every line the bank would not execute any more to the first day it will; answers how many moved."""
    payment = _read(payment.pk)
    _check_person(payment, by)
    company, cutoff = payment.company, payment.agreement.cutoff
    now, today = business_now(company), business_date(company)
    lines = PaymentLine.objects.filter(payment=payment, status=LineStatus.AT_EFT)
    moved = 0

    def change() -> str:
        nonlocal moved
        days = set()
        for currency in lines.order_by().values_list("currency_id", flat=True).distinct():
            calendars = calendars_for(payment.bank_partner.country_id, currency)
            day = (
                earliest_execution(now, cutoff, company.time_zone, calendars)
                if cutoff
                else bank_day_from(today, calendars)
            )
            moved += _move_dates(lines.filter(currency_id=currency, pay_date__lt=day), day)
            days.add(day.isoformat())
        if not moved:
            raise refusals.NotAmendable(_("No line has to be moved: all dates can still be executed."))
        return _("Moved to the next bank day, %(days)s: %(lines)s lines.") % {
            "days": ", ".join(sorted(days)),
            "lines": moved,
        }

    _seal_anew(payment, Q(), by, "moved", change)
    return moved


def _read(pk: int) -> Payment:
    related = ("company", "bank_partner__profile", "bank_partner__company", "agreement", "uploaded_by")
    return Payment.objects.select_related(*related).get(pk=pk)


def _check_person(payment: Payment, by: Person) -> None:
    """An approver, or somebody standing in for one for a payment of this size: whoever may approve it may change it."""
    if not mandates(payment, by):
        raise refusals.not_an_approver(payment)


def _check_line(line: PaymentLine) -> None:
    if line.amount < 0:
        raise refusals.NotAmendable(_("A credit note cannot be changed in Approval: cancel the payment instead."))
    if line.status != LineStatus.AT_EFT:
        raise refusals.NotAmendable(_("Line %(line)s does not wait for approval.") % {"line": line.line_no})


def _check_amount(payment: Payment, line: PaymentLine, amount: Decimal) -> None:
    payee = payees.creditor(line.supplier, line.account)
    if payee.country != payment.bank_partner.country_id:
        raise refusals.NotAmendable(_("Only payments inside the country can be lowered in Approval."))
    if not 0 < amount <= line.amount:
        text = _("The amount can only be lowered: more than zero, at most %(amount)s.")
        raise refusals.NotAmendable(text % {"amount": line.amount})
    if amount != round(amount, decimals_of(line.currency_id)):
        text = _("%(amount)s has more decimals than %(currency)s.")
        raise refusals.NotAmendable(text % {"amount": amount, "currency": line.currency_id})


def _check_date(payment: Payment, line: PaymentLine, day: date) -> None:
    if day < business_date(payment.company):
        raise refusals.NotAmendable(_("The payment date is past: choose today or later."))
    if reason := closed_because(day, calendars_for(payment.bank_partner.country_id, line.currency_id)):
        text = _("%(day)s is no bank day: %(reason)s.")
        raise refusals.NotAmendable(text % {"day": day.isoformat(), "reason": reason})


def _amended(line: PaymentLine, amount: Decimal | None, pay_date: date | None) -> str:
    """Write the new values; the entry's hold follows the amount. Answers what is told."""
    parts = []
    if amount is not None and amount != line.amount:
        reservation.change(line.entry_id, line.amount + line.discount, amount)
        parts.append(
            _("amount %(before)s → %(after)s") % {"before": amounts.shown(line.amount), "after": amounts.shown(amount)}
        )
        line.amount, line.discount = amount, Decimal(0)
        line.payee_key = payee_key(line.account, amount, line.currency_id, line.kid)
    if pay_date is not None and pay_date != line.pay_date:
        parts.append(_("date %(before)s → %(after)s") % {"before": line.pay_date, "after": pay_date})
        line.original_pay_date = line.original_pay_date or line.pay_date
        line.pay_date = pay_date
        if _too_late_for_the_discount(line):
            parts.append(_give_the_discount_up(line))
    if not parts:
        raise refusals.NotAmendable(_("Nothing was changed."))
    line.save(update_fields=["amount", "discount", "payee_key", "pay_date", "original_pay_date"])
    said = {"line": line.line_no, "what": ", ".join(parts)}
    return _("Line %(line)s changed: %(what)s. Approvals start again.") % said


def _too_late_for_the_discount(line: PaymentLine) -> bool:
    last = line.entry.discount_date
    return bool(line.discount and last and line.pay_date > last)


def _give_the_discount_up(line: PaymentLine) -> str:
    """Nothing more is paid than approvers saw; what the discount would have closed stays open. Answers what is told."""
    reservation.change(line.entry_id, line.amount + line.discount, line.amount)
    given_up, line.discount = line.discount, Decimal(0)
    text = _("too late for the cash discount, %(amount)s of the invoice stays open")
    return text % {"amount": amounts.shown(given_up)}


def _move_dates(lines: QuerySet[PaymentLine], day: date) -> int:
    reservation.release_discounts(lines.filter(discount__gt=ZERO, entry__discount_date__lt=day))
    return lines.update(original_pay_date=Coalesce("original_pay_date", "pay_date"), pay_date=day)


def _seal_anew(payment: Payment, only_if: Q, by: Person, kind: str, change: Callable[[], str]) -> None:
    """The next round: change, stop the old files, seal, open. All of it or nothing, no file without a row either."""
    paths: list[str] = []
    try:
        _next_round(payment, only_if, by, kind, change, paths)
    except BaseException:
        for path in paths:  # their names hold a message id nobody else gets
            files.remove(path)
        raise


def _next_round(
    payment: Payment, only_if: Q, by: Person, kind: str, change: Callable[[], str], paths: list[str]
) -> None:
    """One transaction: who comes first takes the round. `paths` hears of the files as soon as they are sealed."""
    before = payment.round
    with transaction.atomic():
        taken = Payment.objects.filter(
            only_if,
            pk=payment.pk,
            round=before,
            digest=payment.digest,
            round_state=RoundState.WAITING,
            needed__gt=0,
        ).update(round=F("round") + 1, digest="", given=0, needed=0)
        if not taken:
            raise _what_happened(payment)
        told = change()
        transfers.cancel_unsent(payment.pk, before)
        payment.round = before + 1
        sealed = sealing.seal(payment, payment.round)
        paths += Transfer.objects.filter(pk__in=sealed.transfer_ids).values_list("path", flat=True)
        headers.refresh_totals({payment.pk})
        needed = rounds.needed_approvers(payment)
        rounds.open_round(payment.pk, payment.round, sealed.digest, needed)
        tell(payment.pk, kind, told + in_place_of(payment, by), by)
        payment.refresh_from_db(fields=["digest", "needed", "given", "line_count", "salary"])
        events.approval_changed.send(sender=Payment, payment_id=payment.pk)


def _what_happened(payment: Payment) -> refusals.Refusal:
    now = _read(payment.pk)
    if now.round_state != RoundState.WAITING or not now.needed:
        return refusals.round_closed(now)
    if now.digest != payment.digest:
        return refusals.changed_since_seen(now)
    text = _("Payment %(number)s has its first approval: it can no longer be changed, only cancelled.")
    return refusals.RoundClosed(text % {"number": now.number})
