"""The facts a payment order file (pain.001) is written from.

Frozen values only: what is sealed here is what approvers sign and the bank executes. Amounts are Decimals in
the item's own currency, dates are bank days at the debtor's bank, names and texts are as the supplier
register holds them (the writer brings them into the character set). Source: ISO 20022 mapping 1.1 to 1.10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from payments.iso20022.order_kinds import (
    CharacterSet,
    ChargeBearer,
    DanishGiro,
    Netting,
    PaymentType,
    ReferenceKind,
    Scheme,
    SwedishGiro,
    WriteWhen,
)


@dataclass(frozen=True, slots=True)
class Code:
    """A code from ISO's list (Cd) or one agreed with the bank (Prtry)."""

    value: str
    proprietary: bool = False


@dataclass(frozen=True, slots=True)
class PartyId:
    """An organisation's number at the bank; scheme is CUST, BANK, COID... or proprietary."""

    id: str
    scheme: str = "BANK"
    proprietary: bool = False
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class IdRule:
    """Which of the company's numbers (`organisation_number`, `customer_number`...) goes out as which id."""

    source: str
    scheme: str = "BANK"


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address: structured fields, free lines (`lines`, old style), or both."""

    street: str = ""
    building: str = ""
    post_code: str = ""
    town: str = ""
    subdivision: str = ""
    country: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is written: digits without blanks or hyphens, or an electronic IBAN."""

    number: str
    scheme: Scheme = Scheme.IBAN


@dataclass(frozen=True, slots=True)
class Agent:
    """A bank: by BIC, by member number in a clearing system (USABA, SESBA), or by name and address."""

    bic: str = ""
    clearing_system: str = ""
    clearing_member: str = ""
    name: str = ""
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Debtor:
    """Our own side: the bank partner and its agreement.

    `country` is that of the account; `bankgiro` is our bankgiro number when the profile wants bankgiro payees
    paid from it; `batch_booking` is the agreement's flag (None: as agreed with the bank).
    """

    name: str
    account: Account
    bic: str
    currency: str
    country: str
    address: Address | None = None
    ids: tuple[PartyId, ...] = ()
    bankgiro: str = ""
    batch_booking: bool | None = None


@dataclass(frozen=True, slots=True)
class Creditor:
    """The payee and the payee's bank; `country` is that of the account or bank."""

    name: str
    account: Account
    country: str
    address: Address | None = None
    agent: Agent | None = None


class Reference(NamedTuple):
    """The payee's payment reference, digits only (a KID may end in `-`); FIK with card kind `71/...`."""

    value: str
    kind: ReferenceKind


@dataclass(slots=True)
class Document:
    """An invoice (CINV) or credit note (CREN) that the item pays; the amount is always positive."""

    kind: str
    number: str
    amount: Decimal
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class Regulatory:
    """Declaration to the authorities of the payer's country; the writer cuts the text into lines of 35."""

    country: str
    code: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What was decided about an item (payment_types.decide); part of what groups items into one PmtInf."""

    payment_type: PaymentType
    debit_account: Account
    service_level: Code | None = None
    local_instrument: Code | None = None
    category_purpose: str = ""
    charge_bearer: ChargeBearer | None = None
    batch_booking: bool | None = None


@dataclass(slots=True)
class Item:
    """One credit transfer (CdtTrfTxInf): 1..n lines of one supplier, account, date, currency; amount > 0.

    Nobody changes an item or its documents. They are not frozen only because frozen ones take three times as long to
    make, and a file has 100 000 of them.
    """

    end_to_end_id: str
    amount: Decimal
    currency: str
    execution_date: date
    debtor: Debtor
    creditor: Creditor
    terms: Terms
    reference: Reference | None = None
    documents: tuple[Document, ...] = ()
    text: str = ""
    regulatory: Regulatory | None = None
    uetr: str = ""
    instruction_id: str = ""
    intermediary: Agent | None = None
    exchange_contract: str = ""


@dataclass(frozen=True, slots=True)
class TextLimit:
    """How many message lines of which length the bank takes."""

    lines: int = 1
    length: int = 140


@dataclass(frozen=True, slots=True)
class AddressRules:
    """Where a payee address must have town and country; elsewhere a country alone will do.

    `required`: no payment without town and country. `if_any`: an address may be absent, but what is written
    must have them (SEPA). `hybrid_lines`: free lines allowed beside town and country.
    """

    required: frozenset[PaymentType] = frozenset(
        {
            PaymentType.CROSS_BORDER,
            PaymentType.US_WIRE,
            PaymentType.US_ACH,
            PaymentType.SE_BANKGIRO,
            PaymentType.SE_PLUSGIRO,
            PaymentType.SE_ACCOUNT,
        }
    )
    if_any: frozenset[PaymentType] = frozenset({PaymentType.SEPA, PaymentType.SEPA_INSTANT, PaymentType.FI_ACCOUNT})
    hybrid_lines: int = 2


@dataclass(frozen=True, slots=True)
class Profile:
    """One bank's habits (mapping 1.4).

    `text_limits` and the code overrides are by payment type; a type that is not named follows the standard of
    payment_types; an override of None leaves the element out.
    """

    name: str = "CGI"
    version: str = "001.001.09"
    initiating_ids: tuple[IdRule, ...] = (IdRule("organisation_number", "CUST"),)
    debtor_ids: tuple[IdRule, ...] = ()
    swedish_giro: SwedishGiro = SwedishGiro.COMMON
    plusgiro_scheme: Scheme = Scheme.BBAN
    danish_giro: DanishGiro = DanishGiro.OCR
    bankgiro_from_bankgiro: bool = False
    creditor_agent_domestic: bool = False
    text_limits: Mapping[PaymentType, TextLimit] = field(default_factory=dict, hash=False)
    strd_amount: bool = True
    strd_due_amount: bool = False
    strd_and_ustrd: bool = False
    charge_bearer: WriteWhen = WriteWhen.ALWAYS
    batch_booking: WriteWhen = WriteWhen.ALWAYS
    character_set: CharacterSet = CharacterSet.NORDIC
    netting: Netting = Netting.STRUCTURED
    max_items_file: int = 5000
    max_items_block: int = 1000
    address: AddressRules = AddressRules()
    service_levels: Mapping[PaymentType, Code | None] = field(default_factory=dict, hash=False)
    local_instruments: Mapping[PaymentType, Code | None] = field(default_factory=dict, hash=False)
    regulatory_type: bool = True
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """One PmtInf: `count` items in a row that share debtor, date and terms, with their exact sum."""

    id: str
    debtor: Debtor
    execution_date: date
    terms: Terms
    count: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class FileOrder:
    """One pain.001 file. `items` is read once, in the order of `blocks`, so it may be a stream."""

    msg_id: str
    created_at: datetime
    initiating_name: str
    initiating_ids: tuple[PartyId, ...]
    profile: Profile
    blocks: tuple[Block, ...]
    items: Iterable[Item]
