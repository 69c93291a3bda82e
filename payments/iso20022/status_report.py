"""VismaStatusReport: AutoPay central's answer to a file, our documented format
(docs/vip-and-status-report.md).

Same facts as pain.002; it alone can say that central refused a file (10), cancelled a batch as deficient (7)
or sent it on to the bank (2), and it carries what was truly paid, when, and the fee.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from payments.iso20022.camt_head import Header
from payments.iso20022.camt_parts import Reading
from payments.iso20022.codes import REPORT_STATUSES
from payments.iso20022.messages import (
    Charge,
    FileHead,
    Money,
    PaymentStatus,
    Reason,
    Refused,
    StatusReport,
    TransactionStatus,
)
from payments.iso20022.notes import refuse
from payments.iso20022.values import day, moment, money, rate, trimmed
from payments.iso20022.xml import LOCAL, Measured, child, drop, inner_text, line_of, placed, walk

Element = etree._Element
TAGS = ("Header", "Batch", "Payment")
_KNOWN = frozenset(
    [
        "LineRef",
        "PaymentBlockId",
        "Status",
        "ReasonCode",
        "ReasonText",
        "PaidAmount",
        "PaidDate",
        "Fee",
        "ExchangeRate",
        "BankReference",
    ]
)


@dataclass(slots=True)
class StatusReportReading:
    """One pass over a status report; `report` gives what was found."""

    reading: Reading
    head: Header = field(default_factory=Header)
    organisation: str = ""
    batch: dict[str, Any] | None = None
    blocks: dict[str, list[TransactionStatus]] = field(default_factory=dict)
    transactions: int = 0

    def read(self, source: Measured) -> None:
        """Read the whole report; refuses when batch, file or a status is not named."""
        try:
            for element in walk(source, TAGS):
                name = LOCAL[element.tag]
                if name == "Payment":
                    self._payment(element)
                    drop(element)
                elif name == "Batch":
                    self._batch(element)
                else:
                    self._header(element)
            if self.batch is None:
                refuse("group_missing")
        except Refused as error:
            raise placed(error, self.reading.file, 0) from None

    def report(self, head: FileHead) -> StatusReport:
        """The facts under their file head; payments keep their block, "" when the report names none."""
        payments = tuple(PaymentStatus(id=block, transactions=tuple(found)) for block, found in self.blocks.items())
        return StatusReport(head=head, payments=payments, **(self.batch or {}))

    def _header(self, element: Element) -> None:
        self.head.message_id = inner_text(element, "MessageId")
        created = child(element, "CreationDateTime")
        self.head.created_at = moment(created, self.reading.notes) if created is not None else None
        self.organisation = inner_text(element, "OrganisationNumber")
        if not self.head.message_id:
            self.reading.notes.note("no_message_id", line_of(element))

    def _batch(self, element: Element) -> None:
        line = line_of(element)
        original = inner_text(element, "OriginalMessageId")
        if not original:
            refuse("original_missing", line)
        self.batch = {
            "original_message_id": original,
            "group_status": self._status(element, "Batch"),
            "group_reasons": self._reasons(element),
            "batch_id": inner_text(element, "BatchId"),
            "bank_batch_id": inner_text(element, "BankBatchExternalId") or inner_text(element, "BankBatch"),
        }

    def _status(self, element: Element, what: str) -> str:
        status = inner_text(element, "Status")
        if not status:
            refuse("status_missing", line_of(element), element=what)
        if status not in REPORT_STATUSES:
            self.reading.notes.note("status_word", line_of(element), value=status)
        return status

    def _reasons(self, element: Element) -> tuple[Reason, ...]:
        code, text = inner_text(element, "ReasonCode"), inner_text(element, "ReasonText")
        return (Reason(code, text),) if code or text else ()

    def _payment(self, element: Element) -> None:
        notes = self.reading.notes
        found: dict[str, Any] = {}
        for part in element:
            name = LOCAL[part.tag]
            if name == "PaidAmount":
                found["paid"] = Money(*money(part, notes))
            elif name == "PaidDate":
                found["paid_date"] = day(part)
            elif name == "Fee":
                found["fees"] = (Charge(*money(part, notes), "debit"),)
            elif name == "ExchangeRate":
                found["rate"] = rate(part)
            elif name == "BankReference":
                found["bank_reference"] = trimmed(part)
            elif name not in _KNOWN:
                notes.note("unknown_element", line_of(part), element=name, parent="Payment")
        transaction = TransactionStatus(
            status=self._status(element, "Payment"),
            reasons=self._reasons(element),
            end_to_end_id=inner_text(element, "LineRef"),
            line=line_of(element),
            **found,
        )
        self.blocks.setdefault(inner_text(element, "PaymentBlockId"), []).append(transaction)
        self.transactions += 1
