"""One payment inside a camt entry: references, amounts with exchange, fees, parties, remittance, return reason."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import Any

from integration.sandbox import money
from integration.sandbox.habits import Habit
from integration.sandbox.reasons import sentence
from integration.sandbox.store import unpacked
from integration.sandbox.xmlout import Xml


def write_charges(xml: Xml, fee: int, currency: str, habit: Habit) -> None:
    """A fee that is inside the booked amount."""
    amount = money.text(fee, currency)
    if habit.camt == "02":
        with xml.inside("Chrgs"):
            xml.leaf("Amt", amount, Ccy=currency)
            xml.leaf("CdtDbtInd", "DBIT")
            xml.leaf("Br", "SHAR")
        return
    with xml.inside("Chrgs", "Rcrd"):
        xml.leaf("Amt", amount, Ccy=currency)
        xml.leaf("CdtDbtInd", "DBIT")
        xml.leaf("ChrgInclInd", "true")
        xml.leaf("Br", "SHAR")


class DetailWriter:
    """Writes TxDtls of one account's entries in the bank's habit."""

    def __init__(self, xml: Xml, account: sqlite3.Row, habit: Habit, direction: str) -> None:
        self._xml, self._habit, self._direction = xml, habit, direction
        self._currency: str = account["currency"]
        self._owner: str = account["owner"]

    def write(self, row: sqlite3.Row, movement: sqlite3.Row, *, single: bool) -> None:
        """One TxDtls; in a single entry the fee already stands at the entry."""
        facts: dict[str, Any] = unpacked(row["facts"])
        xml, amount = self._xml, money.text(row["amount"], self._currency)
        with xml.inside("TxDtls"):
            self._references(facts, movement)
            if self._habit.camt == "08":
                xml.leaf("Amt", amount, Ccy=self._currency)
                xml.leaf("CdtDbtInd", self._direction)
            self._amounts(facts, row["amount"])
            if facts.get("fee") and not single:
                write_charges(xml, facts["fee"], self._currency, self._habit)
            self._parties(facts)
            self._remittance(facts)
            if returned := facts.get("return"):
                with xml.inside("RtrInf"):
                    xml.leaf("Rsn/Cd", returned["code"])
                    xml.leaf("AddtlInf", sentence(returned["code"], returned["text"])[:105])

    def _references(self, facts: dict[str, Any], movement: sqlite3.Row) -> None:
        xml, given = self._xml, self._habit.references
        with xml.inside("Refs"):
            xml.leaf("MsgId", facts.get("msgid") if "MsgId" in given else "")
            own = facts.get("bankReference") or movement["bank_reference"]
            xml.leaf("AcctSvcrRef", own if "AcctSvcrRef" in given else "")
            xml.leaf("PmtInfId", facts.get("pmtinfid") if "PmtInfId" in given else "")
            xml.leaf("InstrId", facts.get("instr") if "InstrId" in given else "")
            xml.leaf("EndToEndId", facts.get("e2e") or "NOTPROVIDED")
            xml.leaf("UETR", facts.get("uetr") if self._habit.camt == "08" else "")

    def _amounts(self, facts: dict[str, Any], booked: int) -> None:
        xml = self._xml
        amount = money.text(booked, self._currency)
        with xml.inside("AmtDtls"):
            if "instructed" not in facts:
                xml.leaf("TxAmt/Amt", amount, Ccy=self._currency)
                return
            foreign = facts["currency"]
            with xml.inside("InstdAmt"):
                xml.leaf("Amt", money.text(facts["instructed"], foreign), Ccy=foreign)
            xml.leaf("TxAmt/Amt", amount, Ccy=self._currency)
            if self._habit.full_exchange:
                with xml.inside("CntrValAmt"):
                    xml.leaf("Amt", amount, Ccy=self._currency)
                    with xml.inside("CcyXchg"):
                        xml.leaf("SrcCcy", foreign)
                        xml.leaf("TrgtCcy", self._currency)
                        xml.leaf("UnitCcy", foreign)
                        xml.leaf("XchgRate", f"{Decimal(facts['rate']):f}")

    def _parties(self, facts: dict[str, Any]) -> None:
        xml, wrapped = self._xml, "" if self._habit.camt == "02" else "Pty/"
        ours, theirs = ("Cdtr", "Dbtr") if self._direction == "CRDT" else ("Dbtr", "Cdtr")
        if "return" in facts:  # the money comes back, the payee of our order stays the creditor
            ours, theirs = "Dbtr", "Cdtr"
        named = {ours: (self._owner, ""), theirs: (facts.get("name"), facts.get("account"))}
        if not any(name or account for name, account in named.values()):
            return
        with xml.inside("RltdPties"):
            for role in ("Dbtr", "Cdtr"):
                name, account = named[role]
                xml.leaf(f"{role}/{wrapped}Nm", name)
                if account:
                    kind = "IBAN" if account[:2].isalpha() else "Othr/Id"
                    xml.leaf(f"{role}Acct/Id/{kind}", account)

    def _remittance(self, facts: dict[str, Any]) -> None:
        found: dict[str, Any] = facts.get("remittance") or {}
        if not found:
            return
        xml = self._xml
        with xml.inside("RmtInf"):
            for text in found.get("text", []):
                for start in range(0, len(text), 140):
                    xml.leaf("Ustrd", text[start : start + 140])
            for document in found.get("documents", []):
                self._document(document if isinstance(document, dict) else {"number": document})
            for reference in found.get("reference", []):
                with xml.inside("Strd", "CdtrRefInf"):
                    with xml.inside("Tp"):
                        xml.leaf("CdOrPrtry/Cd", "SCOR")
                        xml.leaf("Issr", "ISO" if reference.startswith("RF") else "")
                    xml.leaf("Ref", reference)

    def _document(self, document: dict[str, Any]) -> None:
        xml, credit_note = self._xml, bool(document.get("creditNote"))
        with xml.inside("Strd"):
            with xml.inside("RfrdDocInf"):
                xml.leaf("Tp/CdOrPrtry/Cd", "CREN" if credit_note else "CINV")
                xml.leaf("Nb", document["number"])
            if "amount" in document:
                amount = money.text(document["amount"], self._currency)
                xml.leaf(f"RfrdDocAmt/{'CdtNoteAmt' if credit_note else 'RmtdAmt'}", amount, Ccy=self._currency)
