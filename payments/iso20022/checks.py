"""Preflight of one item: what a bank would refuse, found before anybody approves it. Pure.

`problems` answers all findings of an item at once; those that `stops` keep the payment from being sealed. Rules
and limits: ISO 20022 mapping 1.3, 1.6 to 1.11, domain facts 1.8 and 6.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from companies import national_accounts as national
from companies.accounts import check_bic, check_country, check_iban, country_has_iban
from companies.calendars import calendars_for, closed_because
from companies.problems import Problem, gettext_noop, stop, warning
from payments import reference_rules
from payments.iso20022.addresses import check_address
from payments.iso20022.charset import cleaned
from payments.iso20022.currencies import decimals_of
from payments.iso20022.order_kinds import PaymentType, ReferenceKind, Scheme
from payments.iso20022.orders import Item, Profile, Reference
from payments.iso20022.payment_types import SEPA_TYPES, US_TYPES
from payments.iso20022.remitting import alphabet, compose

DECLARATION_FROM = {"NO": Decimal(100_000), "SE": Decimal(150_000)}
DECLARATION_CURRENCY = {"NO": "NOK", "SE": "SEK"}
_DECLARATION_WANTED = {
    "NO": gettext_noop("Payments abroad from NOK 100 000 need a declaration code and its text."),
    "SE": gettext_noop("Payments abroad from SEK 150 000 need a declaration code."),
}
SEPA_MOST = Decimal("999999999.99")
_OLD_BIC = re.compile(r"[A-Z]{6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3})?")
_ID = re.compile(r"[A-Z0-9](?:[A-Z0-9-]{0,33}[A-Z0-9])?")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a check needs beside the item: the business date, and the amount in the debtor's home currency."""

    today: date
    home_amount: Decimal | None = None


def problems(item: Item, profile: Profile, around: Surroundings) -> list[Problem]:
    """Everything that is wrong with an item, stops first."""
    found = [
        *_amount(item),
        *_dates(item, around.today),
        *_account(item),
        *_bank(item, profile),
        *_names(item, profile),
        *_reference(item),
        *_declaration(item, around),
        *compose(item, profile).notes,
    ]
    return sorted(found, key=lambda problem: not problem.stops)


def _amount(item: Item) -> Iterator[Problem]:
    if item.amount <= 0:
        yield stop("amount_zero", gettext_noop("The amount must be more than zero."))
    decimals = decimals_of(item.currency)
    if item.amount != item.amount.quantize(Decimal(1).scaleb(-decimals)):
        message = gettext_noop("%(amount)s %(currency)s has more than %(decimals)s decimals.")
        yield stop("amount_decimals", message, amount=str(item.amount), currency=item.currency, decimals=decimals)
    if item.terms.payment_type in SEPA_TYPES and item.amount > SEPA_MOST:
        yield stop("amount_sepa", gettext_noop("A SEPA payment can be at most 999 999 999.99 EUR."))


def _dates(item: Item, today: date) -> Iterator[Problem]:
    day = item.execution_date
    if day < today:
        message = gettext_noop("Payment date %(day)s is past: move it to today or later.")
        yield stop("date_past", message, day=day.isoformat())
    calendars = calendars_for(item.debtor.country, item.currency)
    if reason := closed_because(day, calendars):
        message = gettext_noop("Payment date %(day)s is no bank day: %(reason)s.")
        yield stop("date_no_bank_day", message, day=day.isoformat(), reason=reason)


def _account(item: Item) -> Iterator[Problem]:
    account, kind = item.creditor.account, item.terms.payment_type
    if problem := check_country(item.creditor.country):
        yield problem
    if account.scheme is Scheme.IBAN:
        if problem := check_iban(account.number):
            yield problem
        return
    if kind in SEPA_TYPES:
        yield stop("iban_missing", gettext_noop("A euro payment inside SEPA needs the payee's IBAN."))
        return
    if kind is PaymentType.CROSS_BORDER and country_has_iban(item.creditor.country):
        message = gettext_noop("%(country)s uses IBAN: a payment without it may be returned or cost more.")
        yield warning("iban_wanted", message, country=item.creditor.country)
    number = account.number
    if kind is PaymentType.SE_ACCOUNT and item.creditor.agent:
        number = item.creditor.agent.clearing_member + number
    rule = _NATIONAL.get(kind)
    if rule and (problem := rule(number)):
        yield problem


