"""Companies to and from Visma.net: export/update, check link, enter key, integrated companies (Enable Visma.net).

Linking gives a company the id and the signing key with which every payment file is signed, so both are written in one
transaction, and a company always ends in a state that is true: linked, refused with the reason, or still being
exported, which the sweep carries on with.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.choices import LinkState
from companies.models import Company, Person
from integration import traffic
from integration.gateway import client, signing
from integration.gateway.answers import ExportedCompany, RemoteCompany
from integration.gateway.client import Gateway
from integration.gateway.errors import GatewayError, Malformed, Refused, WrongCredentials
from integration.gateway.keys import keyid

log = structlog.get_logger(__name__)
AT_ONCE = 20  # unfinished exports in one go
GRACE = timedelta(hours=24)  # how long the previous key is still tried after a change


class BadKey(ValueError):
    """The text somebody entered is no signing key."""


@dataclass(frozen=True, slots=True)
class Exported:
    """How the export of one company ended. `again`: the gateway could not be asked, the sweep will."""

    company: Company
    linked: bool
    text: str
    created: bool = False
    again: bool = False


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """One company compared with Visma.net. `remedy`: "", "export" (again) or "key" (enter it)."""

    company: Company
    good: bool
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Integrated:
    """A company as both sides see it; one of them may be missing."""

    keyid: str
    company: Company | None
    remote: RemoteCompany | None

    @property
    def same_key(self) -> bool:
        """Both sides hold the same signing key."""
        return bool(self.company and self.remote and key_fingerprint(self.company) == self.remote.key_fingerprint)


def export(companies: Iterable[Company], *, by: Person | None = None, take_over: bool = False) -> list[Exported]:
    """Create or update companies in Visma.net, each on its own: what happens to one leaves the others alone.

    Repeated it returns the same key. When the gateway fails in the middle, the rest stay *being exported*.
    """
    wanted = list(companies)
    for company in wanted:  # asked for by all before the first call: a crash in the middle loses none
        Company.objects.filter(pk=company.pk).exclude(link_state=LinkState.LINKED).update(
            link_state=LinkState.LINKING, link_error=""
        )
    with traffic.on_occasion(person=by), client.connect() as gateway:
        return [_export(gateway, company, take_over) for company in wanted]


def export_unfinished() -> list[Exported]:
    """Carry on with exports the gateway could not answer, or that a crash cut off. Called by the schedule.

    The first company that gets no answer ends the attempt: the others would wait for nothing too.
    """
    done: list[Exported] = []
    for company in Company.objects.filter(link_state=LinkState.LINKING).order_by("number")[:AT_ONCE]:
        done += export([company])
        if done[-1].again:
            break
    return done


def check_link(companies: Iterable[Company], *, by: Person | None = None) -> list[LinkCheck]:
    """Compare organisation number, link and key fingerprint of linked companies with Visma.net's. GatewayError."""
    with traffic.on_occasion(person=by), client.connect() as gateway:
        there = {remote.keyid: remote for remote in gateway.integrated_companies()}
    return [_compare(company, there.get(keyid(company)), there.values()) for company in companies]


def integrated_companies(*, by: Person | None = None) -> list[Integrated]:
    """All companies of both sides, paired by country and organisation number. GatewayError."""
    with traffic.on_occasion(person=by), client.connect() as gateway:
        there = {remote.keyid: remote for remote in gateway.integrated_companies()}
    here = {keyid(company): company for company in Company.objects.select_related("country").order_by("number")}
    return [Integrated(name, here.get(name), there.get(name)) for name in sorted(here.keys() | there.keys())]


def enter_key(company: Company, key: str) -> str:
    """Keep a signing key somebody got from Visma.net; returns its fingerprint, the key itself is never shown again."""
    key = key.strip()
    try:
        shown = signing.fingerprint(key)
    except signing.BadSignature as error:
        raise BadKey(_("This is no signing key: it has 44 characters and ends with =.")) from error
    store_key(company, key)
    return shown


