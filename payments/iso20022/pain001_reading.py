"""pain.001 read back: our own files for display and checks, or another program's order.

Each payment block is an entry of status INFO (an order is no booking), its transfers are the details.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from lxml import etree

from payments.iso20022.camt_head import Header, country_of, same_namespace
from payments.iso20022.camt_parts import Reading, account_number, squeezed
from payments.iso20022.messages import Account, Batch, Detail, Entry, Exchange, Money, Party, Refused, Sums
from payments.iso20022.notes import refuse
from payments.iso20022.references import iban_fits
from payments.iso20022.remittance import remittance
from payments.iso20022.values import day_choice, moment, money, plain_number, whole_number
from payments.iso20022.xml import LOCAL, Measured, child, drop, inner_text, line_of, placed, walk

Element = etree._Element
TAGS = ("GrpHdr", "PmtInf", "CdtTrfTxInf")


@dataclass(slots=True)
class Pain001Reading:
    """One pass over an order file; afterwards it holds header, debit accounts and sums."""

    reading: Reading
    known: tuple[Account, ...] = ()
    head: Header = field(default_factory=Header)
    sender: str = ""
    stated_count: int | None = None
    stated_total: Decimal | None = None
    accounts: list[Account] = field(default_factory=list)
    entries: int = 0
    details: int = 0
    not_adding_up: int = 0
    total: Decimal = Decimal(0)
    sums: list[Sums] = field(default_factory=list)

    def walk(self, source: Measured) -> Iterator[tuple[Account, Entry]]:
        """Every payment block (one entry per currency) with its debit account."""
        try:
            yield from self._walk(source)
        except Refused as error:
            raise placed(error, self.reading.file, self.reading.notes.entry) from None

    def _walk(self, source: Measured) -> Iterator[tuple[Account, Entry]]:
        details: list[Detail] = []
        for element in walk(source, TAGS):
            name = LOCAL[element.tag]
            if name == "CdtTrfTxInf":
                if not details:
                    self.reading.notes.begin_entry(self.entries + 1)
                details.append(self._transfer(element))
                drop(element)
            elif name == "PmtInf":
                self.reading.shapes.look("PmtInf", element)
                account = self._account(element)
                self.accounts.append(account)
                block = self._block(element, details)
                yield account, block
                details = []
                drop(element)
                self.reading.notes.end_entries()
            else:
                self._header(element)
        self._compare("transfers", self.stated_count, self.details)
        self._compare("control sum", self.stated_total, self.total)

    def _compare(self, what: str, stated: object, found: object, line: int = 0) -> bool:
        if stated is None or stated == found:
            return True
        self.reading.notes.note("counts", line, what=what, stated=stated, found=found)
        return False

    def _header(self, element: Element) -> None:
        same_namespace(element, self.reading)
        self.reading.shapes.look("GrpHdr", element)
        created, count, total = (
            child(element, "CreDtTm"),
            child(element, "NbOfTxs"),
            child(element, "CtrlSum"),
        )
        self.head.message_id = inner_text(element, "MsgId")
        self.head.created_at = moment(created, self.reading.notes) if created is not None else None
        self.sender = inner_text(element, "InitgPty", "Nm")
        self.stated_count = whole_number(count) if count is not None else None
        self.stated_total = plain_number(total) if total is not None else None
        if not self.head.message_id:
            self.reading.notes.note("no_message_id", line_of(element))

    def _account(self, element: Element) -> Account:
        index = len(self.accounts)
        if self.known:
            return self.known[index]
        account = child(element, "DbtrAcct")
        number = account_number(account, self.reading) if account is not None else ""
        if not number:
            refuse("account_missing", line_of(element), element="PmtInf")
        iban = number if iban_fits(number) else ""
        agent = child(element, "DbtrAgt", "FinInstnId")
        bic = inner_text(agent, "BICFI") or inner_text(agent, "BIC")
        scheme = inner_text(account, "Id", "Othr", "SchmeNm", "Cd") or inner_text(
            account, "Id", "Othr", "SchmeNm", "Prtry"
        )
        return Account(
            id=number,
            iban=iban,
            bban=(iban[4:] if iban.startswith("NO") else "") if iban else number,
            scheme=scheme,
            currency=inner_text(account, "Ccy"),
            country=country_of(iban, number, bic, scheme),
            owner=inner_text(element, "Dbtr", "Nm"),
            bic=bic,
            statement_id=inner_text(element, "PmtInfId"),
            index=index,
            line=line_of(element),
        )

    def _block(self, element: Element, details: list[Detail]) -> Entry:
        """The block as one entry. With transfers in several currencies the sum is the plain control sum and
        the currency is left empty: no debit of that amount will ever be booked."""
        line = line_of(element)
        dated, count, total = child(element, "ReqdExctnDt"), child(element, "NbOfTxs"), child(element, "CtrlSum")
        found = sum((detail.amount for detail in details), Decimal(0))
        currencies = {detail.currency for detail in details}
        currency = currencies.pop() if len(currencies) == 1 else ""
        stated_count = whole_number(count) if count is not None else None
        stated_total = plain_number(total) if total is not None else None
        fine = self._compare("transfers in the block", stated_count, len(details), line)
        fine = self._compare("sum of the block", stated_total, found, line) and fine
        for own in sorted({detail.currency for detail in details}):
            amounts = [detail.amount for detail in details if detail.currency == own]
            total_own = sum(amounts, Decimal(0))
            self.sums.append(Sums(len(self.accounts) - 1, own, 0, Decimal(0), len(amounts), total_own))
        self.total += found
        self.entries += 1
        self.details += len(details)
        self.not_adding_up += not fine
        return Entry(
            index=self.entries,
            line=line,
            amount=found,
            currency=currency,
            direction="debit",
            status="INFO",
            booking_date=None,
            value_date=day_choice(dated) if dated is not None else None,
            batch=Batch(self.head.message_id, inner_text(element, "PmtInfId"), stated_count, stated_total, currency),
            adds_up=fine,
            details=tuple(details),
        )

    def _transfer(self, element: Element) -> Detail:
        found: dict[str, Any] = {}
        amount_element = child(element, "Amt", "InstdAmt")
        traded: Exchange | None = None
        if amount_element is None:
            amount_element = child(element, "Amt", "EqvtAmt", "Amt")
            if amount_element is None:
                refuse("amount_missing", line_of(element), element="InstdAmt")
            target = inner_text(element, "Amt", "EqvtAmt", "CcyOfTrf")
            traded = Exchange(counter=Money(*money(amount_element, self.reading.notes)), target=target)
        amount, currency = money(amount_element, self.reading.notes)
        account = child(element, "CdtrAcct")
        number = account_number(account, self.reading) if account is not None else ""
        bank = child(element, "CdtrAgt", "FinInstnId")
        bic = inner_text(bank, "BICFI") or inner_text(bank, "BIC")
        told = child(element, "RmtInf")
        if told is not None:
            country = country_of(number if iban_fits(number) else "", squeezed(number), bic, "")
            remittance(told, found, country, self.reading)
        return Detail(
            amount=amount,
            currency=currency,
            direction="debit",
            end_to_end_id=inner_text(element, "PmtId", "EndToEndId"),
            instruction_id=inner_text(element, "PmtId", "InstrId"),
            uetr=inner_text(element, "PmtId", "UETR"),
            creditor=Party(inner_text(element, "Cdtr", "Nm"), number, bic),
            ultimate_creditor=inner_text(element, "UltmtCdtr", "Nm"),
            exchange=traded,
            purpose=inner_text(element, "Purp", "Cd"),
            line=line_of(element),
            **found,
        )
