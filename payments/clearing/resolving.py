"""A person decides about a parked payment: takes a proposal, splits it, posts the rest to an account, parks it further.

Two people may look at the same payment; the first decision wins by one conditional UPDATE on its version, the second
is told what happened. Every round of decisions makes one voucher; nothing posted is edited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from autopay_console.kernel import amounts
from autopay_console.kernel.money import ZERO
from companies.models import Customer, Person
from payments.books.ledger_specs import BookingRefused
from payments.choices import IncomingState, ParkReason, Rule
from payments.iso20022.currencies import decimals_of
from payments.matching import payer_accounts
from payments.matching.lookup import pending_of
from payments.models import Batch, CustomerEntry, IncomingPayment, Match, MatchCandidate, Voucher
from payments.preparing.refusals import Refusal
from payments.receiving import incoming, posting_incoming
from payments.receiving.importing_claim import take_turn
from payments.receiving.incoming import source_key


class MovedOn(Refusal):
    """Somebody else decided about this payment meanwhile."""

    code = "moved_on"


class DoesNotFit(Refusal):
    """The decision does not fit the payment or the open entries."""

    code = "does_not_fit"


@dataclass(frozen=True, slots=True)
class Share:
    """What of the payment goes onto one entry (negative for a credit note).

    `closes` is in the entry's currency; left out, it is what is paid, discounted and written off.
    """

    entry_id: int
    amount: Decimal
    discount: Decimal = ZERO
    write_off: Decimal = ZERO
    closes: Decimal | None = None


@dataclass(frozen=True, slots=True)
class RestTo:
    """Where what is left goes: an account of the general ledger, or a customer's account (an advance)."""

    gl_account: str = ""
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """What came of a decision: the payment as it is now, and the batch it made."""

    payment: IncomingPayment
    batch: Batch | None = None


def accept(payment: IncomingPayment, by: Person, rank: int, *, version: int, rest: RestTo | None = None) -> Resolved:
    """Take a proposal as it stands; what it leaves over stays parked unless `rest` says where it goes."""
    proposal = MatchCandidate.objects.filter(incoming=payment, rank=rank).first()
    if proposal is None:
        raise MovedOn(_("This proposal is no longer there. Look at the payment again."))
    shares = [
        Share(
            part["entry"],
            Decimal(part["amount"]),
            Decimal(part["discount"]),
            Decimal(part["write_off"]),
            Decimal(part["closes"]),
        )
        for part in proposal.entries["parts"]
    ]
    if not shares:
        account = proposal.entries.get("gl_account", "")
        owner = None if account else proposal.customer_id
        return post_to_account(payment, by, account, version=version, customer_id=owner)
    why = {**proposal.entries.get("proof", {}), "why": proposal.why, "accepted": proposal.rule}
    return assign(payment, by, shares, version=version, rest=rest, proof=why)


def assign(
    payment: IncomingPayment,
    by: Person,
    shares: Sequence[Share],
    *,
    version: int,
    rest: RestTo | None = None,
    proof: dict[str, Any] | None = None,
) -> Resolved:
    """Put the payment onto one or several entries, in whole or in part, and the rest where `rest` says."""
    with transaction.atomic():
        current = _begin(payment, version)
        entries = _entries(current, shares)
        round = next_round(current)
        said = proof or {"paid": str(current.amount), "currency": current.currency_code}
        matches = [_match(current, share, entries[share.entry_id], round, said) for share in shares]
        left = current.rest - sum((match.amount for match in matches), ZERO)
        if left < ZERO:
            text = _("%(amount)s more is placed than the payment has left.")
            raise DoesNotFit(text % {"amount": amounts.shown(-left, decimals_of(current.currency_code))})
        if rest is not None and left:
            matches.append(_rest(current, rest, left, round))
            left = ZERO
        owners = {entry.customer_id for entry in entries.values()}
        return _decide(current, by, matches, left, owners)


