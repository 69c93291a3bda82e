"""Will the account hold it? Told before the upload and asked again at every approval."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from autopay_console.kernel.amounts import shown
from companies.models import Company
from payments.models import Payment
from payments.preparing import liquidity
from payments.preparing.ordering import Desk
from payments.validation.finding import Finding, Remedy, warn

CODE = "overdraws"


def check(desk: Desk) -> Iterator[Finding]:
    """A warning when the account would go below what the bank allows; nothing while no balance is known."""
    yield from together(desk.company, [desk.payment])


def together(company: Company, payments: Iterable[Payment]) -> Iterator[Finding]:
    """The same for payments that are approved at once: they share their accounts."""
    for short in liquidity.shortfalls(company, payments):
        yield warn(CODE, said(short), None, Remedy("cash_account", (short.partner.number,)))


def said(short: liquidity.Short) -> str:
    """What is missing where and when, and what the balance is known from."""
    words = {
        "partner": short.partner.name,
        "currency": short.partner.currency_id,
        "missing": shown(short.missing),
        "day": short.day.isoformat(),
        "balance": shown(short.balance.now),
        "told": short.balance.day.isoformat(),
    }
    text = _(
        "%(partner)s does not hold it: %(missing)s %(currency)s are missing on %(day)s. Known balance %(balance)s, "
        "from %(told)s; counted is what is on its way."
    )
    more = _("Customers' invoices due until then would cover it, if they are paid in time.")
    return f"{text % words} {more}" if short.covered_by_customers else text % words
