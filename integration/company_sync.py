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

from autopay_console.kernel.sets import chunks
from companies import accounts
from companies.choices import LinkState
from companies.models import Company, Person
from integration import traffic
from integration.gateway import client, signing
from integration.gateway.answers import ExportedCompany, RemoteCompany
from integration.gateway.client import Gateway
from integration.gateway.errors import (
    GatewayError,
    Malformed,
    Refused,
    Unreachable,
    WrongCredentials,
    WrongPath,
    WrongService,
)
from integration.gateway.keys import keyid

log = structlog.get_logger(__name__)
GRACE = timedelta(hours=24)  # how long the previous key is still tried after a change


class BadKey(ValueError):
    """The text somebody entered is no signing key."""


@dataclass(frozen=True, slots=True)
class Exported:
    """How the export of one company ended. `again`: it is not known yet, asking once more does no harm.

    `nobody`: no gateway was there to ask, so the next company needs no try either.
    """

    company: Company
    linked: bool
    text: str
    created: bool = False
    again: bool = False
    nobody: bool = False
    code: str = ""


@dataclass(frozen=True, slots=True)
class LinkCheck:
    """One company compared with Visma.net. `remedy`: "", "export" (again) or "key" (enter it)."""

    company: Company
    good: bool
    text: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Entered:
    """A key that was entered, by its fingerprint. `compared`: Visma.net said that it is the right one."""

    fingerprint: str
    compared: bool


@dataclass(frozen=True, slots=True)
class Integrated:
    """A company as both sides see it; one of them may be missing.

    `state`: linked, key_differs, unlinked (the link was removed there), only_here, only_there.
    """

    keyid: str
    company: Company | None
    remote: RemoteCompany | None
    check: LinkCheck | None = None

    @property
    def same_key(self) -> bool:
        """Both sides hold the same signing key."""
        return bool(self.company and self.remote and key_fingerprint(self.company) == self.remote.key_fingerprint)

    @property
    def state(self) -> str:
        """What a person must know first."""
        if self.company is None or self.remote is None:
            return "only_there" if self.company is None else "only_here"
        if not self.remote.linked:
            return "unlinked"
        return "linked" if self.same_key else "key_differs"

    @property
    def is_broken(self) -> bool:
        """Linked once, and calls for the company fail now: it was linked here, and Visma.net says something else."""
        once = bool(self.company and self.company.visma_company_id)
        return self.state in ("key_differs", "unlinked") or (self.state == "only_here" and once)

    @property
    def key_here(self) -> str:
        """Fingerprint of the key this side signs with."""
        return key_fingerprint(self.company) if self.company else ""


def export(companies: Iterable[Company], *, by: Person | None = None, take_over: bool = False) -> list[Exported]:
    """Create or update companies in Visma.net now, each on its own: what happens to one leaves the others alone.

    Repeated it returns the same key. When the gateway fails in the middle, the rest stay *being exported*, and
    `exporting.carry_on` finishes them.
    """
    wanted = list(companies)
    mark_exporting(wanted)  # all before the first call: a crash in the middle loses none
    with traffic.on_occasion(person=by), client.connect() as gateway:
        return [export_one(gateway, company, take_over) for company in wanted]


def unfit(company: Company) -> str:
    """Why Visma.net could not pair the company (country and organisation number), or nothing."""
    if not company.organisation_no.strip():
        return _("Organisation number is missing")
    problem = accounts.check_organisation_number(company.organisation_no, str(company.country_id))
    return _(problem.message) % problem.params if problem is not None and problem.stops else ""


def mark_exporting(companies: Iterable[Company]) -> None:
    """Companies that are not linked yet say from now on that they are being exported."""
    for keys in chunks([company.pk for company in companies]):
        rows = Company.objects.filter(pk__in=keys).exclude(link_state=LinkState.LINKED)
        rows.update(link_state=LinkState.LINKING, link_error="")


def export_one(gateway: Gateway, company: Company, take_over: bool = False) -> Exported:
    """One company, over a gateway that is connected; its id and key are written back in one transaction."""
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


def integrated_companies(companies: Iterable[Company] | None = None, *, by: Person | None = None) -> list[Integrated]:
    """All companies of both sides, paired by country and organisation number; or only these of ours. GatewayError."""
    with traffic.on_occasion(person=by), client.connect() as gateway:
        there = {remote.keyid: remote for remote in gateway.integrated_companies()}
    wanted = Company.objects.order_by("number") if companies is None else companies
    here = {keyid(company): company for company in wanted}
    names = here.keys() | there.keys() if companies is None else here.keys()
    return [_pair(name, here.get(name), there) for name in sorted(names)]


def _pair(name: str, company: Company | None, there: dict[str, RemoteCompany]) -> Integrated:
    check = _compare(company, there.get(name), there.values()) if company else None
    return Integrated(name, company, there.get(name), check)


def enter_key(company: Company, key: str, *, by: Person | None = None) -> Entered:
    """Keep a signing key somebody got from Visma.net; the key itself is never shown again.

    A key that is certainly not Visma.net's is refused. When the gateway cannot be asked it is kept unproven.
    """
    key = key.strip()
    try:
        shown = signing.fingerprint(key)
    except signing.BadSignature as error:
        raise BadKey(_("This is no signing key: it has 44 characters and ends with =.")) from error
    try:
        [pair] = integrated_companies([company], by=by)
    except GatewayError:
        store_key(company, key)
        return Entered(shown, compared=False)
    if pair.remote and pair.remote.key_fingerprint != shown:
        words = _("This is another key: its fingerprint is %(here)s, Visma.net's is %(there)s.")
        raise BadKey(words % {"here": shown, "there": pair.remote.key_fingerprint})
    store_key(company, key)
    return Entered(shown, compared=pair.remote is not None)


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
    again = state == LinkState.LINKING
    return Exported(company, False, error.text, again=again, nobody=_nobody(error), code=error.code)


def _nobody(error: GatewayError) -> bool:
    """Whether the next call would wait in vain too."""
    return isinstance(error, Unreachable | WrongService | WrongPath) or error.code == "timeout"


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
    return LinkCheck(company, True, _("Organisation number and signing key are the same."))
