"""Read one entry of the private queue. Whatever the bytes are, an envelope comes out; what is wrong stands in `fault`.

Format: docs/gateway-protocol.md §5. A message is never thrown away because we cannot read it: it is parked with its
bytes and the reason, so that a person sees it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from integration.choices import MessageType

LONGEST_ID = 100
LARGEST = 64 * 1024  # bytes; an envelope is a small note about a file, never the file
SELF_TEST = "SelfTest"  # our own message: proves the way from stream to worker (integration.selftest)
KINDS = {
    MessageType.STATUS: {"status-report", "pain.002", "camt.054"},
    MessageType.INCOMING: {"vip", "camt.054"},
    MessageType.STATEMENT: {"camt.053", "camt.052"},
    MessageType.MANDATES: {"mandates"},
}
_PLAIN_ID = re.compile(r"[0-9a-z._:\-]{1,80}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a queue entry says. Absent texts are ""."""

    key: str
    raw: str
    message_id: str = ""
    message_type: str = ""
    company_id: str = ""
    file_id: str = ""
    file_kind: str = ""
    digest: str = ""
    created_at: datetime | None = None
    fault: str = ""

    @property
    def content(self) -> tuple[str, str, str, str]:
        """What two deliveries of one message must agree on."""
        return (self.message_type, self.company_id, self.file_id, self.digest)


class _Faulty(ValueError):
    pass


def read(body: bytes) -> Envelope:
    """The envelope in these bytes; `fault` is a sentence when it cannot be worked on."""
    digest = hashlib.sha256(body).hexdigest()
    raw = readable(body)
    try:
        facts = _facts(body)
        message_id = _text(facts, "messageId", LONGEST_ID)
        message_type = _text(facts, "messageType", 40)
    except _Faulty as error:
        return Envelope(key=f"bytes:{digest}", raw=raw, fault=str(error))
    key = key_of(message_id) if message_id else f"bytes:{digest}"
    envelope = Envelope(key=key, raw=raw, message_id=message_id, message_type=message_type)
    try:
        return _with_content(envelope, facts)
    except _Faulty as error:
        return replace(envelope, fault=str(error))


def of_message(facts: Mapping[str, Any]) -> Envelope:
    """The same for a message of the download list, which holds the envelope's fields beside its position."""
    kept = {name: facts.get(name) for name in ("messageId", "messageType", "message")}
    return read(json.dumps(kept, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def key_of(message_id: str) -> str:
    """The inbox key of a message id. Ids a database might take for equal (capitals, blanks) go by their digest."""
    if _PLAIN_ID.fullmatch(message_id):
        return f"id:{message_id}"
    return f"id-sha256:{hashlib.sha256(message_id.encode('utf-8', 'surrogatepass')).hexdigest()}"


def other_content_key(envelope: Envelope) -> str:
    """The key of a message whose id is known already with other content."""
    said = "\x1f".join((envelope.message_id, *envelope.content))
    return f"other:{hashlib.sha256(said.encode()).hexdigest()}"


def readable(body: bytes) -> str:
    """Bytes as text that every database can keep; what is no UTF-8 is shown as \\x…"""
    text = body[:LARGEST].decode("utf-8", "backslashreplace").replace("\x00", "\\x00")
    return text if len(body) <= LARGEST else f"{text}… ({len(body)} bytes)"


def _facts(body: bytes) -> dict[str, Any]:
    if len(body) > LARGEST:
        raise _Faulty(_("The message is %(size)d bytes long; an envelope is a small note.") % {"size": len(body)})
    try:
        facts = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _Faulty(_("The message is not JSON: %(error)s") % {"error": str(error)[:200]}) from error
    if not isinstance(facts, dict):
        raise _Faulty(_("The message is not a JSON object."))
    return facts


def _with_content(envelope: Envelope, facts: Mapping[str, Any]) -> Envelope:
    if not envelope.message_id:
        raise _Faulty(_("The message has no messageId."))
    content = facts.get("message")
    if isinstance(content, str):  # other consoles of the vendor carry the object as a text
        content = _facts(content.encode("utf-8", "surrogatepass"))
    if not isinstance(content, dict):
        raise _Faulty(_("The message's content (message) is not a JSON object."))
    full = replace(
        envelope,
        company_id=_text(content, "companyId", 64),
        file_id=_text(content, "fileId", 100),
        file_kind=_text(content, "fileKind", 40),
        digest=_text(content, "sha256", 64),
        created_at=_moment(content.get("createdAt")),
    )
    return replace(full, fault=_what_is_wrong(full))


def _what_is_wrong(envelope: Envelope) -> str:
    if envelope.message_type == SELF_TEST:
        return ""
    if envelope.message_type not in MessageType.values:
        return _("Messages of type “%(type)s” are not known here.") % {"type": envelope.message_type}
    for name, value in (("companyId", envelope.company_id), ("fileId", envelope.file_id), ("sha256", envelope.digest)):
        if not value:
            return _("The message has no %(name)s.") % {"name": name}
    if not _DIGEST.fullmatch(envelope.digest):
        return _("The message's sha256 is not 64 hexadecimal digits.")
    if envelope.file_kind not in KINDS[MessageType(envelope.message_type)]:
        said = {"kind": envelope.file_kind, "type": envelope.message_type}
        return _("A file of kind “%(kind)s” is not expected in a message of type %(type)s.") % said
    return ""


def _text(facts: Mapping[str, Any], name: str, longest: int) -> str:
    value = facts.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Faulty(_("%(name)s is not a text.") % {"name": name})
    if len(value) > longest or not value.isprintable() or value != value.strip():
        raise _Faulty(_("%(name)s is too long or holds signs that are not allowed.") % {"name": name})
    return value


def _moment(value: object) -> datetime | None:
    """The envelope's time, when it is one; it is shown and decides nothing."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo else None
