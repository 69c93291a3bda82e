"""One detail of a bank file as a row of its own: a customer payment for the rules, or a debit for a person.

Writes nothing itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from autopay_console.kernel.ids import new_id
from autopay_console.kernel.money import ZERO
from payments.bank_files.importing_repeats import Recognised
from payments.choices import IncomingState, ParkReason
from payments.iso20022.keys import account_key
from payments.iso20022.messages import Account, Detail, Entry
from payments.matching.classifying import counterparty
from payments.matching.facts import Named, described
from payments.models import BankEntry, BankFile, IncomingPayment, OpenDebit
from payments.receiving.importing_checks import Own

_DOCUMENTS = 4000


@dataclass(frozen=True, slots=True)
class Setting:
    """What all entries of a file share: the file, the day to use when an entry has none, the other own accounts."""

    file: BankFile
    type: str
    today: date
    own_accounts: Mapping[str, str]  # key and currency


@dataclass(frozen=True, slots=True)
class Heard:
    """One entry with everything known of it before it becomes rows. `first` is the number of its first detail."""

    account: Account
    entry: Entry
    own: Own
    recognised: Recognised
    statement_id: UUID
    first: int


def incoming_payment(
    heard: Heard, detail: Detail, key: str, fee: Decimal, number: int, row: BankEntry, setting: Setting
) -> IncomingPayment:
    """One customer payment as the rules will see it."""
    reference, documents = _references(detail)
    ordered = detail.exchange.instructed if detail.exchange else None
    foreign = ordered if ordered and ordered.currency != detail.currency else None
    payment = IncomingPayment(
        id=new_id(),
        company_id=setting.file.company_id,
        file_id=setting.file.pk,
        entry_id=row.pk,
        factoring_id=heard.own.factoring.pk if heard.own.factoring else None,
        number=number,
        key=key,
        account=heard.own.key[:35],
        amount=detail.amount,
        fee=fee,
        currency_code=detail.currency,
        instructed_amount=foreign.amount if foreign else None,
        instructed_currency=foreign.currency if foreign else "",
        booking_date=row.booking_date,
        value_date=row.value_date,
        bank_reference=row.bank_reference,
        archive_reference=(detail.bank_reference or detail.transaction_id)[:40],
        reference=reference.value[:140] if reference else "",
        reference_kind=reference.kind[:10] if reference else "",
        reference_valid=reference.valid if reference else None,
        documents=_fitting(documents),
        text=(detail.message or detail.additional or heard.entry.text)[:1000],
        payer_name=detail.payer[:140],
        payer_account=account_key(detail.debtor.account)[:35],
        rest=detail.amount,
    )
    if heard.recognised.maybe is not None:
        park(payment, ParkReason.POSSIBLE_REPEAT, _("The same payment was delivered before, and nothing marks a copy."))
    elif detail.returned is not None:
        text = _("The bank says this is a returned payment, but it names none of ours.")
        park(payment, ParkReason.NO_REFERENCE, text)
    return payment


def park(payment: IncomingPayment, reason: ParkReason, explanation: str) -> None:
    """Not for the rules: a person looks first."""
    payment.state, payment.reason, payment.explanation = IncomingState.PARKED, reason, explanation[:500]


def _references(detail: Detail) -> tuple[Any, tuple[Named, ...]]:
    """The one reference of the payment, and every further document or reference as a document of its own."""
    distinct = {one.value: one for one in detail.references}
    only = next(iter(distinct.values())) if len(distinct) == 1 else None
    named: dict[str, Named] = {}
    for paper in detail.documents:
        token = "".join((paper.number or paper.reference).split()).replace(";", "")
        if token and not (only is not None and token == only.value):
            credit = paper.kind == "CREN" or (paper.amount is not None and paper.amount < ZERO)
            named.setdefault(token, Named(token, paper.amount, credit))
    if only is None:
        known = {paper.reference for paper in detail.documents if paper.number}
        for value in distinct:
            token = "".join(value.split()).replace(";", "")
            if value not in known:
                named.setdefault(token, Named(token))
    return only, tuple(named.values())


def _fitting(documents: Sequence[Named]) -> str:
    """All documents or, where a payer lists more than the row can hold, none: half a list would not add up."""
    words = described(tuple(documents))
    return words if len(words) <= _DOCUMENTS else ""


def open_debit(row: BankEntry, heard: Heard, detail: Detail, key: str, amount: Decimal, setting: Setting) -> OpenDebit:
    """One debit that a person has to explain."""
    text = detail.message or detail.additional or heard.entry.text
    if heard.recognised.maybe is not None:
        text = f"{_('Possibly delivered twice.')} {text}"
    return OpenDebit(
        company_id=setting.file.company_id,
        entry_id=row.pk,
        key=hashlib.sha256(f"{setting.file.company_id}:{key}".encode()).hexdigest(),
        amount=amount,
        currency_code=heard.entry.currency,
        value_date=row.value_date,
        counterparty=detail.creditor.name[:140],
        counterparty_account=counterparty(detail)[:35],
        text=text[:500],
    )
