"""Undo what a rule or a person decided about an incoming payment, and pay money back.

A posted voucher is reversed by a new one, which opens the invoices again; one that waits is taken out of its batch.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from companies.clock import business_date
from companies.models import Person, Supplier
from payments.books import ledger
from payments.books.ledger_building import take_out
from payments.books.ledger_specs import BookingRefused
from payments.choices import BatchState, EntryKind, IncomingState, ParkReason, Rule
from payments.clearing.resolving import DoesNotFit, MovedOn, Resolved, next_round, what_happened
from payments.models import Batch, IncomingPayment, Match, MatchCandidate, SupplierEntry, Voucher
from payments.receiving import incoming, posting_incoming
from payments.receiving.importing_claim import take_turn
from payments.receiving.incoming import source_key

UNDOABLE = (IncomingState.MATCHED, IncomingState.POSTED, IncomingState.PARKED, IncomingState.REFUND)


def undo(payment: IncomingPayment, by: Person, *, version: int) -> Resolved:
    """Take back the latest round of decisions; the payment is parked again with its proposals."""
    with transaction.atomic():
        take_turn(payment.company)
        mine = IncomingPayment.objects.filter(pk=payment.pk, version=version)
        if payment.state == IncomingState.DUPLICATE:
            return _undo_repeat(payment, by, version)
        if not mine.filter(state__in=UNDOABLE).update(version=F("version") + 1):
            raise MovedOn(what_happened(payment))
        current = IncomingPayment.objects.select_related("company", "file").get(pk=payment.pk)
        last = current.matches.order_by("-round").values_list("round", flat=True).first()
        if last is None:
            raise DoesNotFit(_("Nothing of this payment is decided yet."))
        matches = list(current.matches.filter(round=last))
        _take_back_refund(current, last)
        batch = _take_back_voucher(current, last, by)
        Match.objects.filter(incoming=current, round=last).delete()
        current.rest += sum((match.amount for match in matches), ZERO)
        _park_again(current, by)
    return Resolved(IncomingPayment.objects.get(pk=payment.pk), batch)


def refund(payment: IncomingPayment, by: Person, supplier: Supplier, *, version: int) -> Resolved:
    """Pay what is left back: the money becomes a debt to this payee, an open supplier entry that the next payment
    suggestion takes. The payee is a supplier, so that his account is looked after by two persons as always."""
    with transaction.atomic():
        take_turn(payment.company)
        if supplier.company_id != payment.company_id:
            raise DoesNotFit(_("That payee is not one of this company."))
        mine = IncomingPayment.objects.filter(pk=payment.pk, version=version, state=IncomingState.PARKED, rest__gt=ZERO)
        if not mine.update(version=F("version") + 1):
            raise MovedOn(what_happened(payment))
        current = IncomingPayment.objects.select_related("company", "file").get(pk=payment.pk)
        round = next_round(current)
        Match.objects.create(
            incoming=current,
            supplier=supplier,
            gl_account=current.company.gl_suppliers,
            amount=current.rest,
            round=round,
            source_key=source_key(current, round),
            rule=Rule.BY_HAND,
            proof={"paid": str(current.amount), "currency": current.currency_code, "refund": True},
        )
        _owe(current, supplier, round)
        current.rest, current.state, current.reason, current.rule = ZERO, IncomingState.REFUND, "", Rule.BY_HAND
        current.decided_by, current.decided_at = by, timezone.now()
        current.save(update_fields=["rest", "state", "reason", "rule", "decided_by", "decided_at"])
        MatchCandidate.objects.filter(incoming=current).delete()
        try:
            batch = posting_incoming.book_round(current, round)
        except BookingRefused as refusal:
            raise DoesNotFit(str(refusal)) from refusal
    return Resolved(IncomingPayment.objects.get(pk=payment.pk), batch)


def refund_no(payment: IncomingPayment, round: int) -> str:
    """Invoice number of the entry that pays money back; short enough for every bank."""
    return f"R{payment.pk.hex[:12]}-{round}"


def payees_for(payment: IncomingPayment) -> list[Supplier]:
    """Payees the money may go back to: suppliers with the payer's account, or who are the same party as the customer
    behind it."""
    found = Supplier.objects.filter(company_id=payment.company_id, blocked=False)
    customers = list(payment.candidates.exclude(customer=None).values_list("customer_id", flat=True))
    same = list(found.filter(customer_id__in=customers)[:10]) if customers else []
    if payment.payer_account:
        same += list(found.filter(account=payment.payer_account)[:10])
    return list(dict.fromkeys(same))


def _owe(payment: IncomingPayment, supplier: Supplier, round: int) -> SupplierEntry:
    today = business_date(payment.company)
    booked = posting_incoming.home_value(payment, payment.rest)
    return SupplierEntry.objects.create(
        company=payment.company,
        supplier=supplier,
        kind=EntryKind.INVOICE,
        invoice_no=refund_no(payment, round),
        entry_date=payment.value_date,
        due_date=today,
        planned_date=today,
        planned_why=_("Paid back at once"),
        currency_id=payment.currency_code,
        amount=payment.rest,
        amount_booked=booked,
        rest=payment.rest,
        extra_text=(_("Refund of your payment of %(day)s") % {"day": payment.value_date})[:200],
    )


def _take_back_refund(payment: IncomingPayment, round: int) -> None:
    """The debt goes away again, unless it is on its way or paid."""
    owed = SupplierEntry.objects.filter(company_id=payment.company_id, invoice_no=refund_no(payment, round))
    if not payment.matches.filter(round=round, supplier__isnull=False).exists():
        return
    if not owed.filter(rest=F("amount"), in_payment=ZERO, payment_lines__isnull=True).delete()[0]:
        raise DoesNotFit(_("The refund is in a payment already. Take it out of the payment first."))


def _take_back_voucher(payment: IncomingPayment, round: int, by: Person) -> Batch | None:
    voucher = Voucher.objects.select_related("batch", "company").filter(
        company_id=payment.company_id, source_key=source_key(payment, round)
    )
    found = voucher.first()
    if found is None:
        return None
    if found.batch.state != BatchState.POSTED:
        batch = take_out(found)
        return ledger.post(batch, by) if not batch.voucher_count else batch
    day = max(found.value_date, business_date(payment.company))
    text = _("Match of payment from %(name)s undone") % {"name": payment.payer_name or payment.payer_account}
    batch = ledger.reverse(found, day, text=text, by=by)
    if batch.state != BatchState.POSTED:
        raise DoesNotFit(_("The reversal cannot be posted: %(why)s") % {"why": batch.waits_for})
    return batch


def _park_again(payment: IncomingPayment, by: Person) -> None:
    """Back among the parked ones, with fresh proposals; no rule decides about it again."""
    before = payment.matches.order_by("-round").values_list("source_key", flat=True).first()
    kept = Voucher.objects.filter(company_id=payment.company_id, source_key=before).first() if before else None
    payment.voucher = kept
    payment.state, payment.rule = IncomingState.PARKED, ""
    payment.reason = ParkReason.AMOUNT_DIFFERS if before else ParkReason.AMBIGUOUS
    payment.decided_by, payment.decided_at = by, timezone.now()
    with translation.override(payment.company.language):
        found = incoming.propose(payment)
        undone = _("The match was undone by %(who)s.") % {"who": by.shown}
    payment.explanation = f"{undone} {found.explanation}".strip()[:500]
    if found.reason and not before:
        payment.reason = found.reason
    payment.save(
        update_fields=["rest", "state", "rule", "reason", "explanation", "voucher", "decided_by", "decided_at"]
    )


def _undo_repeat(payment: IncomingPayment, by: Person, version: int) -> Resolved:
    mine = IncomingPayment.objects.filter(pk=payment.pk, version=version, state=IncomingState.DUPLICATE)
    values = {"state": IncomingState.PARKED, "rest": F("amount"), "decided_by": by, "decided_at": timezone.now()}
    if not mine.update(version=F("version") + 1, **values):
        raise MovedOn(what_happened(payment))
    return Resolved(IncomingPayment.objects.get(pk=payment.pk))
