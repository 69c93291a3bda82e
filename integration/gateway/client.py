"""The gateway's verbs, one method each. Every call is in the traffic log; every failure is a GatewayError.

with client.connect() as gateway:
    gateway.upload(company, account, msg_id, path, digest)
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, TypedDict, Unpack
from urllib.parse import quote

from companies import installation
from companies.models import Company, SystemInformation
from integration.gateway import answers
from integration.gateway.answers import (
    CertificateState,
    ExportedCompany,
    InstanceStatus,
    NewKey,
    Page,
    QueueState,
    RemoteCompany,
    Service,
    Upload,
)
from integration.gateway.calls import Call, Reply
from integration.gateway.errors import Malformed, Refused
from integration.gateway.keys import keyid
from integration.models import StoredFile


class Logged(TypedDict, total=False):
    """What the traffic log says about an upload besides the call: the stored file, its count and sum."""

    kept: StoredFile
    count: int
    total: Decimal


class Gateway:
    """One gateway and one instance of ours, over one HTTP session."""

    def __init__(
        self, address: str, guid: str, user: str = "", password: str = "", *, read_seconds: float | None = None
    ) -> None:
        from integration.gateway.calling import Line  # requests is slow to load, and most pages ask no gateway

        self._line = Line(address, user, password, read_seconds)
        self._instance = f"instances/{guid.lower()}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.close()

    def service(self) -> Service:
        """Which service listens at the address; needs no credentials."""
        return answers.service(self._line.call(Call("service", "GET", "", open_call=True)).facts)

    def status(self) -> InstanceStatus:
        """Connection to central, queue registration, certificate."""
        return answers.status(self._line.call(Call("instance", "GET", self._instance)).facts)

    def register_queue(self, name: str) -> QueueState:
        """Create and register the private queue; the same again changes nothing."""
        path = f"{self._instance}/queue"
        call = Call("register", "PUT", path, facts={"queue": name}, reference=name)
        return answers.queue(self._line.call(call).facts)

    def upload_certificate(self, fingerprint: str) -> CertificateState:
        """Have the OPG with this fingerprint upload its certificate to central."""
        path = f"{self._instance}/certificate"
        call = Call("certificate", "PUT", path, facts={"fingerprint": fingerprint}, reference=fingerprint)
        return answers.certificate(self._line.call(call).facts)

    def integrated_companies(self) -> list[RemoteCompany]:
        """The companies of this instance as Visma.net has them."""
        return answers.companies(self._line.call(Call("companies", "GET", f"{self._instance}/companies")).facts)

    def export_company(self, company: Company, *, take_over: bool = False) -> ExportedCompany:
        """Create or update the company by country and organisation number; the answer holds the key in force."""
        facts = {"name": company.name, "companyNumber": company.number, "currency": company.currency_id}
        if take_over:
            facts["takeOver"] = True
        name = keyid(company)
        call = Call("export", "PUT", f"{self._instance}/companies/{quote(name)}", facts=facts, reference=name)
        return answers.exported(self._line.call(call).facts)

    def ping(self, company: Company) -> str:
        """Prove that both sides hold the same key; returns the key's fingerprint as the gateway sees it."""
        facts = self._signed("ping", "POST", company, "ping").facts
        if not (fingerprint := str(facts.get("keyFingerprint", ""))):
            raise Malformed("The gateway's answer lacks keyFingerprint.")
        return fingerprint

    def rotate_signing_key(self, company: Company) -> NewKey:
        """A new signing key; the old one stays good until the new one is used."""
        return answers.new_key(self._signed("key", "POST", company, "signing-key").facts)

    def upload(
        self, company: Company, account: str, msg_id: str, file: Path, digest: str, **logged: Unpack[Logged]
    ) -> Upload:
        """Send a payment file (streamed). `Refused` is the gateway's no; what is not surely taken raises others."""
        path = f"agreements/{quote(account.replace(' ', ''), safe='')}/payments/{quote(msg_id, safe='')}"
        reply = self._signed("upload", "PUT", company, path, file=file, digest=digest, reference=msg_id, **logged)
        return _same(answers.upload(reply.facts), msg_id)

    def upload_status(self, company: Company, msg_id: str) -> Upload | None:
        """What central knows of an upload; None when it never got it."""
        try:
            reply = self._signed("upload-status", "GET", company, _payment(msg_id), reference=msg_id)
        except Refused as error:
            if error.code == "unknown-msgid":
                return None
            raise
        return _same(answers.upload(reply.facts), msg_id)

    def approve(self, company: Company, msg_id: str, by: str) -> Upload:
        """Approve a batch that waits at central."""
        path = _payment(msg_id) + "/approve"
        reply = self._signed("approve", "POST", company, path, facts={"by": by[:140]}, reference=msg_id)
        return answers.upload(reply.facts)

    def cancel(self, company: Company, msg_id: str, by: str, reason: str = "") -> Upload:
        """Cancel a batch at central before it goes to the bank."""
        facts = {"by": by[:140], "reason": reason[:500]}
        path = _payment(msg_id) + "/cancel"
        return answers.upload(self._signed("cancel", "POST", company, path, facts=facts, reference=msg_id).facts)

    def messages_after(self, company: Company, position: int) -> Page:
        """*Download* by hand: at most 100 messages after a position."""
        path = f"messages/after/{position}"
        return answers.page(self._signed("messages", "GET", company, path, reference=str(position)).facts)

    def fetch_file(self, company: Company, file_id: str, into: IO[bytes]) -> Reply:
        """Write a file's bytes to `into`; the reply holds digest and size. Bytes are proven only when it returns."""
        return self._signed("file", "GET", company, f"files/{quote(file_id, safe='')}", into=into, reference=file_id)

    def _signed(self, kind: str, method: str, company: Company, path: str, **more: Any) -> Reply:
        where = f"companies/{quote(keyid(company))}/{path}"
        return self._line.call(Call(kind, method, where, company=company, **more))


def connect(read_seconds: float | None = None) -> Gateway:
    """The gateway of System information. Use as a context manager. `read_seconds`: for who cannot wait long."""
    row = system_information()
    guid = str(row.instance_guid)
    return Gateway(row.opg_address, guid, row.gateway_user, row.gateway_password, read_seconds=read_seconds)


def system_information() -> SystemInformation:
    """The installation's row; made with a new instance GUID when it is not there yet."""
    return installation.row() or SystemInformation.objects.get_or_create(pk=1)[0]


def _payment(msg_id: str) -> str:
    return f"payments/{quote(msg_id, safe='')}"


def _same(upload: Upload, msg_id: str) -> Upload:
    if upload.message_id != msg_id:
        raise Malformed(f"The gateway answered about {upload.message_id[:35]}, asked was {msg_id}.")
    return upload
