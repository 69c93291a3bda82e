"""Identity keys: how the console knows that it has seen a file, message, entry or payment before.

No bank reference is unique everywhere, so keys are made of what cannot differ between two deliveries of the
same booking: account, day, amount, direction, the bank's reference when there is one, and a running number
among equals. A 053 is a whole day: its n-th equal entry is the stored n-th. A 054 is an event and comes
several times a day, so its key holds a digest of the details; equal ones without a copy mark are a possible
duplicate for a person. All keys are at most 255 characters; a digest stands for what would be longer.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from payments.iso20022.camt_parts import squeezed
from payments.iso20022.messages import Account, Detail, Entry, FileHead

_LENGTH = 255


def account_key(number: str) -> str:
    """An account number to compare by: no blanks, capitals, a Norwegian IBAN as its eleven digits."""
    plain = squeezed(number)
    return plain[4:] if plain.startswith("NO") and len(plain) == 15 else plain


def reference_key(value: str, kind: str = "") -> str:
    """A payment reference to compare by. Only Finnish ones lose leading zeros: in a KID positions count."""
    plain = value.replace(" ", "").upper()
    return plain.lstrip("0") if kind == "FI" else plain


def message_key(head: FileHead, sender: str) -> str:
    """A message: sender (channel or bank), message name, its id, day and page; ids are unique only for a
    time.
    """
    day = head.created_at.date().isoformat() if head.created_at else ""
    return _key("message", sender, head.type, head.message_id, day, str(head.page or ""))


def booking_key(account: Account, entry: Entry) -> str:
    """One booking across 052, 053 and 054, when the bank gives a reference; without one only a lone
    candidate of the same account, day, amount and direction may be taken for the same."""
    return _key(
        "booking",
        account_key(account.id),
        _day(entry),
        _amount(entry.amount),
        entry.currency,
        entry.direction,
        _trim(entry.bank_reference),
    )


@dataclass(slots=True)
class EntryKeys:
    """Entry keys of one file (of one account and day for 053): counts equal entries in file order.

    Give every entry of the file in order; `key` returns the key and counts it. Memory grows with the number
    of entries, a few dozen bytes each.
    """

    type: str
    seen: Counter[bytes] = field(default_factory=Counter)

    def key(self, account: Account, entry: Entry) -> str:
        """The key of the next entry."""
        parts = [
            self.type,
            account_key(account.id),
            _day(entry),
            _amount(entry.amount),
            entry.currency,
            entry.direction,
            _trim(entry.bank_reference),
        ]
        if self.type != "camt.053":
            parts.append(details_digest(entry.details))
        base = _digest(parts)
        self.seen[base[:16]] += 1
        return _key("entry", *parts[:4], base.hex()[:32], str(self.seen[base[:16]]))


def details_digest(details: Iterable[Detail]) -> str:
    """What makes a notification's details the same as another's: references, payer account, amounts, archive
    ids.
    """
    rows = sorted("|".join(_detail_parts(detail)) for detail in details)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:32]


def detail_keys(entry_key: str, details: Iterable[Detail]) -> list[str]:
    """One key per detail: entry, first bank or payer id, amount, reference or text, payer account, number
    among equals (some banks give the same id to several details)."""
    seen: Counter[str] = Counter()
    keys = []
    for detail in details:
        base = _digest([entry_key, *_detail_parts(detail)]).hex()[:40]
        seen[base] += 1
        keys.append(f"detail:{base}:{seen[base]}")
    return keys


def status_event_key(sender: str, message_id: str, path: Iterable[str], status: str, reason: str) -> str:
    """One status in an answer: bank, its message id, the path of levels, status and reason."""
    return _key("status", sender, message_id, *path, status, reason)


def _detail_parts(detail: Detail) -> list[str]:
    first = next((text for text in (detail.bank_reference, detail.transaction_id, detail.end_to_end_id) if text), "")
    told = [reference_key(reference.value, reference.kind) for reference in detail.references]
    told = told or [_trim(text) for text in detail.text]
    return [
        _trim(first),
        _amount(detail.amount),
        detail.currency,
        detail.direction,
        *told,
        account_key(detail.debtor.account),
    ]


def _trim(text: str) -> str:
    return " ".join(text.split()).upper()


def _amount(amount: Decimal) -> str:
    """By value: 100, 100.0 and 100.00 are one amount."""
    return f"{amount.normalize():f}" if amount else "0"


def _day(entry: Entry) -> str:
    day = entry.booking_date or entry.value_date
    return day.isoformat() if day else ""


def _digest(parts: Iterable[str]) -> bytes:
    return hashlib.sha256("\x1f".join(parts).encode()).digest()


def _key(kind: str, *parts: str) -> str:
    """Readable while it is short; beyond the column's length the tail becomes a digest, never a cut."""
    key = ":".join((kind, *(part.replace(":", "_") if part else "-" for part in parts)))
    if len(key) <= _LENGTH:
        return key
    return f"{key[:180]}:{_digest((kind, *parts)).hex()[:64]}"
