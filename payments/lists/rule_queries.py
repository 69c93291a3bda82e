"""What the page of matching rules reads: the rules in order, how often each matched, who changed what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from autopay_console.kernel.listing import COUNT_LIMIT, count_up_to
from companies.models import Company, Person
from payments.choices import Rule
from payments.models import IncomingPayment, MatchingRule, PayerAccount, PhraseRule

DAYS = 90
TOLD = 30

# What each rule does, and an example, in the words of the page.
WORDS: dict[Rule, tuple[Any, Any]] = {
    Rule.WHOLE_KID: (
        gettext_lazy("The whole reference stands on one open entry. It proves the match."),
        gettext_lazy("KID 00001234500000100011 stands on invoice 12345."),
    ),
    Rule.SPLIT_KID: (
        gettext_lazy(
            "The reference is cut into customer and invoice as the factoring company says. It proves the match."
        ),
        gettext_lazy("00001234500000100011 is invoice 12345 of customer 10001."),
    ),
    Rule.RF: (
        gettext_lazy("An international reference (RF) stands on one open entry. It proves the match."),
        gettext_lazy("RF79 8101 642 is the reference 8101642."),
    ),
    Rule.INVOICE: (
        gettext_lazy("The payer names an invoice, and the amount is its rest or its rest less cash discount."),
        gettext_lazy("Invoice 12345 with 1 012.50 open, and 1 012.50 came in."),
    ),
    Rule.TEXT: (
        gettext_lazy("Numbers in the message are invoices, and together they are open with exactly the amount."),
        gettext_lazy("“Invoices 12345 and 12361”, open with 1 000 and 500; 1 500 came in."),
    ),
    Rule.SUM: (
        gettext_lazy("Entries of the named customer add up to the amount in one way only; at most 40 are open."),
        gettext_lazy("Customer 10001 has 400, 250 and 900 open; 650 came in."),
    ),
    Rule.PAYER: (
        gettext_lazy("The payer's account or name is known from earlier. It proposes and never books."),
        gettext_lazy("The account has paid for customer 10001 five times."),
    ),
    Rule.PHRASE: (
        gettext_lazy("Words in the message that somebody asked to remember, listed below."),
        gettext_lazy("“Parking fee” goes to account 3600."),
    ),
}


@dataclass(frozen=True, slots=True)
class ShownRule:
    """One rule of the list. `used`: payments it matched in the last ninety days; None: not counted."""

    rule: Rule
    name: str
    does: str
    example: str
    active: bool
    first: bool
    last: bool
    used: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the history."""

    at: datetime
    by: Person | None
    what: str


def few_lately(company: Company, today: date) -> bool:
    """Whether so few payments came in ninety days that a page counts them by rule without being asked."""
    return count_up_to(_lately(company, today), COUNT_LIMIT) <= COUNT_LIMIT


def _lately(company: Company, today: date) -> QuerySet[IncomingPayment]:
    return IncomingPayment.objects.filter(company=company, value_date__gte=today - timedelta(days=DAYS))


def shown(rows: Sequence[MatchingRule], company: Company, today: date, *, counted: bool) -> list[ShownRule]:
    """The rules as a person reads them; with `counted` how often each matched, which reads ninety days of payments."""
    used: dict[str, int] = {}
    if counted:
        matched = _lately(company, today).exclude(rule="").order_by()
        used = dict(matched.values_list("rule").annotate(Count("pk")))
    last = len(rows) - 1
    return [
        ShownRule(
            Rule(row.rule),
            str(Rule(row.rule).label),
            str(WORDS[Rule(row.rule)][0]),
            str(WORDS[Rule(row.rule)][1]),
            row.active,
            place == 0,
            place == last,
            used.get(row.rule, 0) if counted else None,
        )
        for place, row in enumerate(rows)
    ]


def history(company: Company) -> list[Told]:
    """Who switched or moved a rule, and who made, changed or removed a phrase; newest first."""
    rules = MatchingRule.history.filter(company=company, history_change_reason__gt="").select_related("history_user")
    phrases = PhraseRule.history.filter(company=company).select_related("history_user")
    told = [Told(one.history_date, one.history_user, _of_rule(one)) for one in rules.order_by("-history_id")[:TOLD]]
    told += [
        Told(one.history_date, one.history_user, _of_phrase(one)) for one in phrases.order_by("-history_id")[:TOLD]
    ]
    return sorted(told, key=lambda one: one.at, reverse=True)[:TOLD]


def _of_rule(row: Any) -> str:
    words = {"rule": Rule(row.rule).label, "place": row.position}
    if row.history_change_reason == "moved":
        return _("“%(rule)s” moved to place %(place)s") % words
    if row.history_change_reason == "off":
        return _("“%(rule)s” switched off") % words
    return _("“%(rule)s” switched on") % words


def _of_phrase(row: Any) -> str:
    words = {"phrase": row.phrase}
    if row.history_type == "+":
        return _("Words “%(phrase)s” remembered") % words
    if row.history_type == "-":
        return _("Words “%(phrase)s” removed") % words
    return (_("Words “%(phrase)s” changed") if row.active else _("Words “%(phrase)s” switched off")) % words


def payer_accounts(company: Company) -> Any:
    """Accounts customers have paid from, newest first."""
    return PayerAccount.objects.filter(company=company).select_related("customer")
