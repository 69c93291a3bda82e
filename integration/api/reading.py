"""Statuses and vouchers out, by keyset: every change once, in order, none missed and none twice.

Read is by places that are given after the commit (payments.publishing), up to the last place that was given out: a
transaction that began earlier and ends later comes later, however long it takes.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import translation

from autopay_console.kernel.numbers import LARGEST_KEY, as_number
from integration.api.errors import Refused
from integration.models import ApiKey
from payments import publishing
from payments.choices import LineStatus
from payments.lists import journal_queries
from payments.models import LineChange, Posting, Voucher


def statuses(key: ApiKey, cursor: str, since: datetime | None, limit: int) -> dict[str, Any]:
    """Status changes after the cursor, or from a moment on."""
    after = _number(cursor) if cursor else 0
    last = publishing.publish_changes()
    rows = LineChange.objects.filter(payment__company=key.company, published__gt=after, published__lte=last)
    if not key.sees_salary:
        rows = rows.filter(payment__salary=False, line__supplier__is_payroll=False)
    if since is not None:
        rows = rows.filter(at__gte=since)
    found = list(rows.select_related("payment", "line__supplier", "line__entry").order_by("published")[: limit + 1])
    items = found[:limit]
    with translation.override("en"):
        shown = [_status(one) for one in items]
    more = len(found) > limit or publishing.waiting(publishing.CHANGES)
    return {"items": shown, "next_cursor": str(items[-1].published) if items else cursor, "more": more}


def vouchers(key: ApiKey, cursor: str, since: datetime | None, limit: int) -> dict[str, Any]:
    """Posted vouchers after the cursor, or posted from a moment on."""
    place, position = _place(cursor) if cursor else (0, 0)
    last = publishing.publish_batches()
    rows = journal_queries.vouchers(key.company, payroll=key.sees_salary).filter(
        number__isnull=False, batch__published__gte=place, batch__published__lte=last
    )
    if since is not None:
        rows = rows.filter(batch__posted_at__gte=since)
    if cursor:
        rows = rows.filter(Q(batch__published__gt=place) | Q(position__gt=position))
    found = list(journal_queries.with_postings(rows).order_by("batch__published", "position")[: limit + 1])
    items = found[:limit]
    after = _mark(items[-1]) if items else cursor
    more = len(found) > limit or publishing.waiting(publishing.BATCHES)
    return {"items": [_voucher(one) for one in items], "next_cursor": after, "more": more}


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
    text = f"{one.batch.published}|{one.position}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[int, int]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        place, position = text.split("|")
        return _number(place), _number(position)
    except (ValueError, binascii.Error) as error:
        raise _no_cursor() from error


def _number(text: str) -> int:
    number = as_number(text, None, most=LARGEST_KEY)
    if number is None:
        raise _no_cursor()
    return number


def _no_cursor() -> Refused:
    return Refused(422, "cursor", "This is no cursor of ours. Send next_cursor as it came, or leave it out.")
