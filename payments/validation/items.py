"""What the bank would refuse of each transaction, and credit notes that nothing could be set off against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property

from django.db.models import Q
from django.utils.translation import gettext as _

from companies.accounts import account_key
from companies.clock import business_date
from companies.countries import HOME_CURRENCY
from companies.models import Country
from companies.problems import Problem
from payments.iso20022 import checks
from payments.iso20022.orders import Item
from payments.preparing import rates
from payments.preparing.balances import our_accounts
from payments.preparing.ordering import Desk, Planned, end_to_end_id, planned_items
from payments.validation.finding import Finding, Remedy, from_problem, stop, warn

_ACCOUNT = ("no_account", "se_account", "se_clearing", "bankgiro", "plusgiro", "dk_", "fi_account", "us_account")
_REFERENCE = ("kid_", "ocr_", "fi_form", "fi_check", "rf_", "card_")
_ON_THE_SUPPLIER = (*_ACCOUNT, "iban", "bic", "country", "aba", "us_bank", "name", "address", "letters", "account")


def check(desk: Desk) -> Iterator[Finding]:
    """Every transaction against the rules of its road and bank."""
    return check_planned(desk, planned_items(desk))


def check_planned(desk: Desk, some: Iterable[Planned]) -> Iterator[Finding]:
    """The same for transactions given, also of lines that are only thought of."""
    look = _Look(desk)
    for number, planned in enumerate(some, 1):
        yield from look.at(planned, end_to_end_id(desk.payment, number, desk.payment.round))


class _Look:
    """What the rules need besides the item, read once."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.today = business_date(desk.company)
        self.rates = rates.rates_on(desk.company, self.today)
        home = HOME_CURRENCY.get(desk.debtor.country, desk.company.currency_id)
        self.home_rate = self.rates.get(home)
        self.own_accounts = {account_key(one.account) for one in our_accounts(desk.company)}

    @cached_property
    def lenient(self) -> dict[str, Country]:
        """Countries whose row switches checks off; asked only when a check found something."""
        off = Q(exempt_cid_check=True) | Q(exempt_iban_check=True) | Q(skip_account_check=True)
        return {row.code: row for row in Country.objects.filter(off)}

    def at(self, planned: Planned, name: str) -> Iterator[Finding]:
        """All findings of one transaction, on its first line; stops of credit notes on each of them."""
        line_id = planned.rows[0].id
        supplier = Remedy("supplier", (planned.supplier.id,))
        if planned.supplier.blocked:
            text = _("%(supplier)s is blocked: take the line out, or unblock the supplier.")
            yield stop("supplier_blocked", text % {"supplier": planned.supplier.name}, line_id, supplier)
        if planned.payee is None or planned.decision is None:
            yield from _left_over(planned)
            return
        item = self.desk.item(planned.rows, planned.payee, planned.decision.terms, name)
        for problem in self._problems(planned, item, planned.decision.notes):
            yield from_problem(problem, line_id, _remedy(problem, planned))
        if not item.creditor.account.number:
            text = _("%(supplier)s has no account number: enter one on the supplier.")
            yield stop("account_missing", text % {"supplier": planned.supplier.name}, line_id, supplier)
        elif account_key(item.creditor.account.number) in self.own_accounts:
            text = _("The receiving account %(account)s is one of this company's own.")
            yield warn("own_account", text % {"account": item.creditor.account.number}, line_id, supplier)

    def _problems(self, planned: Planned, item: Item, notes: tuple[Problem, ...]) -> Iterator[Problem]:
        found = [*checks.problems(item, self.desk.profile, self._around(item)), *notes]
        ignored = self._ignored(planned.supplier.country_id, item) if found else ()
        for problem in found:
            if not problem.code.startswith(ignored):
                yield problem

    def _around(self, item: Item) -> checks.Surroundings:
        amount = rates.in_home_currency(item.amount, item.currency, self.rates)
        if amount is None or not self.home_rate:
            return checks.Surroundings(self.today)
        return checks.Surroundings(self.today, (amount / self.home_rate).quantize(Decimal("0.01")))

    def _ignored(self, code: str, item: Item) -> tuple[str, ...]:
        """Checks the country's row switches off; a number that is missing altogether is said once."""
        if not item.creditor.account.number:
            return (*_ACCOUNT, "iban")
        country = self.lenient.get(code)
        if country is None:
            return ()
        off: tuple[str, ...] = _REFERENCE if country.exempt_cid_check else ()
        off += ("iban_shape", "iban_check", "iban_length", "iban_country") if country.exempt_iban_check else ()
        return (*off, *_ACCOUNT) if country.skip_account_check else off


def _left_over(planned: Planned) -> Iterator[Finding]:
    for row in planned.rows:
        text = _(
            "Credit note %(invoice)s finds no invoice of %(supplier)s to be set off against on one date that the bank"
            " lets be netted: take it out, or move invoices to one date."
        )
        values = {"invoice": row.invoice_no, "supplier": planned.supplier.name}
        yield stop("credit_note_alone", text % values, row.id, Remedy("payment_line", (row.id,)))


def _remedy(problem: Problem, planned: Planned) -> Remedy:
    if problem.code.startswith(_ON_THE_SUPPLIER):
        return Remedy("supplier", (planned.supplier.id,))
    return Remedy("payment_line", (planned.rows[0].id,))
