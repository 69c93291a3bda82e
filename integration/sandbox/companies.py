"""What a gateway knows of instances, their queues and certificates, and of the companies linked to them."""

from __future__ import annotations

import base64
import re
import secrets
import sqlite3
from typing import Any

from integration.sandbox.box import Box
from integration.sandbox.clock import wall_stamp
from integration.sandbox.signatures import fingerprint
from integration.sandbox.wire import Answer, Problem, Request, json_answer

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_QUEUE = re.compile(r"[A-Za-z0-9._-]{1,100}")
_KEYID = re.compile(r"([A-Z]{2})-([A-Za-z0-9]{1,30})")


def new_key() -> str:
    """A fresh signing key."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def opg_fingerprint(box: Box) -> str:
    """Names this installation of the gateway."""
    if not (found := box.store.get("opg_fingerprint")):
        found = secrets.token_hex(8)
        box.store.put("opg_fingerprint", found)
    return found


def reinstall_gateway(box: Box) -> None:
    """As if the gateway were installed anew: another fingerprint, so certificates are outdated."""
    box.store.put("opg_fingerprint", secrets.token_hex(8))


def service(box: Box, request: Request) -> Answer:
    """Which service this is."""
    return json_answer({"service": "OPGatewayService", "version": 1, "fingerprint": opg_fingerprint(box)})


def status(box: Box, request: Request, guid: str) -> Answer:
    """Everything the Enable Visma.net page asks about an instance."""
    row = box.store.row("SELECT * FROM instance WHERE guid = ?", _checked_guid(guid))
    queue = row["queue"] if row else None
    facts = {
        "service": "OPGatewayService",
        "version": 1,
        "instance": guid,
        "fingerprint": opg_fingerprint(box),
        "central": box.store.get("central", "connected"),
        "time": wall_stamp(),
        "businessDate": box.clock.today().isoformat(),
        "queue": {
            "name": queue,
            "state": "registered" if queue else "absent",
            "registeredAt": row["registered_at"] if row and queue else None,
        },
        "certificate": _certificate(box, row),
    }
    return json_answer(facts)


def register_queue(box: Box, request: Request, guid: str) -> Answer:
    """Take the instance's private queue into use; the same again changes nothing."""
    name = str(request.object().get("queue", ""))
    if not _QUEUE.fullmatch(name):
        raise Problem(400, "malformed-request", "queue must be a name of 1 to 100 letters, digits, . _ or -.")
    if not box.post.reachable():
        raise Problem(
            503,
            "queue-unreachable",
            "The gateway cannot reach the queue service at its configured Redis address.",
        )
    with box.store.writing() as db:
        holder = box.store.value("SELECT guid FROM instance WHERE queue = ?", name)
        if holder not in (None, _checked_guid(guid)):
            raise Problem(409, "queue-taken", f"The queue {name} belongs to another instance.")
        if created := holder is None:
            db.execute(
                "INSERT INTO instance(guid, queue, registered_at) VALUES (?, ?, ?) ON CONFLICT(guid) DO UPDATE SET"
                " queue = excluded.queue, registered_at = excluded.registered_at",
                (guid, name, wall_stamp()),
            )
        registered = box.store.value("SELECT registered_at FROM instance WHERE guid = ?", guid)
    box.post.nudge()
    return json_answer({"name": name, "state": "registered", "created": created, "registeredAt": registered})


def upload_certificate(box: Box, request: Request, guid: str) -> Answer:
    """The OPG's certificate goes to central, for the OPG the caller looked at."""
    current = opg_fingerprint(box)
    if request.object().get("fingerprint") != current:
        raise Problem(
            409,
            "fingerprint-changed",
            f"The gateway's fingerprint is {current} now; look at its status and confirm it.",
        )
    with box.store.writing() as db:
        db.execute(
            "INSERT INTO instance(guid, certificate, certificate_at) VALUES (?, ?, ?) ON CONFLICT(guid) DO UPDATE SET"
            " certificate = excluded.certificate, certificate_at = excluded.certificate_at",
            (_checked_guid(guid), current, wall_stamp()),
        )
    return json_answer(_certificate(box, box.store.row("SELECT * FROM instance WHERE guid = ?", guid)))


