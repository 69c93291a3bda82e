"""The split of one payment as it stands on the screen: entries with amounts, where the rest goes. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from autopay_console.kernel import amounts
from autopay_console.kernel.money import ZERO
from autopay_console.kernel.numbers import as_key, as_keys
from companies.models import Company, Customer
from payments.clearing import phrases
from payments.clearing.resolving import RestTo, Share
from payments.clearing.resolving_choices import Choice
from payments.lists import parked
from payments.lists.incoming_queries import Proposal
from payments.matching.phrase import folded
from payments.models import CustomerEntry, IncomingPayment

LEAVE, ON_ACCOUNT, UNMATCHED, ACCOUNT = "leave", "customer", "unmatched", "account"
REST = (LEAVE, ON_ACCOUNT, UNMATCHED, ACCOUNT)


@dataclass(slots=True)
class Row:
    """One entry with what of the payment goes onto it; `closes` is typed when the entry is in another currency."""

    entry: CustomerEntry
    typed: str
    typed_closes: str = ""
    amount: Decimal | None = None
    closes: Decimal | None = None
    discount: Decimal = ZERO
    write_off: Decimal = ZERO
    error: str = ""

    @property
    def left(self) -> Decimal | None:
        """What stays open on the entry."""
        return None if self.closes is None else self.entry.rest - self.closes


@dataclass(slots=True)
class Draft:
    """Everything a person has put together for a payment."""

    payment: IncomingPayment
    rows: list[Row] = field(default_factory=list)
    rest_to: str = LEAVE
    customer: Customer | None = None
    gl_account: str = ""
    remember: bool = True
    phrase: str = ""
    phrase_posts: bool = False
    note: str = ""
    source: int = 0
    errors: list[str] = field(default_factory=list)
    gl_error: str = ""
    phrase_error: str = ""

    @property
    def placed(self) -> Decimal:
        return sum((row.amount or ZERO for row in self.rows), ZERO)

    @property
    def rest(self) -> Decimal:
        return self.payment.rest - self.placed

    @property
    def over(self) -> bool:
        """More is placed than there is."""
        return self.rest < ZERO

    @property
    def valid(self) -> bool:
        return not (self.errors or self.gl_error or self.phrase_error) and not any(row.error for row in self.rows)

    def choice(self) -> Choice:
        """What is decided, once nothing is wrong."""
        shares = tuple(
            Share(row.entry.pk, row.amount or ZERO, row.discount, row.write_off, row.closes) for row in self.rows
        )
        rest = self._rest_to() if self.rest > ZERO else None
        return Choice(shares, rest, self.source, self.customer, self.remember, self.phrase, self.phrase_posts)

    def _rest_to(self) -> RestTo | None:
        if self.rest_to == ON_ACCOUNT and self.customer is not None:
            return RestTo(customer_id=self.customer.pk)
        if self.rest_to == UNMATCHED:
            return RestTo(self.payment.company.gl_unmatched)
        return RestTo(self.gl_account) if self.rest_to == ACCOUNT else None

    @property
    def percent(self) -> int:
        """How much of the payment has a place, for the bar."""
        whole = self.payment.rest
        return int(min(max(self.placed / whole, ZERO), Decimal(1)) * 100) if whole else 100


def from_proposal(payment: IncomingPayment, proposal: Proposal) -> Draft:
    """The proposal's parts as they were proven, each looked at against what is open now."""
    draft = Draft(payment, source=proposal.rank)
    for part in proposal.parts:
        row = Row(part.entry, amounts.shown(part.amount), "", part.amount, part.closes, part.discount, part.write_off)
        if _foreign(payment, part.entry):
            row.typed_closes = amounts.shown(part.closes)
        draft.rows.append(_checked(row))
    draft.customer = next((row.entry.customer for row in draft.rows), proposal.on_account)
    if proposal.gl_account:
        draft.rest_to, draft.gl_account = ACCOUNT, proposal.gl_account
    elif proposal.on_account:
        draft.rest_to = ON_ACCOUNT
    return draft


def from_values(company: Company, payment: IncomingPayment, values: Any) -> Draft:
    """What was typed. Unticked entries are left out; an amount that cannot be read stays as typed, with its error."""
    ids = as_keys(values.getlist("entry"))
    ticked = set(values.getlist("use"))
    draft = Draft(
        payment,
        rest_to=values.get("rest") if values.get("rest") in REST else LEAVE,
        gl_account="".join(values.get("gl_account", "").split())[:20],
        remember=values.get("remember") == "1",
        phrase=" ".join(values.get("phrase", "").split())[:80],
        phrase_posts=values.get("phrase_posts") == "1",
        note=values.get("note", "").strip()[:500],
        source=as_key(values.get("source", "")),
    )
    for entry in parked.chosen_entries(company, ids):
        if str(entry.pk) in ticked:
            draft.rows.append(_read(payment, entry, values))
    draft.customer = _customer(company, values.get("rest_customer", "")) or next(
        (row.entry.customer for row in draft.rows), None
    )
    return draft


