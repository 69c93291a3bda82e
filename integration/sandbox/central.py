"""AutoPay central: holds, refuses, cancels as deficient or sends a batch on, and says so in a status report."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from integration.sandbox import bank, money, payees, reports
from integration.sandbox.agreements import habit
from integration.sandbox.box import Box
from integration.sandbox.reasons import sentence
from integration.sandbox.reports import BatchWord, PaymentWord
from integration.sandbox.rules import Chooser
from integration.sandbox.store import packed, unpacked

SLICE = 1000


def forward(box: Box, facts: dict[str, Any]) -> None:
    """Event: decide what becomes of a received batch."""
    upload = _upload(box, facts["upload"])
    if upload["state"] != "received":
        return
    partner = _agreement(box, upload)
    about = {"company": upload["keyid"], "account": upload["account"], "bank": partner["bic"], "msgId": upload["msgid"]}
    rule = None if facts.get("approved") else box.rules.choose("file", about, upload["msgid"])
    decision = str(rule.then["outcome"]) if rule else ""
    if decision == "hold":
        _state(box, upload["id"], "waiting")
        return
    code = str(rule.then.get("code", "FF01")) if rule else ""
    text = sentence(code, str(rule.then.get("text", ""))) if rule else ""
    if decision == "refuse":
        _refuse(box, upload, code, text)
        return
    _plan(box, upload)
    if box.store.value("SELECT 1 FROM item WHERE upload = ? AND outcome = 'deficient' LIMIT 1", upload["id"]):
        _cancel_as_deficient(box, upload)
        return
    _send_on(box, upload, partner)
    refusal = {"code": code, "text": text} if decision == "refuse-at-bank" else None
    bank.take(box, upload["id"], refusal)


def _refuse(box: Box, upload: sqlite3.Row, code: str, text: str) -> None:
    with box.store.writing() as db:
        db.execute(
            "UPDATE upload SET state = 'refused', refusal_code = ?, refusal_text = ? WHERE id = ?",
            (code, text, upload["id"]),
        )
        db.execute("UPDATE item SET outcome = 'refused', code = ? WHERE upload = ?", (code, upload["id"]))
    reports.send(box, upload, BatchWord("REFUSED", code, text))


def _plan(box: Box, upload: sqlite3.Row) -> None:
    """Draw each payment's fate by the rules, once; what no rule names is paid without more ado."""
    chooser = box.rules.chooser("item")
    last = 0
    with box.store.writing() as db:
        db.execute(
            "UPDATE item SET outcome = 'deficient', code = problem WHERE upload = ? AND problem <> ''", (upload["id"],)
        )
        while chooser:
            rows = box.store.rows(
                "SELECT i.*, a.bic FROM item i JOIN payment p ON p.id = i.payment"
                " JOIN agreement a ON a.account = p.account"
                " WHERE i.upload = ? AND i.id > ? AND i.problem = '' ORDER BY i.id LIMIT ?",
                upload["id"], last, SLICE,
            )  # fmt: skip
            if not rows:
                break
            last = rows[-1]["id"]
            fates = [fate for row in rows if (fate := _fate(chooser, upload, row))]
            db.executemany("UPDATE item SET plan = ?, outcome = ?, code = ?, amount = ? WHERE id = ?", fates)
    chooser.commit()


def _fate(chooser: Chooser, upload: sqlite3.Row, row: sqlite3.Row) -> tuple[str, str, str, int, int] | None:
    remittance = unpacked(row["remittance"]) or {}
    about = {
        "account": row["payee"],
        "name": row["name"],
        "currency": row["currency"],
        "bank": row["bic"],
        "company": upload["keyid"],
        "msgId": upload["msgid"],
        "endToEndId": row["end_to_end"],
        "reference": (remittance.get("reference") or [""])[0],
    }
    rule = chooser.choose(about, Decimal(money.text(row["amount"], row["currency"])), row["end_to_end"])
    if rule is None:
        return None
    plan, amount, outcome = dict(rule.then), int(row["amount"]), "received"
    code = str(plan.get("code", ""))
    if plan["outcome"] in ("deficient", "leave-out"):
        outcome = plan["outcome"].replace("leave-out", "left-out")
        code = code or "RC01"
    if plan["outcome"] == "lower":
        amount = min(amount, money.minor(str(plan.get("amount", "0")), row["currency"]) or amount)
    return packed(plan), outcome, code, amount, int(row["id"])


