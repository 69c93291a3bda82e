"""Mail leaves by way of an outbox: a row with a key, so that one event makes one mail, whatever happens twice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone

from companies.models import Company, MailOutbox

MAX_ATTEMPTS = 12
LEASE = timedelta(minutes=5)
FIRST_WAIT, LONGEST_WAIT = 30, 3600  # seconds between attempts
SLICE = 50
log = structlog.get_logger(__name__)


def post(
    key: str,
    to: Iterable[str],
    subject: str,
    body: str,
    *,
    company: Company | None = None,
    not_before: datetime | None = None,
) -> bool:
    """Put a mail into the outbox, once per key. False when that key was used before or nobody is addressed."""
    receivers = list(dict.fromkeys(address.strip() for address in to if address.strip()))
    if not receivers or MailOutbox.objects.filter(key=key).exists():
        return False
    try:
        with transaction.atomic():
            MailOutbox.objects.create(
                key=key,
                to="\n".join(receivers),
                subject=" ".join(subject.split())[:200],  # a line break in a subject would be a header
                body=body,
                company=company,
                not_before=not_before,
            )
    except IntegrityError:  # another process told the same event at the same moment
        return False
    return True


def due(now: datetime | None = None) -> list[int]:
    """Mails that may be sent now, oldest first."""
    now = now or timezone.now()
    found = MailOutbox.objects.filter(sent_at__isnull=True, attempts__lt=MAX_ATTEMPTS)
    return list(
        found.filter(Q(not_before__isnull=True) | Q(not_before__lte=now))
        .order_by("id")
        .values_list("id", flat=True)[:SLICE]
    )


def send_due() -> int:
    """Send what is due; the number of mails sent. A mail server that is down costs a delay."""
    sent = 0
    connection = get_connection(timeout=20) if _is_smtp() else get_connection()
    for number in due():
        sent += _send(number, connection)
    return sent


def _is_smtp() -> bool:
    return str(settings.EMAIL_BACKEND).endswith("smtp.EmailBackend")


def _send(number: int, connection: BaseEmailBackend) -> bool:
    row = MailOutbox.objects.get(pk=number)
    now = timezone.now()
    free = Q(not_before__isnull=True) | Q(not_before__lte=now)
    mine = MailOutbox.objects.filter(free, pk=number, sent_at__isnull=True, attempts=row.attempts)
    if not mine.update(attempts=F("attempts") + 1, not_before=now + LEASE):
        return False  # another worker has it
    message = EmailMessage(
        subject=row.subject,
        body=row.body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=row.to.splitlines(),
        connection=connection,
        # the same event keeps its id: a mail sent twice after a crash shows once in most mail programs
        headers={"Message-ID": f"<{hashlib.sha256(row.key.encode()).hexdigest()[:32]}@autopay-console>"},
    )
    try:
        message.send()
    except Exception as error:  # every failure of a mail server means: later again
        wait = min(FIRST_WAIT * 2**row.attempts, LONGEST_WAIT)
        MailOutbox.objects.filter(pk=number).update(
            last_error=str(error)[:300], not_before=timezone.now() + timedelta(seconds=wait)
        )
        log.warning("mail_failed", mail=number, attempts=row.attempts + 1, error=str(error)[:200])
        return False
    MailOutbox.objects.filter(pk=number).update(sent_at=timezone.now(), last_error="", not_before=None)
    return True
