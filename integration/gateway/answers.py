"""What the gateway answers, read strictly: a missing or odd value is a malformed answer, never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from integration.gateway.errors import Malformed


@dataclass(frozen=True, slots=True)
class Service:
    """Which service listens there, and which installation of it."""

    name: str
    version: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class QueueState:
    """Registration of the private queue. `created` only when this call made it."""

    name: str
    registered: bool
    registered_at: datetime | None
    created: bool = False


@dataclass(frozen=True, slots=True)
class CertificateState:
    """The OPG's certificate as central has it: absent, uploaded or outdated."""

    state: str
    fingerprint: str
    uploaded_at: datetime | None


@dataclass(frozen=True, slots=True)
class InstanceStatus:
    """Everything Enable Visma.net shows about an instance."""

    fingerprint: str
    connected: bool
    time: datetime
    business_date: date
    queue: QueueState
    certificate: CertificateState


@dataclass(frozen=True, slots=True)
class RemoteCompany:
    """A company as Visma.net has it."""

    company_id: str
    country: str
    organisation_no: str
    name: str
    linked: bool
    key_fingerprint: str

    @property
    def keyid(self) -> str:
        """Country and organisation number, as calls name the company."""
        return f"{self.country}-{self.organisation_no}"


@dataclass(frozen=True, slots=True)
class ExportedCompany:
    """Answer to an export: the company's id and the key in force."""

    company: RemoteCompany
    signing_key: str
    created: bool

    def __repr__(self) -> str:
        return f"ExportedCompany({self.company!r}, created={self.created})"  # the key stays out of logs


@dataclass(frozen=True, slots=True)
class NewKey:
    """A changed signing key."""

    signing_key: str
    fingerprint: str

    def __repr__(self) -> str:
        return f"NewKey({self.fingerprint})"


@dataclass(frozen=True, slots=True)
class Upload:
    """What AutoPay central knows of a payment file: received, waiting, sent, cancelled or refused."""

    message_id: str
    digest: str
    state: str
    account: str
    batch_id: str
    transactions: int
    refused_code: str
    refused_text: str
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Messages by hand: envelopes as they also stand on the queue, and where to go on."""

    messages: tuple[dict[str, Any], ...]
    next: int
    more: bool


def service(facts: Mapping[str, Any]) -> Service:
    """Answer of `GET /`."""
    return Service(_text(facts, "service"), _number(facts, "version"), _text(facts, "fingerprint"))


def status(facts: Mapping[str, Any]) -> InstanceStatus:
    """Answer of the instance's status."""
    return InstanceStatus(
        _text(facts, "fingerprint"),
        _choice(facts, "central", "connected", "unreachable") == "connected",
        _moment(facts, "time"),
        _day(facts, "businessDate"),
        queue(_part(facts, "queue")),
        certificate(_part(facts, "certificate")),
    )


def queue(facts: Mapping[str, Any]) -> QueueState:
    """Registration of the queue."""
    registered = _choice(facts, "state", "registered", "absent") == "registered"
    at = _moment(facts, "registeredAt") if facts.get("registeredAt") else None
    return QueueState(_text(facts, "name") if registered else "", registered, at, facts.get("created") is True)


def certificate(facts: Mapping[str, Any]) -> CertificateState:
    """State of the OPG's certificate."""
    state = _choice(facts, "state", "absent", "uploaded", "outdated")
    at = _moment(facts, "uploadedAt") if facts.get("uploadedAt") else None
    return CertificateState(state, str(facts.get("fingerprint") or ""), at)


def remote_company(facts: Mapping[str, Any]) -> RemoteCompany:
    """One integrated company."""
    return RemoteCompany(
        _text(facts, "companyId"),
        _text(facts, "country"),
        _text(facts, "organisationNumber"),
        _text(facts, "name"),
        _choice(facts, "linkState", "linked", "unlinked") == "linked",
        _text(facts, "keyFingerprint"),
    )


def companies(facts: Mapping[str, Any]) -> list[RemoteCompany]:
    """All integrated companies of the instance."""
    return [remote_company(one) for one in _list(facts, "companies")]


def exported(facts: Mapping[str, Any]) -> ExportedCompany:
    """Answer to an export."""
    return ExportedCompany(remote_company(facts), _text(facts, "signingKey"), facts.get("created") is True)


def new_key(facts: Mapping[str, Any]) -> NewKey:
    """Answer to a change of key."""
    return NewKey(_text(facts, "signingKey"), _text(facts, "keyFingerprint"))


def upload(facts: Mapping[str, Any]) -> Upload:
    """An upload as central knows it."""
    refusal = facts.get("refusal") or {}
    if not isinstance(refusal, Mapping):
        raise Malformed("The gateway's answer has an odd refusal.")
    return Upload(
        _text(facts, "messageId"),
        _text(facts, "sha256"),
        _choice(facts, "state", "received", "waiting", "sent", "cancelled", "refused"),
        _text(facts, "account"),
        _text(facts, "batchId"),
        _number(facts, "transactions"),
        str(refusal.get("code", "")),
        str(refusal.get("sentence", "")),
        facts.get("result") == "already-known",
    )


def page(facts: Mapping[str, Any]) -> Page:
    """One page of messages."""
    return Page(tuple(_list(facts, "messages")), _number(facts, "next"), facts.get("more") is True)


def _text(facts: Mapping[str, Any], name: str) -> str:
    value = facts.get(name)
    if not isinstance(value, str) or not value:
        raise Malformed(f"The gateway's answer lacks {name}.")
    return value


def _number(facts: Mapping[str, Any], name: str) -> int:
    value = facts.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"The gateway's answer lacks the number {name}.")
    return value


def _choice(facts: Mapping[str, Any], name: str, *known: str) -> str:
    value = _text(facts, name)
    if value not in known:
        raise Malformed(f"The gateway's answer says {name} = {value[:40]!r}, which is not known here.")
    return value


def _moment(facts: Mapping[str, Any], name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(facts, name))
    except ValueError as error:
        raise Malformed(f"The gateway's answer has an odd time in {name}.") from error
    if moment.tzinfo is None:
        raise Malformed(f"The gateway's answer has a time without zone in {name}.")
    return moment


def _day(facts: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(_text(facts, name))
    except ValueError as error:
        raise Malformed(f"The gateway's answer has an odd date in {name}.") from error


def _part(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = facts.get(name)
    if not isinstance(value, Mapping):
        raise Malformed(f"The gateway's answer lacks {name}.")
    return value


def _list(facts: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    value = facts.get(name)
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Malformed(f"The gateway's answer lacks the list {name}.")
    return value
