"""The banks: acknowledge, reject, settle on the value date, return later; every answer is planned as an event."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date
from typing import Any

from integration.sandbox import answers, money, payees, reports
from integration.sandbox.agreements import habit, options_of
from integration.sandbox.answers import Answer
from integration.sandbox.bankdays import bank_day, later
from integration.sandbox.booking import Books, Debits, settle_moment
from integration.sandbox.box import Box
from integration.sandbox.clock import after
from integration.sandbox.habits import Habit
from integration.sandbox.notices import notify
from integration.sandbox.reports import BatchWord, PaymentWord
from integration.sandbox.store import unpacked

SLICE = 1000


def take(box: Box, upload: int, refusal: dict[str, str] | None) -> None:
    """The file has reached the bank."""
    box.schedule.add(
        box.clock.now(), "acknowledge", {"upload": upload, "refusal": refusal}, key=f"acknowledge:{upload}"
    )


def acknowledge(box: Box, facts: dict[str, Any]) -> None:
    """Event: the bank has looked at the file."""
    upload, ways = _file(box, facts["upload"])
    if refusal := facts.get("refusal"):
        with box.store.writing() as db:
            db.execute(
                "UPDATE item SET outcome = 'rejected', code = ? WHERE upload = ? AND outcome = 'received'",
                (refusal["code"], upload["id"]),
            )
        answers.send(box, upload, ways, Answer("RJCT", listing="none", code=refusal["code"], text=refusal["text"]))
        return
    if not facts.get("names-accepted") and payees.pause(box, upload, ways):
        return
    _decide(box, upload)
    apart = ways.answers in ("two-step", "received-first")
    for answer in _first_answers(ways):
        answers.send(box, upload, ways, answer)
    if apart and (ways.answers == "received-first" or _has_news(box, upload["id"])):
        box.schedule.add(after(box.clock.now(), minutes=5), "second-answer", {"upload": upload["id"]})
    days = box.store.rows(
        "SELECT DISTINCT value_date FROM item WHERE upload = ? AND outcome IN ('planned', 'pending')", upload["id"]
    )
    for row in days:
        moment = settle_moment(box, date.fromisoformat(row["value_date"]))
        box.schedule.add(moment, "settle", {"upload": upload["id"], "date": row["value_date"]})


def _first_answers(ways: Habit) -> list[Answer]:
    return {
        "one-file": [Answer("ACCP")],
        "two-step": [Answer("ACTC", listing="none")],
        "received-first": [Answer("RCVD", listing="none")],
        "listed": [Answer("ACCP", blocks=True, listing="all")],
        "shells": [Answer("ACCP", blocks=True, listing="shells")],
    }[ways.answers]


def second_answer(box: Box, facts: dict[str, Any]) -> None:
    """Event: what the bank says after its checks."""
    upload, ways = _file(box, facts["upload"])
    answers.send(box, upload, ways, Answer("ACCP" if ways.answers == "received-first" else ""))


def _has_news(box: Box, upload: int) -> bool:
    outcomes = ", ".join(repr(outcome) for outcome in answers.STATUS_OF)
    query = f"SELECT 1 FROM item WHERE upload = ? AND outcome IN ({outcomes}) LIMIT 1"  # noqa: S608 (own words)
    return box.store.value(query, upload) is not None


def _decide(box: Box, upload: sqlite3.Row) -> None:
    """Give every payment of the file its day, or its refusal."""
    with box.store.writing() as db:
        for payment in _payments(box, upload["id"]):
            day = bank_day(max(date.fromisoformat(payment["execution"]), box.clock.today()), payment["country"])
            db.execute(
                "UPDATE item SET outcome = 'planned', value_date = ?"
                " WHERE payment = ? AND outcome = 'received' AND plan IS NULL",
                (day.isoformat(), payment["id"]),
            )
            last = 0
            while rows := box.store.rows(
                "SELECT * FROM item WHERE payment = ? AND outcome = 'received' AND plan IS NOT NULL AND id > ?"
                " ORDER BY id LIMIT ?",
                payment["id"], last, SLICE,
            ):  # fmt: skip
                last = rows[-1]["id"]
                decided = [_decision(row, day, payment["country"]) for row in rows]
                db.executemany("UPDATE item SET outcome = ?, code = ?, value_date = ? WHERE id = ?", decided)


def _decision(row: sqlite3.Row, day: date, country: str) -> tuple[str, str, str, int]:
    plan = unpacked(row["plan"])
    outcome, code = plan["outcome"], str(plan.get("code", ""))
    if outcome == "reject" and plan.get("at", "receipt") == "receipt":
        return "rejected", code or "AC04", day.isoformat(), row["id"]
    if outcome == "cancel":
        return "cancelled-in-bank", code or "DS02", day.isoformat(), row["id"]
    if outcome == "silent":
        return "silent", "", day.isoformat(), row["id"]
    if outcome == "pending":
        return "pending", code or "AM04", later(day, int(plan.get("days", 1)), country).isoformat(), row["id"]
    if outcome in ("settle", "lower"):
        day = later(day, int(plan.get("days", 0)), country)
    return "planned", code, day.isoformat(), row["id"]


def settle(box: Box, facts: dict[str, Any]) -> None:
    """Event: the value date of payments of a file has come."""
    upload, ways = _file(box, facts["upload"])
    day, refused = date.fromisoformat(facts["date"]), False
    for payment in _payments(box, upload["id"]):
        account = _account(box, payment["account"])
        books = Books(box, account, day)
        debits = Debits(box, upload, payment, books, habit(account))
        for row in _due(box, payment["id"], facts["date"]):
            plan = unpacked(row["plan"]) or {}
            if plan.get("outcome") == "reject":
                _mark(box, row["id"], "rejecting", str(plan.get("code") or "AM04"))
                refused = True
                continue
            booked, fee = debits.add(row)
            _mark(box, row["id"], "settled", "", booked, fee)
            if plan.get("outcome") == "return":
                _plan_return(box, row["id"], day, int(plan.get("days", 2)), account["country"])
        debits.close()
        if booked_range := books.close():
            notify(box, account, upload["keyid"], "OutgoingPaymentStatus", *booked_range)
            _final_report(box, upload, account, payment["id"], facts["date"])
    if refused:
        answers.send(box, upload, ways, Answer(only=("rejecting",)))
        with box.store.writing() as db:
            db.execute(
                "UPDATE item SET outcome = 'rejected' WHERE upload = ? AND outcome = 'rejecting'", (upload["id"],)
            )


def _due(box: Box, payment: int, day: str) -> Iterator[sqlite3.Row]:
    last = 0
    while rows := box.store.rows(
        "SELECT * FROM item WHERE payment = ? AND outcome IN ('planned', 'pending') AND value_date = ? AND id > ?"
        " ORDER BY id LIMIT ?",
        payment, day, last, SLICE,
    ):  # fmt: skip
        yield from rows
        last = rows[-1]["id"]


def _mark(box: Box, item: int, outcome: str, code: str, booked: int | None = None, fee: int | None = None) -> None:
    with box.store.writing() as db:
        db.execute(
            "UPDATE item SET outcome = ?, code = ?, booked = ?, fee = ? WHERE id = ?",
            (outcome, code, booked, fee, item),
        )


def _final_report(box: Box, upload: sqlite3.Row, account: sqlite3.Row, payment: int, day: str) -> None:
    """With the agreement's `finalReport`: what was truly paid, in a status report."""
    if not options_of(account).get("finalReport"):
        return
    rows = box.store.rows(
        "SELECT * FROM item WHERE payment = ? AND outcome = 'settled' AND value_date = ? ORDER BY id", payment, day
    )
    words = [
        PaymentWord(
            row["end_to_end"],
            "PAID",
            paid=row["amount"],
            currency=row["currency"],
            day=day,
            fee=row["fee"] or 0,
            fee_currency=account["currency"],
        )
        for row in rows
    ]
    reports.send(box, upload, BatchWord("SENT_TO_BANK"), words)


