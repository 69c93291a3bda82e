"""One line on the account (Ntry) with its details."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lxml import etree

from payments.iso20022.adding_up import adds_up, batch_agrees, cost
from payments.iso20022.camt_detail import Frame
from payments.iso20022.camt_parts import Amounts, Reading, amounts, charges, codes, exchange
from payments.iso20022.messages import NO_CODES, Batch, Charge, Codes, Detail, Direction, Entry
from payments.iso20022.notes import refuse
from payments.iso20022.values import day_choice, direction, money, trimmed, truth, whole_number
from payments.iso20022.xml import LOCAL, line_of

Element = etree._Element
STATUSES = frozenset({"BOOK", "PDNG", "INFO", "FUTR"})


@dataclass(slots=True)
class Draft:
    """An entry while its parts are read."""

    amount: Decimal | None = None
    currency: str = ""
    way: Direction | None = None
    status: str = ""
    booked_on: date | None = None
    value_on: date | None = None
    reversal: bool = False
    bank_reference: str = ""
    entry_reference: str = ""
    text: str = ""
    split: Amounts | None = None
    codes: Codes = NO_CODES
    fees: tuple[Charge, ...] = ()
    batches: list[Batch] = field(default_factory=list)
    groups: int = 0  # how many NtryDtls


def entry(
    element: Element,
    number: int,
    details: Sequence[Detail],
    frame: Frame,
    account_currency: str,
    message_day: date | None,
    reading: Reading,
) -> Entry:
    """Read one Ntry whose details are read already; refuses what cannot be booked, warns of the rest."""
    notes = reading.notes
    draft = _draft(element, reading)
    line = line_of(element)
    if draft.amount is None:
        refuse("amount_missing", line, element="Ntry/Amt")
    if draft.way is None:
        refuse("direction_bad", line, value="nothing")
    if account_currency and draft.currency != account_currency:
        notes.note("entry_currency", line, currency=draft.currency, account=account_currency)
    if draft.status not in STATUSES:
        notes.note("status_unknown", line, value=draft.status or "(none)")
    booked_on, value_on = _dates(draft, message_day, line, reading)
    batch = _together(draft.batches, draft.groups) if draft.batches else None
    fine, included, details = _checked(draft, details, draft.fees, batch, frame, line, reading)
    return Entry(
        number,
        line,
        draft.amount,
        draft.currency,
        draft.way,
        draft.status,
        booked_on,
        value_on,
        draft.reversal,
        draft.bank_reference,
        draft.entry_reference,
        draft.codes,
        batch,
        draft.fees,
        exchange(draft.split, draft.amount, draft.currency, notes) if draft.split is not None else None,
        fine,
        included,
        tuple(details),
        draft.text,
        problems=tuple(dict.fromkeys(notes.problems)) if notes.problems else (),
    )


def _draft(element: Element, reading: Reading) -> Draft:
    """The parts of an Ntry as they stand; a second amount or direction could mean anything and is refused."""
    parts = list(element)
    names = [LOCAL[part.tag] for part in parts]
    reading.shapes.look("Ntry", element, names)
    draft = Draft()
    for name, part in zip(names, parts, strict=True):
        if name == "Amt":
            if draft.amount is not None:
                refuse("amount_repeated", line_of(part), element="Ntry/Amt")
            draft.amount, draft.currency = money(part, reading.notes)
        elif name == "CdtDbtInd":
            if draft.way is not None:
                refuse("amount_repeated", line_of(part), element="Ntry/CdtDbtInd")
            draft.way = direction(part)
        elif name == "Sts":
            draft.status = _status(part, reading)
        elif name == "BkTxCd":
            draft.codes = codes(part) if reading.facts else NO_CODES
        elif name == "NtryDtls":
            draft.groups += 1
            _batch(part, draft.batches, reading)
        elif name == "Chrgs":
            draft.fees += charges(part, reading)
        else:
            _field(name, part, draft, reading)
    return draft


def _status(part: Element, reading: Reading) -> str:
    """Text up to .07, a code or the bank's own word from .08 on; both forms are read in every version."""
    if not len(part):
        if reading.version >= 8:
            reading.notes.note("element_missing", line_of(part), element="Cd", parent="Sts")
        return trimmed(part)
    if 0 < reading.version < 8:
        reading.notes.note("other_version", line_of(part), element=LOCAL[part[0].tag], parent="Sts")
    return trimmed(part[0])


