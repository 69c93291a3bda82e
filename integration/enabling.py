"""Enable Visma.net: the three lines of *Status information*, asked live, each with what to do when it is not good.

Four mistakes that look alike to a person are told apart: nothing listens, another service listens, the path is wrong,
user or password is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from companies.models import Person, SystemInformation
from companies.problems import Problem
from integration import certificates, traffic
from integration.gateway import address, client
from integration.gateway.answers import InstanceStatus
from integration.gateway.errors import GatewayError, Unreachable, WrongCredentials, WrongPath, WrongService


@dataclass(frozen=True, slots=True)
class Light:
    """One line of the dialog. `good` None: it could not be asked."""

    code: str
    label: str
    good: bool | None
    text: str
    remedy: str = ""


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


def status_information(*, by: Person | None = None) -> StatusInformation:
    """Ask the gateway once and say how things stand. Never raises for what a gateway does."""
    row = client.system_information()
    found = address.check(row.opg_address) if row.opg_address else []
    try:
        with traffic.on_occasion(person=by), client.connect() as gateway:
            status = gateway.status()
    except GatewayError as error:
        not_asked = _("Cannot be asked without connection.")
        lights = [
            Light("connection", _("Connection to Visma.net"), False, error.text, remedy(error)),
            Light("queue", _("Message Queue Registration"), None, not_asked),
            Light("certificate", _("OPG Certificate uploaded"), None, not_asked),
        ]
        return StatusInformation(lights, found)
    lights = [_connection(status), _queue(status, row), _certificate(status, row)]
    return StatusInformation(lights, found, status)


def remedy(error: GatewayError) -> str:
    """What a person can do about a call that failed."""
    if error.code == "no-address":
        return _("Enter the gateway address in System information.")
    if isinstance(error, Unreachable):
        return _("Is the gateway service running, and are server and port of its address right?")
    if isinstance(error, WrongService):
        return _("Check server and port: http://[ServerAddress]:[Port]/OPGatewayService/.")
    if isinstance(error, WrongPath):
        return _("The address must end with /OPGatewayService/, once.")
    if isinstance(error, WrongCredentials):
        return _("Enter the gateway user and password (Customer Administrator) in System information.")
    return _("Try again in a while; the traffic log shows what was answered.")


def _connection(status: InstanceStatus) -> Light:
    label = _("Connection to Visma.net")
    if status.connected:
        return Light("connection", label, True, _("The gateway %(name)s answers.") % {"name": status.fingerprint})
    text = _("The gateway answers, but it cannot reach AutoPay central.")
    return Light("connection", label, False, text, _("Check the gateway's own connection to Visma.net."))


def _queue(status: InstanceStatus, row: SystemInformation) -> Light:
    label, name = _("Message Queue Registration"), row.queue_name or f"vbus-{row.instance_guid}"
    start = _("Start the message queue service: it registers the queue at every start.")
    if not status.queue.registered:
        return Light("queue", label, False, _("No queue is registered for this instance."), start)
    if status.queue.name != name:
        text = _("The gateway sends to %(there)s, this instance reads %(here)s.")
        return Light("queue", label, False, text % {"there": status.queue.name, "here": name}, start)
    return Light("queue", label, True, _("Registered as %(name)s.") % {"name": name})


def _certificate(status: InstanceStatus, row: SystemInformation) -> Light:
    label, again = _("OPG Certificate uploaded"), _("Press Upload OPG Certificate.")
    if status.certificate.state == "absent":
        return Light("certificate", label, False, _("Not uploaded yet. Other Visma.net integrations need it."), again)
    if not certificates.is_current(status):
        text = _("The gateway was installed anew: Visma.net has the certificate of %(old)s.")
        return Light("certificate", label, False, text % {"old": status.certificate.fingerprint}, again)
    for problem in certificates.check_expiry(row.certificate_valid_to):
        return Light("certificate", label, not problem.stops, _(problem.message) % problem.params, again)
    return Light("certificate", label, True, _("Uploaded for %(name)s.") % {"name": status.fingerprint})
