"""The OPG certificate: once per instance, needed by other Visma.net integrations (Enable Visma.net).

The gateway sends its own certificate to Visma.net when we ask it to. An administrator may also give us the file (PEM or
PFX) so that the console can warn before it runs out; of that file only public facts are kept, never the private key.
The library that reads certificates is loaded with the first file: most processes never get one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from companies.models import Person, SystemInformation
from companies.problems import Problem, gettext_noop, stop, warning
from integration import traffic
from integration.gateway import client
from integration.gateway.answers import InstanceStatus

if TYPE_CHECKING:
    from cryptography import x509

WARN_BEFORE = timedelta(days=30)
MOST_BYTES = 256 * 1024
DER_SEQUENCE = b"\x30"  # how DER and PFX files begin


class NoCertificate(ValueError):
    """The file is no certificate, or its password is wrong; the text says which."""


class WrongPassword(NoCertificate):
    """The file is a PFX, and its password is missing or wrong."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What of a certificate is public: subject, SHA-256 fingerprint (hex), validity."""

    subject: str
    fingerprint: str
    valid_from: datetime
    valid_to: datetime


def read(content: bytes, password: str = "") -> Certificate:
    """Read a PEM, DER or PFX/P12 file. A PFX may need its password, which is not kept."""
    from cryptography.hazmat.primitives.hashes import SHA256

    if len(content) > MOST_BYTES:
        raise NoCertificate(_("A certificate file is small; this one has %(size)s bytes.") % {"size": len(content)})
    found = _from_pem_or_der(content) or _from_pfx(content, password)
    return Certificate(
        found.subject.rfc4514_string()[:200],
        found.fingerprint(SHA256()).hex(),
        found.not_valid_before_utc,
        found.not_valid_after_utc,
    )


def check(certificate: Certificate, now: datetime | None = None) -> list[Problem]:
    """What is wrong with its validity: not yet, no more, or soon no more."""
    now = now or timezone.now()
    if certificate.valid_from > now:
        text = gettext_noop("The certificate is valid only from %(day)s.")
        return [stop("certificate_early", text, day=certificate.valid_from.date().isoformat())]
    return check_expiry(certificate.valid_to, now)


def check_expiry(valid_to: datetime | None, now: datetime | None = None) -> list[Problem]:
    """Whether a certificate that is in use runs out."""
    now = now or timezone.now()
    if valid_to is None:
        return []
    day = valid_to.astimezone(UTC).date().isoformat()
    if valid_to <= now:
        return [stop("certificate_expired", gettext_noop("The certificate expired on %(day)s."), day=day)]
    if valid_to - now <= WARN_BEFORE:
        text = gettext_noop("The certificate expires on %(day)s; renew it at the gateway and upload it again.")
        return [warning("certificate_soon", text, day=day)]
    return []


def read_valid(content: bytes, password: str = "") -> Certificate:
    """Read a certificate file and refuse one that is not valid today."""
    certificate = read(content, password)
    for problem in check(certificate):
        if problem.stops:
            raise NoCertificate(_(problem.message) % problem.params)
    return certificate


def note(certificate: Certificate) -> None:
    """Keep the facts of the gateway's certificate, for warnings before it ends."""
    row = client.system_information()
    SystemInformation.objects.filter(pk=row.pk).update(
        certificate_subject=certificate.subject,
        certificate_fingerprint=certificate.fingerprint,
        certificate_valid_to=certificate.valid_to,
    )


def upload(*, by: Person | None = None) -> InstanceStatus:
    """*Upload OPG Certificate*: the gateway sends its certificate to Visma.net; GatewayError when it does not.

    The fingerprint is the one the gateway states now. When the gateway is replaced between question and order it
    refuses (`fingerprint-changed`), and the person looks again.
    """
    with traffic.on_occasion(person=by), client.connect() as gateway:
        status = gateway.status()
        state = gateway.upload_certificate(status.fingerprint)
    row = client.system_information()
    SystemInformation.objects.filter(pk=row.pk).update(
        certificate_opg_fingerprint=state.fingerprint, certificate_uploaded_at=state.uploaded_at or timezone.now()
    )
    return status


def is_current(status: InstanceStatus) -> bool:
    """Whether Visma.net has the certificate of the OPG that answers now; another OPG means: upload again."""
    return status.certificate.state == "uploaded" and status.certificate.fingerprint == status.fingerprint


def _from_pem_or_der(content: bytes) -> x509.Certificate | None:
    from cryptography import x509

    for load in (x509.load_pem_x509_certificate, x509.load_der_x509_certificate):
        try:
            return load(content)
        except ValueError:
            continue
    return None


def _from_pfx(content: bytes, password: str) -> x509.Certificate:
    from cryptography.hazmat.primitives.serialization import pkcs12

    try:
        held = pkcs12.load_pkcs12(content, password.encode() or None)
    except ValueError as error:
        if content[:1] == DER_SEQUENCE:
            raise WrongPassword(_("The PFX file does not open with this password.")) from error
        raise NoCertificate(_("The file is no certificate (PEM, DER or PFX).")) from error
    if held.cert is None:
        raise NoCertificate(_("The PFX file holds no certificate."))
    return held.cert.certificate
