"""Accounts customers have paid from, learned from accepted matches. They propose a customer and never decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db.models import F

from autopay_console.kernel.sets import chunks
from companies.clock import business_date
from companies.models import Company
from payments.models import IncomingPayment, PayerAccount

_ROWS = 200


def learn(company: Company, accepted: Iterable[tuple[IncomingPayment, int]]) -> None:
    """Remember from which accounts these customers paid. Call it in the company's turn (one writer at a time)."""
    seen = Counter((row.payer_account, customer_id) for row, customer_id in accepted if row.payer_account)
    today = business_date(company)
    for part in chunks(seen):
        accounts = {account for account, _customer in part}
        known = {
            (row.account, row.customer_id): row
            for row in PayerAccount.objects.filter(company=company, account__in=accounts)
        }
        by_count: dict[int, list[int]] = {}
        fresh = []
        for pair in part:
            if (row := known.get(pair)) is not None:
                by_count.setdefault(seen[pair], []).append(row.pk)
            else:
                fresh.append(
                    PayerAccount(
                        company=company, account=pair[0], customer_id=pair[1], seen=seen[pair], last_seen_on=today
                    )
                )
        for count, ids in by_count.items():
            PayerAccount.objects.filter(pk__in=ids).update(seen=F("seen") + count, last_seen_on=today)
        PayerAccount.objects.bulk_create(fresh, batch_size=_ROWS)


def forget(company: Company, account: str, customer_id: int) -> None:
    """An account turned out to be somebody else's."""
    PayerAccount.objects.filter(company=company, account=account, customer_id=customer_id).delete()