def _certificate(box: Box, row: sqlite3.Row | None) -> dict[str, Any]:
    if row is None or row["certificate"] is None:
        return {"state": "absent", "fingerprint": None, "uploadedAt": None}
    state = "uploaded" if row["certificate"] == opg_fingerprint(box) else "outdated"
    return {"state": state, "fingerprint": row["certificate"], "uploadedAt": row["certificate_at"]}


def list_companies(box: Box, request: Request, guid: str) -> Answer:
    """The companies of an instance, for Check link."""
    rows = box.store.rows("SELECT * FROM company WHERE instance = ? ORDER BY keyid", _checked_guid(guid))
    return json_answer({"companies": [_shown(row) for row in rows]})


def export_company(box: Box, request: Request, guid: str, keyid: str) -> Answer:
    """Create or update by country and organisation number; a company that is known keeps its id and key."""
    facts, match = request.object(), _KEYID.fullmatch(keyid)
    name = facts.get("name")
    if match is None or not isinstance(name, str) or not name.strip():
        raise Problem(400, "malformed-request", "The company needs a name, and an address like NO-918234567.")
    with box.store.writing() as db:
        row = box.store.row("SELECT * FROM company WHERE keyid = ?", keyid)
        if row is None:
            company_id = f"c-{box.store.next_number('company'):08x}"
            db.execute(
                "INSERT INTO company(keyid, company_id, instance, country, number, name, key)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (keyid, company_id, _checked_guid(guid), match[1], match[2], name.strip(), new_key()),
            )
        elif row["instance"] != _checked_guid(guid) and facts.get("takeOver") is not True:
            raise Problem(
                409,
                "linked-elsewhere",
                f"{row['name']} is linked to another instance; take it over only if that one is gone.",
            )
        else:
            db.execute(
                "UPDATE company SET name = ?, instance = ?, linked = 1 WHERE keyid = ?",
                (name.strip(), guid, keyid),
            )
        known = box.store.row("SELECT * FROM company WHERE keyid = ?", keyid)
    if known is None:
        raise Problem(500, "central-fault", "The company could not be stored.")
    box.post.nudge()
    answer = {**_shown(known), "signingKey": known["key"], "created": row is None}
    return json_answer(answer, 201 if row is None else 200)


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "companyId": row["company_id"],
        "country": row["country"],
        "organisationNumber": row["number"],
        "name": row["name"],
        "linkState": "linked" if row["linked"] else "unlinked",
        "keyFingerprint": fingerprint(row["key"]),
    }


def _checked_guid(guid: str) -> str:
    if not _GUID.fullmatch(guid):
        raise Problem(400, "malformed-request", "The instance is named by its GUID in lower case with hyphens.")
    return guid


def ping(box: Box, request: Request, company: sqlite3.Row) -> Answer:
    """Signed no-op."""
    facts = {"companyId": company["company_id"], "keyFingerprint": fingerprint(company["key"])}
    return json_answer({**facts, "time": wall_stamp(), "businessDate": box.clock.today().isoformat()})


def rotate_key(box: Box, request: Request, company: sqlite3.Row) -> Answer:
    """A new key; until its first use the old one stays good and the answer stays the same."""
    with box.store.writing() as db:
        db.execute(
            "UPDATE company SET next_key = ? WHERE keyid = ? AND next_key IS NULL",
            (new_key(), company["keyid"]),
        )
        key = str(box.store.value("SELECT next_key FROM company WHERE keyid = ?", company["keyid"]))
    return json_answer({"signingKey": key, "keyFingerprint": fingerprint(key)})
