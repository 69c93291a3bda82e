"""One payment inside an entry (TxDtls)."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lxml import etree

from payments.iso20022.camt_parts import (
    Amounts,
    Reading,
    account_number,
    agent_bic,
    amounts,
    charges,
    codes,
    exchange,
    party_name,
)
from payments.iso20022.messages import Detail, Direction, Party, Return
from payments.iso20022.notes import refuse
from payments.iso20022.remittance import remittance
from payments.iso20022.values import day_choice, direction, money, trimmed
from payments.iso20022.xml import LOCAL, child, inner_text, line_of

Element = etree._Element
_REFERENCES = {
    "AcctSvcrRef": "bank_reference",
    "EndToEndId": "end_to_end_id",
    "InstrId": "instruction_id",
    "MsgId": "message_id",
    "PmtInfId": "payment_id",
    "TxId": "transaction_id",
    "UETR": "uetr",
    "ClrSysRef": "clearing_reference",
    "MndtId": "mandate_id",
}
_AGENTS = {"DbtrAgt": "debtor", "CdtrAgt": "creditor"}


@dataclass(slots=True)
class Frame:
    """What a detail needs to know of its entry: currency and direction to fall back on, the account's
    country.

    `unpriced` collects the amounts of details that have none in the entry's currency.
    """

    currency: str
    direction: Direction
    country: str
    unpriced: list[Amounts] = field(default_factory=list)


def detail(element: Element, frame: Frame, reading: Reading) -> Detail:
    """Read one TxDtls. The amount is chosen in the entry's currency; see `messages.Detail`."""
    parts = list(element)
    names = [LOCAL[part.tag] for part in parts]
    reading.shapes.look("TxDtls", element, names)
    found: dict[str, Any] = {}
    way = frame.direction
    own: tuple[Decimal, str] | None = None
    split: Amounts | None = None
    for name, part in zip(names, parts, strict=True):
        if name == "Refs":
            _references(part, found, reading)
        elif name == "Amt":
            if own is not None:
                refuse("amount_repeated", line_of(part), element="TxDtls/Amt")
            own = money(part, reading.notes)
        elif name == "CdtDbtInd":
            way = direction(part)
        elif name == "AmtDtls":
            split = amounts(part, reading)
        elif name == "RltdPties":
            _parties(part, found, reading)
        elif name == "RmtInf":
            remittance(part, found, frame.country, reading)
        elif name == "Chrgs":
            found["charges"] = found.get("charges", ()) + charges(part, reading)
        elif name in _SELDOM:
            _seldom(name, part, found, reading)
    if "additional" in found and "text" not in found:
        found["text"] = (found["additional"],)
    return _priced(element, frame, found, way, own, split, reading)


def _priced(
    element: Element,
    frame: Frame,
    found: dict[str, Any],
    way: Direction,
    own: tuple[Decimal, str] | None,
    split: Amounts | None,
    reading: Reading,
) -> Detail:
    """Choose the amount in the entry's currency: own share, transaction, counter value, instructed."""
    currency = frame.currency
    if own is not None and own[1] != currency:
        if split is None:
            split = Amounts(line=line_of(element))
        split.instructed = split.instructed or own
        own = None
    if own is None and split is not None:
        for pair in (split.transaction, split.counter, split.instructed):
            if pair is not None and pair[1] == currency:
                own = pair
                break
    if own is None:
        frame.unpriced.append(split or Amounts(line=line_of(element)))
        return Detail(Decimal(0), currency, way, False, line=line_of(element), **found)
    if split is not None:
        found["exchange"] = exchange(split, own[0], currency, reading.notes)
    return Detail(own[0], currency, way, True, line=line_of(element), **found)


def _references(element: Element, found: dict[str, Any], reading: Reading) -> None:
    parts = list(element)
    names = [LOCAL[part.tag] for part in parts]
    reading.shapes.look("Refs", element, names)
    for name, part in zip(names, parts, strict=True):
        field_name = _REFERENCES.get(name)
        if field_name is not None:
            text = trimmed(part)
            if text and text != "NOTPROVIDED":
                found.setdefault(field_name, text)


def _parties(element: Element, found: dict[str, Any], reading: Reading) -> None:
    parts = list(element)
    names = [LOCAL[part.tag] for part in parts]
    reading.shapes.look("RltdPties", element, names)
    debtor = creditor = debtor_account = creditor_account = ""
    for name, part in zip(names, parts, strict=True):
        if name == "Dbtr":
            debtor = party_name(part, reading)
        elif name == "DbtrAcct":
            debtor_account = account_number(part, reading)
        elif name == "Cdtr":
            creditor = party_name(part, reading)
        elif name == "CdtrAcct":
            creditor_account = account_number(part, reading)
        elif name == "UltmtDbtr":
            found["ultimate_debtor"] = party_name(part, reading)
        elif name == "UltmtCdtr":
            found["ultimate_creditor"] = party_name(part, reading)
    if debtor or debtor_account:
        found["debtor"] = Party(debtor, debtor_account)
    if creditor or creditor_account:
        found["creditor"] = Party(creditor, creditor_account)


_SELDOM = frozenset({"BkTxCd", "RltdAgts", "RltdDts", "RtrInf", "Purp", "AddtlTxInf"})


def _seldom(name: str, part: Element, found: dict[str, Any], reading: Reading) -> None:
    if name == "BkTxCd":
        found["codes"] = codes(part)
    elif name == "RltdAgts":
        _agents(part, found, reading)
    elif name == "RltdDts":
        accepted = child(part, "AccptncDtTm")
        if accepted is not None:
            found["ordered_on"] = day_choice(accepted)
    elif name == "RtrInf":
        found["returned"] = returned(part, reading)
    elif name == "Purp":
        found["purpose"] = inner_text(part, "Cd") or inner_text(part, "Prtry")
    elif text := trimmed(part):
        found["additional"] = text


def _agents(element: Element, found: dict[str, Any], reading: Reading) -> None:
    reading.shapes.look("RltdAgts", element)
    for part in element:
        who = _AGENTS.get(LOCAL[part.tag])
        if who is not None:
            bic = agent_bic(part, reading)
            if bic:
                known: Party = found.get(who, Party())
                found[who] = Party(known.name, known.account, bic)


def returned(element: Element, reading: Reading) -> Return:
    """Why the payment came back (RtrInf): a code of the return list or the bank's own, and its words."""
    reading.shapes.look("RtrInf", element)
    code = inner_text(element, "Rsn", "Cd")
    own = inner_text(element, "Rsn", "Prtry")
    words = " ".join(trimmed(part) for part in element if LOCAL[part.tag] == "AddtlInf")
    return Return(code or own, words, proprietary=bool(own and not code))
