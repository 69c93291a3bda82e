"""The small facts bank messages are made of: money, party, account, codes, charges, references, exchange.

`messages` builds entries and answers from them and is where everything is imported from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Direction = Literal["credit", "debit"]


class Refused(Exception):
    """The file may not be used: nothing of it was read into the books.

    `code` is stable (tests, translations), `text` is an English sentence that says what to do, `line` is the
    line in the file (0 when the file as a whole is meant), `entry` the 1-based number of the entry (0
    outside entries).
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
    """Something the reader accepted although it is not as it should be; never accepted silently.

    `values` are the words put into the sentence, so that a screen can say it in another language.
    """

    code: str
    text: str
    line: int = 0
    entry: int = 0
    values: tuple[tuple[str, str], ...] = ()


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
    """One balance; `amount` is negative when the account is overdrawn. Codes: OPBD, PRCD, CLBD, ITBD …"""

    code: str
    amount: Decimal
    currency: str
    date: date | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """One account in the file, with the statement (report, notification) that speaks of it.

    `id` is the normalised IBAN, else the other account number. `bban` is the given number, or the one inside
    a Norwegian IBAN. `scheme` tells BBAN from a Swedish bankgiro (BGNR). `sequence` is the bank's running
    number, a hint only. `country` is where the account is held, as far as IBAN, BIC or number tell.
    """

    id: str
    iban: str = ""
    bban: str = ""
    scheme: str = ""
    currency: str = ""
    country: str = ""
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
    """A fee. `included` is the bank's own word (ChrgInclInd); arithmetic decides:
    `Entry.charges_included`.
    """

    amount: Decimal
    currency: str
    direction: Direction | None = None
    kind: str = ""
    bearer: str = ""
    included: bool | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A payment reference: KID, OCR, FIK, Finnish reference, RF …

    `kind` is RF, KID (Norway), OCR (Sweden), FIK (Denmark), FI (Finland), QRR, SCOR (country not known) or
    the bank's own word; `valid` says whether the check digits fit (None: no check digit system known for it).
    """

    kind: str
    value: str
    valid: bool | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document the payer names. `amount` is negative for a credit note; None when the payer gave no amount.

    `reference` is the KID or OCR standing beside it. Without a number it is only a share of the payment.
    """

    kind: str
    number: str
    amount: Decimal | None = None
    currency: str = ""
    date: date | None = None
    reference: str = ""


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