def post_to_account(
    payment: IncomingPayment, by: Person, gl_account: str = "", *, version: int, customer_id: int | None = None
) -> Resolved:
    """Post all that is left to a ledger account (empty: the company's account for unmatched payments), or to a
    customer as an advance."""
    account = gl_account.strip()
    if not account and customer_id is None:
        account = payment.company.gl_unmatched
    with transaction.atomic():
        current = _begin(payment, version)
        match = _rest(current, RestTo(account, customer_id), current.rest, next_round(current))
        return _decide(current, by, [match], ZERO, set() if customer_id is None else {customer_id})


def park(payment: IncomingPayment, by: Person, note: str, *, version: int) -> Resolved:
    """Leave it parked with a note for whoever looks next; from now on no rule touches it."""
    return _mark(payment, by, version, note=note.strip()[:500])


def hand_over(payment: IncomingPayment, by: Person, colleague: Person, *, version: int, note: str = "") -> Resolved:
    """Ask a colleague to look at it."""
    values: dict[str, Any] = {"assigned_to": colleague}
    if note.strip():
        values["note"] = note.strip()[:500]
    return _mark(payment, by, version, **values)


def mark_repeat(payment: IncomingPayment, by: Person, *, version: int) -> Resolved:
    """The bank told the same payment twice: this one is not money, and never booked."""
    if payment.matches.exists():
        raise DoesNotFit(_("Part of this payment is booked. Undo that first."))
    return _mark(payment, by, version, state=IncomingState.DUPLICATE, rest=ZERO)


def not_a_repeat(payment: IncomingPayment, by: Person, *, version: int) -> Resolved:
    """It is money of its own: the rules may look at it now."""
    if payment.reason != ParkReason.POSSIBLE_REPEAT:
        raise DoesNotFit(_("Only a payment that may be delivered twice can be told apart."))
    with transaction.atomic():  # all of it or nothing: nobody would look for one that is neither parked nor matched
        take_turn(payment.company)
        _mark(payment, by, version, state=IncomingState.NEW, reason="", explanation="", repeat_of=None)
        IncomingPayment.objects.filter(pk=payment.pk).update(decided_by=None, decided_at=None)
        incoming.match(payment.company, [payment.pk])
        try:
            batch = posting_incoming.book_matched(IncomingPayment.objects.get(pk=payment.pk))
        except BookingRefused as refusal:
            raise DoesNotFit(str(refusal)) from refusal
    return Resolved(IncomingPayment.objects.get(pk=payment.pk), batch)


def next_round(payment: IncomingPayment) -> int:
    """The number of the next round; the keys of vouchers that were undone are never used again."""
    prefix = source_key(payment, 0)[:-1]
    used = Voucher.objects.filter(company_id=payment.company_id, source_key__startswith=prefix)
    numbers = [int(key.rpartition(":")[2]) for key in used.values_list("source_key", flat=True)]
    return max([0, *numbers, *payment.matches.values_list("round", flat=True)]) + 1


def _begin(payment: IncomingPayment, version: int) -> IncomingPayment:
    """Take the company's turn and the payment; only one of two people gets it."""
    take_turn(payment.company)
    mine = IncomingPayment.objects.filter(pk=payment.pk, version=version, state=IncomingState.PARKED, rest__gt=ZERO)
    if not mine.update(version=F("version") + 1):
        raise MovedOn(what_happened(payment))
    return IncomingPayment.objects.select_related("company", "file").get(pk=payment.pk)


def what_happened(payment: IncomingPayment) -> str:
    """Who was faster, and what the payment is now."""
    now = IncomingPayment.objects.select_related("decided_by").get(pk=payment.pk)
    words = {"state": now.get_state_display(), "who": now.decided_by or _("an import")}
    return _("Meanwhile %(who)s worked on this payment; it is now: %(state)s. Look at it again.") % words


