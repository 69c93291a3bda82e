"""*Download* by hand, and the files themselves."""

from __future__ import annotations

import json
import sqlite3

from integration.sandbox.box import Box
from integration.sandbox.wire import Answer, Problem, Request, json_answer, pieces

PAGE = 100


def messages_after(box: Box, request: Request, company: sqlite3.Row, position: str) -> Answer:
    """What was sent to the company after a position, also what never reached the queue."""
    if not (position.isascii() and position.isdigit() and len(position) < 16):
        raise Problem(400, "malformed-request", "The position is a whole number from 0.")
    rows = box.store.rows(
        "SELECT position, body FROM message WHERE keyid = ? AND position > ? ORDER BY position LIMIT ?",
        company["keyid"], int(position), PAGE + 1,
    )  # fmt: skip
    shown = [{"position": row["position"], **json.loads(row["body"])} for row in rows[:PAGE]]
    last = shown[-1]["position"] if shown else int(position)
    return json_answer({"messages": shown, "next": last, "more": len(rows) > PAGE})


def file(box: Box, request: Request, company: sqlite3.Row, file_id: str) -> Answer:
    """One file, bytes as sent."""
    row = box.store.row("SELECT * FROM file WHERE id = ? AND keyid = ?", file_id, company["keyid"])
    if row is None:
        raise Problem(404, "unknown-file", f"There is no file {file_id} for this company.")
    path = box.store.files / f"{row['id']}.xml"
    headers = {"Content-Length": str(path.stat().st_size)}
    return Answer(200, pieces(path.open("rb")), "application/xml", headers, bytes.fromhex(row["sha256"]))
