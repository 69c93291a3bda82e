"""Prove that a payment would go through: a one-line order per active agreement, and a signed no-op at the gateway.

Nothing is sent and nothing is kept but the outcome. Four troubles that look alike are told apart: the gateway is not
reached, the signature is wrong, the gateway knows another company under our number, the file breaks the schema.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from companies.choices import AgreementState, Channel, JobState
from companies.models import BankAgreement, Company, Job, Person
from companies.readiness import FRESH, PROOF, PROVED
from integration import enabling, traffic
from integration.company_sync import key_fingerprint
from integration.gateway import client
from integration.gateway.errors import GatewayError, Malformed, Unavailable, Unreachable, WrongKey
from payments.preparing.rehearsal import rehearse


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that was tried. `trouble` tells the kinds apart: schema, unreachable, signature, company, gateway."""

    good: bool
    text: str
    remedy: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """All outcomes of one press of the button, and who pressed it when."""

    outcomes: list[Outcome]
    at: datetime
    by: Person | None

    @property
    def good(self) -> bool:
        """A payment would have gone through at that moment."""
        return bool(self.outcomes) and all(one.good for one in self.outcomes)

    @property
    def fresh(self) -> bool:
        """Not older than a day."""
        return timezone.now() - self.at <= FRESH


def prove(company: Company, by: Person) -> Proof:
    """Do everything but send, and keep the outcome."""
    agreements = list(
        BankAgreement.objects.filter(company=company, state=AgreementState.ACTIVE, active_outgoing=True)
        .select_related("company", "bank_partner__profile", "bank_partner__company")
        .order_by("pk")
    )
    outcomes = [_rehearsed(agreement) for agreement in agreements]
    if not agreements:
        text = _("No bank agreement is active for outgoing payments.")
        outcomes.append(Outcome(False, text, _("Activate one under Agreements."), "agreement"))
    if not agreements or any(one.channel == Channel.GATEWAY for one in agreements):
        outcomes.append(_asked_gateway(company, by))
    _keep(company, by, outcomes)
    return Proof(outcomes, timezone.now(), by)


def latest(company: Company) -> Proof | None:
    """The outcome of the last time somebody pressed the button."""
    rows = Job.objects.filter(company=company, kind=PROOF, finished_at__isnull=False).select_related("started_by")
    row = rows.order_by("-finished_at").first()
    if row is None or row.finished_at is None:
        return None
    return Proof([Outcome(**one) for one in row.report.get("outcomes", [])], row.finished_at, row.started_by)


def _keep(company: Company, by: Person, outcomes: list[Outcome]) -> None:
    facts: dict[str, Any] = {"outcomes": [asdict(one) for one in outcomes]}
    Job.objects.filter(company=company, kind=PROOF).delete()
    Job.objects.create(
        company=company,
        kind=PROOF,
        subject=PROVED if all(one.good for one in outcomes) else "",
        state=JobState.DONE,
        report=facts,
        started_by=by,
        finished_at=timezone.now(),
    )


def _rehearsed(agreement: BankAgreement) -> Outcome:
    found, partner = rehearse(agreement), str(agreement.bank_partner)
    if found.good:
        text = _("%(partner)s: a one-line %(version)s was written, checked against its schema and thrown away.")
        return Outcome(True, text % {"partner": partner, "version": found.version})
    return Outcome(False, f"{partner}: {found.problem}", found.remedy, "schema")


def _asked_gateway(company: Company, by: Person) -> Outcome:
    try:
        with traffic.on_occasion(person=by), client.connect() as gateway:
            there = gateway.ping(company)
    except GatewayError as error:
        return _failed(error)
    if there != key_fingerprint(company):
        text = _("The gateway signs for another company under this organisation number (key %(there)s).")
        remedy = _("Check country and organisation number in Company data, then export the company again.")
        return Outcome(False, text % {"there": there}, remedy, "company")
    text = _("The gateway answered a signed call; both sides hold the same key (%(key)s).")
    return Outcome(True, text % {"key": there})


def _failed(error: GatewayError) -> Outcome:
    if error.code == "unknown-company":
        remedy = _("Check country and organisation number in Company data, then export the company again.")
        return Outcome(False, error.text, remedy, "company")
    if isinstance(error, WrongKey):
        remedy = _("Export the company again under Enable Visma.net, or enter its signing key. Is the clock right?")
        return Outcome(False, error.text, remedy, "signature")
    if isinstance(error, Malformed) and error.code == "bad-signature":
        remedy = _("Something else than our gateway answers at this address: check System information.")
        return Outcome(False, error.text, remedy, "signature")
    trouble = "unreachable" if isinstance(error, Unreachable | Unavailable) else "gateway"
    return Outcome(False, error.text, enabling.remedy(error), trouble)
