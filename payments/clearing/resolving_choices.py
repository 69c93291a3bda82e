"""A split as a person put it together, turned into one decision: take the proposal, assign, or post to an account."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from companies.models import Customer, Person
from payments.clearing import phrases, resolving
from payments.clearing.resolving import Resolved, RestTo, Share
from payments.matching import payer_accounts
from payments.models import IncomingPayment, MatchCandidate


@dataclass(frozen=True, slots=True)
class Choice:
    """Shares of the payment, where the rest goes (None: it stays parked), the proposal it began with."""

    shares: tuple[Share, ...]
    rest: RestTo | None = None
    rank: int = 0
    customer: Customer | None = None
    remember: bool = True
    phrase: str = ""
    phrase_posts: bool = False


def decide(payment: IncomingPayment, by: Person, choice: Choice, *, version: int) -> Resolved:
    """One decision, one voucher. A proposal taken unchanged keeps its proof; only entries leave what is remembered."""
    if not choice.shares:
        rest = choice.rest or RestTo()
        done = resolving.post_to_account(payment, by, rest.gl_account, version=version, customer_id=rest.customer_id)
    elif choice.rank and _unchanged(payment, choice):
        done = resolving.accept(payment, by, choice.rank, version=version, rest=choice.rest)
    else:
        done = resolving.assign(payment, by, choice.shares, version=version, rest=choice.rest)
    if not choice.remember and choice.customer is not None and payment.payer_account:
        payer_accounts.forget(payment.company, payment.payer_account, choice.customer.pk)
    if choice.phrase:
        _remember_phrase(payment, by, choice)
    return done


def _remember_phrase(payment: IncomingPayment, by: Person, choice: Choice) -> None:
    """The words lead where this payment went: to the customer of its entries, else to the account of the rest."""
    account = choice.rest.gl_account if choice.rest is not None else ""
    if choice.shares or not account:
        phrases.keep(payment.company, by, choice.phrase, customer=choice.customer)
    else:
        phrases.keep(payment.company, by, choice.phrase, gl_account=account, posts=choice.phrase_posts)


def _unchanged(payment: IncomingPayment, choice: Choice) -> bool:
    kept = MatchCandidate.objects.filter(incoming=payment, rank=choice.rank).values_list("entries", flat=True).first()
    parts = {
        int(part["entry"]): (Decimal(part["amount"]), Decimal(part["closes"])) for part in (kept or {}).get("parts", [])
    }
    return parts == {one.entry_id: (one.amount, one.closes) for one in choice.shares}
