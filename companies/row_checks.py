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
from companies.models import BankAgreement, BankPartner, Company, CurrencyRate, Customer, FactoringCompany, Supplier
from companies.national_accounts import check_routing_number
from companies.problems import Problem, gettext_noop, stop

Found = Iterable[tuple[str, Problem]]
Check = Callable[[Any], Found]
MOST_HELD = 24 * 60 * 60
_SFTP = re.compile(r"sftp://[^\s/@]+@[^\s/@]+(/\S*)?")
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


def numbered(row: Any) -> Iterator[tuple[str, Problem]]:
    """In Visma Business 0 means that there is none."""
    if row.number is not None and row.number < 1:
        yield "number", stop("number_zero", gettext_noop("Numbers begin at 1."))


def same_country(row: Supplier) -> Iterator[tuple[str, Problem]]:
    """A bank's SWIFT code and the account it keeps name one country."""
    if row.iban and row.bic and accounts.bank_country(row.bic[4:6]) != accounts.bank_country(row.iban[:2]):
        message = gettext_noop("SWIFT code %(bic)s is of a bank in %(there)s, but the IBAN is of %(here)s.")
        yield "bic", stop("bic_country", message, bic=row.bic, there=row.bic[4:6], here=row.iban[:2])


def own_account(row: BankPartner) -> Iterator[tuple[str, Problem]]:
    """Bank holidays and rules follow the country of the account, so it must be where the account is kept."""
    home = accounts.bank_country(row.country_id or "")
    if accounts.looks_like_iban(row.account) and accounts.bank_country(row.account[:2]) != home:
        message = gettext_noop("The account begins with %(there)s, so it is not kept in %(here)s.")
        yield "country", stop("account_country", message, there=row.account[:2], here=row.country_id)
    elif row.bic and accounts.bank_country(row.bic[4:6]) != home:
        message = gettext_noop("BIC %(bic)s is of a bank in %(there)s, but the account is in %(here)s.")
        yield "bic", stop("bic_country", message, bic=row.bic, there=row.bic[4:6], here=row.country_id)


def rate(row: CurrencyRate) -> Iterator[tuple[str, Problem]]:
    """A unit of the company's own currency costs one unit, always."""
    if row.currency_id == row.company.currency_id:
        message = gettext_noop("%(currency)s is the company's own currency: it needs no rate.")
        yield "currency", stop("own_currency", message, currency=row.currency_id)


def agreement(row: BankAgreement) -> Iterator[tuple[str, Problem]]:
    """Approvers here and in the bank, and a place for files that do not go through the gateway."""
    if row.bank_approvers > row.approvers:
        message = gettext_noop("%(bank)s in the bank ask for at least %(bank)s approvers here.")
        yield "bank_approvers", stop("bank_approvers", message, bank=row.bank_approvers)
    if row.hold_seconds > MOST_HELD:
        yield "hold_seconds", stop("hold_seconds", gettext_noop("Write at most 86400 seconds, which is one day."))
    if row.bank_partner_id and row.currency_id != row.bank_partner.currency_id:
        message = gettext_noop("The account of %(partner)s is in %(currency)s.")
        yield "currency", stop("currency", message, partner=row.bank_partner, currency=row.bank_partner.currency_id)
    yield from _channel(row)


def _channel(row: BankAgreement) -> Iterator[tuple[str, Problem]]:
    place = row.channel_address.strip()
    if row.channel != Channel.GATEWAY and not place:
        yield "channel_address", stop("channel_address", gettext_noop("Write the folder or the SFTP address."))
    if row.channel == Channel.FOLDER and place and not place.startswith("/"):
        yield "channel_address", stop("folder", gettext_noop("Write the whole path of the folder, beginning with /."))
    if row.channel == Channel.SFTP and place and not _SFTP.fullmatch(place):
        yield "channel_address", stop("sftp", gettext_noop("Write the address as sftp://user@server/folder."))
    if row.channel == Channel.SFTP and not row.channel_host_key.strip():
        message = gettext_noop("Write the server's public key, so that nobody can stand in for it.")
        yield "channel_host_key", stop("channel_host_key", message)


def receiving_account(row: FactoringCompany) -> Iterator[tuple[str, Problem]]:
    """The receiving account is compared with the files letter by letter."""
    if row.bank_account != accounts.normalise(row.bank_account):
        message = gettext_noop("Write the account as the bank's files do: no dots, no blanks, capitals (%(good)s).")
        yield "bank_account", stop("account_form", message, good=accounts.normalise(row.bank_account))
    partner = row.bank_partner
    if partner is not None and _other_account(row.bank_account, partner.account):
        message = gettext_noop("%(partner)s has another account: %(account)s.")
        yield "bank_partner", stop("partner_account", message, partner=partner, account=partner.account)


def _other_account(one: str, other: str) -> bool:
    """Surely not the same: two IBANs or two Norwegian accounts. A bankgiro may well belong to an account."""
    keys = accounts.account_key(one), accounts.account_key(other)
    alike = all(len(key) == 11 and key.isdigit() for key in keys) or all(map(accounts.looks_like_iban, keys))
    return alike and keys[0] != keys[1]


_OWN: dict[type, tuple[Check, ...]] = {
    Company: (numbered, address),
    Supplier: (numbered, address, payee, same_country),
    Customer: (numbered, address),
    BankPartner: (numbered, own_account),
    BankAgreement: (agreement,),
    FactoringCompany: (numbered, receiving_account),
    CurrencyRate: (rate,),
}
