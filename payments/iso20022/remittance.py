"""What the payer says he pays for (RmtInf): references, documents and text."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from lxml import etree

from payments.iso20022.camt_parts import Reading
from payments.iso20022.messages import Document, Reference
from payments.iso20022.references import reference
from payments.iso20022.values import day_choice, money, trimmed
from payments.iso20022.xml import LOCAL, child, inner_text, line_of

Element = etree._Element
TEXT_LIMIT = 140
REFERENCE_LIMIT = 35


def remittance(element: Element, found: dict[str, Any], country: str, reading: Reading) -> None:
    """Put `references`, `documents` and `text` into the facts of a detail."""
    parts = list(element)
    names = [LOCAL[part.tag] for part in parts]
    reading.shapes.look("RmtInf", element, names)
    text: list[str] = []
    references: list[Reference] = []
    documents: list[Document] = []
    for name, part in zip(names, parts, strict=True):
        if name == "Ustrd":
            piece = trimmed(part)
            if piece:
                text.append(piece)
                _limit(part, piece, TEXT_LIMIT, reading)
        elif name == "Strd":
            _structured(part, references, documents, text, country, reading)
    if references:
        found["references"] = tuple(references)
    if documents:
        found["documents"] = tuple(documents)
    if text:
        found["text"] = tuple(text)


def _limit(element: Element, text: str, limit: int, reading: Reading) -> None:
    if len(text) > limit:
        name = LOCAL[element.tag]
        reading.notes.note("too_long", line_of(element), element=name, length=len(text), limit=limit)


def _structured(
    element: Element,
    references: list[Reference],
    documents: list[Document],
    text: list[str],
    country: str,
    reading: Reading,
) -> None:
    parts = list(element)
    names = [LOCAL[part.tag] for part in parts]
    reading.shapes.look("Strd", element, names)
    named: list[tuple[str, str, date | None]] = []
    share: tuple[Decimal, str] | None = None
    value = ""
    for name, part in zip(names, parts, strict=True):
        if name == "CdtrRefInf":
            found = _reference(part, country, reading)
            if found is not None:
                references.append(found)
                value = found.value
        elif name == "RfrdDocInf":
            named.append(_document(part))
        elif name == "RfrdDocAmt":
            share = _share(part, reading)
        elif name == "AddtlRmtInf" and (piece := trimmed(part)):
            text.append(piece)
    if named or share is not None:
        documents.extend(_shared(named, share, value))


def _reference(element: Element, country: str, reading: Reading) -> Reference | None:
    code = value = ""
    for part in element:
        name = LOCAL[part.tag]
        if name == "Ref":
            value = trimmed(part)
            _limit(part, value, REFERENCE_LIMIT, reading)
        elif name == "Tp" and reading.facts:
            for inner in part:
                if LOCAL[inner.tag] == "CdOrPrtry" and len(inner):
                    code = trimmed(inner[0])
    return reference(value, code, country) if value and reading.facts else None


def _document(element: Element) -> tuple[str, str, date | None]:
    kind = inner_text(element, "Tp", "CdOrPrtry", "Cd") or inner_text(element, "Tp", "CdOrPrtry", "Prtry")
    dated = child(element, "RltdDt")
    return kind, inner_text(element, "Nb"), day_choice(dated) if dated is not None else None


def _share(element: Element, reading: Reading) -> tuple[Decimal, str] | None:
    """What of the payment belongs to the document: paid amount, or the credit note's amount as a
    deduction.
    """
    paid: tuple[Decimal, str] | None = None
    for part in element:
        name = LOCAL[part.tag]
        if name == "RmtdAmt":
            return money(part, reading.notes)
        if name == "CdtNoteAmt":
            amount, currency = money(part, reading.notes)
            paid = -amount, currency
    return paid


def _shared(named: list[tuple[str, str, date | None]], share: tuple[Decimal, str] | None, value: str) -> list[Document]:
    if share is None:
        return [Document(kind, number, None, "", dated, value) for kind, number, dated in named]
    amount, currency = share
    if len(named) == 1:
        kind, number, dated = named[0]
        return [Document(kind, number, amount, currency, dated, value)]
    kind = "CREN" if amount < 0 else "CINV"
    several = [Document(kind_named, number, None, "", dated, value) for kind_named, number, dated in named]
    return [*several, Document(kind, "", amount, currency, None, value)]
