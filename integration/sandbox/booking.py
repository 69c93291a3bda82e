"""The bank's books: movements on accounts and the details behind them, written once and never changed."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from integration.sandbox import money
from integration.sandbox.bankdays import bank_day
from integration.sandbox.box import Box
from integration.sandbox.clock import after, at_time
from integration.sandbox.habits import Habit
from integration.sandbox.store import packed, unpacked


def booking_day(box: Box, account: sqlite3.Row, day: date) -> date:
    """The bank day on which something is booked; a day whose statement is out is closed."""
    while True:
        day = bank_day(day, account["country"])
        done = box.store.value("SELECT state FROM event WHERE key = ?", f"statement:{account['account']}:{day}")
        if done != "done":
            return day
        day += timedelta(1)


class Books:
    """Writes movements and details of one account within the caller's transaction, in slices."""

    def __init__(self, box: Box, account: sqlite3.Row, value_day: date) -> None:
        self._box, self.account = box, account
        self.value_day = value_day
        self.day = booking_day(box, account, max(value_day, box.clock.today()))
        self.first = self._next = 1 + int(box.store.value("SELECT coalesce(max(id), 0) FROM movement"))
        self._references = int(box.store.get("counter:reference", "0"))
        self._movements: list[tuple[object, ...]] = []
        self._details: list[tuple[object, ...]] = []

    def reserve(self) -> int:
        """The id of a movement that is written later (a lump sum whose total is not known yet)."""
        self._next += 1
        return self._next - 1

    def movement(self, amount: int, kind: str, facts: dict[str, Any], reference: str, number: int | None = None) -> int:
        """One line on the account: signed minor units, credit positive."""
        number = number if number is not None else self.reserve()
        days = (self.day.isoformat(), self.value_day.isoformat())
        self._movements.append((number, self.account["account"], amount, *days, kind, reference, packed(facts)))
        self._maybe_write()
        return number

    def detail(self, movement: int, amount: int, facts: dict[str, Any], item: int | None = None) -> None:
        """One payment inside a movement; `amount` without sign, in the account's currency, before fees."""
        self._details.append((movement, amount, item, packed(facts)))
        self._maybe_write()

    def reference(self, prefix: str = "") -> str:
        """A bank reference."""
        self._references += 1
        return f"{prefix or self.account['bic'][:4]}{self.day:%m%d}{self._references:09d}"

    def close(self) -> tuple[int, int] | None:
        """Write the rest and have the day's statement made; the first and last movement, or None."""
        self._write()
        if self._next == self.first:
            return None
        key = f"statement:{self.account['account']}:{self.day}"
        facts = {"account": self.account["account"], "date": self.day.isoformat()}
        self._box.schedule.add(max(at_time(self.day, 23, 30), self._box.clock.now()), "statement", facts, key=key)
        return self.first, self._next - 1

    def _maybe_write(self) -> None:
        if len(self._movements) + len(self._details) > 1000:
            self._write()

    def _write(self) -> None:
        self._box.store.put("counter:reference", str(self._references))
        with self._box.store.writing() as db:
            db.executemany("INSERT INTO movement VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self._movements)
            db.executemany("INSERT INTO detail(movement, amount, item, facts) VALUES (?, ?, ?, ?)", self._details)
        self._movements, self._details = [], []


class Debits:
    """Books the payments of one PmtInf on one day, as single debits or as a lump sum."""

    def __init__(self, box: Box, upload: sqlite3.Row, payment: sqlite3.Row, books: Books, habit: Habit) -> None:
        self._box, self._upload, self._payment, self._books, self._habit = box, upload, payment, books, habit
        lump = payment["batch_booking"] or habit.booking in ("batch", "sum")
        self._lump = books.reserve() if lump else None
        self._rates = box.rates()
        self._sum = self._count = self._fees_inside = self._fees_apart = 0
        self._reference = books.reference()

    def add(self, item: sqlite3.Row) -> tuple[int, int]:
        """Book one payment; answers what left the account for it and the fee, in minor units."""
        plan: dict[str, Any] = unpacked(item["plan"]) or {}
        into = self._books.account["currency"]
        facts = self._facts(item)
        booked = int(item["amount"])
        if item["currency"] != into:
            rate = (
                Decimal(str(plan["rate"])) if "rate" in plan else money.cross_rate(item["currency"], into, self._rates)
            )
            booked = money.exchange(booked, item["currency"], into, rate)
            facts |= {"instructed": item["amount"], "currency": item["currency"], "rate": str(rate)}
        fee = money.minor(str(plan["fee"]), into) if "fee" in plan else 0
        inside = plan.get("feeBooking", self._habit.fee) == "inside"
        if fee and inside:
            facts["fee"] = fee
        self._book(booked, fee, inside, facts, int(item["id"]))
        return booked, fee

    def _book(self, booked: int, fee: int, inside: bool, facts: dict[str, Any], item: int) -> None:
        books, within = self._books, fee if inside else 0
        if self._lump is not None:
            books.detail(self._lump, booked, facts, item)
            self._sum, self._count = self._sum + booked + within, self._count + 1
            self._fees_inside, self._fees_apart = self._fees_inside + within, self._fees_apart + fee - within
            return
        reference = self._reference if self._habit.shared_reference else books.reference()
        movement = books.movement(-booked - within, "payment", {"fee": within}, reference)
        books.detail(movement, booked, facts, item)
        if fee and not inside:
            books.movement(-fee, "fee", {"text": f"Fee {facts['e2e']}"}, reference)

    def close(self) -> None:
        """Write the lump sum and its fee, if that is how this block is booked."""
        if self._lump is None or not self._count:
            return
        batch = {"msgid": self._upload["msgid"], "pmtinfid": self._payment["pmtinfid"], "count": self._count}
        facts = {"batch": batch, "hidden": self._habit.booking == "sum"}
        if self._habit.booking == "sum":
            facts["fee"] = self._fees_inside
        self._books.movement(-self._sum, "payment", facts, self._reference, self._lump)
        if self._fees_apart:
            self._books.movement(
                -self._fees_apart, "fee", {"text": f"Fee {self._payment['pmtinfid']}"}, self._reference
            )

    def _facts(self, item: sqlite3.Row) -> dict[str, Any]:
        facts = {
            "e2e": item["end_to_end"],
            "instr": item["instruction"],
            "uetr": item["uetr"],
            "msgid": self._upload["msgid"],
            "pmtinfid": self._payment["pmtinfid"],
            "name": item["name"],
            "account": item["payee"],
            "remittance": unpacked(item["remittance"]),
        }
        return {name: value for name, value in facts.items() if value}


def settle_moment(box: Box, day: date) -> Any:
    """When the bank runs a day's payments: at 14:00, or at once when that is past."""
    return max(at_time(day, 14), after(box.clock.now(), seconds=0))
