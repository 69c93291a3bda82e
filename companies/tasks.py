"""Tasks of the companies part: one call each."""

from __future__ import annotations

from celery import shared_task

from companies import mails


@shared_task
def send_mails() -> None:
    """Send what waits in the outbox."""
    mails.send_due()
