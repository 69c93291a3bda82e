"""VIP (VismaIncomingPayments) and direct-debit mandates, AutoPay's own files (docs/vip-and-status-report.md)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from integration.sandbox import money
from integration.sandbox.box import Box
from integration.sandbox.delivery import Sink
from integration.sandbox.store import unpacked
from integration.sandbox.xmlout import Xml

SLICE = 1000


def send(box: Box, account: sqlite3.Row, first: int, last: int, kinds: Sequence[str]) -> str | None:
    """One VIP file with the movements of these kinds; None when there are none."""
    within = f"account = ? AND id BETWEEN ? AND ? AND kind IN ({', '.join('?' * len(kinds))})"
    values = (account["account"], first, last, *kinds)
    if box.store.value(f"SELECT 1 FROM movement WHERE {within} LIMIT 1", *values) is None:  # noqa: S608 (own words)
        return None

    def write(sink: Sink, number: str, copy: bool) -> None:
        with Xml(sink, "VismaIncomingPayments", version="1").document() as xml:
            with xml.inside("Header"):
                xml.leaf("MessageId", f"VIP-{number}{'C' if copy else ''}")
                xml.leaf("CreationDateTime", box.clock.stamp())
                xml.leaf("Ref", f"{box.clock.today().year}-{int(number):06d}")
                xml.leaf("OrganisationNumber", str(account["keyid"]).partition("-")[2])
            with xml.inside("Account"):
                xml.leaf("Number", account["bban"] or account["iban"])
                xml.leaf("Currency", account["currency"])
                for movement in box.store.rows(f"SELECT * FROM movement WHERE {within} ORDER BY id", *values):  # noqa: S608
                    _group(box, xml, movement, account["currency"])

    return box.post.send(account["keyid"], "IncomingPayments", "vip", write)


def _group(box: Box, xml: Xml, movement: sqlite3.Row, currency: str) -> None:
    with xml.inside("TransactionGroup"):
        xml.leaf("BookingDate", movement["booking_date"])
        xml.leaf("ValueDate", movement["value_date"])
        xml.leaf("BankReference", movement["bank_reference"])
        xml.leaf("Amount", money.text(movement["amount"], currency), Ccy=currency)
        xml.leaf("Type", movement["kind"])
        last = 0
        while rows := box.store.rows(
            "SELECT * FROM detail WHERE movement = ? AND id > ? ORDER BY id LIMIT ?", movement["id"], last, SLICE
        ):
            for row in rows:
                _payment(xml, row, currency)
            last = rows[-1]["id"]


def _payment(xml: Xml, row: sqlite3.Row, currency: str) -> None:
    facts: dict[str, Any] = unpacked(row["facts"])
    remittance = facts["remittance"]
    with xml.inside("Payment"):
        xml.leaf("PaymentReference", facts["bankReference"])
        xml.leaf("Amount", money.text(row["amount"], currency), Ccy=currency)
        if "instructed" in facts:
            xml.leaf("InstructedAmount", money.text(facts["instructed"], facts["currency"]), Ccy=facts["currency"])
            xml.leaf("ExchangeRate", facts["rate"])
        if facts["name"] or facts["account"]:
            with xml.inside("Debtor"):
                xml.leaf("Name", facts["name"][:140])
                xml.leaf("Account", facts["account"])
        for reference in remittance["reference"][:1]:
            xml.leaf("CreditorReference", reference)
        for document in remittance["documents"]:
            xml.leaf("ReferredDocumentNumber", document["number"])
        for text in remittance["text"]:
            for start in range(0, len(text), 140):
                xml.leaf("Unstructured", text[start : start + 140])
        if facts.get("fee"):
            xml.leaf("Fee", money.text(facts["fee"], currency), Ccy=currency)


def send_mandates(box: Box, keyid: str, customers: Sequence[Any]) -> str:
    """A file of direct-debit agreements: per customer its reference and whether it stands."""

    def write(sink: Sink, number: str, copy: bool) -> None:
        with Xml(sink, "DirectDebitMandates", version="1").document() as xml:
            with xml.inside("Header"):
                xml.leaf("MessageId", f"MND-{number}{'C' if copy else ''}")
                xml.leaf("CreationDateTime", box.clock.stamp())
                xml.leaf("OrganisationNumber", keyid.partition("-")[2])
            for customer in customers:
                with xml.inside("Mandate"):
                    xml.leaf("CreditorReference", customer.get("reference"))
                    xml.leaf("CustomerNumber", customer.get("customer"))
                    xml.leaf("Status", customer.get("status") or "ACTIVE")

    return box.post.send(keyid, "DirectDebitMandates", "mandates", write)