def _cancel_as_deficient(box: Box, upload: sqlite3.Row) -> None:
    _state(box, upload["id"], "cancelled")
    reports.send(
        box,
        upload,
        BatchWord("DEFICIENT", "", "The batch is cancelled, because payments in it cannot be sent."),
        _words(box, upload, "deficient", "DEFICIENT"),
    )
    with box.store.writing() as db:
        db.execute("UPDATE item SET outcome = 'cancelled' WHERE upload = ? AND outcome <> 'deficient'", (upload["id"],))


def _send_on(box: Box, upload: sqlite3.Row, partner: sqlite3.Row) -> None:
    _state(box, upload["id"], "sent")
    bank_batch = f"{habit(partner).name.split()[0].upper()}-{upload['id']:06d}"
    words = [*_words(box, upload, "left-out", "REFUSED"), *_lowered(box, upload)]
    reports.send(box, upload, BatchWord("SENT_TO_BANK", bank_batch=bank_batch), words)


def _words(box: Box, upload: sqlite3.Row, outcome: str, status: str) -> Iterator[PaymentWord]:
    for row in box.store.rows("SELECT * FROM item WHERE upload = ? AND outcome = ? ORDER BY id", upload["id"], outcome):
        text = str((unpacked(row["plan"]) or {}).get("text", ""))
        yield PaymentWord(row["end_to_end"], status, row["code"], sentence(row["code"], text))


def _lowered(box: Box, upload: sqlite3.Row) -> Iterator[PaymentWord]:
    rows = box.store.rows("SELECT * FROM item WHERE upload = ? AND plan IS NOT NULL ORDER BY id", upload["id"])
    for row in rows:
        plan = unpacked(row["plan"])
        if plan["outcome"] == "lower":
            text = str(plan.get("text") or "Lowered before it was sent.")
            yield PaymentWord(row["end_to_end"], "SENT_TO_BANK", "", text, row["amount"], row["currency"])


def approve(box: Box, upload_id: int) -> bool:
    """Let a waiting batch go on, at central or at the bank; False when it does not wait."""
    if payees.waits(box, upload_id):
        payees.release(box, upload_id)
        return True
    with box.store.writing() as db:
        if not db.execute(
            "UPDATE upload SET state = 'received' WHERE id = ? AND state = 'waiting'", (upload_id,)
        ).rowcount:
            return False
        box.schedule.add(box.clock.now(), "forward", {"upload": upload_id, "approved": True})
    return True


def cancel(box: Box, upload_id: int, person: str, reason: str) -> bool:
    """A person cancels the batch before the bank executes it; False when that is too late."""
    if payees.waits(box, upload_id):
        upload = _upload(box, upload_id)
        payees.cancel(box, upload, habit(_agreement(box, upload)))
        return True
    with box.store.writing() as db:
        changed = db.execute(
            "UPDATE upload SET state = 'cancelled' WHERE id = ? AND state IN ('received', 'waiting')", (upload_id,)
        )
        if not changed.rowcount:
            return False
        db.execute("UPDATE item SET outcome = 'cancelled', code = 'CUST' WHERE upload = ?", (upload_id,))
        text = f"Cancelled by {person}" + (f": {reason}" if reason else ".")
        reports.send(box, _upload(box, upload_id), BatchWord("CANCELLED", "CUST", text))
    return True


def _upload(box: Box, upload_id: int) -> sqlite3.Row:
    row = box.store.row("SELECT * FROM upload WHERE id = ?", upload_id)
    if row is None:
        raise LookupError(f"no upload {upload_id}")
    return row


def _agreement(box: Box, upload: sqlite3.Row) -> sqlite3.Row:
    row = box.store.row(
        "SELECT a.* FROM agreement a JOIN payment p ON p.account = a.account WHERE p.upload = ? ORDER BY p.id LIMIT 1",
        upload["id"],
    )
    if row is None:
        raise LookupError(f"no agreement for upload {upload['id']}")
    return row


def _state(box: Box, upload_id: int, state: str) -> None:
    with box.store.writing() as db:
        db.execute("UPDATE upload SET state = ? WHERE id = ?", (state, upload_id))
