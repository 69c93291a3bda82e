"""Which road a payment takes, and the codes and charges that go with it.

The bank executes what the codes say, not what was meant: a krone payment marked SEPA is refused, a euro
payment with other charges than SLEV too. Source: ISO 20022 mapping 1.3 to 1.5, fee codes of domain facts 1.8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from companies.accounts import iban_from_norwegian
from companies.countries import EEA, EEA_CURRENCIES, HOME_CURRENCY, SEPA
from companies.national_accounts import check_danish_creditor, check_norwegian
from companies.problems import Problem, gettext_noop, warning
from payments.iso20022.order_kinds import (
    ChargeBearer,
    DanishGiro,
    Netting,
    PaymentType,
    ReferenceKind,
    Scheme,
    SwedishGiro,
    WriteWhen,
)
from payments.iso20022.orders import Account, Code, Creditor, Debtor, Profile, Reference, Terms, TextLimit

SEPA_TYPES = frozenset({PaymentType.SEPA, PaymentType.SEPA_INSTANT, PaymentType.FI_ACCOUNT})
US_TYPES = frozenset({PaymentType.US_WIRE, PaymentType.US_ACH})
FOREIGN_TYPES = frozenset({PaymentType.CROSS_BORDER}) | US_TYPES
SWEDISH_TYPES = frozenset({PaymentType.SE_BANKGIRO, PaymentType.SE_PLUSGIRO, PaymentType.SE_ACCOUNT})
NORWEGIAN_TYPES = frozenset({PaymentType.NO_ACCOUNT, PaymentType.NO_EXPRESS})
DOMESTIC_TYPES = frozenset(PaymentType) - SEPA_TYPES - FOREIGN_TYPES
SALARIES = frozenset({"SALA", "PENS"})

_SERVICE_LEVELS = {
    **dict.fromkeys(SEPA_TYPES, Code("SEPA")),
    PaymentType.CROSS_BORDER: Code("NURG"),
    PaymentType.US_WIRE: Code("URGP"),
    PaymentType.US_ACH: Code("NURG"),
}
_LOCAL_INSTRUMENTS = {PaymentType.NO_EXPRESS: Code("SDCL"), PaymentType.SEPA_INSTANT: Code("INST")}
_TEXT_LIMITS = {PaymentType.DK_ACCOUNT: TextLimit(4, 35), PaymentType.US_ACH: TextLimit(1, 80)}
_ONE_LINE = TextLimit()
_GIRO_CARDS = frozenset({"01", "04"})


class Urgency(StrEnum):
    """How fast the payee must have the money."""

    ORDINARY = "ordinary"
    URGENT = "urgent"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is known about a payment before its road is chosen; `fee_code` 0 to 4 as in Text type 130."""

    debtor: Debtor
    creditor: Creditor
    currency: str
    reference: Reference | None = None
    fee_code: int = 0
    urgency: Urgency = Urgency.ORDINARY
    category_purpose: str = ""
    us_ach: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The terms an item is written under, and what a person should know about them."""

    terms: Terms
    notes: tuple[Problem, ...] = ()


def decide(wish: Wish, profile: Profile) -> Decision:
    """Payment type, codes, charges, category purpose and debit account of a payment."""
    kind = payment_type(wish)
    bearer, note = charge_bearer(kind, wish)
    terms = Terms(
        payment_type=kind,
        debit_account=_debit_account(kind, wish.debtor, profile),
        service_level=_service_level(kind, wish, profile),
        local_instrument=_local_instrument(kind, wish, profile),
        category_purpose=wish.category_purpose,
        charge_bearer=bearer if _written(profile.charge_bearer, kind) or kind in SEPA_TYPES else None,
        batch_booking=_batch_booking(kind, wish, profile),
    )
    return Decision(terms, (note,) if note else ())


def payment_type(wish: Wish) -> PaymentType:
    """Domestic when accounts and currency are of one Nordic country; euro inside SEPA; else foreign."""
    payer, payee = wish.debtor.country, wish.creditor.country
    if payer == payee and wish.currency == HOME_CURRENCY.get(payer) and payer in {"NO", "SE", "DK"}:
        return _domestic(wish)
    if wish.currency == "EUR" and payer in SEPA and payee in SEPA:
        if wish.urgency is Urgency.INSTANT:
            return PaymentType.SEPA_INSTANT
        return PaymentType.FI_ACCOUNT if payer == payee == "FI" else PaymentType.SEPA
    if payee == "US" and wish.currency == "USD":
        return PaymentType.US_ACH if wish.us_ach else PaymentType.US_WIRE
    return PaymentType.CROSS_BORDER


def _domestic(wish: Wish) -> PaymentType:
    scheme = wish.creditor.account.scheme
    if wish.debtor.country == "NO":
        ordinary = wish.urgency is Urgency.ORDINARY
        return PaymentType.NO_ACCOUNT if ordinary else PaymentType.NO_EXPRESS
    if wish.debtor.country == "SE":
        giros = {Scheme.BGNR: PaymentType.SE_BANKGIRO, Scheme.PGNR: PaymentType.SE_PLUSGIRO}
        return giros.get(scheme, PaymentType.SE_ACCOUNT)
    if scheme is not Scheme.OCR:
        return PaymentType.DK_ACCOUNT
    return PaymentType.DK_GIRO if card_kind(wish) in _GIRO_CARDS else PaymentType.DK_FIK


def card_kind(wish: Wish) -> str:
    """Kind of a Danish payment card: `71/<id>` is 71; without one a creditor number is 73, a giro number 01."""
    if wish.reference is not None and wish.reference.kind is ReferenceKind.FIK:
        return wish.reference.value[:2]
    return "73" if check_danish_creditor(wish.creditor.account.number) is None else "01"


def charge_bearer(kind: PaymentType, wish: Wish) -> tuple[ChargeBearer, Problem | None]:
    """Who pays the fees, from the fee code; a note where scheme, country or ISO leave no such choice."""
    code = wish.fee_code
    if kind in SEPA_TYPES:
        message = gettext_noop("Fee code %(code)s: charges of a SEPA payment are always shared by its rules.")
        return ChargeBearer.SLEV, None if code in (0, 2) else warning("fee_code_sepa", message, code=code)
    if kind in DOMESTIC_TYPES:
        return ChargeBearer.SHAR, None
    inside = wish.debtor.country in EEA and wish.creditor.country in EEA and wish.currency in EEA_CURRENCIES
    if inside and code in (1, 4):
        message = gettext_noop("Fee code %(code)s: inside the EEA each side pays its own charges (SHAR).")
        return ChargeBearer.SHAR, warning("fee_code_eea", message, code=code)
    if code == 3:
        message = gettext_noop("Fee code 3 has no counterpart at the banks: each side pays its own (SHAR).")
        return ChargeBearer.SHAR, warning("fee_code_3", message, code=code)
    return {1: ChargeBearer.DEBT, 4: ChargeBearer.CRED}.get(code, ChargeBearer.SHAR), None


def text_limit(kind: PaymentType, profile: Profile) -> TextLimit:
    """Message lines and their length: the profile's, else the standard of the type."""
    return profile.text_limits.get(kind) or _TEXT_LIMITS.get(kind, _ONE_LINE)


