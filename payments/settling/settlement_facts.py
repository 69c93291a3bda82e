"""What the bank told about our own payments, as plain records between the readers and the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from autopay_console.kernel.money import ZERO


@dataclass(frozen=True, slots=True)
class SettledFact:
    """The bank debited one item.

    `amount` is in the item's currency (what the payee gets), `account_amount` and `fee` in the currency of our
    account; the account was debited `account_amount + fee` where the fee stood inside the entry.
    """

    item_id: UUID
    amount: Decimal
    account_amount: Decimal
    account_currency: str
    value_date: date
    booking_date: date
    source: str
    fee: Decimal = ZERO
    bank_reference: str = ""
    bank_entry_id: UUID | None = None
    reason: str = ""  # by hand: why a person says it is settled
    by_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReturnedFact:
    """The bank gave the money of one item back; `account_amount` is what came onto the account.

    Less than went out: the bank kept a fee. `reason_code` belongs to the *return* list of reasons.
    """

    item_id: UUID
    account_amount: Decimal
    account_currency: str
    value_date: date
    booking_date: date
    source: str
    amount: Decimal | None = None
    bank_reference: str = ""
    bank_entry_id: UUID | None = None
    reason_code: str = ""
    reason_text: str = ""
