"""The facts a bank file can tell, as frozen records.

Every reader (camt.052/.053/.054, pain.001, pain.002, VIP, status report) ends in these records, so that
nothing behind the reader needs to know which bank, version or dialect a fact came from. Amounts are Decimal
with their currency, dates are dates as written by the bank (never moved between time zones), identifiers are
trimmed texts. An absent text is "", an absent amount, date or truth value is None; the JSON view turns both
into null. Entry and detail are named tuples: a large file makes a hundred thousand of each, twice, and a
frozen dataclass so wide takes seven times as long to make.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from payments.iso20022.facts import (
    Account,
    Balance,
    Batch,
    Charge,
    Codes,
    Direction,
    Document,
    Exchange,
    Money,
    Party,
    ReadWarning,
    Reference,
    Refused,
    Return,
)

__all__ = [
    "Account",
    "Balance",
    "Batch",
    "Charge",
    "Codes",
    "Detail",
    "Direction",
    "Document",
    "Entry",
    "Exchange",
    "FileHead",
    "Money",
    "Party",
    "PaymentStatus",
    "ReadWarning",
    "Reason",
    "Reference",
    "Refused",
    "Return",
    "StatusReport",
    "Sums",
    "Survey",
    "TransactionStatus",
]


NOBODY = Party()
NO_CODES = Codes()


class Detail(NamedTuple):
    """One payment inside an entry.

    `amount` is positive and chosen in the account's currency: share of the entry, else transaction amount,
    else counter value, else instructed amount; `direction` says which way. When the bank gives none of them,
    `amount_known` is False, the amount is 0 and the entry does not add up. `text` are the pieces as sent.
    """

    amount: Decimal
    currency: str
    direction: Direction
    amount_known: bool = True
    end_to_end_id: str = ""  # "" also for NOTPROVIDED
    instruction_id: str = ""
    message_id: str = ""
    payment_id: str = ""
    transaction_id: str = ""
    uetr: str = ""
    bank_reference: str = ""
    clearing_reference: str = ""
    mandate_id: str = ""
    references: tuple[Reference, ...] = ()
    documents: tuple[Document, ...] = ()
    text: tuple[str, ...] = ()
    additional: str = ""  # the bank's own free text about the payment
    debtor: Party = NOBODY
    creditor: Party = NOBODY
    ultimate_debtor: str = ""
    ultimate_creditor: str = ""
    charges: tuple[Charge, ...] = ()
    exchange: Exchange | None = None
    returned: Return | None = None
    codes: Codes = NO_CODES
    ordered_on: date | None = None  # acceptance date: when the payer ordered it
    purpose: str = ""
    line: int = 0

    @property
    def payer(self) -> str:
        """Who really paid: the ultimate debtor when the bank names one."""
        return self.ultimate_debtor or self.debtor.name

    @property
    def message(self) -> str:
        """The text in one piece: pieces of exactly 35, 70 or 140 characters were cut by the bank and are
        joined.
        """
        joined = ""
        for number, piece in enumerate(self.text):
            cut = number > 0 and len(self.text[number - 1]) in (35, 70, 140)
            joined += piece if not joined or cut else f" {piece}"
        return joined


class Entry(NamedTuple):
    """One line on the account.

    `amount` is positive; `direction` is already the direction of *this* booking, also for a reversal. Only
    `status` BOOK changes anything; PDNG and FUTR are expected, INFO never counts.
    `adds_up`: the details (with the charges rule) sum to the amount, and their count is the one the bank
    names. `charges_included`: the arithmetic says the fee is inside `amount` (split principal and fee); None
    without charges. `problems`: codes of the serious warnings; such an entry is looked at by a person first.
    """

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody asks of an entry
    line: int
    amount: Decimal
    currency: str
    direction: Direction
    status: str
    booking_date: date | None
    value_date: date | None
    reversal: bool = False
    bank_reference: str = ""
    entry_reference: str = ""
    codes: Codes = NO_CODES
    batch: Batch | None = None
    charges: tuple[Charge, ...] = ()
    exchange: Exchange | None = None
    adds_up: bool = True
    charges_included: bool | None = None
    details: tuple[Detail, ...] = ()
    text: str = ""
    kind: str = ""  # VIP: KID, INVOICE, UNSTRUCTURED or CARD
    problems: tuple[str, ...] = ()

    @property
    def booked(self) -> bool:
        return self.status == "BOOK"

    @property
    def signed(self) -> Decimal:
        """Change of the account: credits positive, debits negative."""
        return self.amount if self.direction == "credit" else -self.amount

    @property
    def is_return(self) -> bool:
        """A hint: the bank marks the entry or a detail as a returned payment."""
        return any(detail.returned for detail in self.details) or self.codes.sub_family in ("RRTN", "RPCR")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a status was given: `code` of the *status* list or the bank's own (`proprietary`), and its
    words.
    """

    code: str = ""
    text: str = ""
    proprietary: bool = False


