"""Postal addresses as banks take them after 15 November 2026: structured, or town, country and free lines.

An address in free lines alone is refused for euro, kronor and foreign payments; a payee without address is
not. Source: ISO 20022 mapping 1.7.
"""

from __future__ import annotations

import re
from dataclasses import replace

from companies.problems import Problem, gettext_noop, stop
from payments.iso20022.order_kinds import PaymentType
from payments.iso20022.orders import Address, AddressRules

_STATES = (
    "AL AK AZ AR CA CO CT DC DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC "
    "ND OH OK OR PA PR RI SC SD TN TX UT VT VA WA WV WI WY"
)
_US = re.compile(
    r"^(?:(?P<street>.*?)[,;]\s*)?(?P<town>[A-Za-z .'-]+?)[,;]?\s+"
    rf"(?P<state>{_STATES.replace(' ', '|')})"
    r"(?:[,;]?\s+(?P<code>\d{5}(?:-\d{4})?))?(?:[,;]?\s*(?:US|USA|U\.S\.A\.))?$"
)


def written_address(address: Address | None, kind: PaymentType, rules: AddressRules) -> Address | None:
    """What of an address goes into the file: whole, its country alone, or nothing."""
    if address is None:
        return None
    if address.town and address.country:
        lines = _hybrid_lines(address, rules.hybrid_lines)
        return address if lines == address.lines else replace(address, lines=lines)
    if not address.country or kind in rules.if_any or kind in rules.required:
        return None
    return Address(country=address.country)


def _hybrid_lines(address: Address, most: int) -> tuple[str, ...]:
    """Free lines beside town and country, which must not be said twice; none when the street stands apart."""
    if address.street:
        return ()
    said = {address.town.casefold(), f"{address.post_code} {address.town}".strip().casefold()}
    said |= {address.country.casefold(), ""}
    return tuple(line for line in address.lines if line.strip().casefold() not in said)[:most]


def check_address(address: Address | None, kind: PaymentType, rules: AddressRules) -> Problem | None:
    """Stops a payment whose payee address would be refused or lost."""
    complete = bool(address and address.town and address.country)
    says_something = bool(address and (address.street or address.lines or address.post_code))
    if complete or not (kind in rules.required or (kind in rules.if_any and says_something)):
        return None
    message = gettext_noop("The payee's address must have town and country: enter them on the supplier.")
    return stop("address_town", message)


def us_bank_address(text: str) -> Address | None:
    """Town and state out of Swift address 2, such as `New York, NY` or `1 Main St, Austin, TX 78701`."""
    if not (found := _US.match(" ".join(text.split()))):
        return None
    return Address(
        street=(found["street"] or "").strip(),
        post_code=found["code"] or "",
        town=found["town"].strip(" ,"),
        subdivision=found["state"],
        country="US",
    )
