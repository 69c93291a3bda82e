"""Payment files that have not left, have no answer yet, or are held by AutoPay central: what pages list of them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from companies.models import Company
from payments.choices import LineStatus, TransferState
from payments.models import PaymentLine, Transfer

WAITING = (TransferState.RELEASED, TransferState.SENDING, TransferState.UNKNOWN)


def waiting(company: Company | None) -> QuerySet[Transfer]:
    """Released and not surely arrived. Without a company: of all."""
    rows = Transfer.objects.filter(state__in=WAITING)
    return rows.filter(company=company) if company else rows


def listed(company: Company | None) -> QuerySet[Transfer]:
    """Those, and files AutoPay central took but has not sent on (their lines still stand at 8); newest first."""
    held = PaymentLine.objects.filter(item__transfer=OuterRef("pk"), status=LineStatus.AT_EFT)
    rows = Transfer.objects.filter(Q(state__in=WAITING) | Q(state=TransferState.ACCEPTED) & Exists(held))
    rows = rows.filter(company=company) if company else rows
    return rows.select_related("company", "payment").order_by("-pk")
