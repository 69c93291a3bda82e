"""Read an uploaded pain.001 of any size: validated against the official schema while it streams, never held whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import sepaxml
from lxml import etree

from integration.sandbox import money

PREFIX = "urn:iso:std:iso:20022:tech:xsd:"
VERSIONS = ("pain.001.001.03", "pain.001.001.09")


class Refused(Exception):
    """The file cannot be used; code as in docs/gateway-protocol.md §4.1."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


@dataclass
class Header:
    """What the group header says, and what was counted."""

    version: str = ""
    message_id: str = ""
    stated_count: int = 0
    stated_sum: Decimal | None = None
    count: int = 0
    sum: Decimal = Decimal(0)


@dataclass
class PaymentInfo:
    """One PmtInf, without its transactions."""

    pmtinfid: str
    account: str
    bic: str
    execution: str
    batch_booking: bool


@dataclass
class Item:
    """One CdtTrfTxInf. `problem` names what makes it deficient, e.g. `AM01`."""

    instruction: str
    end_to_end: str
    uetr: str
    amount: int
    currency: str
    name: str
    payee: str
    agent: str
    remittance: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


@lru_cache(maxsize=4)
def _schema(version: str) -> etree.XMLSchema:
    path = Path(sepaxml.__file__).parent / "schemas" / f"{version}.xsd"
    return etree.XMLSchema(etree.parse(str(path)))


def version_of(stream: IO[bytes]) -> str:
    """The message name in the root's namespace; Refused when this is no pain.001 of a version central takes."""
    try:
        events = etree.iterparse(stream, events=("start",), resolve_entities=False, no_network=True)
        _, root = next(iter(events))
    except (etree.XMLSyntaxError, StopIteration) as error:
        raise Refused("not-wellformed", f"The file is not XML: {error}.") from error
    if root.getroottree().docinfo.doctype:
        raise Refused("not-wellformed", "A document type declaration is not allowed in a payment file.")
    namespace = etree.QName(root).namespace or ""
    version = namespace.removeprefix(PREFIX)
    if version not in VERSIONS:
        raise Refused(
            "not-pain001",
            f"The root's namespace is {namespace or 'missing'}; taken are {', '.join(VERSIONS)}.",
        )
    return version


def read(stream: IO[bytes], header: Header) -> Iterator[PaymentInfo | Item]:
    """Each PmtInf, then its items, in file order; fills `header` on the way.

    Refused when schema, counts or sums are wrong. What was yielded counts only once the iteration has ended well.
    """
    stream.seek(0)
    header.version = version_of(stream)
    stream.seek(0)
    space = f"{{{PREFIX}{header.version}}}"
    names = {space + "GrpHdr", space + "PmtInf", space + "CdtTrfTxInf"}
    current: Any = None
    counted, summed = 0, Decimal(0)
    try:
        for _, element in etree.iterparse(
            stream,
            tag=names,
            schema=_schema(header.version),
            resolve_entities=False,
            no_network=True,
            huge_tree=True,
        ):
            if element.tag == space + "GrpHdr":
                _read_header(element, space, header)
            elif element.tag == space + "CdtTrfTxInf":
                parent = element.getparent()
                if parent is not current:
                    current, counted, summed = parent, 0, Decimal(0)
                    yield _payment_info(parent, space)
                item, exact = _item(element, space)
                counted, summed = counted + 1, summed + exact
                yield item
                _forget(element)
            else:
                _check_block(element, space, counted, summed)
                header.count, header.sum = header.count + counted, header.sum + summed
                _forget(element)
    except etree.XMLSyntaxError as error:
        code = "schema-invalid" if str(error.msg).startswith("Element ") else "not-wellformed"
        raise Refused(code, f"Line {error.lineno or '?'}: {error.msg}") from error
    if header.count != header.stated_count:
        raise Refused("count-mismatch", f"GrpHdr/NbOfTxs says {header.stated_count}, the file holds {header.count}.")
    if header.stated_sum is not None and header.stated_sum != header.sum:
        raise Refused("sum-mismatch", f"GrpHdr/CtrlSum says {header.stated_sum}, the amounts add up to {header.sum}.")


