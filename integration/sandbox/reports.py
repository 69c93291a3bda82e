"""AutoPay central's own file: the VismaStatusReport (docs/vip-and-status-report.md)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from integration.sandbox import money
from integration.sandbox.box import Box
from integration.sandbox.delivery import Sink
from integration.sandbox.xmlout import Xml


@dataclass(frozen=True)
class BatchWord:
    """What is said of the batch: SENT_TO_BANK, DEFICIENT, CANCELLED or REFUSED, with the reason."""

    status: str
    reason: str = ""
    sentence: str = ""
    bank_batch: str = ""


@dataclass(frozen=True)
class PaymentWord:
    """What is said of one payment of the batch."""

    line: str
    status: str
    reason: str = ""
    sentence: str = ""
    paid: int | None = None
    currency: str = ""
    day: str = ""
    fee: int = 0
    fee_currency: str = ""


def send(box: Box, upload: sqlite3.Row, word: BatchWord, payments: Iterable[PaymentWord] = ()) -> str:
    """Tell the company what became of its batch."""
    named = list(payments)

    def write(sink: Sink, number: str, copy: bool) -> None:
        with Xml(sink, "VismaStatusReport", version="1").document() as xml:
            with xml.inside("Header"):
                xml.leaf("MessageId", f"SR-{number}")
                xml.leaf("CreationDateTime", box.clock.stamp())
                xml.leaf("OrganisationNumber", str(upload["keyid"]).partition("-")[2])
            with xml.inside("Batch"):
                xml.leaf("BatchId", upload["batch"])
                xml.leaf("BankBatchExternalId", word.bank_batch)
                xml.leaf("OriginalMessageId", upload["msgid"])
                xml.leaf("Status", word.status)
                xml.leaf("ReasonCode", word.reason)
                xml.leaf("ReasonText", word.sentence[:500])
                for payment in named:
                    _payment(xml, payment)

    return box.post.send(upload["keyid"], "OutgoingPaymentStatus", "status-report", write)


def _payment(xml: Xml, payment: PaymentWord) -> None:
    with xml.inside("Payment"):
        xml.leaf("LineRef", payment.line)
        xml.leaf("Status", payment.status)
        xml.leaf("ReasonCode", payment.reason)
        xml.leaf("ReasonText", payment.sentence[:500])
        if payment.paid is not None:
            xml.leaf("PaidAmount", money.text(payment.paid, payment.currency), Ccy=payment.currency)
        xml.leaf("PaidDate", payment.day)
        if payment.fee:
            xml.leaf("Fee", money.text(payment.fee, payment.fee_currency), Ccy=payment.fee_currency)
