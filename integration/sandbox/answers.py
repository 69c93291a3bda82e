"""pain.002 as the banks write it: at several levels, with or without the payments that are fine."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from integration.sandbox import money
from integration.sandbox.box import Box
from integration.sandbox.delivery import Sink
from integration.sandbox.habits import Habit
from integration.sandbox.reasons import sentence
from integration.sandbox.store import unpacked
from integration.sandbox.xmlout import Xml

STATUS_OF = {"rejected": "RJCT", "rejecting": "RJCT", "cancelled-in-bank": "RJCT", "pending": "PDNG"}
SLICE = 1000


@dataclass(frozen=True)
class Answer:
    """What the bank says: of the file, of each block, and which payments it lists.

    `named`: those whose outcome is in `only` (refused and waiting ones); `all`; `shells`; `none`.
    """

    group: str = ""
    blocks: bool = False
    listing: str = "named"
    code: str = ""
    text: str = ""
    only: tuple[str, ...] = tuple(STATUS_OF)


def send(box: Box, upload: sqlite3.Row, habit: Habit, answer: Answer) -> str:
    """Write and deliver one pain.002 about an upload."""

    def write(sink: Sink, number: str, copy: bool) -> None:
        message_id = f"{habit.name[:8].upper().replace(' ', '')}-PSR-{number}"
        with report(box, sink, upload, habit.pain002, message_id, answer) as xml:
            if answer.blocks or answer.listing != "none":
                for payment in blocks_of(box, upload):
                    _block(box, xml, payment, habit, answer)

    return box.post.send(upload["keyid"], "OutgoingPaymentStatus", "pain.002", write)


@contextmanager
def report(box: Box, sink: Sink, upload: sqlite3.Row, version: str, message_id: str, answer: Answer) -> Iterator[Xml]:
    """A pain.002 with its head and what it says of the file as a whole; the blocks are written inside."""
    space = f"urn:iso:std:iso:20022:tech:xsd:pain.002.001.{version}"
    with Xml(sink, "Document", xmlns=space).document() as xml, xml.inside("CstmrPmtStsRpt"):
        with xml.inside("GrpHdr"):
            xml.leaf("MsgId", message_id)
            xml.leaf("CreDtTm", box.clock.stamp())
        with xml.inside("OrgnlGrpInfAndSts"):
            xml.leaf("OrgnlMsgId", upload["msgid"])
            xml.leaf("OrgnlMsgNmId", upload["version"])
            xml.leaf("OrgnlNbOfTxs", upload["transactions"])
            xml.leaf("OrgnlCtrlSum", upload["ctrl_sum"])
            xml.leaf("GrpSts", answer.group)
            _reason(xml, answer.code, answer.text)
        yield xml


def blocks_of(box: Box, upload: sqlite3.Row) -> list[sqlite3.Row]:
    """The blocks (PmtInf) of an upload, in the file's order."""
    return list(box.store.rows("SELECT * FROM payment WHERE upload = ? ORDER BY id", upload["id"]))


def _block(box: Box, xml: Xml, payment: sqlite3.Row, habit: Habit, answer: Answer) -> None:
    counted: Counter[str] = Counter()
    named = 0
    counts = box.store.rows(
        "SELECT outcome, count(*) AS n FROM item WHERE payment = ? AND outcome <> 'left-out' GROUP BY outcome",
        payment["id"],
    )
    for row in counts:
        counted[STATUS_OF.get(row["outcome"], "ACCP")] += row["n"]
        named += row["n"] if row["outcome"] in answer.only else 0
    refused, waiting, fine = counted["RJCT"], counted["PDNG"], counted["ACCP"]
    if not answer.blocks and answer.listing == "named" and not named:
        return
    with xml.inside("OrgnlPmtInfAndSts"):
        xml.leaf("OrgnlPmtInfId", payment["pmtinfid"])
        if refused and not fine and not waiting:
            xml.leaf("PmtInfSts", "RJCT")
        elif answer.blocks:
            xml.leaf("PmtInfSts", "PART" if refused else "ACCP")
            for status, number in sorted(counted.items()):
                if number:
                    with xml.inside("NbOfTxsPerSts"):
                        xml.leaf("DtldNbOfTxs", number)
                        xml.leaf("DtldSts", status)
        for item in _items(box, payment["id"], answer):
            _transaction(xml, item, habit, shell=answer.listing == "shells")


def _items(box: Box, payment: int, answer: Answer) -> Iterator[sqlite3.Row]:
    last = 0
    everything = answer.listing in ("all", "shells")
    named = "" if everything else f" AND outcome IN ({', '.join(repr(outcome) for outcome in answer.only)})"
    while True:
        wanted = f"payment = ? AND outcome <> 'left-out' AND id > ?{named}"
        rows = box.store.rows(f"SELECT * FROM item WHERE {wanted} ORDER BY id LIMIT {SLICE}", payment, last)  # noqa: S608
        if not rows:
            return
        yield from rows
        last = rows[-1]["id"]


def _transaction(xml: Xml, item: sqlite3.Row, habit: Habit, *, shell: bool) -> None:
    status = STATUS_OF.get(item["outcome"], "ACCP")
    hidden = shell and status == "ACCP"
    with xml.inside("TxInfAndSts"):
        if not hidden:
            xml.leaf("OrgnlInstrId", item["instruction"] if "InstrId" in habit.references else "")
            xml.leaf("OrgnlEndToEndId", item["end_to_end"])
            if habit.pain002 == "10":
                xml.leaf("OrgnlUETR", item["uetr"])
            xml.leaf("TxSts", status)
            if status != "ACCP":
                text = sentence(item["code"], str((unpacked(item["plan"]) or {}).get("text", "")))
                narrative = habit.narrative_reasons
                _reason(xml, "NARR" if narrative else item["code"], f"CAP {item['code']} {text}" if narrative else text)
        with xml.inside("OrgnlTxRef"):
            xml.leaf("Amt/InstdAmt", money.text(item["amount"], item["currency"]), Ccy=item["currency"])
            kind = "IBAN" if item["payee"][:2].isalpha() else "Othr/Id"
            xml.leaf(f"CdtrAcct/Id/{kind}", item["payee"])


def _reason(xml: Xml, code: str, text: str) -> None:
    if not code:
        return
    with xml.inside("StsRsnInf"):
        xml.leaf("Rsn/Cd", code)
        for start in range(0, len(text), 105):
            xml.leaf("AddtlInf", text[start : start + 105])
