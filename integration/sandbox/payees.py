"""Verification of payee: the bank compares names with accounts, and the file waits until the payer decides."""

from __future__ import annotations

import sqlite3

from integration.sandbox import answers
from integration.sandbox.answers import Answer
from integration.sandbox.box import Box
from integration.sandbox.delivery import Sink
from integration.sandbox.habits import Habit
from integration.sandbox.store import unpacked
from integration.sandbox.xmlout import Xml

CODES = ("RVNM", "RVMC", "RVNA")  # no match, close match, not possible
ASKED = "name-check"


def pause(box: Box, upload: sqlite3.Row, ways: Habit) -> bool:
    """Say which names differ and wait; False when none does, or the bank's older status report has no such words."""
    if ways.pain002 != "10":
        return False
    with box.store.writing() as db:
        differs = "upload = ? AND outcome = 'received' AND plan LIKE '%\"other-name\"%'"
        if not db.execute(f"UPDATE item SET outcome = '{ASKED}' WHERE {differs}", (upload["id"],)).rowcount:  # noqa: S608
            return False
        db.execute("UPDATE upload SET state = 'waiting' WHERE id = ?", (upload["id"],))
    _tell(box, upload, ways)
    return True


def waits(box: Box, upload_id: int) -> bool:
    """Whether the file waits because of names."""
    query = f"SELECT 1 FROM item WHERE upload = ? AND outcome = '{ASKED}' LIMIT 1"  # noqa: S608
    return box.store.value(query, upload_id) is not None


def release(box: Box, upload_id: int) -> None:
    """The payer wants it paid all the same: the bank goes on with the file."""
    with box.store.writing() as db:
        db.execute(f"UPDATE item SET outcome = 'received' WHERE upload = ? AND outcome = '{ASKED}'", (upload_id,))  # noqa: S608
        db.execute("UPDATE upload SET state = 'sent' WHERE id = ?", (upload_id,))
        facts = {"upload": upload_id, "refusal": None, "names-accepted": True}
        box.schedule.add(box.clock.now(), "acknowledge", facts, key=f"acknowledge:{upload_id}:names")


def cancel(box: Box, upload: sqlite3.Row, ways: Habit) -> None:
    """The payer gives the file up: the bank answers that it was cancelled by the one who ordered it."""
    with box.store.writing() as db:
        db.execute("UPDATE upload SET state = 'cancelled' WHERE id = ?", (upload["id"],))
        db.execute("UPDATE item SET outcome = 'cancelled', code = 'DS02' WHERE upload = ?", (upload["id"],))
    answers.send(box, upload, ways, Answer("RJCT", listing="none", code="DS02", text="Cancelled by the payer."))


def _tell(box: Box, upload: sqlite3.Row, ways: Habit) -> None:
    def write(sink: Sink, number: str, copy: bool) -> None:
        with answers.report(box, sink, upload, "10", f"VOP-{number}", Answer("RVCM")) as xml:
            for payment in answers.blocks_of(box, upload):
                _block(box, xml, payment)

    box.post.send(upload["keyid"], "OutgoingPaymentStatus", "pain.002", write)


def _block(box: Box, xml: Xml, payment: sqlite3.Row) -> None:
    query = f"SELECT * FROM item WHERE payment = ? AND outcome = '{ASKED}' ORDER BY id"  # noqa: S608
    rows = list(box.store.rows(query, payment["id"]))
    if not rows:
        return
    with xml.inside("OrgnlPmtInfAndSts"):
        xml.leaf("OrgnlPmtInfId", payment["pmtinfid"])
        for row in rows:
            plan = unpacked(row["plan"])
            with xml.inside("TxInfAndSts"):
                xml.leaf("OrgnlEndToEndId", row["end_to_end"])
                xml.leaf("TxSts", str(plan.get("code") or "RVNM"))
                with xml.inside("StsRsnInf"):
                    xml.leaf("Rsn/Cd", "NARR")
                    xml.leaf("AddtlInf", str(plan.get("text", ""))[:105])
