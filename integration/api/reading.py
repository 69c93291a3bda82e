"""Statuses and vouchers out, by keyset: every change once, in order, none missed and none twice.

Rows of the last seconds are held back, so that a transaction that began earlier and ended later is not jumped over.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone, translation

from integration.api.errors import Refused
from integration.models import ApiKey
from payments import journal_queries
from payments.choices import BatchState, LineStatus
from payments.models import LineChange, Posting, Voucher

HELD_BACK = timedelta(seconds=5)


def statuses(key: ApiKey, cursor: str, since: datetime | None, limit: int) -> dict[str, Any]:
    """Status changes after the cursor, or from a moment on."""
    rows = LineChange.objects.filter(payment__company=key.company, at__lte=timezone.now() - HELD_BACK)
    if not key.sees_salary:
        rows = rows.filter(payment__salary=False, line__supplier__is_payroll=False)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if cursor:
        rows = rows.filter(pk__gt=_number(cursor))
    found = list(rows.select_related("payment", "line__supplier", "line__entry").order_by("pk")[: limit + 1])
    items = found[:limit]
    with translation.override("en"):
        shown = [_status(one) for one in items]
    return {"items": shown, "next_cursor": str(items[-1].pk) if items else cursor, "more": len(found) > limit}


def vouchers(key: ApiKey, cursor: str, since: datetime | None, limit: int) -> dict[str, Any]:
    """Posted vouchers after the cursor, or posted from a moment on."""
    rows = journal_queries.vouchers(key.company, payroll=key.sees_salary).filter(
        batch__state=BatchState.POSTED, number__isnull=False, batch__posted_at__lte=timezone.now() - HELD_BACK
    )
    if since is not None:
        rows = rows.filter(batch__posted_at__gte=since)
    if cursor:
        at, batch, position = _place(cursor)
        later = Q(batch_id__gt=batch) | Q(batch_id=batch, position__gt=position)
        rows = rows.filter(Q(batch__posted_at__gt=at) | Q(batch__posted_at=at) & later)
    ordered = journal_queries.with_postings(rows).order_by("batch__posted_at", "batch_id", "position")
    found = list(ordered[: limit + 1])
    items = found[:limit]
    after = _mark(items[-1]) if items else cursor
    return {"items": [_voucher(one) for one in items], "next_cursor": after, "more": len(found) > limit}


def _status(one: LineChange) -> dict[str, Any]:
    line = one.line
    return {
        "change": one.pk,
        "at": one.at,
        "payment_no": one.payment.number,
        "line_no": line.line_no,
        "supplier_no": line.supplier.number,
        "invoice_no": line.entry.invoice_no,
        "kind": line.entry.kind,
        "currency": line.currency_id,
        "amount": f"{line.amount:f}",
        "before": one.before,
        "status": one.after,
        "status_text": str(LineStatus(one.after).label),
        "reason_code": one.reason_code,
        "reason_text": one.reason_text,
        "paid_amount": None if line.paid_amount is None else f"{line.paid_amount:f}",
        "paid_on": line.paid_on,
        "bank_reference": line.bank_reference,
    }


def _voucher(one: Voucher) -> dict[str, Any]:
    return {
        "id": one.pk,
        "series": one.series,
        "number": one.number,
        "batch_no": one.batch.number,
        "posted_at": one.batch.posted_at,
        "value_date": one.value_date,
        "text": one.text,
        "extra_text": one.extra_text,
        "bank_reference": one.bank_reference,
        "autopay_reference": one.autopay_reference,
        "reverses": one.reverses_id,
        "postings": [_posting(posting) for posting in one.postings.all()],
    }


def _posting(one: Posting) -> dict[str, Any]:
    return {
        "account": one.account,
        "debit": f"{one.debit:f}",
        "credit": f"{one.credit:f}",
        "currency": one.currency_code,
        "currency_amount": f"{one.currency_amount:f}",
        "rate": f"{one.rate:f}",
        "supplier_no": one.supplier.number if one.supplier else None,
        "customer_no": one.customer.number if one.customer else None,
        "cross_reference": one.cross_reference,
        "text": one.text,
        "department": one.department,
    }


def _mark(one: Voucher) -> str:
    at = one.batch.posted_at
    text = f"{at.isoformat() if at else ''}|{one.batch_id}|{one.position}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[datetime, int, int]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, batch, position = text.split("|")
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError("a moment without a zone")
        return moment, _number(batch), _number(position)
    except (ValueError, binascii.Error) as error:
        raise _no_cursor() from error


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise _no_cursor()
    return int(text)


def _no_cursor() -> Refused:
    return Refused(422, "cursor", "This is no cursor of ours. Send next_cursor as it came, or leave it out.")
