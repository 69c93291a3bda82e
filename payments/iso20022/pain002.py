"""pain.002: the bank's answer to a payment file, at up to three levels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from payments.iso20022.camt_head import Header, same_namespace
from payments.iso20022.camt_parts import Reading, account_number, agent_bic
from payments.iso20022.codes import STATUSES
from payments.iso20022.messages import (
    Charge,
    FileHead,
    Money,
    Party,
    PaymentStatus,
    Reason,
    Refused,
    StatusReport,
    TransactionStatus,
)
from payments.iso20022.notes import refuse
from payments.iso20022.remittance import remittance
from payments.iso20022.values import day_choice, moment, money, plain_number, trimmed, whole_number
from payments.iso20022.xml import LOCAL, Measured, child, drop, inner_text, line_of, placed, walk

Element = etree._Element
TAGS = ("GrpHdr", "OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts", "TxInfAndSts")
FULL_PIECE = 105  # a reason text is cut in pieces of this length


@dataclass(slots=True)
class Pain002Reading:
    """One pass over a pain.002; `report` gives what was found."""

    reading: Reading
    head: Header = field(default_factory=Header)
    sender: str = ""
    group: dict[str, Any] | None = None
    payments: list[PaymentStatus] = field(default_factory=list)
    transactions: int = 0

    def read(self, source: Measured) -> None:
        """Read the whole answer; refuses when it does not say which file it answers."""
        try:
            self._read(source)
        except Refused as error:
            raise placed(error, self.reading.file, 0) from None

    def _read(self, source: Measured) -> None:
        waiting: list[TransactionStatus] = []
        for element in walk(source, TAGS):
            name = LOCAL[element.tag]
            if name == "TxInfAndSts":
                waiting.append(self._transaction(element))
                drop(element)
            elif name == "OrgnlPmtInfAndSts":
                self.payments.append(self._payment(element, tuple(waiting)))
                self.transactions += len(waiting)
                waiting = []
                drop(element)
            elif name == "OrgnlGrpInfAndSts":
                self._group(element)
            else:
                self._header(element)
        if waiting:  # a dialect puts transactions beside the payment blocks
            self.payments.append(PaymentStatus(transactions=tuple(waiting)))
            self.transactions += len(waiting)
        if self.group is None:
            refuse("group_missing")

    def report(self, head: FileHead) -> StatusReport:
        """The facts under their file head."""
        return StatusReport(head=head, payments=tuple(self.payments), **(self.group or {}))

    def _header(self, element: Element) -> None:
        same_namespace(element, self.reading)
        self.reading.shapes.look("GrpHdr", element)
        created = child(element, "CreDtTm")
        self.head.message_id = inner_text(element, "MsgId")
        self.head.created_at = moment(created, self.reading.notes) if created is not None else None
        agent = child(element, "DbtrAgt")
        self.sender = agent_bic(agent, self.reading, checked_version=False) if agent is not None else ""
        if not self.head.message_id:
            self.reading.notes.note("no_message_id", line_of(element))

    def _group(self, element: Element) -> None:
        self.reading.shapes.look("OrgnlGrpInfAndSts", element)
        original = inner_text(element, "OrgnlMsgId")
        if not original:
            refuse("original_missing", line_of(element))
        self.group = {
            "original_message_id": original,
            "original_message_name": inner_text(element, "OrgnlMsgNmId"),
            "group_status": self._status(element, "GrpSts"),
            "group_reasons": self._reasons(element),
            **self._counted(element),
        }

    def _payment(self, element: Element, transactions: tuple[TransactionStatus, ...]) -> PaymentStatus:
        self.reading.shapes.look("OrgnlPmtInfAndSts", element)
        return PaymentStatus(
            id=inner_text(element, "OrgnlPmtInfId"),
            status=self._status(element, "PmtInfSts"),
            reasons=self._reasons(element),
            transactions=transactions,
            line=line_of(element),
            **self._counted(element),
        )

    def _status(self, element: Element, name: str) -> str:
        found = child(element, name)
        if found is None:
            return ""
        status = trimmed(found)
        if status not in STATUSES:
            self.reading.notes.note("status_word", line_of(found), value=status)
        return status

    def _counted(self, element: Element) -> dict[str, Any]:
        count, total = child(element, "OrgnlNbOfTxs"), child(element, "OrgnlCtrlSum")
        per_status = []
        for part in element:
            if LOCAL[part.tag] == "NbOfTxsPerSts":
                number = child(part, "DtldNbOfTxs")
                if number is not None:
                    per_status.append((inner_text(part, "DtldSts"), whole_number(number)))
        return {
            "count": whole_number(count) if count is not None else None,
            "total": plain_number(total) if total is not None else None,
            "counts": tuple(per_status),
        }

    def _reasons(self, element: Element) -> tuple[Reason, ...]:
        return tuple(
            reason for part in element if LOCAL[part.tag] == "StsRsnInf" and (reason := self._reason(part)) is not None
        )

    def _reason(self, element: Element) -> Reason | None:
        """One StsRsnInf; an empty one is nothing. Full pieces of text were cut and are joined without a
        blank.
        """
        self.reading.shapes.look("StsRsnInf", element)
        code = inner_text(element, "Rsn", "Cd")
        own = inner_text(element, "Rsn", "Prtry")
        text, cut = "", True
        for part in element:
            if LOCAL[part.tag] == "AddtlInf":
                piece = trimmed(part)
                text += piece if cut or not text else f" {piece}"
                cut = len(part.text or "") == FULL_PIECE
        if not (code or own or text):
            return None
        return Reason(code or own, text, proprietary=bool(own and not code))

    def _transaction(self, element: Element) -> TransactionStatus:
        self.reading.shapes.look("TxInfAndSts", element)
        accepted = child(element, "AccptncDtTm")
        return TransactionStatus(
            status=self._status(element, "TxSts"),
            reasons=self._reasons(element),
            status_id=inner_text(element, "StsId"),
            instruction_id=_id(inner_text(element, "OrgnlInstrId")),
            end_to_end_id=_id(inner_text(element, "OrgnlEndToEndId")),
            uetr=inner_text(element, "OrgnlUETR"),
            bank_reference=inner_text(element, "AcctSvcrRef") or inner_text(element, "ClrSysRef"),
            accepted_at=day_choice(accepted) if accepted is not None else None,
            fees=self._fees(element),
            line=line_of(element),
            **self._original(child(element, "OrgnlTxRef")),
        )

    def _fees(self, element: Element) -> tuple[Charge, ...]:
        amounts = [child(part, "Amt") for part in element if LOCAL[part.tag] == "ChrgsInf"]
        return tuple(Charge(*money(amount, self.reading.notes)) for amount in amounts if amount is not None)

    def _original(self, element: Element | None) -> dict[str, Any]:
        """What the bank repeats of our payment: with it a transaction without ids is found."""
        if element is None:
            return {}
        found: dict[str, Any] = {}
        amount = child(element, "Amt", "InstdAmt")
        if amount is not None:
            found["amount"] = Money(*money(amount, self.reading.notes))
        requested = child(element, "ReqdExctnDt")
        if requested is not None:
            found["execution_date"] = day_choice(requested)
        creditor, account = child(element, "Cdtr"), child(element, "CdtrAcct")
        name = inner_text(creditor, "Nm") or inner_text(creditor, "Pty", "Nm")
        number = account_number(account, self.reading) if account is not None else ""
        if name or number:
            found["creditor"] = Party(name, number)
        for name in ("DbtrAgt", "CdtrAgt"):
            agent = child(element, name)
            bic = agent_bic(agent, self.reading, checked_version=False) if agent is not None else ""
            if name == "CdtrAgt" and bic:
                known: Party = found.get("creditor", Party())
                found["creditor"] = Party(known.name, known.account, bic)
        told = child(element, "RmtInf")
        if told is not None:
            facts: dict[str, Any] = {}
            remittance(told, facts, "", self.reading)
            found["references"] = facts.get("references", ())
        return found


def _id(text: str) -> str:
    return "" if text == "NOTPROVIDED" else text
