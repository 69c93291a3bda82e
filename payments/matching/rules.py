"""A company's matching rules: their order, which are on. Ready-made in the documented order (system §6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from companies.models import Company, Person
from payments.choices import Rule
from payments.matching import exact_sum, invoice, payer, phrase, rf, split_kid, text, whole_kid
from payments.matching.facts import Told, Verdict
from payments.matching.ledger_view import LedgerView
from payments.models import MatchingRule

Find = Callable[[Told, LedgerView], list[Verdict]]
FINDERS: dict[Rule, Find] = {
    Rule.WHOLE_KID: whole_kid.find,
    Rule.SPLIT_KID: split_kid.find,
    Rule.RF: rf.find,
    Rule.INVOICE: invoice.find,
    Rule.TEXT: text.find,
    Rule.SUM: exact_sum.find,
    Rule.PAYER: payer.find,
    Rule.PHRASE: phrase.find,
}
# Rules that look at all open entries of a customer; looked up only for payments the others did not decide.
NEED_CUSTOMER = frozenset({Rule.SUM, Rule.PAYER})


@dataclass(frozen=True, slots=True)
class Step:
    """One rule in the company's order."""

    rule: Rule
    active: bool

    @property
    def find(self) -> Find:
        return FINDERS[self.rule]


def ensure(company: Company) -> list[MatchingRule]:
    """The company's rows; those that are missing are made, all on, in the documented order."""
    rows = list(MatchingRule.objects.filter(company=company).order_by("position", "id"))
    known = {row.rule for row in rows}
    missing = [rule for rule in FINDERS if rule not in known]
    if missing:
        behind = max((row.position for row in rows), default=0)
        try:
            with transaction.atomic():
                for number, rule in enumerate(missing, behind + 1):
                    MatchingRule.objects.create(company=company, rule=rule, position=number)
        except IntegrityError:  # another process made them at the same moment
            pass
        rows = list(MatchingRule.objects.filter(company=company).order_by("position", "id"))
    return rows


def steps(company: Company) -> list[Step]:
    """The rules in force, in order; those that are off are kept, to say what they would have found."""
    return [Step(Rule(row.rule), row.active) for row in ensure(company)]


def steps_known(company: Company) -> list[Step]:
    """As `steps`, without making rows that are missing: for a trial that writes nothing."""
    return [Step(Rule(row.rule), row.active) for row in known(company)]


def known(company: Company) -> list[MatchingRule]:
    """As `ensure`, with rows that are missing made up and not kept."""
    rows = list(MatchingRule.objects.filter(company=company).order_by("position", "id"))
    missing = [rule for rule in FINDERS if rule not in {row.rule for row in rows}]
    behind = max((row.position for row in rows), default=0)
    return rows + [
        MatchingRule(company=company, rule=rule, position=number) for number, rule in enumerate(missing, behind + 1)
    ]


def switch(company: Company, rule: Rule, *, on: bool, by: Person | None = None) -> bool:
    """Turn a rule on or off for this company, with who did it; False when it was so already."""
    with transaction.atomic():
        row = next(one for one in ensure(company) if one.rule == rule)
        if row.active == on:
            return False
        row.active = on
        _keep(row, "active", by, "on" if on else "off")
    return True


def reorder(company: Company, order: Sequence[Rule]) -> None:
    """Put rules into this order; rules that are not named follow in the order they had."""
    rows = ensure(company)
    named = [rule for rule in dict.fromkeys(order) if rule in FINDERS]
    behind = [Rule(row.rule) for row in rows if row.rule not in named]
    with transaction.atomic():
        _place(rows, [*named, *behind], None, None)


def move(company: Company, rule: Rule, *, up: bool, by: Person | None = None) -> bool:
    """One place up or down; False when it stands at the end already."""
    with transaction.atomic():
        rows = ensure(company)
        order = [Rule(row.rule) for row in rows]
        place = order.index(rule)
        other = place - 1 if up else place + 1
        if not 0 <= other < len(order):
            return False
        order[place], order[other] = order[other], order[place]
        _place(rows, order, rule, by)
    return True


def _place(rows: Sequence[MatchingRule], order: Sequence[Rule], moved: Rule | None, by: Person | None) -> None:
    """Positions from 1 on; only the rule that a person moved is told in the history."""
    places = {rule: number for number, rule in enumerate(order, 1)}
    for row in rows:
        if row.position != (place := places[Rule(row.rule)]):
            row.position = place
            _keep(row, "position", by, "moved" if row.rule == moved else "")


def _keep(row: MatchingRule, column: str, by: Person | None, reason: str) -> None:
    row._history_user = by  # type: ignore[attr-defined]
    row._change_reason = reason  # type: ignore[attr-defined]
    row.save(update_fields=[column])
