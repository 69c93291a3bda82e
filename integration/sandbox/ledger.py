"""The ledger of truth: every booked movement and every payment's final outcome, in minor units."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from integration.sandbox.box import Box
from integration.sandbox.store import packed, unpacked


def whole(box: Box, msgid: str = "", account: str = "") -> Iterator[bytes]:
    """JSON in pieces: `accounts` with balance and movements, `items` with outcome; narrowed by MsgId or account."""
    yield b'{"accounts": {'
    rows = box.store.rows("SELECT * FROM agreement WHERE ? IN ('', account, bban, iban) ORDER BY account", account)
    for place, row in enumerate(rows):
        yield (", " if place else "").encode() + f'"{row["account"]}": '.encode() + _head(box, row)
        for number, movement in enumerate(
            box.store.walk("SELECT * FROM movement WHERE account = ? ORDER BY id", row["account"])
        ):
            yield (b", " if number else b"") + packed(_movement(movement)).encode()
        yield b"]}"
    yield b'}, "items": ['
    items = box.store.walk(
        "SELECT i.*, u.msgid, u.keyid, p.pmtinfid, p.account AS debtor FROM item i JOIN upload u ON u.id = i.upload"
        " JOIN payment p ON p.id = i.payment WHERE ? IN ('', u.msgid) AND ? IN ('', p.account) ORDER BY i.id",
        msgid,
        account,
    )
    for number, item in enumerate(items):
        yield (b", " if number else b"") + packed(_item(item)).encode()
    yield b"]}"


def _head(box: Box, row: sqlite3.Row) -> bytes:
    total = int(box.store.value("SELECT coalesce(sum(amount), 0) FROM movement WHERE account = ?", row["account"]))
    facts = {
        "company": row["keyid"],
        "currency": row["currency"],
        "opening": row["opening"],
        "balance": row["opening"] + total,
    }
    return packed(facts)[:-1].encode() + b',"movements": ['


def _movement(row: sqlite3.Row) -> dict[str, Any]:
    facts = unpacked(row["facts"])
    return {
        "id": row["id"],
        "amount": row["amount"],
        "kind": row["kind"],
        "bookingDate": row["booking_date"],
        "valueDate": row["value_date"],
        "bankReference": row["bank_reference"],
        "fee": facts.get("fee", 0),
        "batch": facts.get("batch"),
    }


def _item(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "company": row["keyid"],
        "msgId": row["msgid"],
        "pmtInfId": row["pmtinfid"],
        "account": row["debtor"],
        "endToEndId": row["end_to_end"],
        "amount": row["amount"],
        "currency": row["currency"],
        "outcome": row["outcome"],
        "code": row["code"],
        "booked": row["booked"],
        "fee": row["fee"],
        "returned": row["returned"],
        "valueDate": row["value_date"],
    }
