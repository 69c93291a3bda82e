"""Payment files as AutoPay central takes them: checked, kept under their MsgId, never two digests for one MsgId."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from integration.sandbox import central
from integration.sandbox.box import Box
from integration.sandbox.clock import wall_stamp
from integration.sandbox.pain001 import Header, Item, PaymentInfo, Refused, read
from integration.sandbox.store import packed
from integration.sandbox.wire import Answer, Problem, Request, json_answer

CHUNK = 1000


def receive(box: Box, request: Request, company: sqlite3.Row, account: str, msgid: str) -> Answer:
    """Take a pain.001: accepted, already known, or refused with a reason."""
    if not 1 <= len(msgid) <= 35:
        raise Problem(400, "malformed-request", "A MsgId has 1 to 35 characters.")
    digest, keyid = request.sha256.hex(), str(company["keyid"])
    with box.store.writing() as db:
        if known := _found(box, keyid, msgid):
            return _again(known, digest)
        refusal: Refused | None = None
        db.execute("SAVEPOINT reading")
        try:
            upload = _store(box, request, keyid, account, msgid, digest)
            db.execute("RELEASE reading")
        except Refused as error:
            db.execute("ROLLBACK TO reading")
            db.execute("RELEASE reading")
            refusal = error
            upload = _insert(box, keyid, account, msgid, digest, refusal=error)
        if refusal is None:
            box.schedule.add(box.clock.now(), "forward", {"upload": upload}, key=f"forward:{upload}")
    box.schedule.nudge()
    if refusal:
        raise Problem(422, refusal.code, refusal.sentence, result="refused")
    return json_answer({**_shown(_known(box, keyid, msgid)), "result": "accepted"}, 201)


def _again(known: sqlite3.Row, digest: str) -> Answer:
    if known["sha256"] != digest:
        raise Problem(
            409,
            "msgid-other-bytes",
            f"The MsgId {known['msgid']} is known with other bytes (SHA-256 {known['sha256'][:16]}…).",
        )
    if known["state"] == "refused":
        raise Problem(422, known["refusal_code"], known["refusal_text"], result="refused")
    return json_answer({**_shown(known), "result": "already-known"})


def _insert(box: Box, keyid: str, account: str, msgid: str, digest: str, refusal: Refused | None = None) -> int:
    batch = f"B{box.store.next_number('batch'):06d}"
    state = "refused" if refusal else "received"
    code, sentence = (refusal.code, refusal.sentence) if refusal else (None, None)
    with box.store.writing() as db:
        cursor = db.execute(
            "INSERT INTO upload(keyid, msgid, sha256, state, account, batch, version, transactions, ctrl_sum,"
            " received_at, refusal_code, refusal_text) VALUES (?, ?, ?, ?, ?, ?, '', 0, '', ?, ?, ?)",
            (keyid, msgid, digest, state, account, batch, wall_stamp(), code, sentence),
        )
    return int(cursor.lastrowid or 0)


def _store(box: Box, request: Request, keyid: str, account: str, msgid: str, digest: str) -> int:
    if find_agreement(box, keyid, account) is None:
        raise Refused("unknown-agreement", f"There is no active agreement for the account {account}.")
    header = Header()
    upload = _insert(box, keyid, account, msgid, digest)
    payment, waiting = 0, []
    for part in _checked(box, request, keyid, header):
        if isinstance(part, Item):
            waiting.append(_item_values(upload, payment, part))
        if waiting and (len(waiting) >= CHUNK or not isinstance(part, Item)):
            _insert_items(box, waiting)
            waiting = []
        if isinstance(part, tuple):
            payment = _insert_payment(box, upload, *part)
    _insert_items(box, waiting)
    if header.message_id != msgid:
        raise Refused("msgid-mismatch", f"The address says {msgid}, the file's GrpHdr/MsgId says {header.message_id}.")
    with box.store.writing() as db:
        db.execute(
            "UPDATE payment SET transactions = (SELECT count(*) FROM item WHERE item.payment = payment.id)"
            " WHERE upload = ?",
            (upload,),
        )
        db.execute(
            "UPDATE upload SET version = ?, transactions = ?, ctrl_sum = ? WHERE id = ?",
            (header.version, header.count, str(header.sum), upload),
        )
    return upload


def _checked(box: Box, request: Request, keyid: str, header: Header) -> Iterator[Item | tuple[PaymentInfo, str]]:
    """The file's parts, each PmtInf with the agreement its debtor account belongs to."""
    for part in read(request.body, header):
        if isinstance(part, Item):
            yield part
            continue
        agreement = find_agreement(box, keyid, part.account)
        if agreement is None:
            raise Refused(
                "unknown-agreement",
                f"PmtInf {part.pmtinfid}: there is no active agreement for the account {part.account}.",
            )
        yield part, str(agreement["account"])