def netting(kind: PaymentType, profile: Profile, *, with_reference: bool) -> Netting:
    """How invoices and credit notes to one payee may become one payment.

    A giro payment carries exactly one OCR or card id, so invoices that have one are never netted there; only
    Norwegian payments list documents structured, elsewhere the list goes as message text.
    """
    if profile.netting is Netting.NEVER or kind in {PaymentType.DK_FIK, PaymentType.DK_GIRO}:
        return Netting.NEVER
    if kind in NORWEGIAN_TYPES:
        return profile.netting
    return Netting.NEVER if with_reference else Netting.AS_TEXT


def basic_letters_only(kind: PaymentType) -> bool:
    """SEPA and foreign payments leave the Nordic letters behind."""
    return kind in SEPA_TYPES or kind in FOREIGN_TYPES


def _written(when: WriteWhen, kind: PaymentType) -> bool:
    return when is WriteWhen.ALWAYS or (when is WriteWhen.NOT_DOMESTIC and kind not in DOMESTIC_TYPES)


def _batch_booking(kind: PaymentType, wish: Wish, profile: Profile) -> bool | None:
    if wish.category_purpose in SALARIES and profile.batch_booking is not WriteWhen.NEVER:
        return True
    return wish.debtor.batch_booking if _written(profile.batch_booking, kind) else None


def _service_level(kind: PaymentType, wish: Wish, profile: Profile) -> Code | None:
    if kind is PaymentType.CROSS_BORDER and wish.urgency is not Urgency.ORDINARY:
        return Code("URGP")
    if kind in SWEDISH_TYPES and profile.swedish_giro is SwedishGiro.MPNS:
        return Code("MPNS", proprietary=True)
    if kind in {PaymentType.DK_FIK, PaymentType.DK_GIRO} and profile.danish_giro is DanishGiro.IBK:
        return Code(f"IBK{card_kind(wish)}", proprietary=True)
    if kind in profile.service_levels:
        return profile.service_levels[kind]
    return _SERVICE_LEVELS.get(kind)


def _local_instrument(kind: PaymentType, wish: Wish, profile: Profile) -> Code | None:
    if kind is PaymentType.US_ACH:
        return Code("PPD" if wish.category_purpose in SALARIES else "CCD")
    if kind in SWEDISH_TYPES and profile.swedish_giro is SwedishGiro.MPNS:
        return Code("DO", proprietary=True)
    if kind in profile.local_instruments:
        return profile.local_instruments[kind]
    return _LOCAL_INSTRUMENTS.get(kind)


def _debit_account(kind: PaymentType, debtor: Debtor, profile: Profile) -> Account:
    """Our account as this payment names it: bankgiro payees may want our bankgiro, foreign ones our IBAN."""
    if kind is PaymentType.SE_BANKGIRO and profile.bankgiro_from_bankgiro and debtor.bankgiro:
        return Account(debtor.bankgiro, Scheme.BGNR)
    account = debtor.account
    norwegian = debtor.country == "NO" and account.scheme is Scheme.BBAN and kind not in DOMESTIC_TYPES
    if norwegian and check_norwegian(account.number) is None:
        return replace(account, number=iban_from_norwegian(account.number), scheme=Scheme.IBAN)
    return account