def store_key(company: Company, key: str, **more: object) -> None:
    """Put a key in force. The one before stays good for a day, in case the other side still uses it."""
    with transaction.atomic():
        held = Company.objects.get(pk=company.pk)
        if key != held.signing_key and held.signing_key:
            more |= {"previous_signing_key": held.signing_key, "previous_key_until": timezone.now() + GRACE}
        Company.objects.filter(pk=company.pk).update(signing_key=key, version=F("version") + 1, **more)
    company.refresh_from_db()


def forget_previous_keys() -> int:
    """Wipe keys whose time of grace is over; how many. Called by the sweep."""
    over = Company.objects.filter(previous_key_until__lt=timezone.now())
    return over.update(previous_signing_key="", previous_key_until=None)


def key_fingerprint(company: Company) -> str:
    """First 8 hex digits of SHA-256 of the company's key, or nothing."""
    try:
        return signing.fingerprint(company.signing_key) if company.signing_key else ""
    except signing.BadSignature:
        return ""


def _export(gateway: Gateway, company: Company, take_over: bool) -> Exported:
    try:
        answer = gateway.export_company(company, take_over=take_over)
        _check(company, answer)
    except (Refused, WrongCredentials, Malformed) as error:
        return _not_linked(company, LinkState.FAILED, error)
    except GatewayError as error:
        return _not_linked(company, LinkState.LINKING, error)
    store_key(
        company,
        answer.signing_key,
        visma_company_id=answer.company.company_id,
        link_state=LinkState.LINKED,
        link_error="",
        linked_at=timezone.now(),
    )
    text = _("Created in Visma.net and linked.") if answer.created else _("Updated in Visma.net and linked.")
    return Exported(company, True, text, answer.created)


def _check(company: Company, answer: ExportedCompany) -> None:
    """The answer must be about this company, with a key that is one."""
    if answer.company.keyid != keyid(company):
        raise Malformed(f"The gateway answered about {answer.company.keyid}, exported was {keyid(company)}.")
    try:
        fits = signing.fingerprint(answer.signing_key) == answer.company.key_fingerprint
    except signing.BadSignature as error:
        raise Malformed(f"The gateway sent an unusable signing key. {error}") from error
    if not fits:
        raise Malformed("The gateway sent a signing key that does not fit its fingerprint.")


def _not_linked(company: Company, state: LinkState, error: GatewayError) -> Exported:
    """A company that was linked stays linked: its key still signs. Any other says truly how far it came."""
    log.warning("export_failed", company=company.number, code=error.code)
    rows = Company.objects.filter(pk=company.pk)
    rows.update(link_error=traffic.redact(error.text)[:300])
    rows.exclude(link_state=LinkState.LINKED).update(link_state=state)
    company.refresh_from_db()
    return Exported(company, False, error.text, again=company.link_state == LinkState.LINKING)


def _compare(company: Company, remote: RemoteCompany | None, all_there: Iterable[RemoteCompany]) -> LinkCheck:
    if remote is None:
        other = next((one for one in all_there if one.company_id == company.visma_company_id), None)
        if other:
            words = _("Visma.net has this company under the organisation number %(number)s.")
            return LinkCheck(company, False, words % {"number": other.organisation_no}, "export")
        return LinkCheck(company, False, _("Visma.net does not know this company."), "export")
    if not remote.linked:
        return LinkCheck(company, False, _("The link was removed in Visma.net."), "export")
    if not company.signing_key:
        return LinkCheck(company, False, _("Linked in Visma.net, but there is no signing key here."), "export")
    if key_fingerprint(company) != remote.key_fingerprint:
        words = _("The signing keys differ: %(here)s here, %(there)s in Visma.net.")
        here = key_fingerprint(company) or "?"
        return LinkCheck(company, False, words % {"here": here, "there": remote.key_fingerprint}, "key")
    return LinkCheck(company, True, _("Linked; organisation number and signing key are the same."))
