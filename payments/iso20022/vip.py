"""VIP (Visma Incoming Payments): the customer payments AutoPay hands on, read into the same entries as camt.

Our own documented format (schemas/visma-incoming-payments.xsd, docs/vip-and-status-report.md); one
transaction group is one entry, its payments are the details.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from lxml import etree

from payments.iso20022.adding_up import adds_up
from payments.iso20022.camt_head import Header, country_of
from payments.iso20022.camt_parts import Reading, squeezed
from payments.iso20022.camt_sums import Tally
from payments.iso20022.messages import (
    Account,
    Charge,
    Codes,
    Detail,
    Document,
    Entry,
    Exchange,
    Money,
    Party,
    Reference,
    Refused,
    Sums,
)
from payments.iso20022.notes import refuse
from payments.iso20022.references import iban_fits, reference
from payments.iso20022.values import day, moment, money, rate, trimmed
from payments.iso20022.xml import LOCAL, Measured, child, drop, inner_text, line_of, placed, walk

Element = etree._Element
TAGS = ("Header", "Account", "TransactionGroup", "Payment")
GROUP_TYPES = frozenset({"KID", "INVOICE", "UNSTRUCTURED", "CARD"})


@dataclass(slots=True)
class VipReading:
    """One pass over a VIP file; afterwards it holds header, accounts, counts and sums."""

    reading: Reading
    known: tuple[Account, ...] = ()
    head: Header = field(default_factory=Header)
    reference: str = ""
    organisation: str = ""
    accounts: list[Account] = field(default_factory=list)
    entries: int = 0
    details: int = 0
    not_adding_up: int = 0
    sums: list[Sums] = field(default_factory=list)

    def walk(self, source: Measured) -> Iterator[tuple[Account, Entry]]:
        """Every transaction group with its account, in file order."""
        try:
            yield from self._walk(source)
        except Refused as error:
            raise placed(error, self.reading.file, self.reading.notes.entry) from None

    def _walk(self, source: Measured) -> Iterator[tuple[Account, Entry]]:
        current: Account | None = None
        details: list[Detail] = []
        tally = Tally()
        for element in walk(source, TAGS):
            name = LOCAL[element.tag]
            if name == "Header":
                self._header(element)
            elif name == "Payment":
                if current is None:
                    current = self._account(element)
                if not details:
                    self.reading.notes.begin_entry(self.entries + 1)
                details.append(self._detail(element, current))
                drop(element)
            elif name == "TransactionGroup":
                if current is None:
                    current = self._account(element)
                if not details:
                    self.reading.notes.begin_entry(self.entries + 1)
                found = self._entry(element, details, current)
                tally.add(found)
                details = []
                drop(element)
                yield current, found
                self.reading.notes.end_entries()
            elif _is_top(element):
                self.reading.notes.end_entries()
                current = current or self._account(element)
                self.accounts.append(current)
                self.sums.extend(tally.sums(current.index))
                current, tally = None, Tally()
                drop(element)

    def _header(self, element: Element) -> None:
        self.head.message_id = inner_text(element, "MessageId")
        created = child(element, "CreationDateTime")
        self.head.created_at = moment(created, self.reading.notes) if created is not None else None
        self.reference = inner_text(element, "Ref")
        self.organisation = inner_text(element, "OrganisationNumber")
        if not self.head.message_id:
            self.reading.notes.note("no_message_id", line_of(element))

    def _account(self, element: Element) -> Account:
        """Number and currency stand before the first group."""
        above = element
        while LOCAL[above.tag] != "Account":
            parent = above.getparent()
            if parent is None:
                refuse("account_missing", line_of(element), element=LOCAL[element.tag])
            above = parent
        index = len(self.accounts)
        if self.known:
            return self.known[index]
        number = squeezed(inner_text(above, "Number"))
        if not number:
            refuse("account_missing", line_of(above), element="Account")
        iban = number if iban_fits(number) else ""
        return Account(
            id=number,
            iban=iban,
            bban=(iban[4:] if iban.startswith("NO") else "") if iban else number,
            currency=inner_text(above, "Currency"),
            country=country_of(iban, number, "", ""),
            statement_id=self.reference,
            created_at=self.head.created_at,
            index=index,
            line=line_of(above),
        )

    def _entry(self, element: Element, details: list[Detail], account: Account) -> Entry:
        notes = self.reading.notes
        line = line_of(element)
        amount_element = child(element, "Amount")
        if amount_element is None:
            refuse("amount_missing", line, element="TransactionGroup/Amount")
        amount, currency = money(amount_element, notes, account.currency)
        if account.currency and currency != account.currency:
            notes.note("entry_currency", line, currency=currency, account=account.currency)
        group_type = inner_text(element, "Type")
        if group_type not in GROUP_TYPES:
            notes.note("unknown_element", line, element=f"Type {group_type}", parent="TransactionGroup")
        booked, value = _day_at(element, "BookingDate"), _day_at(element, "ValueDate")
        if booked is None and value is None:
            refuse("date_bad", line, value="nothing", element="BookingDate")
        fine, included = adds_up(amount, currency, "credit", details, (), notes, line)
        self.entries += 1
        self.details += len(details)
        self.not_adding_up += not fine
        return Entry(
            index=self.entries,
            line=line,
            amount=amount,
            currency=currency,
            direction="credit",
            status="BOOK",
            booking_date=booked or value,
            value_date=value or booked,
            bank_reference=inner_text(element, "BankReference"),
            codes=Codes(proprietary=group_type, issuer="VIP") if group_type else Codes(),
            adds_up=fine,
            charges_included=included,
            details=tuple(details),
            kind=group_type,
            problems=tuple(notes.problems),
        )

    def _detail(self, element: Element, account: Account) -> Detail:
        notes = self.reading.notes
        found: dict[str, Any] = {}
        references: list[Reference] = []
        documents: list[Document] = []
        text: list[str] = []
        amount: Decimal | None = None
        currency = ""
        for part in element:
            name = LOCAL[part.tag]
            if name == "Amount":
                amount, currency = money(part, notes, account.currency)
            elif name == "PaymentReference":
                found["bank_reference"] = trimmed(part)
            elif name == "Debtor":
                found["debtor"] = Party(inner_text(part, "Name"), squeezed(inner_text(part, "Account")))
            elif name == "CreditorReference" and trimmed(part):
                references.append(reference(trimmed(part), "SCOR", account.country))
            elif name == "ReferredDocumentNumber" and trimmed(part):
                documents.append(Document("CINV", trimmed(part)))
            elif name in ("Unstructured", "InfoMessage") and trimmed(part):
                text.append(trimmed(part))
            elif name == "Fee":
                fee, fee_currency = money(part, notes, account.currency)
                found["charges"] = (Charge(fee, fee_currency, "debit"),)
            elif name == "InstructedAmount":
                found["exchange"] = self._exchange(part, element)
        if amount is None:
            refuse("amount_missing", line_of(element), element="Payment/Amount")
        if found.get("exchange") is not None:
            found["exchange"] = _completed(found["exchange"], amount, currency)
        return Detail(
            amount=amount,
            currency=currency,
            direction="credit",
            references=tuple(references),
            documents=tuple(documents),
            text=tuple(text),
            line=line_of(element),
            **found,
        )

    def _exchange(self, instructed: Element, payment: Element) -> Exchange:
        rate_element = child(payment, "ExchangeRate")
        return Exchange(
            instructed=Money(*money(instructed, self.reading.notes)),
            rate=rate(rate_element) if rate_element is not None else None,
        )


def _completed(traded: Exchange, amount: Decimal, currency: str) -> Exchange:
    ordered = traded.instructed
    effective = amount / ordered.amount if ordered is not None and ordered.amount else None
    return Exchange(booked=Money(amount, currency), instructed=ordered, rate=traded.rate, effective=effective)


def _day_at(element: Element, name: str) -> date | None:
    found = child(element, name)
    return day(found) if found is not None else None


def _is_top(element: Element) -> bool:
    """The payer's account is an element Account as well; only those under the root are ours."""
    parent = element.getparent()
    return parent is not None and LOCAL[parent.tag] == "VismaIncomingPayments"
