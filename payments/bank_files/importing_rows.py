"""From facts of a bank file to rows: statements, entries, incoming payments, open debits. Writes nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from autopay_console.kernel.ids import new_id
from autopay_console.kernel.money import ZERO
from payments.bank_files.importing_details import Heard, Setting, incoming_payment, open_debit, park
from payments.choices import BankEntryKind, ParkReason
from payments.iso20022.adding_up import cost
from payments.iso20022.keys import detail_keys
from payments.iso20022.messages import Detail, Entry
from payments.matching.classifying import classify, counterparty
from payments.models import BankEntry, IncomingPayment, OpenDebit
from payments.receiving import plans
from payments.settling.settlement_entries import EntryFacts


@dataclass(slots=True)
class Rows:
    """What one entry of the file becomes."""

    entry: BankEntry
    payments: list[IncomingPayment] = field(default_factory=list)
    debits: list[OpenDebit] = field(default_factory=list)
    maybe: UUID | None = None  # the stored entry it may be a second delivery of


def bank_entry(heard: Heard, setting: Setting) -> BankEntry:
    """The row of the entry itself; whether it books is decided by its status and the account's booking source."""
    entry, known = heard.entry, heard.recognised
    booked_on = entry.booking_date or entry.value_date or setting.today
    books = entry.booked and heard.own.books(setting.type) and known.told_by is None
    return BankEntry(
        id=new_id(),
        company_id=setting.file.company_id,
        file_id=setting.file.pk,
        statement_id=heard.statement_id,
        bank_partner_id=heard.own.partner.pk if heard.own.partner else None,
        index=entry.index,
        line=entry.line,
        message_type=setting.type,
        account=heard.own.key[:35],
        key=known.key,
        occurrence=known.occurrence,
        amount=entry.signed,
        currency_code=entry.currency,
        status=entry.status[:4],
        reversal=entry.reversal,
        booking_date=booked_on,
        value_date=entry.value_date or booked_on,
        bank_reference=entry.bank_reference[:35],
        booking_key=known.booking_key,
        kind="" if entry.booked else BankEntryKind.INFORMATION,
        text=_text_of(entry)[:500],
        books=books,
        adds_up=entry.adds_up and not entry.problems,
        linked_to_id=known.told_by,
    )


def rows_of(heard: Heard, facts: EntryFacts, row: BankEntry, setting: Setting) -> Rows:
    """What a booked entry does: settle and bring back our payments, register customer payments, ask about the rest."""
    entry, found = heard.entry, Rows(row, maybe=heard.recognised.maybe)
    if facts.problem or not row.adds_up:
        _for_a_person(found, heard, facts.problem or _("The details do not add up to the entry."), setting)
        return found
    plan = plans.of_facts(facts)
    ours = bool(facts.settled or facts.returned)
    details = facts.other if ours or entry.details else [_whole(entry)]
    keys = detail_keys(f"{heard.recognised.key}:{heard.recognised.occurrence}", details)
    placed = plans.moved(facts)
    kinds: list[BankEntryKind] = []
    for number, (detail, key) in enumerate(zip(details, keys, strict=True)):
        fee = cost(detail.charges, entry.currency) if entry.charges_included else ZERO
        change = _signed(detail) - fee
        placed += change
        kinds.append(classify(entry, detail, setting.own_accounts.keys() - {heard.own.key}))
        if detail.amount:
            _place(found, plan, heard, detail, key, kinds[-1], fee, heard.first + number, setting)
    _entry_fee(found, plan, entry.signed - placed)
    row.kind = _kind(facts, kinds)
    row.plan = plan
    return found


