"""When a supplier's account was first paid: from then on the preflight no longer calls it a first payment.

Kept with the settlement itself, for all lines of a slice at once. An account that stood in no register (it came with
the voucher, or from the ERP) gets its row here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from autopay_console.kernel.sets import chunks
from companies.accounts import account_key
from companies.models import PayeeAccount
from payments.models import PaymentLine

_SLICE = 500


def note(paid: Iterable[tuple[PaymentLine, date]]) -> None:
    """These lines were debited on these value dates; the earliest day of each supplier's account is kept, once."""
    first: dict[tuple[int, str], tuple[date, str]] = {}
    for line, day in paid:
        if line.amount > 0 and line.account:
            key = (line.supplier_id, account_key(line.account))
            first[key] = min(first.get(key, (day, line.account)), (day, line.account))
    for part in chunks(first, _SLICE):
        _note_some({key: first[key] for key in part})


def _note_some(first: dict[tuple[int, str], tuple[date, str]]) -> None:
    known = PayeeAccount.objects.filter(supplier_id__in={supplier for supplier, _account in first})
    unknown, by_day = dict(first), defaultdict(list)
    for row in known.only("pk", "supplier_id", "account", "first_paid_on"):
        key = (row.supplier_id, account_key(row.account))
        if key in first:
            unknown.pop(key, None)
            if row.first_paid_on is None:
                by_day[first[key][0]].append(row.pk)
    for day, ids in by_day.items():
        PayeeAccount.objects.filter(pk__in=ids, first_paid_on=None).update(first_paid_on=day)
    PayeeAccount.objects.bulk_create(
        PayeeAccount(supplier_id=supplier, account=account, entered_at=_noon(day), first_paid_on=day)
        for (supplier, _key), (day, account) in unknown.items()
    )


def _noon(day: date) -> datetime:
    """The register knows the account since the day it was paid."""
    return datetime.combine(day, time(12), UTC)
