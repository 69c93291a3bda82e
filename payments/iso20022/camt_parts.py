"""The parts that entries and details share: amounts, charges, exchange, parties, transaction codes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from lxml import etree

from payments.iso20022.messages import Charge, Codes, Exchange, Money
from payments.iso20022.notes import Notes
from payments.iso20022.shapes import Shapes
from payments.iso20022.values import direction, money, rate, trimmed, truth
from payments.iso20022.xml import LOCAL, child, inner_text, line_of

Element = etree._Element
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}").fullmatch
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?").fullmatch
_ONE_PERCENT = Decimal("0.01")


@dataclass(slots=True)
class Reading:
    """What every part of one file's reading shares."""

    notes: Notes
    shapes: Shapes
    version: int  # 2, 4, 8 …; 0 when not known
    file: str = ""
    namespace: str = ""
    facts: bool = True  # False: the file is only judged; what no check looks at stays unread


def codes(element: Element) -> Codes:
    """BkTxCd: domain, family, sub-family and the bank's own code."""
    domain = family = sub_family = proprietary = issuer = ""
    for part in element:
        name = LOCAL[part.tag]
        if name == "Domn":
            for inner in part:
                if LOCAL[inner.tag] == "Cd":
                    domain = trimmed(inner)
                elif LOCAL[inner.tag] == "Fmly":
                    for deepest in inner:
                        if LOCAL[deepest.tag] == "Cd":
                            family = trimmed(deepest)
                        elif LOCAL[deepest.tag] == "SubFmlyCd":
                            sub_family = trimmed(deepest)
        elif name == "Prtry":
            for inner in part:
                if LOCAL[inner.tag] == "Cd":
                    proprietary = trimmed(inner)
                elif LOCAL[inner.tag] == "Issr":
                    issuer = trimmed(inner)
    return Codes(domain, family, sub_family, proprietary, issuer)


@dataclass(slots=True)
class Amounts:
    """AmtDtls: the amounts of a payment told apart, and the exchange the bank names."""

    instructed: tuple[Decimal, str] | None = None
    transaction: tuple[Decimal, str] | None = None
    counter: tuple[Decimal, str] | None = None
    source: str = ""
    target: str = ""
    unit: str = ""
    rate: Decimal | None = None
    line: int = 0


def amounts(element: Element, reading: Reading) -> Amounts:
    """Read AmtDtls; announced and proprietary amounts are never booked and not read."""
    reading.shapes.look("AmtDtls", element)
    found = Amounts(line=line_of(element))
    for part in element:
        name = LOCAL[part.tag]
        if name not in ("InstdAmt", "TxAmt", "CntrValAmt"):
            continue
        for inner in part:
            inner_name = LOCAL[inner.tag]
            if inner_name == "Amt":
                value = money(inner, reading.notes)
                if name == "TxAmt":
                    found.transaction = value
                elif name == "InstdAmt":
                    found.instructed = value
                else:
                    found.counter = value
            elif inner_name == "CcyXchg" and found.rate is None:
                _read_exchange(inner, found, reading)
    return found


def _read_exchange(element: Element, found: Amounts, reading: Reading) -> None:
    reading.shapes.look("CcyXchg", element)
    found.source = inner_text(element, "SrcCcy")
    found.target = inner_text(element, "TrgtCcy")
    found.unit = inner_text(element, "UnitCcy")
    rate_element = child(element, "XchgRate")
    found.rate = rate(rate_element) if rate_element is not None else None


def exchange(found: Amounts, booked: Decimal, currency: str, notes: Notes) -> Exchange | None:
    """Booked, instructed and counter amount side by side; None when no other currency took part."""
    others = [pair for pair in (found.instructed, found.transaction, found.counter) if pair and pair[1] != currency]
    if not others and found.rate is None:
        return None
    ordered = found.instructed if found.instructed and found.instructed[1] != currency else None
    foreign = ordered or (others[0] if others else None)
    effective = booked / foreign[0] if foreign and foreign[0] else None
    ratios = [effective] if effective else []
    if foreign and foreign[0] and found.counter and found.counter[1] == currency:
        ratios.append(found.counter[0] / foreign[0])  # before charges
    if ratios and found.rate and not any(_rate_fits(found.rate, ratio) for ratio in ratios):
        shown = Money(*foreign) if foreign else None
        notes.note(
            "exchange_rate",
            found.line,
            rate=found.rate,
            booked=f"{booked} {currency}",
            instructed=f"{shown.amount} {shown.currency}" if shown else "",
        )
    return Exchange(
        booked=Money(booked, currency),
        instructed=Money(*found.instructed) if found.instructed else (Money(*foreign) if foreign else None),
        counter=Money(*found.counter) if found.counter else None,
        source=found.source,
        target=found.target,
        unit=found.unit,
        rate=found.rate,
        effective=effective,
    )