def _place(
    found: Rows,
    plan: dict[str, Any],
    heard: Heard,
    detail: Detail,
    key: str,
    kind: BankEntryKind,
    fee: Decimal,
    number: int,
    setting: Setting,
) -> None:
    """One detail by its kind; a fee or own transfer that may have been told before is a question, not a booking."""
    certain = heard.recognised.maybe is None
    change = _signed(detail) - fee
    if kind is BankEntryKind.CUSTOMER and detail.direction == "credit":
        found.payments.append(incoming_payment(heard, detail, key, fee, number, found.entry, setting))
    elif kind is BankEntryKind.FEE and certain:
        plan.setdefault("fees", []).append([str(change), (detail.message or heard.entry.text)[:140]])
    elif kind is BankEntryKind.OWN_TRANSFER and certain and _same_currency(heard, detail, setting):
        plan.setdefault("transfers", []).append([str(change), counterparty(detail)])
    elif change < ZERO:
        found.debits.append(open_debit(found.entry, heard, detail, key, -change, setting))
    else:
        found.payments.append(incoming_payment(heard, detail, key, fee, number, found.entry, setting))


def _same_currency(heard: Heard, detail: Detail, setting: Setting) -> bool:
    """A transfer between own accounts of one currency books itself; with an exchange in it a person looks."""
    return setting.own_accounts.get(counterparty(detail)) == heard.entry.currency


def _entry_fee(found: Rows, plan: dict[str, Any], difference: Decimal) -> None:
    """A fee named for the entry as a whole: with a lone payment it is the payment's, else it is booked apart."""
    if not difference:
        return
    if len(found.payments) == 1 and not found.debits and not plan and difference < ZERO:
        found.payments[0].fee -= difference
    else:
        plan.setdefault("fees", []).append([str(difference), ""])


def _for_a_person(found: Rows, heard: Heard, why: str, setting: Setting) -> None:
    """The entry as a whole becomes one question; nothing of it is booked or matched."""
    entry = heard.entry
    detail = _whole(entry)
    (key,) = detail_keys(f"{heard.recognised.key}:{heard.recognised.occurrence}:whole", [detail])
    if entry.direction == "credit":
        payment = incoming_payment(heard, detail, key, ZERO, heard.first, found.entry, setting)
        park(payment, ParkReason.DETAILS, why)
        found.payments.append(payment)
        found.entry.kind = BankEntryKind.CUSTOMER
        return
    debit = open_debit(found.entry, heard, detail, key, entry.amount, setting)
    debit.text = f"{why} {debit.text}"[:500]
    found.debits.append(debit)
    found.entry.kind = BankEntryKind.FOREIGN_DEBIT


def _whole(entry: Entry) -> Detail:
    """An entry without details is its own only detail; a lone detail lends it its words."""
    named = entry.details[0] if len(entry.details) == 1 else None
    return Detail(
        amount=entry.amount,
        currency=entry.currency,
        direction=entry.direction,
        text=named.text if named and named.text else tuple(text for text in (entry.text,) if text),
        references=named.references if named else (),
        debtor=named.debtor if named else Detail(ZERO, "", "credit").debtor,
        creditor=named.creditor if named else Detail(ZERO, "", "credit").creditor,
        charges=() if entry.details else entry.charges,
        exchange=entry.exchange,
        codes=entry.codes,
        line=entry.line,
    )


def _signed(detail: Detail) -> Decimal:
    return detail.amount if detail.direction == "credit" else -detail.amount


def _text_of(entry: Entry) -> str:
    """Words for a line of a statement: who, and what he wrote."""
    lone = entry.details[0] if len(entry.details) == 1 else None
    if lone is None:
        return entry.text
    name = lone.payer if lone.direction == "credit" else lone.creditor.name
    told = lone.message or " ".join(one.value for one in lone.references)
    return " · ".join(part for part in (name, told or entry.text) if part)


def _kind(facts: EntryFacts, kinds: Sequence[BankEntryKind]) -> BankEntryKind:
    if facts.settled:
        return BankEntryKind.SETTLEMENT
    if facts.returned:
        return BankEntryKind.RETURN
    return kinds[0] if kinds else BankEntryKind.CUSTOMER