def _insert_payment(box: Box, upload: int, info: PaymentInfo, account: str) -> int:
    with box.store.writing() as db:
        cursor = db.execute(
            "INSERT INTO payment(upload, pmtinfid, account, execution, batch_booking) VALUES (?, ?, ?, ?, ?)",
            (upload, info.pmtinfid, account, info.execution, int(info.batch_booking)),
        )
    return int(cursor.lastrowid or 0)


def _item_values(upload: int, payment: int, item: Item) -> tuple[object, ...]:
    return (
        upload, payment, item.instruction, item.end_to_end, item.uetr, item.amount, item.currency, item.name,
        item.payee, item.agent, packed(item.remittance), item.problem,
    )  # fmt: skip


def _insert_items(box: Box, values: list[tuple[object, ...]]) -> None:
    with box.store.writing() as db:
        db.executemany(
            "INSERT INTO item(upload, payment, instruction, end_to_end, uetr, amount, currency, name, payee, agent,"
            " remittance, problem) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )


def find_agreement(box: Box, keyid: str, account: str) -> sqlite3.Row | None:
    """The company's active agreement for an account written as BBAN, IBAN or one of its other numbers (bankgiro)."""
    number = account.replace(" ", "")
    return box.store.row(
        "SELECT * FROM agreement WHERE keyid = ? AND active = 1 AND (account = ? OR bban = ? OR iban = ? OR EXISTS"
        " (SELECT 1 FROM json_each(options, '$.aliases') WHERE value = ?))",
        keyid, number, number, number, number,
    )  # fmt: skip


def status(box: Box, request: Request, company: sqlite3.Row, msgid: str) -> Answer:
    """What central knows of an upload: settles an upload whose answer was lost."""
    return json_answer(_shown(_known(box, company["keyid"], msgid)))


def approve(box: Box, request: Request, company: sqlite3.Row, msgid: str) -> Answer:
    """A person lets a waiting batch go on to the bank."""
    _person(request)
    upload = _known(box, company["keyid"], msgid)
    if not central.approve(box, upload["id"]):
        raise Problem(
            409,
            "not-waiting",
            f"The batch {upload['batch']} does not wait for approval, it is {upload['state']}.",
        )
    box.schedule.nudge()
    return json_answer(_shown(_known(box, company["keyid"], msgid)))


def cancel(box: Box, request: Request, company: sqlite3.Row, msgid: str) -> Answer:
    """A person cancels a batch before it goes to the bank; cancelled again it stays so."""
    person, reason = _person(request)
    upload = _known(box, company["keyid"], msgid)
    if not central.cancel(box, upload["id"], person, reason) and upload["state"] != "cancelled":
        state = _known(box, company["keyid"], msgid)["state"]
        raise Problem(409, "already-sent", f"The batch {upload['batch']} cannot be cancelled any more, it is {state}.")
    return json_answer(_shown(_known(box, company["keyid"], msgid)))


def _person(request: Request) -> tuple[str, str]:
    facts = request.object()
    person, reason = facts.get("by"), facts.get("reason", "")
    if not isinstance(person, str) or not person.strip() or not isinstance(reason, str):
        raise Problem(400, "malformed-request", "Say who does it in by (and why in reason).")
    return person.strip(), reason.strip()


def _found(box: Box, keyid: str, msgid: str) -> sqlite3.Row | None:
    return box.store.row("SELECT * FROM upload WHERE keyid = ? AND msgid = ?", keyid, msgid)


def _known(box: Box, keyid: str, msgid: str) -> sqlite3.Row:
    if (row := _found(box, keyid, msgid)) is None:
        raise Problem(404, "unknown-msgid", f"AutoPay central never got a file with the MsgId {msgid}.")
    return row


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    code = row["refusal_code"]
    return {
        "messageId": row["msgid"],
        "sha256": row["sha256"],
        "state": row["state"],
        "account": row["account"],
        "batchId": row["batch"],
        "transactions": row["transactions"],
        "receivedAt": row["received_at"],
        "refusal": {"code": code, "sentence": row["refusal_text"]} if code else None,
    }
