"""Phrase rules: what a person wants remembered about words in a message. Kept, switched and removed by people only."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from companies.models import Company, Customer, Person
from payments import events
from payments.matching.phrase import folded
from payments.models import PhraseRule

LEAST = 4  # letters and digits; shorter words stand in every message


class PhraseRefused(Exception):
    """The rule cannot be kept; `field` says which field to mend and the text how."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def of_company(company: Company) -> QuerySet[PhraseRule]:
    """The company's phrases by their words."""
    return PhraseRule.objects.filter(company=company).select_related("customer", "made_by").order_by("phrase", "id")


def keep(
    company: Company,
    by: Person,
    phrase: str,
    *,
    customer: Customer | None = None,
    gl_account: str = "",
    posts: bool = False,
    rule: PhraseRule | None = None,
) -> PhraseRule:
    """Make a phrase rule, or change `rule`; the same words again change the rule that has them.

    Parked payments are tried again. Raises PhraseRefused with the field to mend.
    """
    words, account = " ".join(phrase.split())[:80], "".join(gl_account.split())[:20]
    refuse_short(words)
    if customer is not None and customer.company_id != company.pk:
        raise PhraseRefused("customer_no", _("That customer is not one of this company."))
    if (customer is None) == (not account):
        raise PhraseRefused("gl_account", _("Name a customer or a ledger account, one of the two."))
    if posts and not account:
        raise PhraseRefused("posts", _("Only a rule for a ledger account may post by itself."))
    row = rule or _with_words(company, words) or PhraseRule(company=company, made_by=by)
    row.phrase, row.customer, row.gl_account, row.posts, row.active = words, customer, account, posts, True
    row.version += 1
    row._history_user = by  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise PhraseRefused("phrase", _("There is a rule with these words already.")) from None
    events.entries_registered.send(sender=PhraseRule, company_id=company.pk)
    return row


def refuse_short(phrase: str) -> None:
    """Words that stand in every message would send everything to one place."""
    if len(folded(phrase).replace(" ", "")) < LEAST:
        raise PhraseRefused("phrase", _("Write at least %(count)s letters or digits.") % {"count": LEAST})


def switch(rule: PhraseRule, by: Person, *, on: bool) -> None:
    """Turn a phrase on or off."""
    rule.active = on
    rule.version += 1
    rule._history_user = by  # type: ignore[attr-defined]
    rule.save(update_fields=["active", "version"])
    if on:
        events.entries_registered.send(sender=PhraseRule, company_id=rule.company_id)


def remove(rule: PhraseRule, by: Person) -> None:
    """Forget a phrase; its history stays."""
    rule._history_user = by  # type: ignore[attr-defined]
    rule.delete()


def _with_words(company: Company, words: str) -> PhraseRule | None:
    wanted = folded(words)
    rows = PhraseRule.objects.filter(company=company)
    return next((row for row in rows if folded(row.phrase) == wanted), None)
