"""The rules of each field, the same as the forms': read the cell, then check it by its country and its length."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db.models import CharField
from django.utils.translation import gettext as _

from autopay_console.kernel.money import LIMIT
from companies import accounts
from companies.problems import Problem
from payments.preparing.planning import said
from payments.table_import.context import Context, Problems, Raw
from payments.table_import.tables import TABLES, Column, Table
from payments.table_import.values import NotRead, empty, read

Values = dict[str, Any]  # name of a column -> value; what was left empty is absent


def read_row(context: Context, raw: Raw) -> tuple[Values, Problems]:
    """The values of one row and what is wrong with them, field by field."""
    values: Values = {}
    problems: Problems = []
    for column in context.table.columns:
        cell = raw.get(column.name)
        if empty(cell):
            if column.need == "key":
                problems.append((column.name, _("This must be filled in.")))
            continue
        try:
            value = _known(context, column, read(column, cell))
        except NotRead as error:
            problems.append((column.name, str(error)))
            continue
        most = _longest(context.table, column)
        if isinstance(value, str) and most and len(value) > most:
            text = _("“%(value)s…” is longer than %(most)s characters.")
            problems.append((column.name, text % {"value": value[:20], "most": most}))
        else:
            values[column.name] = value
    return values, problems


def check_numbers(values: Values, country: str) -> Problems:
    """Organisation number, accounts and BIC by the rules of the country; warnings do not stop."""
    found: Problems = []
    checks: dict[str, Callable[[str], Problem | None]] = {
        "organisation_no": lambda value: accounts.check_organisation_number(value, country),
        "iban": accounts.check_iban,
        "account": lambda value: check_account(value, country),
        "bic": accounts.check_bic,
    }
    for name, check in checks.items():
        problem = check(values[name]) if values.get(name) else None
        if problem is not None and problem.stops:
            found.append((name, said(problem)))
    return found


@lru_cache(maxsize=8192)
def check_account(number: str, country: str) -> Problem | None:
    """The account by the rule of its kind."""
    return accounts.check_account(number, accounts.classify(number, country))


def check_amounts(context: Context, values: Values, currency: str) -> Problems:
    """Amounts must fit their currency's decimals and the books."""
    found: Problems = []
    for name in ("amount", "discount_amount", "amount_booked"):
        amount = values.get(name)
        if amount is None:
            continue
        code = context.company.currency_id if name == "amount_booked" else currency
        known = context.currencies.get(code)
        decimals = known.decimals if known else 2
        if abs(amount) >= LIMIT:
            found.append((name, _("The amount is larger than the books can hold.")))
        elif amount != amount.quantize(Decimal(1).scaleb(-decimals)):
            words = {"currency": code, "decimals": decimals}
            found.append((name, _("%(currency)s has %(decimals)s decimals.") % words))
    return found


def missing_for_new(table: Table, values: Values, problems: Problems) -> Problems:
    """What a new row cannot do without and nothing is said about yet."""
    told = {name for name, _text in problems}
    needed = [one for one in table.columns if one.need == "new" and one.name not in values and one.name not in told]
    return [(column.name, _("A new row needs this.")) for column in needed]


def _known(context: Context, column: Column, value: Any) -> Any:
    """Codes and numbers that name a row of another table."""
    if column.name == "country" and value not in context.countries:
        problem = accounts.check_country(value)
        raise NotRead(said(problem) if problem else _("Country %(code)s is not in the table.") % {"code": value})
    if column.name == "currency" and value not in context.currencies:
        raise NotRead(_("%(code)s is no currency we know.") % {"code": value})
    if column.name == "bank_partner" and value not in context.bank_partners:
        raise NotRead(_("There is no bank partner %(number)s.") % {"number": value})
    if column.name == "language" and value not in dict(settings.LANGUAGES):
        raise NotRead(_("“%(value)s” is no language we know. Write en or nb.") % {"value": value[:20]})
    if column.name == "voucher_type" and value not in context.voucher_types:
        raise NotRead(_("There is no voucher type %(number)s.") % {"number": value})
    return value


def _longest(table: Table, column: Column) -> int:
    return _longest_of(table.name, column.attribute)


@lru_cache(maxsize=256)
def _longest_of(table: str, attribute: str) -> int:
    try:
        found = TABLES[table].model._meta.get_field(attribute)
    except FieldDoesNotExist:
        return 0
    return (found.max_length or 0) if isinstance(found, CharField) else 0