def _field(name: str, part: Element, draft: Draft, reading: Reading) -> None:
    if name == "BookgDt":
        draft.booked_on = day_choice(part)
    elif name == "ValDt":
        draft.value_on = day_choice(part)
    elif name == "NtryRef":
        draft.entry_reference = trimmed(part)
    elif name == "AcctSvcrRef":
        draft.bank_reference = trimmed(part)
    elif name == "RvslInd":
        draft.reversal = truth(part, reading.notes)
    elif name == "AddtlNtryInf":
        draft.text = trimmed(part)
    elif name == "AmtDtls":
        draft.split = amounts(part, reading)


def _dates(draft: Draft, message_day: date | None, line: int, reading: Reading) -> tuple[date | None, date | None]:
    """Value date defaults to the booking date; a booked entry without either takes the day of the message."""
    booked, value = draft.booked_on, draft.value_on
    if draft.status == "BOOK" and booked is None:
        if value is not None:
            booked = value
            reading.notes.note("no_booking_date", line)
        elif message_day is not None:
            booked = message_day
            reading.notes.note("no_entry_dates", line)
        else:
            refuse("date_bad", line, value="nothing", element="Ntry/BookgDt")
    return booked, value or booked


def _checked(
    draft: Draft,
    details: Sequence[Detail],
    fees: Sequence[Charge],
    batch: Batch | None,
    frame: Frame,
    line: int,
    reading: Reading,
) -> tuple[bool, bool | None, Sequence[Detail]]:
    """Price a lone detail from the entry, then compare details, charges and batch with the entry."""
    amount, way, notes = draft.amount, draft.way, reading.notes
    if amount is None or way is None:
        return False, None, details
    if frame.unpriced or (details and details[0].currency != draft.currency):
        details, known = _priced(draft, details, fees, frame, reading)
        if not known:
            notes.note("detail_without_amount", line, currency=draft.currency)
            return False, None, details
    fine, included = adds_up(amount, draft.currency, way, details, fees, notes, line)
    if batch is not None:
        extra = cost([*fees, *(fee for part in details for fee in part.charges)], draft.currency)
        fine = batch_agrees(batch, amount, draft.currency, len(details), extra, notes, line) and fine
    return fine, included, details


def _priced(
    draft: Draft, details: Sequence[Detail], fees: Sequence[Charge], frame: Frame, reading: Reading
) -> tuple[Sequence[Detail], bool]:
    if len(details) != 1 or not frame.unpriced or draft.amount is None:
        return details, False
    split = frame.unpriced[0]
    if split.instructed or split.transaction:
        foreign = split.instructed or split.transaction
        reading.notes.note("detail_currency", details[0].line, currency=foreign[1] if foreign else "")
    traded = exchange(split, draft.amount, draft.currency, reading.notes)
    lone = details[0]._replace(
        amount=draft.amount,
        currency=draft.currency,
        direction=draft.way or details[0].direction,
        amount_known=True,
        exchange=traded,
    )
    return [lone], True


def _batch(element: Element, batches: list[Batch], reading: Reading) -> None:
    parts = list(element)
    names = [LOCAL[part.tag] for part in parts]
    reading.shapes.look("NtryDtls", element, names)
    for kind, part in zip(names, parts, strict=True):
        if kind != "Btch":
            continue
        reading.shapes.look("Btch", part)
        message_id = payment_id = currency = ""
        count: int | None = None
        total: Decimal | None = None
        for inner in part:
            name = LOCAL[inner.tag]
            if name == "MsgId":
                message_id = trimmed(inner)
            elif name == "PmtInfId":
                payment_id = trimmed(inner)
            elif name == "NbOfTxs":
                count = whole_number(inner)
            elif name == "TtlAmt":
                total, currency = money(inner, reading.notes)
        batches.append(Batch(message_id, payment_id, count, total, currency))


def _together(batches: list[Batch], groups: int) -> Batch:
    """Several batches of one entry as one: ids they share, counts and totals when every group gives them."""
    first = batches[0]
    if groups == 1:
        return first
    counts = [batch.count for batch in batches if batch.count is not None]
    totals = [batch.total for batch in batches if batch.total is not None]
    one_currency = len({batch.currency for batch in batches}) == 1
    return Batch(
        first.message_id if len({batch.message_id for batch in batches}) == 1 else "",
        first.payment_id if len({batch.payment_id for batch in batches}) == 1 else "",
        sum(counts) if len(counts) == groups else None,
        sum(totals, Decimal(0)) if len(totals) == groups and one_currency else None,
        first.currency if one_currency else "",
    )
