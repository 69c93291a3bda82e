"""Reminds approvers of payments that wait, and administrators of books that do not fit.

One mail a person, payment, round and day at most, and only where time runs: a payment that has waited for hours, or
one whose first payment date is today.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from companies import mails
from companies.access import people_with
from companies.choices import Role
from companies.clock import business_date
from companies.models import Company, Person
from payments import approval, checking, uploading
from payments.choices import RoundState
from payments.models import Approval, Payment

PATIENCE = timedelta(hours=4)
SHOWN = 20
log = structlog.get_logger(__name__)


def remind_approvers() -> int:
    """Mail everybody who can still approve a payment that waits; how many mails. Uploads and cancellations that a
    dead process left are finished first, so that nobody is asked about them in vain."""
    uploading.finish_interrupted()
    approval.finish_cancelled()
    sent = 0
    for company in Company.objects.order_by("number"):
        today = business_date(company)
        late = Q(uploaded_at__lt=timezone.now() - PATIENCE) | Q(first_date__lte=today)
        waiting = Payment.objects.filter(late, company=company, round_state=RoundState.WAITING, needed__gt=0)
        for payment in waiting.select_related("company", "uploaded_by").order_by("number"):
            sent += _remind(payment, f"{today:%Y-%m-%d}")
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


def _remind(payment: Payment, day: str) -> int:
    done = set(Approval.objects.filter(payment=payment, round=payment.round).values_list("person_id", flat=True))
    people = [
        one
        for one in people_with(payment.company, [Role.APPROVER])
        if one.pk not in done and one.pk != payment.uploaded_by_id and one.wants_mail and one.email
    ]
    return sum(_mail(payment, one, day) for one in people)


def _mail(payment: Payment, person: Person, day: str) -> bool:
    left = payment.needed - payment.given
    words = {"number": payment.number, "company": payment.company.name, "left": left, "address": settings.PUBLIC_URL}
    with translation.override(person.language or payment.company.language):
        subject = _("Payment %(number)s of %(company)s still waits for approval") % words
        body = ngettext(
            "Payment %(number)s of %(company)s still needs %(left)s approval.\n\n%(address)s\n",
            "Payment %(number)s of %(company)s still needs %(left)s approvals.\n\n%(address)s\n",
            left,
        )
        key = f"remind:{payment.pk}:{payment.round}:p{person.pk}:{day}"
        return mails.post(key, [person.email], subject, body % words, company=payment.company)


def _tell(company: Company, person: Person, findings: list[str]) -> None:
    with translation.override(person.language or company.language):
        subject = _("Books of %(company)s: %(count)s findings") % {"company": company.name, "count": len(findings)}
        lines = findings[:SHOWN]
        if len(findings) > SHOWN:
            lines.append(_("and %(count)s more") % {"count": len(findings) - SHOWN})
        key = f"books:{company.pk}:p{person.pk}:{timezone.now():%Y-%m-%d}"
        mails.post(key, [person.email], subject, "\n".join([*lines, "", settings.PUBLIC_URL, ""]), company=company)
