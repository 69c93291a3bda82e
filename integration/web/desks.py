"""The table *Enable Visma.net* was opened from: System information (every company) or Company data (one).

The dialog is the same; only the companies in it and the right to change the integration setup differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from companies.access import Rights
from companies.choices import LinkState
from companies.models import Company
from integration import company_sync, exporting
from integration.choices import ExportState
from integration.models import CompanyExport

JUST_NOW = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Desk:
    """Which companies the dialog shows, where its parts are asked for, and whether the setup may be changed."""

    company: Company | None
    sets_up: bool

    @property
    def companies(self) -> QuerySet[Company]:
        """The rows of the dialog's list."""
        rows = Company.objects.order_by("number")
        return rows.filter(pk=self.company.pk) if self.company else rows

    def url(self, part: str = "") -> str:
        """Address of the dialog or of one of its parts."""
        name = "company_enable" if self.company else "enable"
        return reverse(f"{name}_{part}" if part else name)

    @property
    def page(self) -> str:
        return self.url()

    @property
    def lights(self) -> str:
        return self.url("lights")

    @property
    def states(self) -> str:
        return self.url("states")

    @property
    def export(self) -> str:
        return self.url("export")

    @property
    def integrated(self) -> str:
        return reverse("company_integrated" if self.company else "integrated")


@dataclass(frozen=True, slots=True)
class Line:
    """One company of the list, and its status in a word and a sentence. `again`: "", "try" or "take_over"."""

    company: Company
    why_not: str
    tone: str
    word: str
    more: str
    at: datetime | None = None
    again: str = ""
    open: bool = False
    fresh: bool = False  # changed a moment ago, so that a page that polls must hear of it

    @property
    def chosen(self) -> bool:
        """Ticked when the list is shown: what is not linked yet."""
        return not self.why_not and self.company.link_state != LinkState.LINKED and not self.open


def whole_installation() -> Desk:
    """From System information."""
    return Desk(None, sets_up=True)


def one_company(company: Company, rights: Rights) -> Desk:
    """From Company data; the setup belongs to the installation's administrators."""
    return Desk(company, sets_up=rights.instance_administrator)


def lines(desk: Desk) -> list[Line]:
    """The companies with their status, two queries."""
    companies = list(desk.companies)
    exports = CompanyExport.objects.in_bulk([company.pk for company in companies])
    return [_line(company, exports.get(company.pk)) for company in companies]


def counted(found: list[Line]) -> str:
    """How far the exports are, in one sentence part; empty when none was asked for lately."""
    running = sum(one.open for one in found)
    lately = [one for one in found if one.fresh and not one.open]
    failed = sum(one.tone == "bad" for one in lately)
    done = len(lately) - failed
    if not running and not lately:
        return ""
    words = [_("%(n)s done") % {"n": done}]
    words += [_("%(n)s under way") % {"n": running}] if running else []
    words += [_("%(n)s not exported") % {"n": failed}] if failed else []
    return ", ".join(words)


def _line(company: Company, export: CompanyExport | None) -> Line:
    if export and export.state in exporting.OPEN:
        return _open(company, export)
    reason = company_sync.unfit(company)
    if reason:
        return Line(company, reason, "warn", _("Cannot be chosen"), reason)
    fresh = bool(export and export.finished_at and export.finished_at > timezone.now() - JUST_NOW)
    at = export.finished_at if export else company.linked_at
    if export and export.state == ExportState.FAILED:
        linked = company.link_state == LinkState.LINKED
        word = _("Linked, not updated") if linked else _("Not exported")
        again = "take_over" if export.code == "linked-elsewhere" else "try"
        return Line(company, "", "bad", word, export.text, at, again, fresh=fresh)
    if company.link_state == LinkState.LINKED:
        more = _("Visma.net does not know of later changes here.") if not at else ""
        if export:
            more = _("Created in Visma.net") if export.created else _("Updated in Visma.net")
        return Line(company, "", "good", _("Linked"), more, at or company.linked_at, fresh=fresh)
    if company.link_state == LinkState.FAILED:
        return Line(company, "", "bad", _("Not exported"), company.link_error, again="try")
    return Line(company, "", "", _("Not linked"), "")


def _open(company: Company, export: CompanyExport) -> Line:
    if export.state == ExportState.RUNNING:
        more = _("updating the company") if company.link_state == LinkState.LINKED else _("creating or updating")
        return Line(company, "", "info", _("Exporting …"), more, open=True, fresh=True)
    if export.text:
        more = f"{export.text} {_('It is tried again by itself.')}"
        return Line(company, "", "warn", _("Not finished"), more, again="try", open=True, fresh=True)
    late = export.asked_at < timezone.now() - JUST_NOW
    more = _("No worker took it yet. Is one running?") if late else ""
    return Line(company, "", "info", _("Waiting"), more, export.asked_at, open=True, fresh=True)
