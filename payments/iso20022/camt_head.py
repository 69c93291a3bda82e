"""Heads of bank messages: group header, account, balances, the bank's own summary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from lxml import etree

from payments.iso20022.camt_parts import Reading, agent_bic, party_name, squeezed
from payments.iso20022.messages import Account, Balance
from payments.iso20022.notes import refuse
from payments.iso20022.references import iban_fits, norwegian_account
from payments.iso20022.values import (
    day_choice,
    direction,
    moment,
    money,
    plain_number,
    trimmed,
    truth,
    whole_number,
)
from payments.iso20022.xml import LOCAL, child, inner_text, line_of

Element = etree._Element
PAGINATIONS = frozenset({"RptPgntn", "StmtPgntn", "NtfctnPgntn"})


@dataclass(slots=True)
class Header:
    """GrpHdr of a camt message."""

    message_id: str = ""
    created_at: datetime | None = None
    page: int | None = None
    last_page: bool | None = None
    additional: str = ""


def header(element: Element, reading: Reading) -> Header:
    """Read GrpHdr; a missing id or an odd creation time books nothing and is only warned of."""
    same_namespace(element, reading)
    reading.shapes.look("GrpHdr", element)
    found = Header()
    for part in element:
        name = LOCAL[part.tag]
        if name == "MsgId":
            found.message_id = trimmed(part)
        elif name == "CreDtTm":
            found.created_at = moment(part, reading.notes)
        elif name == "MsgPgntn":
            found.page, found.last_page = pagination(part, reading)
        elif name == "AddtlInf":
            found.additional = trimmed(part)
            if "TEST" in found.additional.upper().split("/"):
                reading.notes.note("test_file", line_of(part), value=found.additional)
    if not found.message_id:
        reading.notes.note("no_message_id", line_of(element))
    return found


def same_namespace(element: Element, reading: Reading) -> None:
    """Warn when the parts of the message lost the namespace of its root; they are read by their names."""
    namespace = str(element.tag).rpartition("}")[0].lstrip("{")
    if namespace != reading.namespace:
        reading.notes.note("namespace_lost", line_of(element))


def pagination(element: Element, reading: Reading) -> tuple[int | None, bool | None]:
    """Page number and whether it is the last one."""
    number, last = child(element, "PgNb"), child(element, "LastPgInd")
    return (
        whole_number(number) if number is not None else None,
        truth(last, reading.notes) if last is not None else None,
    )


@dataclass(slots=True)
class Summary:
    """What the bank itself counts (TxsSummry); compared with what is read."""

    entries: int | None = None
    total: Decimal | None = None
    net: Decimal | None = None
    credits: int | None = None
    credit_sum: Decimal | None = None
    debits: int | None = None
    debit_sum: Decimal | None = None
    line: int = 0


def account(element: Element, index: int, reading: Reading) -> Account:
    """The account and statement facts of a Rpt, Stmt or Ntfctn, as far as its children are read."""
    number, iban, other, scheme, currency, owner, bic = "", "", "", "", "", "", ""
    facts: dict[str, object] = {}
    balances: list[Balance] = []
    line = line_of(element)
    for part in element:
        name = LOCAL[part.tag]
        if name == "Ntry":
            continue
        if name == "Acct":
            reading.shapes.look("Acct", part)
            line = line_of(part)
            iban, other, scheme = _numbers(part, reading)
            currency = inner_text(part, "Ccy")
            owner_element, servicer = child(part, "Ownr"), child(part, "Svcr")
            owner = party_name(owner_element, _any_version(reading)) if owner_element is not None else ""
            bic = agent_bic(servicer, reading) if servicer is not None else ""
        elif name == "Bal":
            balances.append(_balance(part, reading))
        else:
            _statement_fact(name, part, facts, reading)
    number = iban or other
    if not number:
        refuse("account_missing", line, element=LOCAL[element.tag])
    return Account(
        id=number,
        iban=iban,
        bban=other or (iban[4:] if iban.startswith("NO") else ""),
        scheme=scheme,
        currency=currency,
        country=country_of(iban, other, bic, scheme),
        owner=owner,
        bic=bic,
        balances=tuple(balances),
        index=index,
        line=line,
        **facts,  # type: ignore[arg-type]
    )


def _any_version(reading: Reading) -> Reading:
    """The owner's name stands directly under Ownr in all versions."""
    return Reading(reading.notes, reading.shapes, 0, reading.file)


