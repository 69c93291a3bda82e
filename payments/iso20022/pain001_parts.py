"""The small pieces of a pain.001 as text: parties, accounts, banks, addresses, remittance.

Element order follows the schemas; the two versions differ in BIC against BICFI and in the execution date.
Source: ISO 20022 mapping 1.1, 1.2 and 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from xml.sax.saxutils import escape as _escaped

from companies.national_accounts import danish_account, split_swedish
from payments.iso20022.charset import clean, cut
from payments.iso20022.currencies import decimals_of, written
from payments.iso20022.order_kinds import CharacterSet, PaymentType, ReferenceKind, Scheme
from payments.iso20022.orders import Account, Address, Agent, Code, Creditor, PartyId, Profile, Regulatory
from payments.iso20022.payment_types import FOREIGN_TYPES
from payments.iso20022.remitting import Remittance, Structured

LINE_OF_DECLARATION = 35
MOST_DECLARATION_LINES = 4
_PROPRIETARY = frozenset({Scheme.BGNR, Scheme.PGNR, Scheme.OCR})
_GIRO_CLEARING = {PaymentType.SE_BANKGIRO: "9900", PaymentType.SE_PLUSGIRO: "9960"}
_BANK_NEEDED = FOREIGN_TYPES | {PaymentType.NO_EXPRESS}
_COMMON = frozenset({"NOK", "SEK", "DKK", "EUR", "USD", "GBP"})
_ADDRESS_FIELDS = (
    ("StrtNm", "street", 70),
    ("BldgNb", "building", 16),
    ("PstCd", "post_code", 16),
    ("TwnNm", "town", 35),
    ("CtrySubDvsn", "subdivision", 35),
)


class TooManyDecimals(ValueError):
    """An amount with more decimals than its currency has: 1500.50 JPY cannot be paid."""

    def __init__(self, amount: Decimal, currency: str) -> None:
        super().__init__(f"{amount} {currency} has more than {decimals_of(currency)} decimals")


def escape(text: str) -> str:
    """Text as XML character data."""
    return _escaped(text) if "&" in text or "<" in text or ">" in text else text


def element(tag: str, text: str, letters: CharacterSet, length: int) -> str:
    """A text element in the bank's alphabet and length; nothing when nothing is left."""
    kept = cut(clean(text, letters), length) if text else ""
    return f"<{tag}>{escape(kept)}</{tag}>" if kept else ""


def amount_text(amount: Decimal, currency: str) -> str:
    """`1012.50`, `1500` for JPY; refuses what would have to be rounded."""
    text = str(amount)
    if text[-3:-2] == "." and currency in _COMMON:
        return text
    text = written(amount, currency)
    _, point, decimals = text.partition(".")
    if point and len(decimals) > decimals_of(currency):
        raise TooManyDecimals(amount, currency)
    return text


def sum_text(total: Decimal) -> str:
    """A control sum: exact, with two decimals or as many as it needs."""
    two = total.quantize(Decimal("0.01"))
    return f"{two if two == total else total.normalize():f}"


def coded(tag: str, code: Code | None) -> str:
    """A code as Cd or Prtry inside its element."""
    if code is None:
        return ""
    inner = "Prtry" if code.proprietary else "Cd"
    return f"<{tag}><{inner}>{escape(code.value)}</{inner}></{tag}>"


def party_ids(ids: Iterable[PartyId]) -> str:
    """Our numbers at the bank: agreement, division, organisation number."""
    inner = "".join(
        f"<Othr><Id>{escape(i.id)}</Id>{coded('SchmeNm', Code(i.scheme, i.proprietary))}"
        f"{f'<Issr>{escape(i.issuer)}</Issr>' if i.issuer else ''}</Othr>"
        for i in ids
    )
    return f"<Id><OrgId>{inner}</OrgId></Id>" if inner else ""


@lru_cache(maxsize=1024)
def postal_address(address: Address | None, letters: CharacterSet) -> str:
    """Structured fields, country and free lines; what they may be is decided in addresses."""
    if address is None:
        return ""
    fields = ""
    for tag, name, length in _ADDRESS_FIELDS:
        if text := getattr(address, name):
            fields += element(tag, text, letters, length)
    country = f"<Ctry>{escape(address.country)}</Ctry>" if address.country else ""
    lines = "".join(element("AdrLine", line, letters, 70) for line in address.lines)
    inner = fields + country + lines
    return f"<PstlAdr>{inner}</PstlAdr>" if inner else ""


def account_id(account: Account) -> str:
    """IBAN, or a number under its scheme."""
    if account.scheme is Scheme.IBAN:
        return f"<Id><IBAN>{escape(account.number)}</IBAN></Id>"
    scheme = coded("SchmeNm", Code(account.scheme, account.scheme in _PROPRIETARY))
    return f"<Id><Othr><Id>{escape(account.number)}</Id>{scheme}</Othr></Id>"