def _bank(item: Item, profile: Profile) -> Iterator[Problem]:
    agent, kind = item.creditor.agent, item.terms.payment_type
    if agent is not None and agent.bic:
        if problem := check_bic(agent.bic):
            yield problem
        elif profile.version == "001.001.03" and not _OLD_BIC.fullmatch(agent.bic):
            message = gettext_noop("BIC %(bic)s cannot be written in pain.001.001.03.")
            yield stop("bic_old_version", message, bic=agent.bic)
    if kind in US_TYPES:
        if problem := national.check_routing_number(agent.clearing_member if agent else ""):
            yield problem
        if agent is None or not agent.name:
            message = gettext_noop("Swift address 1 must hold the name of the payee's bank in the USA.")
            yield stop("us_bank_name", message)
        if agent is None or agent.address is None or not agent.address.town:
            message = gettext_noop("Swift address 2 must hold town and state of the bank, such as New York, NY.")
            yield stop("us_bank_address", message)
    elif kind is PaymentType.CROSS_BORDER and (agent is None or not (agent.bic or agent.clearing_member)):
        yield stop("bic_missing", gettext_noop("A payment abroad needs the BIC of the payee's bank."))
    elif kind is PaymentType.NO_EXPRESS and (agent is None or not agent.bic):
        yield stop("bic_missing", gettext_noop("An express payment needs the BIC of the payee's bank."))


def _names(item: Item, profile: Profile) -> Iterator[Problem]:
    kind = item.terms.payment_type
    name = cleaned(item.creditor.name, alphabet(kind, profile))
    if not name.text.strip(". "):
        yield stop("name_missing", gettext_noop("The payee has no name the bank can read."))
    elif note := name.note:
        yield note
    if problem := check_address(item.creditor.address, kind, profile.address):
        yield problem
    if not _ID.fullmatch(item.end_to_end_id):
        message = gettext_noop("Payment id %(id)s may hold A-Z, 0-9 and hyphens, at most 35.")
        yield stop("end_to_end_id", message, id=item.end_to_end_id)


def _reference(item: Item) -> Iterator[Problem]:
    references = [item.reference, *(document.reference for document in item.documents)]
    for reference in references:
        if reference and (problem := check_reference(reference)):
            yield problem
    if item.reference and len(item.documents) > 1:
        message = gettext_noop("One reference cannot name %(count)s documents: give each its own.")
        yield stop("reference_for_several", message, count=len(item.documents))
    credited = sum((d.amount if d.kind != "CREN" else -d.amount for d in item.documents), Decimal(0))
    if item.documents and credited != item.amount:
        message = gettext_noop("Invoices less credit notes are %(sum)s, but %(amount)s is to be paid.")
        yield stop("documents_sum", message, sum=str(credited), amount=str(item.amount))


def check_reference(reference: Reference) -> Problem | None:
    """The check digits of a reference by its kind."""
    if reference.kind is ReferenceKind.FIK:
        card = reference_rules.read_card(reference.value)
        if card is not None:
            return reference_rules.check_card(card)
        message = gettext_noop("Payment card reference %(value)s is not of the form 71/digits.")
        return stop("card_form", message, value=reference.value)
    return _REFERENCES[reference.kind](reference.value)


def _declaration(item: Item, around: Surroundings) -> Iterator[Problem]:
    country = item.debtor.country
    limit = DECLARATION_FROM.get(country)
    if limit is None or item.creditor.country == country:
        return
    amount = item.amount if item.currency == DECLARATION_CURRENCY[country] else around.home_amount
    if amount is None:
        message = gettext_noop("There is no rate for %(currency)s: whether a declaration is due is not known.")
        yield warning("declaration_unknown", message, currency=item.currency)
        return
    stated = item.regulatory
    complete = stated is not None and stated.code and (stated.text or country == "SE")
    if amount >= limit and not complete:
        yield stop("declaration_missing", _DECLARATION_WANTED[country], code=stated.code if stated else "")


_NATIONAL = {
    PaymentType.NO_ACCOUNT: national.check_norwegian,
    PaymentType.NO_EXPRESS: national.check_norwegian,
    PaymentType.SE_BANKGIRO: national.check_bankgiro,
    PaymentType.SE_PLUSGIRO: national.check_plusgiro,
    PaymentType.SE_ACCOUNT: national.check_swedish,
    PaymentType.DK_ACCOUNT: national.check_danish,
    PaymentType.DK_FIK: national.check_danish_creditor,
    PaymentType.DK_GIRO: national.check_danish_giro,
    PaymentType.US_WIRE: national.check_us_account,
    PaymentType.US_ACH: national.check_us_account,
}
_REFERENCES = {
    ReferenceKind.KID: reference_rules.check_kid,
    ReferenceKind.OCR: reference_rules.check_ocr,
    ReferenceKind.FI: reference_rules.check_finnish,
    ReferenceKind.RF: reference_rules.check_rf,
}