def _entries(payment: IncomingPayment, shares: Sequence[Share]) -> dict[int, CustomerEntry]:
    """The entries of the shares, each with enough left for what is placed on it."""
    ids = [share.entry_id for share in shares]
    if not ids:
        raise DoesNotFit(_("Choose at least one entry, or an account for the whole payment."))
    found = CustomerEntry.objects.filter(company_id=payment.company_id).select_related("customer").in_bulk(ids)
    pending = pending_of(ids)
    for entry_id in dict.fromkeys(ids):
        if (entry := found.get(entry_id)) is None:
            raise DoesNotFit(_("An entry that was chosen is not one of this company."))
        closed = sum((_closes(payment, one, entry) for one in shares if one.entry_id == entry_id), ZERO)
        left = entry.rest - pending.get(entry_id, ZERO)
        if (closed > ZERO) != (left > ZERO) or abs(closed) > abs(left) or not closed:
            text = _("Invoice %(invoice)s has %(left)s left, %(closed)s was to be closed.")
            words = {
                "invoice": entry.invoice_no,
                "left": amounts.shown(left, decimals_of(entry.currency_id)),
                "closed": amounts.shown(closed, decimals_of(entry.currency_id)),
            }
            raise DoesNotFit(text % words)
    return found


def _closes(payment: IncomingPayment, share: Share, entry: CustomerEntry) -> Decimal:
    if share.closes is not None:
        return share.closes
    if entry.currency_id != payment.currency_code:
        text = _("Invoice %(invoice)s is in %(currency)s: say how much of it is closed.")
        raise DoesNotFit(text % {"invoice": entry.invoice_no, "currency": entry.currency_id})
    return share.amount + share.discount + share.write_off


def _match(payment: IncomingPayment, share: Share, entry: CustomerEntry, round: int, proof: dict[str, Any]) -> Match:
    if not share.amount:
        raise DoesNotFit(_("Invoice %(invoice)s: enter an amount.") % {"invoice": entry.invoice_no})
    return Match(
        incoming=payment,
        entry=entry,
        customer=entry.customer,
        amount=share.amount,
        discount=share.discount,
        write_off=share.write_off,
        closes=_closes(payment, share, entry),
        round=round,
        source_key=source_key(payment, round),
        rule=Rule.BY_HAND,
        proof=proof,
    )


def _rest(payment: IncomingPayment, rest: RestTo, amount: Decimal, round: int) -> Match:
    customer = None
    if rest.customer_id is not None:
        customer = Customer.objects.filter(company_id=payment.company_id, pk=rest.customer_id).first()
        if customer is None:
            raise DoesNotFit(_("That customer is not one of this company."))
    elif not rest.gl_account.strip():
        raise DoesNotFit(_("Name the account the rest is posted to."))
    return Match(
        incoming=payment,
        customer=customer,
        gl_account=rest.gl_account.strip()[:20],
        amount=amount,
        round=round,
        source_key=source_key(payment, round),
        rule=Rule.BY_HAND,
        proof={"paid": str(payment.amount), "currency": payment.currency_code},
    )


def _decide(
    payment: IncomingPayment, by: Person, matches: Sequence[Match], left: Decimal, customers: set[int]
) -> Resolved:
    """Keep the matches, the state and who decided; book the round."""
    Match.objects.bulk_create(matches)
    MatchCandidate.objects.filter(incoming=payment).delete()
    payment.rest = left
    payment.state = IncomingState.PARKED if left else IncomingState.MATCHED
    payment.reason = ParkReason.AMOUNT_DIFFERS if left else ""
    payment.rule = Rule.BY_HAND
    payment.decided_by, payment.decided_at = by, timezone.now()
    payment.save(update_fields=["rest", "state", "reason", "rule", "decided_by", "decided_at"])
    if len(customers) == 1:
        payer_accounts.learn(payment.company, [(payment, next(iter(customers)))])
    try:
        batch = posting_incoming.book_round(payment, matches[0].round)
    except BookingRefused as refusal:
        raise DoesNotFit(str(refusal)) from refusal
    return Resolved(IncomingPayment.objects.get(pk=payment.pk), batch)


def _mark(payment: IncomingPayment, by: Person, version: int, **values: Any) -> Resolved:
    """Change what is not about money, for the one who was first."""
    mine = IncomingPayment.objects.filter(pk=payment.pk, version=version, state=IncomingState.PARKED)
    values |= {"decided_by": by, "decided_at": timezone.now(), "version": F("version") + 1}
    if not mine.update(**values):
        raise MovedOn(what_happened(payment))
    return Resolved(IncomingPayment.objects.get(pk=payment.pk))
