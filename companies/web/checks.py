"""What single fields of the set-up must look like: the name of the field decides, whatever table it stands in."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from companies import accounts
from companies.models import Company
from companies.problems import Problem, gettext_noop, stop

Check = Callable[[str, str], Problem | None]


def ledger_account(value: str, country: str) -> Problem | None:
    """A general ledger account is a number of three to ten digits."""
    if re.fullmatch(r"[0-9]{3,10}", value, re.ASCII):
        return None
    return stop("gl_account", gettext_noop('Ledger account "%(value)s" must be 3 to 10 digits.'), value=value)


def account(value: str, country: str) -> Problem | None:
    """An account number by the rules of its country; an IBAN everywhere."""
    return accounts.check_account(value, accounts.classify(value, country))


def iban(value: str, country: str) -> Problem | None:
    """Length, country and check digits of an IBAN."""
    return accounts.check_iban(value)


def bic(value: str, country: str) -> Problem | None:
    """Eight or eleven characters."""
    return accounts.check_bic(value)


def addresses(value: str, country: str) -> Problem | None:
    """E-mail addresses with ; between; the wrong one is named."""
    for one in filter(None, (part.strip() for part in re.split(r"[;,\n]", value))):
        try:
            validate_email(one)
        except ValidationError:
            message = gettext_noop('"%(address)s" is no e-mail address. Put ; between several.')
            return stop("email", message, address=one)
    return None


def country_code(value: str, country: str) -> Problem | None:
    """Two letters of ISO 3166."""
    return accounts.check_country(value.upper())


def organisation_taken(number: str, country: str, but: int | None) -> Problem | None:
    """Country and organisation number pair a company with one in Visma.net, so no two companies here share them."""
    rows = Company.objects.filter(country_id=country).values_list("pk", "organisation_no", "number", "name")
    for key, held, company_no, name in rows.iterator():
        if key != but and accounts.normalise(held) == accounts.normalise(number):
            message = gettext_noop("Organisation number %(number)s belongs to company %(company)s already.")
            return stop("organisation_taken", message, number=number, company=f"{company_no} {name}")
    return None


FIELDS: dict[str, Check] = {
    "organisation_no": accounts.check_organisation_number,
    "iban": iban,
    "account": account,
    "bank_account": account,
    "bank_account_fallback": account,
    "bic": bic,
    "contact_emails": addresses,
    "approver_emails": addresses,
}


def check_of(name: str, model: str) -> Check | None:
    """The rule of a field, if it has one."""
    if name.startswith("gl_"):
        return ledger_account
    return country_code if (model, name) == ("country", "code") else FIELDS.get(name)