def _read_header(element: Any, space: str, header: Header) -> None:
    header.message_id = _text(element, space, "MsgId")
    header.stated_count = int(_text(element, space, "NbOfTxs"))
    stated = _text(element, space, "CtrlSum")
    header.stated_sum = Decimal(stated) if stated else None


def _check_block(element: Any, space: str, counted: int, summed: Decimal) -> None:
    name = _text(element, space, "PmtInfId")
    count, total = _text(element, space, "NbOfTxs"), _text(element, space, "CtrlSum")
    if count and int(count) != counted:
        raise Refused("count-mismatch", f"PmtInf {name}: NbOfTxs says {count}, there are {counted}.")
    if total and Decimal(total) != summed:
        raise Refused("sum-mismatch", f"PmtInf {name}: CtrlSum says {total}, the amounts add up to {summed}.")


def _forget(element: Any) -> None:
    """Free what was read: the element's content, and its finished elder siblings of the same kind."""
    element.clear(keep_tail=False)
    while (elder := element.getprevious()) is not None and elder.tag == element.tag:
        element.getparent().remove(elder)


def _payment_info(block: Any, space: str) -> PaymentInfo:
    agent = _text(block, space, "DbtrAgt", "FinInstnId", "BICFI") or _text(block, space, "DbtrAgt", "FinInstnId", "BIC")
    execution = _text(block, space, "ReqdExctnDt")
    if not execution:
        execution = _text(block, space, "ReqdExctnDt", "Dt") or _text(block, space, "ReqdExctnDt", "DtTm")
    return PaymentInfo(
        pmtinfid=_text(block, space, "PmtInfId"),
        account=_account(block, space, "DbtrAcct"),
        bic=agent,
        execution=execution[:10],
        batch_booking=_text(block, space, "BtchBookg") in ("true", "1"),
    )


def _item(element: Any, space: str) -> tuple[Item, Decimal]:
    amount = element.find(f"{space}Amt/{space}InstdAmt")
    if amount is None:
        raise Refused("schema-invalid", "Amt/EqvtAmt is not taken, write InstdAmt.")
    currency, problem, units = str(amount.get("Ccy")), "", 0
    try:
        units = money.minor(amount.text, currency)
    except money.TooManyDecimals:
        problem = "CH20"
    item = Item(
        instruction=_text(element, space, "PmtId", "InstrId"),
        end_to_end=_text(element, space, "PmtId", "EndToEndId"),
        uetr=_text(element, space, "PmtId", "UETR"),
        amount=units,
        currency=currency,
        name=_text(element, space, "Cdtr", "Nm"),
        payee=_account(element, space, "CdtrAcct"),
        agent=_text(element, space, "CdtrAgt", "FinInstnId", "BICFI")
        or _text(element, space, "CdtrAgt", "FinInstnId", "BIC"),
        remittance=_remittance(element, space),
    )
    item.problem = problem or _deficiency(item)
    return item, Decimal(amount.text)


def _deficiency(item: Item) -> str:
    """What central itself finds wrong with a payment, as a reason code; "" when nothing."""
    if item.amount <= 0:
        return "AM01"
    if not item.payee:
        return "AC03"
    if item.payee[:2].isalpha() and not _iban_ok(item.payee):
        return "AC03"
    return ""


def _iban_ok(iban: str) -> bool:
    turned = iban[4:] + iban[:4]
    return turned.isalnum() and int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def _remittance(element: Any, space: str) -> dict[str, Any]:
    base = element.find(f"{space}RmtInf")
    if base is None:
        return {}
    found = {
        "reference": [e.text for e in base.iterfind(f"{space}Strd/{space}CdtrRefInf/{space}Ref")],
        "documents": [e.text for e in base.iterfind(f"{space}Strd/{space}RfrdDocInf/{space}Nb")],
        "text": [e.text for e in base.iterfind(f"{space}Ustrd")],
    }
    return {name: values for name, values in found.items() if values}


def _account(parent: Any, space: str, name: str) -> str:
    number = _text(parent, space, name, "Id", "IBAN") or _text(parent, space, name, "Id", "Othr", "Id")
    return number.replace(" ", "")


def _text(parent: Any, space: str, *path: str) -> str:
    return (parent.findtext("/".join(space + step for step in path)) or "").strip()
