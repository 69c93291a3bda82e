"""From rows to an order: which lines make one transaction, and what the bank is told about it.

One desk per payment holds what all its items share. Lines come as plain rows, supplier by supplier, so that a payment
of 100 000 lines is read in slices. Netting and references: ISO 20022 mapping 1.10, identification 1.4.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, partial
from itertools import groupby
from typing import NamedTuple

from django.db.models import QuerySet

from autopay_console.kernel.money import ZERO
from autopay_console.kernel.sets import chunks
from companies.accounts import AccountKind, classify, normalise
from companies.models import Supplier
from companies.problems import Problem
from payments import netting, payees, profiles
from payments.choices import LineStatus
from payments.iso20022 import payment_types
from payments.iso20022.order_kinds import Netting, Scheme
from payments.iso20022.orders import (
    Account,
    Address,
    Creditor,
    Debtor,
    Document,
    Item,
    PartyId,
    Profile,
    Reference,
    Regulatory,
)
from payments.iso20022.payment_types import FOREIGN_TYPES, Decision, Wish
from payments.models import Payment, PaymentLine
from payments.reference_rules import classify as classify_reference

LIVE = (LineStatus.ESTIMATE, LineStatus.AT_EFT)
_SLICE = 1_000
_SUPPLIER_FIELDS = (
    "number", "name", "country_id", "iban", "account", "giro", "bic", "bank_branch", "swift_address_1",
    "swift_address_2", "street", "building", "postcode", "town", "state", "address_1", "address_2", "is_payroll",
    "fee_code", "company_id", "blocked",
)  # fmt: skip


class LineRow(NamedTuple):
    """What the order needs of a payment line and its entry; a credit note's amount is negative."""

    id: int
    line_no: int
    supplier_id: int
    currency: str
    amount: Decimal
    pay_date: date
    account: str
    kid: str
    message: str
    fee_code: int
    declaration_code: str
    declaration_text: str
    invoice_no: str