def _numbers(element: Element, reading: Reading) -> tuple[str, str, str]:
    """IBAN, other number and its scheme; an IBAN standing as `Othr` is recognised by its check digits."""
    iban_element = child(element, "Id", "IBAN")
    if iban_element is not None and trimmed(iban_element):
        iban = squeezed(trimmed(iban_element))
        if not iban_fits(iban):
            reading.notes.note("iban_bad", line_of(iban_element), value=iban)
        return iban, "", ""
    other = squeezed(inner_text(element, "Id", "Othr", "Id"))
    scheme = inner_text(element, "Id", "Othr", "SchmeNm", "Cd")
    scheme = scheme or inner_text(element, "Id", "Othr", "SchmeNm", "Prtry")
    if iban_fits(other):
        return other, "", ""
    return "", other, scheme


def country_of(iban: str, other: str, bic: str, scheme: str) -> str:
    """Where the account is held, as far as it can be told; decides which check digits a reference must
    fit.
    """
    if iban:
        return iban[:2]
    if len(bic) in (8, 11) and bic[4:6].isalpha():
        return bic[4:6]
    if scheme in ("BGNR", "PGNR"):
        return "SE"
    return "NO" if norwegian_account(other) else ""


def _statement_fact(name: str, part: Element, facts: dict[str, object], reading: Reading) -> None:
    if name == "Id":
        facts["statement_id"] = trimmed(part)
    elif name in ("ElctrncSeqNb", "LglSeqNb"):
        facts.setdefault("sequence", trimmed(part))
    elif name == "CreDtTm":
        facts["created_at"] = moment(part, reading.notes)
    elif name == "CpyDplctInd":
        facts["copy"] = trimmed(part)
    elif name in PAGINATIONS:
        facts["page"], facts["last_page"] = pagination(part, reading)
    elif name == "FrToDt":
        for inner in part:
            inner_name = LOCAL[inner.tag]
            if inner_name in ("FrDtTm", "FrDt"):
                facts["from_date"] = _span_day(inner, reading)
            elif inner_name in ("ToDtTm", "ToDt"):
                facts["to_date"] = _span_day(inner, reading)


def _span_day(element: Element, reading: Reading) -> date | None:
    if len(trimmed(element)) == 10:
        return day_choice(element)
    found = moment(element, reading.notes)
    return found.date() if found is not None else None


def _balance(element: Element, reading: Reading) -> Balance:
    reading.shapes.look("Bal", element)
    kind = child(element, "Tp", "CdOrPrtry")
    code = trimmed(kind[0]) if kind is not None and len(kind) else ""
    amount_element, way, dated = child(element, "Amt"), child(element, "CdtDbtInd"), child(element, "Dt")
    if amount_element is None:
        refuse("amount_missing", line_of(element), element="Bal/Amt")
    if way is None:
        refuse("direction_bad", line_of(element), value="nothing")
    amount, currency = money(amount_element, reading.notes)
    signed = -amount if direction(way) == "debit" and amount else amount
    return Balance(code, signed, currency, day_choice(dated) if dated is not None else None, line_of(element))


def summary(element: Element, reading: Reading) -> Summary | None:
    """TxsSummry of any version; sums carry no currency and are compared by value."""
    found = Summary(line=line_of(element))
    for part in element:
        name = LOCAL[part.tag]
        count, total = child(part, "NbOfNtries"), child(part, "Sum")
        number = whole_number(count) if count is not None else None
        amount = plain_number(total) if total is not None else None
        if name == "TtlNtries":
            found.entries, found.total = number, amount
            found.net = _net(part, reading)
        elif name == "TtlCdtNtries":
            found.credits, found.credit_sum = number, amount
        elif name == "TtlDbtNtries":
            found.debits, found.debit_sum = number, amount
    return found


def _net(element: Element, reading: Reading) -> Decimal | None:
    flat = child(element, "TtlNetNtryAmt")
    nested = child(element, "TtlNetNtry", "Amt")
    amount = flat if flat is not None else nested
    way = child(element, "CdtDbtInd") if flat is not None else child(element, "TtlNetNtry", "CdtDbtInd")
    if nested is not None and 0 < reading.version < 4:
        reading.notes.note("other_version", line_of(nested), element="TtlNetNtry", parent="TtlNtries")
    if amount is None or way is None:
        return None
    value = plain_number(amount)
    return -value if direction(way) == "debit" else value
