"""The facts a bank file can tell, as frozen records.

Every reader (camt.052/.053/.054, pain.001, pain.002, VIP, status report) ends in these records, so that nothing behind
the reader needs to know which bank, version or dialect a fact came from. Amounts are Decimal with their currency,
dates are dates as written by the bank (never moved between time zones), identifiers are trimmed texts.
An absent text is "", an absent amount, date or truth value is None; the JSON view turns both into null.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Direction = Literal["credit", "debit"]


class Refused(Exception):
    """The file may not be used: nothing of it was read into the books.

    `code` is stable (tests, translations), `text` is an English sentence that says what to do, `line` is the line in
    the file (0 when the file as a whole is meant), `entry` the 1-based number of the entry (0 outside entries).
    """

    def __init__(self, code: str, text: str, line: int = 0, *, entry: int = 0, file: str = "") -> None:
        super().__init__(code, text, line)
        self.code = code
        self.text = text
        self.line = line
        self.entry = entry
        self.file = file

    def __str__(self) -> str:
        place = [self.file] if self.file else []
        if self.entry:
            place.append(f"entry {self.entry}")
        if self.line:
            place.append(f"line {self.line}")
        return f"{', '.join(place)}: {self.text}" if place else self.text


@dataclass(frozen=True, slots=True)
class ReadWarning:
    """Something the reader accepted although it is not as it should be; never accepted silently."""

    code: str
    text: str
    line: int = 0
    entry: int = 0


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Party:
    """A payer or receiver: name and account as the bank wrote them (account without blanks)."""

    name: str = ""
    account: str = ""
    bic: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """One balance; `amount` is negative when the account is overdrawn. Codes: OPBD, PRCD, CLBD, ITBD, CLAV …"""

    code: str
    amount: Decimal
    currency: str
    date: date | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """One account in the file, with the statement (report, notification) that speaks of it.

    `id` is the normalised IBAN, else the other account number. `bban` is the given number, or the one inside a
    Norwegian IBAN. `scheme` tells BBAN from a Swedish bankgiro (BGNR). `sequence` is the bank's running number, a hint only.
    """

    id: str
    iban: str = ""
    bban: str = ""
    scheme: str = ""
    currency: str = ""
    owner: str = ""
    bic: str = ""
    statement_id: str = ""
    sequence: str = ""
    created_at: datetime | None = None
    from_date: date | None = None
    to_date: date | None = None
    copy: str = ""  # COPY, DUPL or CODU when the bank says this is a copy
    page: int | None = None
    last_page: bool | None = None
    balances: tuple[Balance, ...] = ()
    index: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True)
class Codes:
    """Bank transaction codes: a hint about the kind of an entry, never a proof."""

    domain: str = ""
    family: str = ""
    sub_family: str = ""
    proprietary: str = ""
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What the bank says of a lump sum; on debits message and payment id are ours."""

    message_id: str = ""
    payment_id: str = ""
    count: int | None = None
    total: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """A fee. `included` is the bank's own word (ChrgInclInd); arithmetic decides, see `Entry.charges_included`."""

    amount: Decimal
    currency: str
    direction: Direction | None = None
    kind: str = ""
    bearer: str = ""
    included: bool | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A payment reference: KID, OCR, FIK, Finnish reference, RF …

    `kind` is "RF", "KID" (national creditor reference without issuer), "FIK", "QRR" or the bank's own word; `valid`
    says whether a check digit system fits (None: no system known for it).
    """

    kind: str
    value: str
    valid: bool | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document the payer names. `amount` is negative for a credit note; None when the payer gave no amount."""

    kind: str
    number: str
    amount: Decimal | None = None
    currency: str = ""
    date: date | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """Currency exchange: booked, instructed and counter amount told apart.

    `rate` is the bank's own figure (its direction is not reliable); `effective` = booked / instructed.
    """

    booked: Money | None = None
    instructed: Money | None = None
    counter: Money | None = None
    source: str = ""
    target: str = ""
    unit: str = ""
    rate: Decimal | None = None
    effective: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """Why a payment came back. `code` belongs to the *return* list (see codes.RETURN_REASONS)."""

    code: str = ""
    text: str = ""
    proprietary: bool = False


@dataclass(frozen=True, slots=True)
class Detail:
    """One payment inside an entry. `amount` is chosen by the rule of the account's currency, positive; see `direction`."""

    amount: Decimal
    currency: str
    direction: Direction
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
    debtor: Party = field(default_factory=Party)
    creditor: Party = field(default_factory=Party)
    ultimate_debtor: str = ""
    ultimate_creditor: str = ""
    charges: tuple[Charge, ...] = ()
    exchange: Exchange | None = None
    returned: Return | None = None
    codes: Codes = field(default_factory=Codes)
    ordered_on: date | None = None  # acceptance date: when the payer ordered it
    purpose: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One line on the account. `amount` is positive; `direction` is already the direction of *this* booking, also for a
    reversal. Only `status` BOOK changes anything; PDNG and FUTR are expected, INFO never counts.

    `adds_up`: the details (with the charges rule) sum to the amount, and their count is the one the bank names.
    `charges_included`: the arithmetic says the fee is inside `amount` (split principal and fee); None without charges.
    """

    index: int
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
    codes: Codes = field(default_factory=Codes)
    batch: Batch | None = None
    charges: tuple[Charge, ...] = ()
    exchange: Exchange | None = None
    adds_up: bool = True
    charges_included: bool | None = None
    details: tuple[Detail, ...] = ()
    text: str = ""
    kind: str = ""  # VIP: KID, INVOICE, UNSTRUCTURED or CARD

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
    """Why a status was given: `code` of the *status* list, or the bank's own (`proprietary`), and its words."""

    code: str = ""
    text: str = ""
    proprietary: bool = False


@dataclass(frozen=True, slots=True)
class TransactionStatus:
    """The answer to one payment. `status` may be "" (then the level above counts, and amount and account identify it)."""

    status: str = ""
    reasons: tuple[Reason, ...] = ()
    status_id: str = ""
    instruction_id: str = ""
    end_to_end_id: str = ""
    uetr: str = ""
    bank_reference: str = ""
    amount: Money | None = None  # the original instructed amount, as the bank repeats it
    creditor: Party = field(default_factory=Party)
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
    """The file and its message head. `type` is camt.052, camt.053, camt.054, pain.001, pain.002, vip or status_report."""

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
