"""Enable Visma.net: the three lines of *Status information*, asked live, each with what to do when it is not good.

Four mistakes that look alike to a person are told apart: nothing listens, another service listens, the path is wrong,
user or password is wrong.
"""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import Person, SystemInformation
from companies.problems import Problem
from integration import certificates, traffic
from integration.gateway import address, client
from integration.gateway.answers import InstanceStatus
from integration.gateway.errors import (
    GatewayError,
    RefusedConnection,
    Unreachable,
    WrongCredentials,
    WrongKey,
    WrongPath,
    WrongService,
)

NAME_SECONDS = 1.0  # how long a name server may take


@dataclass(frozen=True, slots=True)
class Light:
    """One line of the dialog. `good` None: it could not be asked. `word` says it in a word or two."""

    code: str
    label: str
    good: bool | None
    text: str
    remedy: str = ""
    word: str = ""
    soon: bool = False  # good still, but not for long
    at: datetime | None = None

    @property
    def tone(self) -> str:
        """Colour and shape of its badge."""
        if self.good is None:
            return ""
        return ("warn" if self.soon else "good") if self.good else "bad"


@dataclass(frozen=True, slots=True)
class StatusInformation:
    """The whole upper part of the dialog: lights, findings about the address, and what the gateway said."""

    lights: list[Light]
    address: list[Problem] = field(default_factory=list)
    status: InstanceStatus | None = None

    @property
    def connected(self) -> bool:
        """Companies can be exported and payments sent."""
        return bool(self.lights and self.lights[0].good)


@dataclass(frozen=True, slots=True)
class Tried:
    """*Try it*: what answers at an address somebody typed. `name` is a server name for an IP address, when known."""

    good: bool
    text: str
    remedy: str = ""
    milliseconds: int = 0
    name: str = ""


def status_information(*, by: Person | None = None) -> StatusInformation:
    """Ask the gateway once and say how things stand. Never raises for what a gateway does."""
    row = client.system_information()
    found = address.check(row.opg_address) if row.opg_address else []
    now, started = timezone.now(), time.monotonic()
    try:
        with traffic.on_occasion(person=by), client.connect() as gateway:
            status = gateway.status()
    except GatewayError as error:
        return StatusInformation(_unanswered(error, row.opg_address, now), found)
    took = int((time.monotonic() - started) * 1000)
    lights = [_connection(status, took), _queue(status, row), _certificate(status, row)]
    return StatusInformation([replace(light, at=now) for light in lights], found, status)


def try_address(opg_address: str, user: str, password: str, *, by: Person | None = None) -> Tried:
    """What would happen with this address, user and password; nothing is kept. Wrong forms are told by the form."""
    guid, name = str(client.system_information().instance_guid), name_of(opg_address)
    started = time.monotonic()
    try:
        with traffic.on_occasion(person=by), client.Gateway(opg_address, guid, user, password) as gateway:
            gateway.service()
            took = int((time.monotonic() - started) * 1000)
            status = gateway.status()
    except GatewayError as error:
        return Tried(False, error.text, remedy(error, opg_address), name=name)
    if not status.connected:
        text = _("The gateway answers, but it cannot reach AutoPay central.")
        return Tried(False, text, _("Check the gateway's own connection to Visma.net."), took, name)
    text = _("The gateway %(name)s answers in %(ms)s ms and takes user and password.")
    return Tried(True, text % {"name": status.fingerprint, "ms": took}, "", took, name)


def name_of(opg_address: str) -> str:
    """The server name behind an IP address, or nothing: a name server that is slow or silent is not waited for."""
    host = urlsplit(opg_address.strip()).hostname or ""
    if "gateway_ip" not in [problem.code for problem in address.check(opg_address)]:
        return ""
    found: list[str] = []

    def ask() -> None:
        try:
            found.append(socket.gethostbyaddr(host)[0])
        except OSError:
            return

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(NAME_SECONDS)
    return found[0] if found and found[0] != host else ""


def with_name(opg_address: str, name: str) -> str:
    """The same address with a server name instead of the IP address."""
    parts = urlsplit(opg_address.strip())
    return parts._replace(netloc=f"{name}:{parts.port}" if parts.port else name).geturl()


