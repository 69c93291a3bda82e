"""From rows to an order: which lines make one transaction, and what the bank is told about it.

One desk per payment holds what all its items share. Netting and references: ISO 20022 mapping 1.10, identification 1.4.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, TypeVar

from autopay_console.kernel.money import ZERO
from companies.accounts import AccountKind, classify, normalise
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
    Terms,
)
from payments.iso20022.payment_types import FOREIGN_TYPES, Decision
from payments.models import Payment
from payments.preparing import netting, payees, profiles
from payments.preparing.order_lines import LineRow, leading, rows_of, total_of, whole_suppliers
from payments.preparing.payees import Payee
from payments.preparing.roads import DENMARK, Road, Roads
from payments.reference_rules import recognise

_KEPT = 2_000  # payees and decisions of the suppliers at hand
K = TypeVar("K")
V = TypeVar("V")


class Planned(NamedTuple):
    """The lines of one transaction; `payee` and `decision` are None for credit notes nothing could be netted with."""

    rows: tuple[LineRow, ...]
    supplier: Payee
    payee: Creditor | None = None
    decision: Decision | None = None


class Desk:
    """What all items of one payment share: our side, the bank's habits, standard codes."""

    def __init__(self, payment: Payment) -> None:
        self.payment = payment
        self.company = payment.company
        self.partner = payment.bank_partner
        self.agreement = payment.agreement
        self._payees: dict[tuple[int, str], Creditor] = {}
        self._decided: dict[tuple[int, str, str, int, bool, str], Decision] = {}

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
    def roads(self) -> Roads:
        """Codes and charges, decided once."""
        return Roads(self.debtor, self.profile)

    @cached_property
    def initiating_ids(self) -> tuple[PartyId, ...]:
        """Who sends the file."""
        return profiles.initiating_ids(self.partner, self.agreement)

    def fee_code(self, row: LineRow) -> int:
        """The line's code, or the bank partner's when the line has none."""
        return row.fee_code or self.partner.fee_code

    def payee(self, supplier: Payee, account: str) -> Creditor:
        """The payee as the file names it; made once while its lines follow each other."""
        key = (supplier.id, account)
        return self._payees.get(key) or _kept(self._payees, key, payees.creditor(supplier, account))

    def terms(self, row: LineRow, supplier: Payee, payee: Creditor) -> Decision:
        """Road, codes and charges of a line. Of its reference only the kind of a Danish card has a say in them."""
        reference = reference_of(row, payee) if payee.country == DENMARK else None
        card = reference.value[:2] if reference else ""
        key = (row.supplier_id, row.account, row.currency, row.fee_code, row.urgent, card)
        return self._decided.get(key) or _kept(self._decided, key, self._decide(row, supplier, payee, reference))

    def _decide(self, row: LineRow, supplier: Payee, payee: Creditor, reference: Reference | None) -> Decision:
        number = payee.account.number if payee.country == DENMARK else ""
        whereto = payee.country, payee.account.scheme, number, reference
        return self.roads.decision(
            Road(*whereto, row.currency, self.fee_code(row), row.urgent, payroll=supplier.is_payroll)
        )

    def may_net(self, row: LineRow, supplier: Payee) -> bool:
        """Whether credit notes may be set off against this invoice."""
        payee = self.payee(supplier, row.account)
        kind = self.terms(row, supplier, payee).terms.payment_type
        known = reference_of(row, payee) is not None
        return payment_types.netting(kind, self.profile, with_reference=known) is not Netting.NEVER

    def item(self, rows: tuple[LineRow, ...], payee: Creditor, terms: Terms, name: str) -> Item:
        """One transaction of these lines: all it says to bank and payee, under the given end-to-end id."""
        lead = leading(rows)
        reference, documents, text = _said(lead, payee) if len(rows) == 1 else _listed(rows, payee)
        return Item(
            end_to_end_id=name,
            amount=total_of(rows),
            currency=lead.currency,
            execution_date=lead.pay_date,
            debtor=self.debtor,
            creditor=payee,
            terms=terms,
            reference=reference,
            documents=documents,
            text=text,
            regulatory=self._regulatory(lead, payee) if lead.declaration_code else None,
            uetr=self.uetr(terms, name),
        )

    def uetr(self, terms: Terms, name: str) -> str:
        """The worldwide id of a payment abroad; none at home."""
        return uetr(self.company.pk, name) if terms.payment_type in FOREIGN_TYPES else ""

    def _regulatory(self, row: LineRow, payee: Creditor) -> Regulatory | None:
        if payee.country == self.debtor.country:
            return None
        return Regulatory(self.debtor.country, row.declaration_code, row.declaration_text)


