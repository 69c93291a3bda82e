"""Which account of a supplier is paid, and how the payee is written to the bank.

Abroad the first filled of IBAN, bank account, postal giro; at home bank account, postal giro, IBAN; an account on the
open entry comes before both (domain facts 1.6, 1.9). In the USA bank branch is the FedWire number, Swift address 1 the
bank's name and Swift address 2 its address (guide).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from autopay_console.kernel.sets import chunks
from companies.accounts import AccountKind, classify, normalise
from companies.models import Supplier
from companies.national_accounts import routing_number
from payments.iso20022.addresses import us_bank_address
from payments.iso20022.order_kinds import Scheme
from payments.iso20022.orders import Account, Address, Agent, Creditor


class PayeeRow(NamedTuple):
    """What a payment needs of a supplier, for orders with thousands of them; the fields are those of `Supplier`."""

    id: int
    name: str
    country_id: str
    iban: str
    account: str
    giro: str
    bic: str
    bank_branch: str
    swift_address_1: str
    swift_address_2: str
    street: str
    building: str
    postcode: str
    town: str
    state: str
    address_1: str
    address_2: str
    is_payroll: bool
    blocked: bool


Payee = Supplier | PayeeRow
_SCHEMES = {
    AccountKind.IBAN: Scheme.IBAN,
    AccountKind.SE_BANKGIRO: Scheme.BGNR,
    AccountKind.SE_PLUSGIRO: Scheme.PGNR,
    AccountKind.DK_CREDITOR: Scheme.OCR,
    AccountKind.DK_GIRO: Scheme.OCR,
}


def account_of(supplier: Supplier, home: str, *, own: str = "") -> str:
    """The account to pay, normalised; `home` is the payer's country, `own` an account given on the voucher."""
    abroad = (supplier.iban, supplier.account, supplier.giro)
    at_home = (supplier.account, supplier.giro, supplier.iban)
    wanted = at_home if supplier.country_id == home else abroad
    return normalise(own) or next((normalise(number) for number in wanted if number.strip()), "")


def accounts_of(supplier: Supplier) -> list[str]:
    """Every account the supplier has, normalised."""
    every = (supplier.iban, supplier.account, supplier.giro)
    return list(dict.fromkeys(normalise(number) for number in every if number.strip()))


def rows_by_id(ids: Iterable[int]) -> dict[int, PayeeRow]:
    """The payees with these keys."""
    found: dict[int, PayeeRow] = {}
    for part in chunks(sorted(ids)):
        rows = Supplier.objects.filter(pk__in=part).values_list(*PayeeRow._fields)
        found |= {row[0]: PayeeRow(*row) for row in rows}
    return found


def kind_of(supplier: Payee, account: str) -> AccountKind:
    """What kind of number this is; a Swedish giro without its hyphen is known by the field it stands in."""
    plain = normalise(account)
    if supplier.country_id == "SE" and supplier.giro and normalise(supplier.giro) == plain:
        return AccountKind.SE_PLUSGIRO
    written = next((one for one in (supplier.account, supplier.giro) if normalise(one) == plain), plain)
    return classify(written, supplier.country_id)


def creditor(supplier: Payee, account: str) -> Creditor:
    """The payee as the order file names it."""
    kind = kind_of(supplier, account)
    plain = normalise(account)
    country = plain[:2] if kind is AccountKind.IBAN else supplier.country_id
    return Creditor(
        name=supplier.name,
        account=Account(plain, _SCHEMES.get(kind, Scheme.BBAN)),
        country=country,
        address=_address(supplier),
        agent=_bank(supplier, country),
    )


def _address(supplier: Payee) -> Address:
    lines = tuple(line.strip() for line in (supplier.address_1, supplier.address_2) if line.strip())
    return Address(
        street=supplier.street,
        building=supplier.building,
        post_code=supplier.postcode,
        town=supplier.town,
        subdivision=supplier.state,
        country=supplier.country_id,
        lines=() if supplier.street else lines,
    )


def _bank(supplier: Payee, country: str) -> Agent | None:
    bic = supplier.bic.strip().upper()
    if country == "US":
        return Agent(
            bic=bic,
            clearing_system="USABA",
            clearing_member=routing_number(supplier.bank_branch),
            name=supplier.swift_address_1.strip(),
            address=us_bank_address(supplier.swift_address_2),
        )
    return Agent(bic=bic) if bic else None
