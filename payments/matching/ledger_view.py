"""What the rules may see of the customer ledger, looked up for many payments at once and kept while they run.

A payment that is matched takes its share from `open` at once, so that the next one of the same slice sees what is
left. Pure: the rows come from payments.matching.lookup.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from payments.matching.facts import Entry, Limits, Part, Phrase


@dataclass(frozen=True, slots=True)
class Payer:
    """A customer who may be behind an account or a name. `seen`: matches accepted from this account before."""

    customer_id: int
    customer_no: int
    name: str
    seen: int = 0
    how: str = ""  # account, card (the account on the customer's own card), name, phrase


@dataclass(slots=True)
class LedgerView:
    """Entries by what they are asked for. Lists keep the order of due dates."""

    limits: Limits = field(default_factory=Limits)
    entries: dict[int, Entry] = field(default_factory=dict)
    _kid: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _invoice: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _customer: dict[int, list[int]] = field(default_factory=dict)
    _amount: dict[tuple[str, Decimal], list[int]] = field(default_factory=dict)
    customer_ids: dict[int, int] = field(default_factory=dict)  # customer number -> id
    payers: dict[str, tuple[Payer, ...]] = field(default_factory=dict)  # account or name -> customers
    phrases: tuple[Phrase, ...] = ()  # the longest first

    def add(self, entries: Iterable[Entry]) -> None:
        """Put entries in; one that is known keeps what it has left."""
        for entry in entries:
            if entry.id in self.entries:
                continue
            self.entries[entry.id] = entry
            if entry.kid:
                self._kid[entry.kid].append(entry.id)
            self._invoice[entry.invoice_no].append(entry.id)
            self.customer_ids.setdefault(entry.customer_no, entry.customer_id)

    def add_open_of(self, customer_id: int, entries: Iterable[Entry]) -> None:
        """All open entries of one customer (the first 41 of them)."""
        rows = list(entries)
        self.add(rows)
        self._customer[customer_id] = [entry.id for entry in rows]

    def add_amount(self, currency: str, amount: Decimal, entries: Iterable[Entry]) -> None:
        """The few open entries of exactly this amount."""
        rows = list(entries)
        self.add(rows)
        self._amount[currency, amount] = [entry.id for entry in rows]

    def with_kid(self, forms: Iterable[str]) -> list[Entry]:
        """Entries that carry one of these references."""
        return [self.entries[id_] for form in forms for id_ in self._kid.get(form, ())]

    def with_invoice(self, forms: Iterable[str]) -> list[Entry]:
        """Entries with one of these invoice numbers."""
        return [self.entries[id_] for form in forms for id_ in self._invoice.get(form, ())]

    def knows_open_of(self, customer_id: int) -> bool:
        return customer_id in self._customer

    def open_of(self, customer_id: int) -> list[Entry]:
        """Entries of the customer with something open, oldest due first."""
        found = (self.entries[id_] for id_ in self._customer.get(customer_id, ()))
        return [entry for entry in found if entry.open]

    def of_amount(self, currency: str, amount: Decimal) -> list[Entry]:
        """Entries of anybody that are open with exactly this amount (only when they are few)."""
        found = (self.entries[id_] for id_ in self._amount.get((currency, amount), ()))
        return [entry for entry in found if entry.open == amount]

    def take(self, parts: Iterable[Part]) -> None:
        """A payment was matched: less is open now."""
        for part in parts:
            entry = self.entries[part.entry.id]
            self.entries[entry.id] = replace(entry, open=entry.open - part.closes)
