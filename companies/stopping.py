"""The switch that stops sending: one person stops, two let it go on.

For one company, or for all companies of the installation (no company named). Senders look at the mark on the company
and on System information when they take a file, so nothing more leaves from that moment; a file that is on the wire
this second ends its call. What arrives is received, matched and booked as always.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from autopay_console.kernel.nudging import nudge
from companies import mails
from companies.choices import Role
from companies.models import Company, Person, SendingStop, SystemInformation

ROLES = (Role.ADMINISTRATOR, Role.ACCOUNTANT, Role.APPROVER)  # of a company; any instance role for the installation
SHORTEST_REASON = 5


class NotNow(Exception):
    """The switch cannot be moved like this; the text says why."""


def stop(company: Company | None, by: Person, why: str) -> SendingStop:
    """Nothing leaves from now on. Raises NotNow when it is stopped already or no reason is given."""
    why, now = _reason(why), timezone.now()
    with transaction.atomic():
        if not _mark(company, now, by, why):
            raise NotNow(_("Sending is stopped already."))
        row = SendingStop.objects.create(company=company, stopped_at=now, stopped_by=by, why=why)
    text = _("%(person)s stopped sending: %(why)s") % {"person": by.shown, "why": why}
    _tell(row, "stopped", _("Sending is stopped"), text)
    return row


def ask_resume(row: SendingStop, by: Person, why: str) -> None:
    """The first of two people says that sending may go on. Raises NotNow when somebody asked already."""
    asked = SendingStop.objects.filter(pk=row.pk, resumed_at__isnull=True, resume_asked_by__isnull=True)
    now, why = timezone.now(), _reason(why)
    if not asked.update(resume_asked_by=by, resume_asked_at=now, resume_why=why):
        raise NotNow(_("Somebody asked for it already, or sending goes on again."))
    text = _("%(person)s asks to let sending go on: %(why)s. Another person must agree.")
    subject = _("Let sending go on?")
    _tell(row, f"asked:{now:%Y%m%dT%H%M%S%f}", subject, text % {"person": by.shown, "why": why})


def withdraw(row: SendingStop) -> None:
    """Sending stays stopped: the wish to let it go on is taken back or refused. Raises NotNow when there is none."""
    asked = SendingStop.objects.filter(pk=row.pk, resumed_at__isnull=True, resume_asked_by__isnull=False)
    if not asked.update(resume_asked_by=None, resume_asked_at=None, resume_why=""):
        raise NotNow(_("Nobody asks to let sending go on."))


def resume(row: SendingStop, by: Person) -> None:
    """The second person agrees: what waits leaves within seconds. Raises NotNow for the same person twice."""
    with transaction.atomic():
        asked = SendingStop.objects.filter(pk=row.pk, resumed_at__isnull=True, resume_asked_by__isnull=False)
        if not asked.exclude(resume_asked_by=by).update(resumed_at=timezone.now(), resumed_by=by):
            if asked.filter(resume_asked_by=by).exists():
                raise NotNow(_("Another person must agree to what you asked for yourself."))
            raise NotNow(_("Nobody asks to let sending go on."))
        _mark(row.company, None, None, "")
    _tell(row, "resumed", _("Sending goes on"), _("%(person)s agreed to let sending go on.") % {"person": by.shown})


def current(company: Company | None) -> SendingStop | None:
    """The stop in force for exactly this company, or for the installation."""
    return _with_people(SendingStop.objects.filter(company=company, resumed_at__isnull=True)).first()


def in_force(company: Company | None) -> list[SendingStop]:
    """Every stop a page must show: the installation's first, then the company's."""
    mine = Q(company__isnull=True) | Q(company=company) if company else Q(company__isnull=True)
    rows = _with_people(SendingStop.objects.filter(mine, resumed_at__isnull=True))
    return sorted(rows, key=lambda row: row.company_id is not None)


def in_force_anywhere() -> QuerySet[SendingStop]:
    """Every stop in force, for operations."""
    return _with_people(SendingStop.objects.filter(resumed_at__isnull=True)).select_related("company")


def history(company: Company | None) -> QuerySet[SendingStop]:
    """All stops of a company or of the installation, newest first."""
    rows = _with_people(SendingStop.objects.filter(company=company)).select_related("resumed_by")
    return rows.order_by("-stopped_at", "-pk")


def _with_people(rows: QuerySet[SendingStop]) -> QuerySet[SendingStop]:
    return rows.select_related("stopped_by", "resume_asked_by")


def _mark(company: Company | None, at: datetime | None, by: Person | None, why: str) -> int:
    """Set or lift the mark the senders obey; a form somebody has open must not write the old mark back."""
    if company is not None:
        rows: QuerySet[Any] = Company.objects.filter(pk=company.pk, outgoing_stopped_at__isnull=at is not None)
        return rows.update(
            outgoing_stopped_at=at, outgoing_stopped_by=by, outgoing_stopped_why=why, version=F("version") + 1
        )
    SystemInformation.objects.get_or_create(pk=1)
    rows = SystemInformation.objects.filter(pk=1, stopped_at__isnull=at is not None)
    return rows.update(stopped_at=at, stopped_by=by, stopped_why=why, version=F("version") + 1)


def _reason(why: str) -> str:
    why = " ".join(why.split())
    if len(why) < SHORTEST_REASON:
        raise NotNow(_("Say why, in a few words; it stands on every page."))
    return why[:200]


def _tell(row: SendingStop, what: str, subject: str, text: str) -> None:
    where = f"{row.company.number} {row.company.name}" if row.company else _("all companies")
    key = f"sending:{row.pk}:{what}"
    if mails.post(key, _people(row.company), f"AutoPay Console · {subject} · {where}", text, company=row.company):
        nudge("companies.tasks.send_mails")


def _people(company: Company | None) -> Iterable[str]:
    people = Person.objects.filter(is_active=True, wants_mail=True).exclude(email="")
    if company is None:
        people = people.filter(instance_roles__isnull=False)
    else:
        people = people.filter(memberships__company=company, memberships__role__in=ROLES)
    return people.distinct().order_by("id").values_list("email", flat=True)