def _kept(known: dict[K, V], key: K, value: V) -> V:
    """Keep it for the lines that follow; what is far behind is forgotten."""
    if len(known) >= _KEPT:
        known.clear()
    known[key] = value
    return value


def uetr(company_id: int, end_to_end_id: str) -> str:
    """The payment's worldwide id, always the same for the same payment: sealing again gives the same bytes."""
    seed = hashlib.sha256(f"{company_id}:{end_to_end_id}".encode()).digest()[:16]
    return str(uuid.UUID(bytes=seed, version=4))


def reference_of(row: LineRow, payee: Creditor) -> Reference | None:
    """The line's KID, OCR, FIK, Finnish or RF reference; None when it has none or it is free text."""
    found = recognise(row.kid, payee.country) if row.kid else None
    return Reference(found[1], found[0]) if found else None


def _said(row: LineRow, payee: Creditor) -> tuple[Reference | None, tuple[Document, ...], str]:
    """Reference, document and message of a line that is a transaction of its own."""
    reference = reference_of(row, payee) if row.kid else None
    kid = row.kid if reference is None else ""
    text = " ".join(part for part in (kid, row.message.strip()) if part) if kid or row.message else ""
    return reference, (_document(row, None),), text


def _listed(rows: tuple[LineRow, ...], payee: Creditor) -> tuple[None, tuple[Document, ...], str]:
    """Documents of lines paid together, each with its reference, and their messages.

    A KID that is no reference in the payee's country goes as text: it still tells the payee what is paid.
    """
    references = [reference_of(row, payee) for row in rows]
    pairs = list(zip(rows, references, strict=True))
    said = [row.kid for row, known in pairs if row.kid and known is None]
    text = " ".join([*said, *(row.message.strip() for row in rows if row.message.strip())])
    return None, tuple(_document(row, reference) for row, reference in pairs), text


def _document(row: LineRow, reference: Reference | None) -> Document:
    if row.amount > ZERO:
        return Document("CINV", row.invoice_no, row.amount, reference)
    return Document("CREN", row.invoice_no, -row.amount, reference)


def planned_items(desk: Desk) -> Iterator[Planned]:
    """All transactions of a payment, supplier by supplier; the ids are made when it is sealed."""
    return planned_of(desk, rows_of(desk.payment))


def planned_of(desk: Desk, rows: Iterable[LineRow]) -> Iterator[Planned]:
    """The transactions of these rows, which come supplier by supplier; also of lines nobody has made yet."""
    for part in whole_suppliers(rows):
        suppliers = payees.rows_by_id({row.supplier_id for row in part})
        for (supplier_id, _currency), run in groupby(part, _supplier_and_currency):
            supplier = suppliers[supplier_id]
            together, alone = netting.put_together(list(run), partial(desk.may_net, supplier=supplier))
            for some in together:
                lead = leading(some)
                payee = desk.payee(supplier, lead.account)
                yield Planned(some, supplier, payee, desk.terms(lead, supplier, payee))
            if alone:
                yield Planned(tuple(alone), supplier)


_supplier_and_currency = attrgetter("supplier_id", "currency")


def end_to_end_id(payment: Payment, number: int, round_: int) -> str:
    """Names company, payment, round and transaction; unique for ever, for a round is never sealed twice and sent."""
    return f"{end_to_end_prefix(payment, round_)}{number}"


def end_to_end_prefix(payment: Payment, round_: int) -> str:
    """How the ids of a round's transactions begin."""
    return f"{payment.company.number}-{payment.number}-{round_}-"