def _rate_fits(given: Decimal, effective: Decimal) -> bool:
    """The direction and unit of a bank's rate are not reliable: r, 1/r, r/100 and 100/r are all tried."""
    tries = (given, 1 / given, given / 100, 100 / given)
    return any(abs(rate_tried - effective) <= effective * _ONE_PERCENT for rate_tried in tries)


def charges(element: Element, reading: Reading) -> tuple[Charge, ...]:
    """Chrgs of any version: flat (.02) or with records (.04 on); the total counts only when no record is
    there.
    """
    total: Element | None = None
    found: list[Charge] = []
    flat = False
    for part in element:
        name = LOCAL[part.tag]
        if name == "Rcrd":
            reading.shapes.look("Rcrd", part)
            found.append(_charge(part, reading))
            if 0 < reading.version < 4:
                reading.notes.note("other_version", line_of(part), element="Rcrd", parent="Chrgs")
        elif name == "TtlChrgsAndTaxAmt":
            total = part
        elif name == "Amt":
            flat = True
    if flat:
        found.append(_charge(element, reading))
        if reading.version >= 4:
            reading.notes.note("other_version", line_of(element), element="Amt", parent="Chrgs")
    if not found and total is not None:
        amount, currency = money(total, reading.notes)
        found.append(Charge(amount, currency))
    return tuple(found)


def _charge(element: Element, reading: Reading) -> Charge:
    amount, currency, way, kind, bearer, included = Decimal(0), "", None, "", "", None
    for part in element:
        name = LOCAL[part.tag]
        if name == "Amt":
            amount, currency = money(part, reading.notes)
        elif name == "CdtDbtInd":
            way = direction(part)
        elif name == "Tp":
            kind = trimmed(part[0]) or inner_text(part[0], "Id") if len(part) else ""
        elif name == "Br":
            bearer = trimmed(part)
        elif name == "ChrgInclInd":
            included = truth(part, reading.notes)
    return Charge(amount, currency, way, kind, bearer, included)


def party_name(element: Element, reading: Reading) -> str:
    """The name of a party: directly (.02, .04) or inside Pty or Agt (.08)."""
    for part in element:
        name = LOCAL[part.tag]
        if name == "Nm":
            if reading.version >= 8:
                reading.notes.note("other_version", line_of(part), element="Nm", parent=LOCAL[element.tag])
            return trimmed(part)
        if name in ("Pty", "Agt"):
            if 0 < reading.version < 8:
                reading.notes.note("other_version", line_of(part), element=name, parent=LOCAL[element.tag])
            return inner_text(part, "Nm") or inner_text(part, "FinInstnId", "Nm")
    return ""


def account_number(element: Element, reading: Reading) -> str:
    """The number in an account element, IBAN or other, without blanks and dots."""
    for part in element:
        if LOCAL[part.tag] == "Id":
            for inner in part:
                if LOCAL[inner.tag] == "IBAN":
                    iban = squeezed(trimmed(inner))
                    if not _IBAN(iban):
                        reading.notes.note("iban_bad", line_of(inner), value=iban)
                    return iban
                for deepest in inner:
                    if LOCAL[deepest.tag] == "Id":
                        return squeezed(trimmed(deepest))
    return ""


def squeezed(number: str) -> str:
    """An account number without blanks, dots and hyphens, upper case."""
    if number.isalnum():
        return number.upper()
    return number.translate(_SQUEEZE).upper()


_SQUEEZE = str.maketrans("", "", " .-\u00a0\t\r\n")


def agent_bic(element: Element, reading: Reading, *, checked_version: bool = True) -> str:
    """BIC of a bank; BIC in .02, BICFI later, each read in all versions."""
    for part in element:
        if LOCAL[part.tag] == "FinInstnId":
            for inner in part:
                name = LOCAL[inner.tag]
                if name in ("BIC", "BICFI"):
                    if checked_version and reading.version > 0 and (name == "BIC") != (reading.version < 4):
                        reading.notes.note("other_version", line_of(inner), element=name, parent="FinInstnId")
                    return checked_bic(inner, reading)
    return ""


def checked_bic(element: Element, reading: Reading) -> str:
    """A BIC in capitals; one of another form is kept with a warning."""
    bic = trimmed(element).upper()
    if bic and not _BIC(bic):
        reading.notes.note("bic_bad", line_of(element), value=bic)
    return bic
