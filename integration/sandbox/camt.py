"""camt.054 and camt.053 in the 2009 (.02) and 2019 (.08) form, written straight from the bank's books."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from integration.sandbox import money
from integration.sandbox.box import Box
from integration.sandbox.camt_detail import DetailWriter, write_charges
from integration.sandbox.delivery import Sink
from integration.sandbox.habits import Habit
from integration.sandbox.store import unpacked
from integration.sandbox.xmlout import Xml

SLICE = 1000
# kind of movement -> domain, family, sub-family; credits get a NETS code in Norway
CODES = {
    "payment": ("PMNT", "ICDT", "DMCT"),
    "fee": ("PMNT", "ICDT", "CHRG"),
    "return": ("PMNT", "RCDT", "RRTN"),
    "KID": ("PMNT", "RCDT", "VCOM"),
    "INVOICE": ("PMNT", "RCDT", "DMCT"),
    "UNSTRUCTURED": ("PMNT", "RCDT", "DMCT"),
    "CARD": ("PMNT", "CCRD", "POSC"),
}
NETS = {"KID": "230", "INVOICE": "233", "UNSTRUCTURED": "234"}


@dataclass(frozen=True)
class Balance:
    """One balance, signed minor units."""

    code: str
    amount: int
    day: str


@dataclass(frozen=True)
class Statement:
    """What a camt file tells of one account: which movements, with which balances (none in camt.054)."""

    account: sqlite3.Row
    habit: Habit
    where: str
    values: tuple[object, ...]
    balances: tuple[Balance, ...] = ()
    day: str = ""
    details: bool = True


def write(box: Box, sink: Sink, kind: str, statement: Statement, number: str, *, copy: bool) -> None:
    """Write a whole camt file (`kind` camt.054 or camt.053)."""
    root, block = {"camt.054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn"), "camt.053": ("BkToCstmrStmt", "Stmt")}[kind]
    space = f"urn:iso:std:iso:20022:tech:xsd:{kind}.001.{statement.habit.camt}"
    with Xml(sink, "Document", xmlns=space).document() as xml, xml.inside(root):
        with xml.inside("GrpHdr"):
            xml.leaf("MsgId", f"{statement.account['bic'][:4]}{kind[-3:]}-{number}{'C' if copy else ''}")
            xml.leaf("CreDtTm", box.clock.stamp())
        with xml.inside(block):
            xml.leaf("Id", f"{statement.account['bic'][:4]}-{number}")
            xml.leaf("ElctrncSeqNb", int(number))
            xml.leaf("CreDtTm", box.clock.stamp())
            if statement.day:
                with xml.inside("FrToDt"):
                    xml.leaf("FrDtTm", f"{statement.day}T00:00:00")
                    xml.leaf("ToDtTm", f"{statement.day}T23:59:59")
            xml.leaf("CpyDplctInd", "COPY" if copy else "")
            _account(xml, statement)
            for balance in statement.balances:
                _balance(xml, balance, statement.account["currency"])
            for movement in _movements(box, statement):
                _entry(box, xml, movement, statement)


def _account(xml: Xml, statement: Statement) -> None:
    row = statement.account
    with xml.inside("Acct"):
        if row["iban"]:
            xml.leaf("Id/IBAN", row["iban"])
        else:
            with xml.inside("Id", "Othr"):
                xml.leaf("Id", row["bban"] or row["account"])
                xml.leaf("SchmeNm/Cd", "BBAN")
        xml.leaf("Ccy", row["currency"])
        xml.leaf("Ownr/Nm", row["owner"])
        xml.leaf(f"Svcr/FinInstnId/{'BIC' if statement.habit.camt == '02' else 'BICFI'}", row["bic"])


def _balance(xml: Xml, balance: Balance, currency: str) -> None:
    with xml.inside("Bal"):
        xml.leaf("Tp/CdOrPrtry/Cd", balance.code)
        xml.leaf("Amt", money.text(abs(balance.amount), currency), Ccy=currency)
        xml.leaf("CdtDbtInd", "CRDT" if balance.amount >= 0 else "DBIT")
        xml.leaf("Dt/Dt", balance.day)


def _movements(box: Box, statement: Statement) -> Iterator[sqlite3.Row]:
    last = 0
    query = f"SELECT * FROM movement WHERE {statement.where} AND id > ? ORDER BY id LIMIT {SLICE}"  # noqa: S608 (own words)
    while rows := box.store.rows(query, *statement.values, last):
        yield from rows
        last = rows[-1]["id"]


def _entry(box: Box, xml: Xml, movement: sqlite3.Row, statement: Statement) -> None:
    facts: dict[str, Any] = unpacked(movement["facts"])
    currency, habit = statement.account["currency"], statement.habit
    direction = "CRDT" if movement["amount"] >= 0 else "DBIT"
    with xml.inside("Ntry"):
        xml.leaf("NtryRef", movement["id"])
        xml.leaf("Amt", money.text(abs(movement["amount"]), currency), Ccy=currency)
        xml.leaf("CdtDbtInd", direction)
        xml.leaf("RvslInd", "true" if facts.get("reversal") else "")
        xml.leaf("Sts" if habit.camt == "02" else "Sts/Cd", "BOOK")
        xml.leaf("BookgDt/Dt", movement["booking_date"])
        xml.leaf("ValDt/Dt", movement["value_date"])
        xml.leaf("AcctSvcrRef", movement["bank_reference"])
        _codes(xml, movement["kind"], statement.account["country"])
        if fee := facts.get("fee"):
            write_charges(xml, fee, currency, habit)
        _details(box, xml, movement, facts, statement, direction)
        xml.leaf("AddtlNtryInf", facts.get("text"))


def _codes(xml: Xml, kind: str, country: str) -> None:
    domain, family, sub_family = CODES[kind]
    with xml.inside("BkTxCd"):
        with xml.inside("Domn"):
            xml.leaf("Cd", domain)
            with xml.inside("Fmly"):
                xml.leaf("Cd", family)
                xml.leaf("SubFmlyCd", sub_family)
        if country == "NO" and kind in NETS:
            with xml.inside("Prtry"):
                xml.leaf("Cd", NETS[kind])
                xml.leaf("Issr", "NETS")


def _details(
    box: Box, xml: Xml, movement: sqlite3.Row, facts: dict[str, Any], statement: Statement, direction: str
) -> None:
    batch = facts.get("batch")
    shown = not facts.get("hidden") and (statement.details or not batch)
    rows = _detail_rows(box, movement["id"]) if shown else iter(())
    first = next(rows, None)
    if not batch and first is None:
        return
    with xml.inside("NtryDtls"):
        if batch:
            _batch(xml, batch, movement, statement, direction)
        if first is not None:
            writer = DetailWriter(xml, statement.account, statement.habit, direction)
            for row in chain((first,), rows):
                writer.write(row, movement, single=not batch)


def _detail_rows(box: Box, movement: int) -> Iterator[sqlite3.Row]:
    last, query = 0, "SELECT * FROM detail WHERE movement = ? AND id > ? ORDER BY id LIMIT ?"
    while rows := box.store.rows(query, movement, last, SLICE):
        yield from rows
        if len(rows) < SLICE:
            return
        last = rows[-1]["id"]


def _batch(xml: Xml, batch: dict[str, Any], movement: sqlite3.Row, statement: Statement, direction: str) -> None:
    references, currency = statement.habit.references, statement.account["currency"]
    with xml.inside("Btch"):
        if "msgid" in batch:
            xml.leaf("MsgId", batch["msgid"] if "MsgId" in references else "")
            xml.leaf("PmtInfId", batch["pmtinfid"])
        xml.leaf("NbOfTxs", batch["count"])
        if statement.habit.batch_total:
            xml.leaf("TtlAmt", money.text(abs(movement["amount"]), currency), Ccy=currency)
            xml.leaf("CdtDbtInd", direction)
