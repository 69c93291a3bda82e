"""What happened to a payment, in sentences ("Show events"); append only."""

from __future__ import annotations

from django.utils import timezone

from companies.models import Person
from payments.models import PaymentEvent


def tell(payment_id: int, kind: str, text: str, by: Person | None = None) -> None:
    """Add a line to the payment's story."""
    PaymentEvent.objects.create(payment_id=payment_id, at=timezone.now(), kind=kind, text=text[:500], person=by)
