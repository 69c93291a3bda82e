"""Writes the payment order file pain.001, versions 001.001.09 and 001.001.03, item by item.

What approvers sign is the digest of these bytes: the same order gives the same bytes, a file is never seen
half written, and a count or sum that does not fit what was planned stops it. Source: ISO 20022 mapping
1 and 2.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Protocol

from payments.iso20022 import pain001_parts as parts
from payments.iso20022.addresses import written_address
from payments.iso20022.charset import clean, lines
from payments.iso20022.order_kinds import CharacterSet, PaymentType
from payments.iso20022.orders import Agent, Block, Creditor, FileOrder, Item, Profile, Terms
from payments.iso20022.payment_types import FOREIGN_TYPES, SALARIES, SEPA_TYPES
from payments.iso20022.remitting import alphabet, compose

VERSIONS = ("001.001.09", "001.001.03")
_ITEMS_A_WRITE = 500
_PAYEES_KEPT = 4_000


class OrderMismatch(ValueError):
    """The items are not those that were counted and summed before."""


@dataclass(frozen=True, slots=True)
class Written:
    """The finished file: where it is, what it is (SHA-256), and what it pays."""

    path: Path
    sha256: str
    count: int
    control_sum: Decimal


class Check(Protocol):
    """Looks at the bytes while they are written; `finish` raises what it found before the file is in place."""

    def feed(self, data: bytes) -> None:
        """The next bytes of the file."""

    def finish(self, path: Path) -> None:
        """The file is complete, still under its temporary name."""


class _Digesting:
    """Counts the digest of what goes to the disk, so that it is read only once."""

    def __init__(self, target: BinaryIO, check: Check | None) -> None:
        self.target = target
        self.check = check
        self.digest = hashlib.sha256()

    def write(self, text: str) -> None:
        """One piece to the disk and into the digest."""
        data = text.encode()
        self.digest.update(data)
        self.target.write(data)
        if self.check:
            self.check.feed(data)


def write(order: FileOrder, path: Path, check: Check | None = None) -> Written:
    """Write the file beside its place, flush it to the disk, and put it in place in one step.

    schema.write_valid is this together with the official schema, which is what sealing wants.
    Raises OrderMismatch when items and blocks disagree, TooManyDecimals for an amount like 0.5 JPY.
    """
    if order.profile.version not in VERSIONS:
        raise ValueError(f"pain.{order.profile.version} is not a version this console writes")
    if order.created_at.tzinfo is None:
        raise ValueError("the moment of sealing must have its time zone")
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as target:
            out = _Digesting(target, check)
            for chunk in document(order):
                out.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        if check:
            check.finish(Path(temporary))
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    total = sum((block.total for block in order.blocks), Decimal(0))
    return Written(path, out.digest.hexdigest(), sum(block.count for block in order.blocks), total)


def document(order: FileOrder) -> Iterator[str]:
    """The file as pieces of text; items are read as they are written."""
    writer = _Writer(order.profile)
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{namespace(order.profile.version)}">'
    yield "<CstmrCdtTrfInitn>\n" + writer.group_header(order)
    items = iter(order.items)
    for block in order.blocks:
        yield writer.block_head(block)
        count, total = 0, Decimal(0)
        while count < block.count:
            some = list(islice(items, min(_ITEMS_A_WRITE, block.count - count)))
            if not some:
                break
            count += len(some)
            total = sum((item.amount for item in some), total)
            yield "".join([writer.item(item, block) for item in some])
        if count != block.count or total != block.total:
            planned = f"{block.count} items, {block.total}"
            raise OrderMismatch(f"block {block.id}: planned {planned}; found {count} items, {total}")
        yield "</PmtInf>\n"
    if next(items, None) is not None:
        raise OrderMismatch("there are more items than the blocks count")
    yield "</CstmrCdtTrfInitn></Document>\n"


def namespace(version: str) -> str:
    """The schema's name for a version such as 001.001.09."""
    return f"urn:iso:std:iso:20022:tech:xsd:pain.{version}"


