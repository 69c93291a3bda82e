"""What pages read of the traffic log. Exact or by beginning, never in the middle of a text: the log grows for years."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from companies.models import Company
from integration.models import Exchange
from payments.models import Payment, Transfer

DIGEST_SIGNS = 8  # so many hex digits are taken for the beginning of a digest


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for. `text`: beginning of a message id, file id or file digest."""

    text: str = ""
    kind: str = ""
    direction: str = ""
    outcome: str = ""
    by_hand: bool | None = None
    first: date | None = None
    last: date | None = None


def search(company: Company | None, wanted: Wanted = Wanted()) -> QuerySet[Exchange]:
    """Newest first. Without a company: the calls of the installation itself, which concern no company."""
    rows = Exchange.objects.filter(company=company) if company else Exchange.objects.filter(company__isnull=True)
    for name in ("kind", "direction", "outcome"):
        if value := getattr(wanted, name):
            rows = rows.filter(**{name: value})
    if wanted.by_hand is not None:
        rows = rows.filter(by_service=not wanted.by_hand)
    if wanted.first:
        rows = rows.filter(at__gte=_start(wanted.first))
    if wanted.last:
        rows = rows.filter(at__lt=_start(wanted.last + timedelta(days=1)))
    if text := wanted.text.strip():
        found = Q(reference__startswith=text)
        if len(text) >= DIGEST_SIGNS and not set(text.lower()) - set("0123456789abcdef"):
            found |= Q(file__digest__startswith=text.lower())
        rows = rows.filter(found)
    return rows.select_related("file", "person", "company").order_by("-at", "pk")


def of_payment(payment: Payment) -> QuerySet[Exchange]:
    """Everything that went or came for one payment, oldest first: its calls, and the files that answered it."""
    mine = Q(payment=payment) | Q(transfer__in=Transfer.objects.filter(payment=payment).values("pk"))
    return Exchange.objects.filter(mine, company=payment.company_id).select_related("file", "person").order_by("at")


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