def remedy(error: GatewayError, opg_address: str = "") -> str:
    """What a person can do about a call that failed."""
    if error.code == "no-address":
        return _("Enter the gateway address in System information.")
    if isinstance(error, RefusedConnection) and opg_address and not address.is_this_machine(opg_address):
        return _(
            "The server refuses the connection. Is the gateway service running, and is the port right? "
            "If it runs there, the OPG may be limited to 'local installation': change that in its installer or config."
        )
    if isinstance(error, Unreachable):
        return _("Is the gateway service running, and are server and port of its address right?")
    if isinstance(error, WrongService):
        return _("Check server and port: http://[ServerAddress]:[Port]/OPGatewayService/.")
    if isinstance(error, WrongPath):
        return _("The address must end with /OPGatewayService/, once.")
    if isinstance(error, WrongCredentials):
        return _("Enter the gateway user and password (Customer Administrator) in System information.")
    if isinstance(error, WrongKey):
        return _("The connection is good; the signing key is not. Use Check link, then Enter key or export again.")
    return _("Try again in a while; the traffic log shows what was answered.")


def _unanswered(error: GatewayError, opg_address: str, now: datetime) -> list[Light]:
    not_asked, word = _("Cannot be asked without connection."), _("Not asked")
    down = _("No address") if error.code == "no-address" else _("Down")
    if isinstance(error, WrongCredentials):
        down = _("Not let in")
    return [
        Light("connection", _("Connection to Visma.net"), False, error.text, remedy(error, opg_address), down, at=now),
        Light("queue", _("Message Queue Registration"), None, not_asked, word=word, at=now),
        Light("certificate", _("OPG Certificate uploaded"), None, not_asked, word=word, at=now),
    ]


def _connection(status: InstanceStatus, took: int) -> Light:
    label = _("Connection to Visma.net")
    if status.connected:
        text = _("OPG %(name)s answers in %(ms)s ms.") % {"name": status.fingerprint, "ms": took}
        return Light("connection", label, True, text, word=_("Up"))
    text = _("The gateway answers, but it cannot reach AutoPay central.")
    return Light("connection", label, False, text, _("Check the gateway's own connection to Visma.net."), _("Down"))


def _queue(status: InstanceStatus, row: SystemInformation) -> Light:
    label, name = _("Message Queue Registration"), row.queue_name or f"vbus-{row.instance_guid}"
    start = _("Start the message queue service: it registers the queue at every start.")
    if not status.queue.registered:
        return Light("queue", label, False, _("No queue is registered for this instance."), start, _("Not registered"))
    if status.queue.name != name:
        text = _("The gateway sends to %(there)s, this instance reads %(here)s.")
        word = _("Other queue")
        return Light("queue", label, False, text % {"there": status.queue.name, "here": name}, start, word)
    return Light("queue", label, True, _("Registered as %(name)s.") % {"name": name}, word=_("Registered"))


def _certificate(status: InstanceStatus, row: SystemInformation) -> Light:
    label, again = _("OPG Certificate uploaded"), _("Press Upload OPG Certificate.")
    if status.certificate.state == "absent":
        text = _("Not uploaded yet. Other Visma.net integrations need it.")
        return Light("certificate", label, False, text, again, _("Not uploaded"))
    if not certificates.is_current(status):
        text = _("The gateway was installed anew: Visma.net has the certificate of %(old)s.")
        text %= {"old": status.certificate.fingerprint}
        return Light("certificate", label, False, text, again, _("Of another OPG"))
    for problem in certificates.check_expiry(row.certificate_valid_to):
        text, word = _(problem.message) % problem.params, _("Expired") if problem.stops else _("Ends soon")
        return Light("certificate", label, not problem.stops, text, again, word, soon=not problem.stops)
    text = _("Uploaded for OPG %(name)s.") % {"name": status.fingerprint}
    if row.certificate_valid_to:
        until = timezone.localtime(row.certificate_valid_to).date().isoformat()
        text = _("Uploaded for OPG %(name)s, valid until %(day)s.") % {"name": status.fingerprint, "day": until}
    return Light("certificate", label, True, text, word=_("Uploaded"))
