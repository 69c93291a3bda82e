"""What the bank sends about the account: camt.054 when something was booked, camt.053 at the end of the day."""

from __future__ import annotations

import sqlite3
from typing import Any

from integration.sandbox import camt
from integration.sandbox.agreements import habit, options_of
from integration.sandbox.box import Box
from integration.sandbox.camt import Balance, Statement
from integration.sandbox.delivery import Sink


def notify(box: Box, account: sqlite3.Row, keyid: str, message_type: str, first: int, last: int) -> None:
    """A camt.054 about these movements, unless the agreement is without (`notify` false: only the statement tells)."""
    if options_of(account).get("notify") is False:
        return
    statement = Statement(
        account, habit(account), "account = ? AND id BETWEEN ? AND ?", (account["account"], first, last)
    )

    def write(sink: Sink, number: str, copy: bool) -> None:
        camt.write(box, sink, "camt.054", statement, number, copy=copy)

    box.post.send(keyid, message_type, "camt.054", write)


def end_of_day(box: Box, facts: dict[str, Any]) -> None:
    """Event: the day of an account is over, its statement goes out with opening and closing balance."""
    account = box.store.row("SELECT * FROM agreement WHERE account = ?", facts["account"])
    if account is None:
        raise LookupError(f"no agreement {facts['account']}")
    ways, day = habit(account), str(facts["date"])
    if ways.statement == "none":
        return
    before = int(account["opening"]) + _sum(box, facts["account"], "booking_date < ?", day)
    after = before + _sum(box, facts["account"], "booking_date = ?", day)
    statement = Statement(
        account,
        ways,
        "account = ? AND booking_date = ?",
        (account["account"], day),
        (Balance("OPBD", before, day), Balance("CLBD", after, day)),
        day,
        details=ways.statement == "details",
    )

    def write(sink: Sink, number: str, copy: bool) -> None:
        camt.write(box, sink, "camt.053", statement, number, copy=copy)

    box.post.send(account["keyid"], "AccountStatement", "camt.053", write)


def _sum(box: Box, account: str, condition: str, day: str) -> int:
    query = f"SELECT coalesce(sum(amount), 0) FROM movement WHERE account = ? AND {condition}"  # noqa: S608 (own words)
    return int(box.store.value(query, account, day))
