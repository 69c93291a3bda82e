"""Applies the rules in the company's order. The first proof decides; otherwise the payment is parked with proposals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from autopay_console.kernel.money import ZERO
from companies.models import Company
from payments.choices import ParkReason, Rule
from payments.matching import lookup, payer, phrase
from payments.matching.exact_sum import named_customer
from payments.matching.facts import Limits, Paid, Told, Verdict
from payments.matching.ledger_view import LedgerView
from payments.matching.ranking import ranked
from payments.matching.reading import told as read
from payments.matching.rules import NEED_CUSTOMER, Step
from payments.matching.shared import several

# Which reason is told when several rules gave one: what a person can mend first.
ORDER = (
    ParkReason.SWITCHED_OFF,
    ParkReason.DOUBLE,
    ParkReason.CURRENCY,
    ParkReason.KID_INVALID,
    ParkReason.AMOUNT_DIFFERS,
    ParkReason.AMBIGUOUS,
    ParkReason.CUSTOMER_ONLY,
    ParkReason.KID_UNKNOWN,
    ParkReason.NO_DEFINITION,
    ParkReason.NO_REFERENCE,
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one payment: a proof (perhaps with a rest), or a reason and proposals, best first."""

    paid: Paid
    proof: Verdict | None = None
    reason: ParkReason | None = None
    explanation: str = ""
    proposals: tuple[Verdict, ...] = ()

    @property
    def rest(self) -> Decimal:
        """What of the payment is on no entry."""
        return self.paid.amount - (self.proof.placed if self.proof else ZERO)


def decide(
    company: Company, payments: Sequence[Paid], steps: Sequence[Step], view: LedgerView | None = None
) -> list[Decision]:
    """Decide a slice of payments, in order. Reads the ledger, writes nothing. A `view` given again remembers what
    earlier slices took, for a trial that never writes it down."""
    view = view if view is not None else new_view(company)
    stories = [read(paid) for paid in payments]
    lookup.look_up_references(view, company, stories)
    lookup.look_up_customers(view, company, (number for one in stories for number in _customer_numbers(one)))
    found: dict[int, Decision] = {}
    undecided = []
    for place, told in enumerate(stories):
        decision = _by_keys(told, view, steps)
        if decision is None:
            undecided.append(place)
        else:
            found[place] = decision
    _look_deeper(view, company, [stories[place] for place in undecided])
    for place in undecided:
        found[place] = _with_everything(stories[place], view, steps)
    return [found[place] for place in range(len(stories))]


def new_view(company: Company) -> LedgerView:
    """An empty view of the company's customer ledger."""
    limits = Limits(company.write_off_limit, company.currency_id)
    return LedgerView(limits, phrases=lookup.phrases_of(company))


def _customer_numbers(told: Told) -> Iterable[int]:
    if told.split is not None and told.split.customer.isdigit():
        yield int(told.split.customer)


def _look_deeper(view: LedgerView, company: Company, stories: list[Told]) -> None:
    """Customers' open entries, payers and amounts, only for what the keys did not decide."""
    if not stories:
        return
    lookup.look_up_payers(view, company, stories)
    lookup.look_up_amounts(view, company, stories)
    customers = {one.customer_id for told in stories for one in payer.payers_of(told, view)}
    customers |= {id_ for told in stories if (id_ := named_customer(told, view)) is not None}
    customers |= {one.customer_id for told in stories for one in phrase.phrases_in(told.paid, view) if one.customer_id}
    lookup.look_up_open_entries(view, customers)


def _by_keys(told: Told, view: LedgerView, steps: Sequence[Step]) -> Decision | None:
    """The first proof that needs no more than references and invoice numbers; None when a later rule must look."""
    if not told.paid.search_open:
        return None
    for step in steps:
        if not step.active:
            continue
        if step.rule in NEED_CUSTOMER:
            return None
        for verdict in step.find(told, view):
            if verdict.proven:
                view.take(verdict.parts)
                return _proven(told.paid, verdict)
    return None


def _with_everything(told: Told, view: LedgerView, steps: Sequence[Step]) -> Decision:
    collected: list[Verdict] = []
    for step in steps:
        for verdict in step.find(told, view):
            if verdict.proven and step.active and told.paid.search_open:
                view.take(verdict.parts)
                return _proven(told.paid, verdict)
            if verdict.proven:
                verdict = _off(verdict)
            if step.active or verdict.reason is ParkReason.SWITCHED_OFF:
                collected.append(verdict)
    collected += _of_amount(told, view)
    return _parked(told, collected)


def _proven(paid: Paid, verdict: Verdict) -> Decision:
    if verdict.placed == paid.amount:
        return Decision(paid, verdict)
    return Decision(paid, verdict, ParkReason.AMOUNT_DIFFERS, verdict.why)


def _off(verdict: Verdict) -> Verdict:
    """A rule that is switched off would have matched it: say so and propose it."""
    text = _("%(why)s; the rule is switched off") % {"why": verdict.why}
    return replace(verdict, proven=False, reason=ParkReason.SWITCHED_OFF, why=text)


def _of_amount(told: Told, view: LedgerView) -> list[Verdict]:
    """An open entry of exactly this amount, when few have it: worth showing, proves nothing."""
    paid = told.paid
    found = []
    for entry in view.of_amount(paid.currency, paid.amount):
        why = _("Invoice %(invoice)s of %(customer)s is open with exactly this amount") % {
            "invoice": entry.invoice_no,
            "customer": entry.customer,
        }
        found.append(replace(several(Rule.PAYER, paid, [entry], why, proven=False), reason=ParkReason.NO_REFERENCE))
    return found


def _parked(told: Told, collected: list[Verdict]) -> Decision:
    paid = told.paid
    reason, explanation = _default_reason(told)
    given = [verdict for verdict in collected if verdict.reason is not None]
    if given:
        best = min(given, key=lambda verdict: ORDER.index(verdict.reason or ParkReason.NO_REFERENCE))
        if ORDER.index(best.reason or ParkReason.NO_REFERENCE) < ORDER.index(reason):
            reason, explanation = best.reason or reason, best.why
    return Decision(paid, None, reason, explanation, ranked(paid, collected))


def _default_reason(told: Told) -> tuple[ParkReason, str]:
    """What the reference itself says, before any rule is asked."""
    paid = told.paid
    words = {"reference": paid.reference}
    if paid.reference:
        if paid.reference_valid is False:
            return ParkReason.KID_INVALID, _("The check digit of %(reference)s is wrong.") % words
        if paid.definition is None and paid.reference_kind == "KID":
            text = _("%(reference)s stands on no entry, and no factoring company says how to split it.") % words
            return ParkReason.NO_DEFINITION, text
        return ParkReason.KID_UNKNOWN, _("%(reference)s stands on no entry.") % words
    if told.numbers or paid.documents:
        return ParkReason.NO_REFERENCE, _("No number in the payment is one of an open invoice.")
    return ParkReason.NO_REFERENCE, _("The payment names no reference and no invoice.")
