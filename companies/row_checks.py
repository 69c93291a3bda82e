"""Rules of a whole set-up row, for forms and imports alike: each finding names the field it stands on.

The apps above register rules for what only they can read (Factoring ID, gateway address), so that this module knows
none of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from companies import accounts
from companies.choices import Channel
from companies.models import BankAgreement, Company, Customer, FactoringCompany, Supplier
from companies.national_accounts import check_routing_number
from companies.problems import Problem, gettext_noop, stop

Found = Iterable[tuple[str, Problem]]
Check = Callable[[Any], Found]
_CHECKS: dict[str, list[Check]] = {}
_POSTCODES = {
    "NO": r"\d{4}", "DK": r"\d{4}", "SE": r"\d{3} ?\d{2}", "FI": r"\d{5}", "DE": r"\d{5}", "US": r"\d{5}(-\d{4})?"
}  # fmt: skip


def register(model: str, check: Check) -> None:
    """Add a rule for the rows of a model (`bankpartner`), once."""
    held = _CHECKS.setdefault(model, [])
    if check not in held:
        held.append(check)


def findings(row: Any) -> list[tuple[str, Problem]]:
    """Everything wrong with the row as it would be saved: field and problem, warnings too."""
    own = _OWN.get(type(row), ())
    return [one for check in (*own, *_CHECKS.get(row._meta.model_name, ())) for one in check(row)]


def address(row: Any) -> Iterator[tuple[str, Problem]]:
    """Banks want the address in parts: town and country at least, the number not without its street."""
    given = any((row.street, row.building, row.postcode))
    if given and not row.town:
        yield "town", stop("town_missing", gettext_noop("Write the town too: banks ask for at least town and country."))
    if row.building and not row.street:
        yield "street", stop("street_missing", gettext_noop("A house number needs its street."))
    rule = _POSTCODES.get(row.country_id or "")
    if row.postcode and rule and not re.fullmatch(rule, row.postcode.strip(), re.ASCII):
        message = gettext_noop('"%(code)s" is no postal code of %(country)s.')
        yield "postcode", stop("postcode", message, code=row.postcode, country=row.country_id)


def payee(row: Supplier) -> Iterator[tuple[str, Problem]]:
    """The bank of a supplier in the USA is named by its FedWire number; a plusgiro is Swedish."""
    if row.bank_branch and row.country_id == "US" and (problem := check_routing_number(row.bank_branch)):
        yield "bank_branch", problem
    if row.bank_branch and row.country_id != "US" and re.fullmatch(r"(//)?(FW)?\d{9}", row.bank_branch, re.ASCII):
        message = gettext_noop("A FedWire number is for banks in the USA; the country is %(country)s.")
        yield "bank_branch", stop("fedwire_country", message, country=row.country_id)
    if row.giro and row.country_id == "SE":
        kind = accounts.AccountKind.SE_PLUSGIRO
        if problem := accounts.check_account(row.giro, kind):
            yield "giro", problem


def agreement(row: BankAgreement) -> Iterator[tuple[str, Problem]]:
    """Approvers here and in the bank, and a place for files that do not go through the gateway."""
    if row.bank_approvers > row.approvers:
        message = gettext_noop("%(bank)s in the bank ask for at least %(bank)s approvers here.")
        yield "bank_approvers", stop("bank_approvers", message, bank=row.bank_approvers)
    if row.channel != Channel.GATEWAY and not row.channel_address.strip():
        yield "channel_address", stop("channel_address", gettext_noop("Write the folder or the SFTP address."))
    if row.channel == Channel.SFTP and not row.channel_host_key.strip():
        message = gettext_noop("Write the server's public key, so that nobody can stand in for it.")
        yield "channel_host_key", stop("channel_host_key", message)


def receiving_account(row: FactoringCompany) -> Iterator[tuple[str, Problem]]:
    """The receiving account is compared with the files letter by letter."""
    if row.bank_account != accounts.normalise(row.bank_account):
        message = gettext_noop("Write the account as the bank's files do: no dots, no blanks, capitals (%(good)s).")
        yield "bank_account", stop("account_form", message, good=accounts.normalise(row.bank_account))


_OWN: dict[type, tuple[Check, ...]] = {
    Company: (address,),
    Supplier: (address, payee),
    Customer: (address,),
    BankAgreement: (agreement,),
    FactoringCompany: (receiving_account,),
}
