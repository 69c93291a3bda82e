"""Parked payments whose invoice came later: matched and booked as if the invoice had been there."""

from __future__ import annotations

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import translation

from companies.models import Company
from payments.books.ledger_specs import BookingRefused
from payments.choices import IncomingState
from payments.models import IncomingPayment
from payments.receiving import incoming, posting_incoming
from payments.receiving.importing_claim import take_turn

log = structlog.get_logger(__name__)


def match_parked(company: Company | None = None) -> int:
    """Try again what nobody has touched, in one company or all; how many payments found their invoice."""
    parked = IncomingPayment.objects.filter(state=IncomingState.PARKED).order_by().values("company_id").distinct()
    left = incoming.unbooked().order_by().values("company_id").distinct()
    companies = Company.objects.filter(Q(pk__in=parked) | Q(pk__in=left)).order_by("number")
    found = 0
    for one in [company] if company else companies:
        with translation.override(one.language):
            found += _match(one)
    return found


def _match(company: Company) -> int:
    ids = incoming.match_parked(company)
    for payment_id in ids:
        try:
            with transaction.atomic():
                take_turn(company)
                payment = IncomingPayment.objects.select_related("company", "file").get(pk=payment_id)
                posting_incoming.book_matched(payment)
        except BookingRefused as refusal:
            log.warning("later_match_not_booked", payment=str(payment_id), reason=str(refusal))
    return len(ids)