class _Writer:
    """The pieces of one file under one profile; payees that repeat are made once."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.newer = profile.version == "001.001.09"
        self.bic_tag = "BICFI" if self.newer else "BIC"
        self._creditor = lru_cache(maxsize=_PAYEES_KEPT)(self._new_creditor)
        self._last: tuple[Creditor, Terms, str] | None = None

    def group_header(self, order: FileOrder) -> str:
        """GrpHdr: who sends, how many payments, which sum."""
        count = sum(block.count for block in order.blocks)
        total = sum((block.total for block in order.blocks), Decimal(0))
        letters = {alphabet(block.terms.payment_type, self.profile) for block in order.blocks}
        narrow = CharacterSet.BASIC if CharacterSet.BASIC in letters else self.profile.character_set
        feedback = parts.element("Prtry", self.profile.feedback, CharacterSet.NORDIC, 128)
        return (
            f"<GrpHdr><MsgId>{parts.escape(order.msg_id)}</MsgId>"
            f"<CreDtTm>{order.created_at.isoformat(timespec='seconds')}</CreDtTm>"
            f"{f'<Authstn>{feedback}</Authstn>' if feedback else ''}"
            f"<NbOfTxs>{count}</NbOfTxs><CtrlSum>{parts.sum_text(total)}</CtrlSum>"
            f"<InitgPty>{parts.element('Nm', order.initiating_name, narrow, 140)}"
            f"{parts.party_ids(order.initiating_ids)}</InitgPty></GrpHdr>\n"
        )

    def block_head(self, block: Block) -> str:
        """PmtInf up to its first payment: our account, day, codes, count and sum."""
        terms, debtor = block.terms, block.debtor
        letters = alphabet(terms.payment_type, self.profile)
        day = block.execution_date.isoformat()
        booking = "" if terms.batch_booking is None else f"<BtchBookg>{str(terms.batch_booking).lower()}</BtchBookg>"
        name = parts.element("Nm", debtor.name, letters, _name_length(terms.payment_type))
        address = written_address(debtor.address, terms.payment_type, self.profile.address)
        currency = f"<Ccy>{debtor.currency}</Ccy>" if debtor.currency else ""
        bearer = f"<ChrgBr>{terms.charge_bearer}</ChrgBr>" if terms.charge_bearer else ""
        agent = parts.bank(Agent(bic=debtor.bic), letters, self.bic_tag)
        return (
            f"<PmtInf><PmtInfId>{parts.escape(block.id)}</PmtInfId><PmtMtd>TRF</PmtMtd>{booking}"
            f"<NbOfTxs>{block.count}</NbOfTxs><CtrlSum>{parts.sum_text(block.total)}</CtrlSum>{_type_info(terms)}"
            f"<ReqdExctnDt>{f'<Dt>{day}</Dt>' if self.newer else day}</ReqdExctnDt>"
            f"<Dbtr>{name}{parts.postal_address(address, letters)}{parts.party_ids(debtor.ids)}</Dbtr>"
            f"<DbtrAcct>{parts.account_id(terms.debit_account)}{currency}</DbtrAcct>"
            f"<DbtrAgt><FinInstnId>{agent}</FinInstnId></DbtrAgt>{bearer}\n"
        )

    def item(self, item: Item, block: Block) -> str:
        """CdtTrfTxInf: one payment."""
        terms = item.terms
        if terms is not block.terms and terms != block.terms:
            raise OrderMismatch(f"{item.end_to_end_id} has other terms than its block {block.id}")
        name = parts.escape(item.end_to_end_id)
        instruction = parts.escape(item.instruction_id) if item.instruction_id else name
        return (
            f"<CdtTrfTxInf><PmtId><InstrId>{instruction}</InstrId>"
            f"<EndToEndId>{name}</EndToEndId>{self._uetr(item) if item.uetr else ''}</PmtId>"
            f'<Amt><InstdAmt Ccy="{item.currency}">{parts.amount_text(item.amount, item.currency)}</InstdAmt></Amt>'
            f"{self._way(item) if item.exchange_contract or item.intermediary else ''}"
            f"{self._payee(item)}"
            f"{self._declaration(item) if item.regulatory else ''}"
            f"{parts.remittance(compose(item, self.profile), item.currency, self.profile)}</CdtTrfTxInf>\n"
        )

    def _uetr(self, item: Item) -> str:
        known = self.newer and item.terms.payment_type in FOREIGN_TYPES
        return f"<UETR>{item.uetr.lower()}</UETR>" if known else ""

    def _way(self, item: Item) -> str:
        """What was agreed about exchange, and the bank in between."""
        contract = parts.element("CtrctId", item.exchange_contract, CharacterSet.BASIC, 35)
        middle = parts.bank(item.intermediary, alphabet(item.terms.payment_type, self.profile), self.bic_tag)
        return (
            f"{f'<XchgRateInf>{contract}</XchgRateInf>' if contract else ''}"
            f"{f'<IntrmyAgt1><FinInstnId>{middle}</FinInstnId></IntrmyAgt1>' if middle else ''}"
        )

    def _payee(self, item: Item) -> str:
        """CdtrAgt, Cdtr and CdtrAcct; items of one payee mostly follow each other, so the last one is at hand."""
        last, terms = self._last, item.terms
        if last is None or last[0] is not item.creditor or last[1] is not terms:
            text = self._creditor(item.creditor, terms.payment_type, terms.category_purpose)
            self._last = last = (item.creditor, terms, text)
        return last[2]

    def _new_creditor(self, creditor: Creditor, kind: PaymentType, purpose: str) -> str:
        letters, rules = alphabet(kind, self.profile), self.profile.address
        bank = parts.bank(
            parts.creditor_agent(creditor, kind, self.profile, internal=purpose == "INTC"),
            letters,
            self.bic_tag,
        )
        address = written_address(creditor.address, kind, rules)
        if purpose in SALARIES and kind not in rules.required:
            address = None
        name = parts.element("Nm", creditor.name, letters, _name_length(kind))
        account = parts.account_id(parts.creditor_account(creditor, kind, self.profile))
        return (
            f"{f'<CdtrAgt><FinInstnId>{bank}</FinInstnId></CdtrAgt>' if bank else ''}"
            f"<Cdtr>{name}{parts.postal_address(address, letters)}</Cdtr><CdtrAcct>{account}</CdtrAcct>"
        )

    def _declaration(self, item: Item) -> str:
        regulatory = item.regulatory
        if regulatory is None or item.creditor.country == item.debtor.country:
            return ""
        letters = alphabet(item.terms.payment_type, self.profile)
        text = "" if regulatory.country == "SE" else clean(regulatory.text, letters)
        return parts.declaration(
            regulatory, self.profile, lines(text, parts.MOST_DECLARATION_LINES, parts.LINE_OF_DECLARATION)[0]
        )


def _name_length(kind: PaymentType) -> int:
    return 70 if kind in SEPA_TYPES else 140


def _type_info(terms: Terms) -> str:
    purpose = f"<CtgyPurp><Cd>{terms.category_purpose}</Cd></CtgyPurp>" if terms.category_purpose else ""
    level, instrument = (
        parts.coded("SvcLvl", terms.service_level),
        parts.coded("LclInstrm", terms.local_instrument),
    )
    inner = f"{level}{instrument}{purpose}"
    return f"<PmtTpInf>{inner}</PmtTpInf>" if inner else ""


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
