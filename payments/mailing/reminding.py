"""The regular run of mails: approvers of what waits, contacts of what was refused, administrators of wrong books."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from companies import mails
from companies.access import people_with
from companies.choices import Role
from companies.models import Company, Person
from payments.mailing import telling_refusals
from payments.month_end import checking
from payments.releasing import approval, asking, uploading

SHOWN = 20
log = structlog.get_logger(__name__)


def remind_approvers() -> int:
    """Ask everybody who can still approve, and tell contacts what was refused; how many mails. Uploads and
    cancellations that a dead process left are finished first, so that nobody is asked about them in vain."""
    uploading.finish_interrupted()
    approval.finish_cancelled()
    sent = 0
    for company in Company.objects.order_by("number"):
        sent += asking.ask(company) + telling_refusals.tell_refusals(company)
    return sent


def check_books() -> int:
    """Count the books of every company again; administrators hear of what does not fit. How many findings."""
    total = 0
    for company in Company.objects.order_by("number"):
        findings = checking.check_books(company)
        if not findings:
            continue
        total += len(findings)
        log.error("books_do_not_fit", company=company.number, findings=len(findings), first=str(findings[0]))
        for person in people_with(company, [Role.ADMINISTRATOR]):
            _tell(company, person, [str(one) for one in findings])
    return total


def _tell(company: Company, person: Person, findings: list[str]) -> None:
    with translation.override(person.language or company.language):
        subject = _("Books of %(company)s: %(count)s findings") % {"company": company.name, "count": len(findings)}
        lines = findings[:SHOWN]
        if len(findings) > SHOWN:
            lines.append(_("and %(count)s more") % {"count": len(findings) - SHOWN})
        key = f"books:{company.pk}:p{person.pk}:{timezone.now():%Y-%m-%d}"
        mails.post(key, [person.email], subject, "\n".join([*lines, "", settings.PUBLIC_URL, ""]), company=company)