def _plan_return(box: Box, item: int, day: date, days: int, country: str) -> None:
    back = later(day, max(days, 1), country)
    moment = after(settle_moment(box, back), minutes=30)
    box.schedule.add(moment, "return", {"item": item, "date": back.isoformat()}, key=f"return:{item}")


def give_back(box: Box, facts: dict[str, Any]) -> None:
    """Event: the payee's bank sends a settled payment back."""
    item = box.store.row("SELECT * FROM item WHERE id = ?", facts["item"])
    if item is None:
        raise LookupError(f"no payment {facts['item']}")
    plan = unpacked(item["plan"])
    payment = box.store.row("SELECT * FROM payment WHERE id = ?", item["payment"])
    upload, _ = _file(box, item["upload"])
    if payment is None:
        raise LookupError(f"no block of payment {item['id']}")
    account = _account(box, payment["account"])
    ways, code = habit(account), str(plan.get("code", "AC04"))
    amount = money.minor(str(plan["amount"]), account["currency"]) if "amount" in plan else int(item["booked"])
    books = Books(box, account, date.fromisoformat(facts["date"]))
    reversal = ways.name in ("Nordea", "OP", "CGI")
    movement = books.movement(amount, "return", {"reversal": reversal}, books.reference())
    about = {
        "e2e": item["end_to_end"],
        "instr": item["instruction"],
        "msgid": upload["msgid"],
        "pmtinfid": payment["pmtinfid"],
        "name": item["name"],
        "account": item["payee"],
        "return": {"code": code, "text": str(plan.get("text", ""))},
    }
    books.detail(movement, amount, about, item["id"])
    with box.store.writing() as db:
        db.execute(
            "UPDATE item SET outcome = 'returned', code = ?, returned = ? WHERE id = ?", (code, amount, item["id"])
        )
    if booked_range := books.close():
        notify(box, account, upload["keyid"], "OutgoingPaymentStatus", *booked_range)


def _file(box: Box, upload_id: int) -> tuple[sqlite3.Row, Habit]:
    upload = box.store.row("SELECT * FROM upload WHERE id = ?", upload_id)
    first = box.store.row("SELECT account FROM payment WHERE upload = ? ORDER BY id LIMIT 1", upload_id)
    if upload is None or first is None:
        raise LookupError(f"no upload {upload_id}")
    return upload, habit(_account(box, first["account"]))


def _payments(box: Box, upload: int) -> list[sqlite3.Row]:
    return box.store.rows(
        "SELECT p.*, a.country FROM payment p JOIN agreement a ON a.account = p.account"
        " WHERE p.upload = ? ORDER BY p.id",
        upload,
    )


def _account(box: Box, account: str) -> sqlite3.Row:
    row = box.store.row("SELECT * FROM agreement WHERE account = ?", account)
    if row is None:
        raise LookupError(f"no agreement {account}")
    return row