def add(draft: Draft, entries: Iterable[CustomerEntry]) -> Draft:
    """Put entries into the split: each takes what is open on it, at most what is left of the payment."""
    for entry in entries:
        if any(row.entry.pk == entry.pk for row in draft.rows):
            continue
        if _foreign(draft.payment, entry):
            draft.rows.append(Row(entry, amounts.shown(max(draft.rest, ZERO)), amounts.shown(entry.rest)))
            row = draft.rows[-1]
            row.amount, row.closes = max(draft.rest, ZERO), entry.rest
        else:
            amount = entry.rest if entry.rest < ZERO else min(entry.rest, max(draft.rest, ZERO))
            draft.rows.append(Row(entry, amounts.shown(amount), "", amount, amount))
    draft.customer = draft.customer or next((row.entry.customer for row in draft.rows), None)
    return draft


def check(draft: Draft) -> Draft:
    """What must be mended before the split can be matched; said beside the field."""
    if draft.over:
        words = {"amount": amounts.shown(-draft.rest), "currency": draft.payment.currency_code}
        draft.errors.append(_("%(amount)s %(currency)s more is placed than was paid.") % words)
    for row in draft.rows:
        if row.amount is not None and not row.amount and not row.error:
            row.error = _("Write an amount, or untick the entry.")
    if draft.rest > ZERO and draft.rest_to == ACCOUNT and not draft.gl_account:
        draft.gl_error = _("Write the account the rest goes to.")
    if draft.rest > ZERO and draft.rest_to == ON_ACCOUNT and draft.customer is None:
        draft.errors.append(_("Choose an entry or a customer first; then the rest can go on that customer's account."))
    if not draft.rows and draft.rest_to == LEAVE:
        draft.errors.append(_("Nothing is placed. Take a proposal, add an entry, or say where the money goes."))
    if draft.phrase:
        draft.phrase_error = _wrong_phrase(draft)
    return draft


def carried(draft: Draft) -> list[tuple[str, str]]:
    """The split as form fields, for a search without script that must not lose what was put together."""
    fields = [("source", str(draft.source)), ("rest", draft.rest_to)]
    for row in draft.rows:
        pk = str(row.entry.pk)
        fields += [("entry", pk), ("use", pk), (f"place_{pk}", row.typed)]
        fields += [(f"closes_{pk}", row.typed_closes)] if row.typed_closes else []
        fields += [(f"discount_{pk}", amounts.shown(row.discount))] if row.discount else []
        fields += [(f"write_off_{pk}", amounts.shown(row.write_off))] if row.write_off else []
    return fields


def _wrong_phrase(draft: Draft) -> str:
    """Words are remembered as the payer wrote them: others would never be met again."""
    try:
        phrases.refuse_short(draft.phrase)
    except phrases.PhraseRefused as refused:
        return str(refused)
    if f" {folded(draft.phrase)} " not in f" {folded(draft.payment.text)} ":
        return _("These words do not stand in the message.")
    return ""


def _read(payment: IncomingPayment, entry: CustomerEntry, values: Any) -> Row:
    typed, typed_closes = values.get(f"place_{entry.pk}", ""), values.get(f"closes_{entry.pk}", "")
    row = Row(entry, typed, typed_closes)
    row.discount = _decimal(values.get(f"discount_{entry.pk}", ""))
    row.write_off = _decimal(values.get(f"write_off_{entry.pk}", ""))
    try:
        row.amount = amounts.read_amount(typed)
        if _foreign(payment, entry):
            row.closes = amounts.read_amount(typed_closes)
        else:
            row.closes = row.amount + row.discount + row.write_off
    except amounts.NotAnAmount as wrong:
        row.error = str(wrong)
        return row
    return _checked(row)


def _checked(row: Row) -> Row:
    """An entry never closes for more than is open on it, nor turns its sign."""
    closes, rest = row.closes or ZERO, row.entry.rest
    if not rest:
        row.error = _("Nothing is open on it any more.")
    elif (rest > ZERO and not ZERO <= closes <= rest) or (rest < ZERO and not rest <= closes <= ZERO):
        row.error = _("Only %(rest)s is open.") % {"rest": amounts.shown(rest)}
    return row


def _foreign(payment: IncomingPayment, entry: CustomerEntry) -> bool:
    return entry.currency_id != payment.currency_code


def _decimal(text: str) -> Decimal:
    try:
        return amounts.read_amount(text) if text else ZERO
    except amounts.NotAnAmount:
        return ZERO


def _customer(company: Company, pk: str) -> Customer | None:
    return Customer.objects.filter(company=company, pk=as_key(pk)).first() if pk else None