_COLUMNS = (
    "pk", "line_no", "supplier_id", "currency_id", "amount", "pay_date", "account", "kid", "message", "fee_code",
    "declaration_code", "declaration_text", "entry__invoice_no",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planned:
    """The lines of one transaction with their facts; `item` is None for credit notes nothing could be netted with."""

    rows: tuple[LineRow, ...]
    item: Item | None
    supplier: Supplier
    notes: tuple[Problem, ...] = ()


class Desk:
    """What all items of one payment share: our side, the bank's habits, standard codes."""

    def __init__(self, payment: Payment) -> None:
        self.payment = payment
        self.company = payment.company
        self.partner = payment.bank_partner
        self.agreement = payment.agreement

    @cached_property
    def profile(self) -> Profile:
        """The bank's habits."""
        return profiles.profile_of(self.partner.profile)

    @cached_property
    def debtor(self) -> Debtor:
        """Our side as the file names it: name, account, bank, numbers."""
        company, partner = self.company, self.partner
        kind = classify(partner.account, partner.country_id)
        scheme = {AccountKind.IBAN: Scheme.IBAN, AccountKind.SE_BANKGIRO: Scheme.BGNR}.get(kind, Scheme.BBAN)
        return Debtor(
            name=self.agreement.debtor_name,
            account=Account(normalise(partner.account), scheme),
            bic=partner.bic.strip().upper(),
            currency=partner.currency_id,
            country=partner.country_id,
            address=Address(company.street, company.building, company.postcode, company.town, "", company.country_id),
            ids=profiles.debtor_ids(partner, self.agreement),
            batch_booking=self.agreement.batch_booking,
        )

    @cached_property
    def initiating_ids(self) -> tuple[PartyId, ...]:
        """Who sends the file."""
        return profiles.initiating_ids(self.partner, self.agreement)

    def fee_code(self, row: LineRow) -> int:
        """The line's code, or the bank partner's when the line has none."""
        return row.fee_code or self.partner.fee_code

    def decide(self, row: LineRow, supplier: Supplier, payee: Creditor) -> Decision:
        """Road, codes and charges of a line."""
        purpose = "SALA" if supplier.is_payroll else ""
        reference = reference_of(row, payee)
        wish = Wish(self.debtor, payee, row.currency, reference, self.fee_code(row), category_purpose=purpose)
        return payment_types.decide(wish, self.profile)

    def may_net(self, row: LineRow, supplier: Supplier) -> bool:
        """Whether credit notes may be set off against this invoice."""
        payee = payees.creditor(supplier, row.account)
        kind = self.decide(row, supplier, payee).terms.payment_type
        known = reference_of(row, payee) is not None
        return payment_types.netting(kind, self.profile, with_reference=known) is not Netting.NEVER

    def item(self, rows: tuple[LineRow, ...], supplier: Supplier, name: str) -> tuple[Item, tuple[Problem, ...]]:
        """One transaction of these lines and what is to be known of its codes; the largest invoice leads."""
        lead = max(rows, key=lambda row: (row.amount, -row.line_no))
        payee = payees.creditor(supplier, lead.account)
        decision = self.decide(lead, supplier, payee)
        foreign = decision.terms.payment_type in FOREIGN_TYPES
        item = Item(
            end_to_end_id=name,
            amount=sum((row.amount for row in rows), ZERO),
            currency=lead.currency,
            execution_date=lead.pay_date,
            debtor=self.debtor,
            creditor=payee,
            terms=decision.terms,
            reference=reference_of(lead, payee) if len(rows) == 1 else None,
            documents=tuple(_document(row, payee, alone=len(rows) == 1) for row in rows),
            text=_text(rows, payee),
            regulatory=self._regulatory(lead, payee),
            uetr=uetr(self.company.pk, name) if foreign else "",
        )
        return item, decision.notes

    def _regulatory(self, row: LineRow, payee: Creditor) -> Regulatory | None:
        if payee.country == self.debtor.country or not row.declaration_code:
            return None
        return Regulatory(self.debtor.country, row.declaration_code, row.declaration_text)


def uetr(company_id: int, end_to_end_id: str) -> str:
    """The payment's worldwide id, always the same for the same payment: sealing again gives the same bytes."""
    seed = hashlib.sha256(f"{company_id}:{end_to_end_id}".encode()).digest()[:16]
    return str(uuid.UUID(bytes=seed, version=4))


def reference_of(row: LineRow, payee: Creditor) -> Reference | None:
    """The line's KID, OCR, FIK, Finnish or RF reference; None when it has none or it is free text."""
    found = classify_reference(row.kid, payee.country) if row.kid else None
    return Reference(found.value, found.kind) if found else None


def _document(row: LineRow, payee: Creditor, *, alone: bool) -> Document:
    reference = None if alone else reference_of(row, payee)
    return Document("CREN" if row.amount < 0 else "CINV", row.invoice_no, abs(row.amount), reference)


def _text(rows: Sequence[LineRow], payee: Creditor) -> str:
    """Messages, and a KID that is no reference in the payee's country: it still tells the payee what is paid."""
    said = [row.kid for row in rows if row.kid and reference_of(row, payee) is None]
    return " ".join([*said, *(row.message.strip() for row in rows if row.message.strip())])


def live_lines(payment: Payment) -> QuerySet[PaymentLine]:
    """Lines that are in the order: estimates, and lines of an uploaded payment that wait at 8."""
    return PaymentLine.objects.filter(payment=payment, status__in=LIVE)


def planned_items(desk: Desk) -> Iterator[Planned]:
    """All transactions of a payment, supplier by supplier; the ids are made when it is sealed."""
    lines = live_lines(desk.payment).order_by("supplier_id", "currency_id", "pay_date", "line_no")
    rows = (LineRow(*row) for row in lines.values_list(*_COLUMNS).iterator(chunk_size=_SLICE))
    number = 0
    for part in _whole_suppliers(rows):
        suppliers = suppliers_by_id({row.supplier_id for row in part})
        for (supplier_id, _currency), run in groupby(part, lambda row: (row.supplier_id, row.currency)):
            supplier = suppliers[supplier_id]
            together, alone = netting.put_together(list(run), partial(desk.may_net, supplier=supplier))
            for some in together:
                number += 1
                item, notes = desk.item(some, supplier, end_to_end_id(desk.payment, number, desk.payment.round))
                yield Planned(some, item, supplier, notes)
            if alone:
                yield Planned(tuple(alone), None, supplier)


def _whole_suppliers(rows: Iterable[LineRow]) -> Iterator[list[LineRow]]:
    """Slices of about a thousand lines that never cut a supplier in two."""
    part: list[LineRow] = []
    for _supplier, run in groupby(rows, lambda row: row.supplier_id):
        part.extend(run)
        if len(part) >= _SLICE:
            yield part
            part = []
    if part:
        yield part


def end_to_end_id(payment: Payment, number: int, round_: int) -> str:
    """Names company, payment, round and transaction; unique for ever, for a round is never sealed twice and sent."""
    return f"{payment.company.number}-{payment.number}-{round_}-{number}"


def line_rows(ids: Iterable[int]) -> dict[int, LineRow]:
    """Rows of these lines."""
    found: dict[int, LineRow] = {}
    for part in chunks(ids):
        found |= {row[0]: LineRow(*row) for row in PaymentLine.objects.filter(pk__in=part).values_list(*_COLUMNS)}
    return found


def suppliers_by_id(ids: Iterable[int]) -> dict[int, Supplier]:
    """Suppliers with what an order needs of them."""
    found: dict[int, Supplier] = {}
    for part in chunks(sorted(ids)):
        found |= Supplier.objects.only(*_SUPPLIER_FIELDS).in_bulk(part)
    return found