@dataclass(frozen=True, slots=True)
class TransactionStatus:
    """The answer to one payment. Without `status` the level above counts; without ids, amount and account
    tell.
    """

    status: str = ""
    reasons: tuple[Reason, ...] = ()
    status_id: str = ""
    instruction_id: str = ""
    end_to_end_id: str = ""
    uetr: str = ""
    bank_reference: str = ""
    amount: Money | None = None  # the original instructed amount, as the bank repeats it
    creditor: Party = NOBODY
    references: tuple[Reference, ...] = ()
    execution_date: date | None = None
    accepted_at: date | None = None
    paid: Money | None = None
    paid_date: date | None = None
    fees: tuple[Charge, ...] = ()
    rate: Decimal | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class PaymentStatus:
    """The answer to one PmtInf block; in our status report the one block has id ""."""

    id: str = ""
    status: str = ""
    reasons: tuple[Reason, ...] = ()
    count: int | None = None
    total: Decimal | None = None
    counts: tuple[tuple[str, int], ...] = ()  # (status, number of transactions) as the bank counts them
    transactions: tuple[TransactionStatus, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class FileHead:
    """The file and its message head.

    `type` is camt.052, camt.053, camt.054, pain.001, pain.002, vip or status_report; `version` e.g. "001.08".
    """

    name: str
    sha256: str
    bytes: int
    encoding: str
    type: str
    version: str = ""
    message_id: str = ""
    created_at: datetime | None = None
    page: int | None = None
    last_page: bool | None = None
    sender: str = ""
    organisation: str = ""  # VIP and status report: the organisation number
    reference: str = ""  # VIP: the id in the download list (Ref)
    additional: str = ""  # AddtlInf of the group header
    count: int | None = None  # pain.001: NbOfTxs as written
    total: Decimal | None = None  # pain.001: CtrlSum as written


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The bank's or central's answer to one of our files."""

    head: FileHead
    original_message_id: str
    original_message_name: str = ""
    group_status: str = ""
    group_reasons: tuple[Reason, ...] = ()
    count: int | None = None
    total: Decimal | None = None
    counts: tuple[tuple[str, int], ...] = ()
    batch_id: str = ""  # status report: the batch at central
    bank_batch_id: str = ""  # status report: BankBatchExternalId
    payments: tuple[PaymentStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class Sums:
    """What one account says in one currency (booked entries only), in entries and in money."""

    account: int  # index of the account
    currency: str
    credits: int
    credit_sum: Decimal
    debits: int
    debit_sum: Decimal


@dataclass(frozen=True, slots=True)
class Survey:
    """Pass 1: everything that can be known of the file before a single row is written."""

    head: FileHead
    accounts: tuple[Account, ...] = ()
    entries: int = 0
    details: int = 0
    not_adding_up: int = 0
    sums: tuple[Sums, ...] = ()
    warnings: tuple[ReadWarning, ...] = ()
    warnings_left_out: int = 0
    report: StatusReport | None = None

    @property
    def type(self) -> str:
        return self.head.type
