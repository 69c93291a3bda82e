"""Answers to signals and registrations of this app."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.dispatch import receiver

from autopay_console.kernel.nudging import nudge
from companies import readiness
from payments import events
from payments.validation import setup

readiness.register(setup.company_conditions)


@receiver(events.lines_settled)
def book_settled_lines(payment_id: int, value_date: date, **_kwargs: Any) -> None:
    """Lines were settled or came back: their payment has something to book for this value date."""
    nudge("payments.tasks.settle_payment", None, payment_id, value_date.isoformat())