def bank(agent: Agent | None, letters: CharacterSet, bic_tag: str) -> str:
    """The inside of FinInstnId; empty when nothing is known, for an empty bank is never written."""
    if agent is None:
        return ""
    member = ""
    if agent.clearing_member:
        system = coded("ClrSysId", Code(agent.clearing_system)) if agent.clearing_system else ""
        member = f"<ClrSysMmbId>{system}<MmbId>{escape(agent.clearing_member)}</MmbId></ClrSysMmbId>"
    bic = f"<{bic_tag}>{escape(agent.bic)}</{bic_tag}>" if agent.bic else ""
    name = element("Nm", agent.name, letters, 140)
    return f"{bic}{member}{name}{postal_address(agent.address, letters)}"


def creditor_account(creditor: Creditor, kind: PaymentType, profile: Profile) -> Account:
    """The payee's account as the road wants it: Danish padded, Swedish without its clearing number."""
    account = creditor.account
    if kind is PaymentType.DK_ACCOUNT and account.scheme is Scheme.BBAN:
        return Account(danish_account(account.number), Scheme.BBAN)
    if kind is PaymentType.SE_PLUSGIRO:
        return Account(account.number, profile.plusgiro_scheme)
    if kind is PaymentType.SE_ACCOUNT and account.scheme is Scheme.BBAN and not _has_member(creditor):
        return Account(split_swedish(account.number)[1], Scheme.BBAN)
    return account


def creditor_agent(creditor: Creditor, kind: PaymentType, profile: Profile, *, internal: bool) -> Agent | None:
    """The payee's bank as the road wants it; domestic and SEPA accounts route by themselves.

    `internal`: a payment within the own group, which always names the bank.
    """
    agent = creditor.agent
    if kind in _GIRO_CLEARING:
        if profile.swedish_giro == "mpns":
            return Agent(bic="BGABSESS")
        return Agent(clearing_system="SESBA", clearing_member=_GIRO_CLEARING[kind])
    if kind is PaymentType.SE_ACCOUNT and creditor.account.scheme is Scheme.BBAN:
        if agent is not None and agent.clearing_member:
            return Agent(clearing_system="SESBA", clearing_member=agent.clearing_member)
        return Agent(clearing_system="SESBA", clearing_member=split_swedish(creditor.account.number)[0])
    if agent is None or kind in _BANK_NEEDED:
        return agent
    return Agent(bic=agent.bic) if profile.creditor_agent_domestic or internal else None


def _has_member(creditor: Creditor) -> bool:
    return creditor.agent is not None and bool(creditor.agent.clearing_member)


def declaration(regulatory: Regulatory | None, profile: Profile, text_lines: Iterable[str]) -> str:
    """What authorities want to know of a foreign payment: code and text in Norway, code in Sweden."""
    if regulatory is None:
        return ""
    kind = f"<Tp>{escape(regulatory.country)}</Tp>" if profile.regulatory_type else ""
    inf = "".join(f"<Inf>{escape(line)}</Inf>" for line in text_lines)
    dtls = f"<Dtls>{kind}<Cd>{escape(regulatory.code)}</Cd>{inf}</Dtls>"
    return f"<RgltryRptg><DbtCdtRptgInd>DEBT</DbtCdtRptgInd>{dtls}</RgltryRptg>"


def remittance(found: Remittance, currency: str, profile: Profile) -> str:
    """Text before structured remittance, as the schema wants it."""
    if not found.lines and not found.structured:
        return ""
    texts = "".join([f"<Ustrd>{escape(line)}</Ustrd>" for line in found.lines])
    rows = "".join([_structured(row, currency, profile) for row in found.structured])
    return f"<RmtInf>{texts}{rows}</RmtInf>"


def _structured(row: Structured, currency: str, profile: Profile) -> str:
    document = amount = reference = ""
    credit_note = False
    if row.document is not None:
        kind = row.document.kind
        credit_note = kind == "CREN"
        number = element("Nb", row.document.number, CharacterSet.BASIC, 35)
        document = f"<RfrdDocInf><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{number}</RfrdDocInf>"
    if row.amount is not None:
        text = f' Ccy="{currency}">{amount_text(row.amount, currency)}'
        due = f"<DuePyblAmt{text}</DuePyblAmt>" if profile.strd_due_amount and not credit_note else ""
        tag = "CdtNoteAmt" if credit_note else "RmtdAmt"
        amount = f"<RfrdDocAmt>{due}<{tag}{text}</{tag}></RfrdDocAmt>"
    if row.reference is not None:
        issuer = "<Issr>ISO</Issr>" if row.reference.kind is ReferenceKind.RF else ""
        reference = (
            f"<CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry>{issuer}</Tp>"
            f"<Ref>{escape(row.reference.value)}</Ref></CdtrRefInf>"
        )
    return f"<Strd>{document}{amount}{reference}</Strd>"
