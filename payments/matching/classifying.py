"""What a bank entry is when it is none of our own payments: own transfer, fee, customer payment, unknown debit.

The bank's transaction code is a hint; the counterparty's account is a fact. Settlements and returns of our payments are
found before, by our own ids (payments.settling.settlement_entries). Pure.
"""

from __future__ import annotations

from collections.abc import Collection

from payments.choices import BankEntryKind
from payments.iso20022.codes import kind_hint
from payments.iso20022.keys import account_key
from payments.iso20022.messages import Detail, Entry

_FEES = ("fee", "interest")


def classify(entry: Entry, detail: Detail, own_accounts: Collection[str]) -> BankEntryKind:
    """The kind of one detail of a booked entry. `own_accounts` are keys of the company's other accounts."""
    if not entry.booked:
        return BankEntryKind.INFORMATION
    if counterparty(detail) in own_accounts:
        return BankEntryKind.OWN_TRANSFER
    hint = kind_hint(detail.codes) or kind_hint(entry.codes)
    if hint in _FEES and not detail.references:
        return BankEntryKind.FEE
    if hint == "own_transfer":
        return BankEntryKind.OWN_TRANSFER
    return BankEntryKind.CUSTOMER if detail.direction == "credit" else BankEntryKind.FOREIGN_DEBIT


def counterparty(detail: Detail) -> str:
    """Key of the other side's account: who paid us, or whom we paid."""
    return account_key((detail.debtor if detail.direction == "credit" else detail.creditor).account)
