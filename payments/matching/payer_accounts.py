"""Accounts customers have paid from, learned from accepted matches. They propose a customer and never decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from django.db.models import Count, F, QuerySet

from autopay_console.kernel.sets import chunks
from companies.clock import business_date
from companies.models import Company
from payments.models import IncomingPayment, PayerAccount

MOST_CUSTOMERS = 20  # behind one account, for it to propose them
_ROWS = 200
_PAIRS = 500  # two lists of them stand in one statement


def learn(company: Company, accepted: Iterable[tuple[IncomingPayment, int]]) -> None:
    """Remember from which accounts these customers paid. Call it in the company's turn (one writer at a time)."""
    seen = Counter((row.payer_account, customer_id) for row, customer_id in accepted if row.payer_account)
    today = business_date(company)
    for part in chunks(seen, _PAIRS):
        accounts, customers = ({pair[place] for pair in part} for place in (0, 1))
        # by both: many customers may pay from one account, that of a payment service
        rows = PayerAccount.objects.filter(company=company, account__in=accounts, customer_id__in=customers)
        known = {(row.account, row.customer_id): row for row in rows}
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


def of_few(company: Company, accounts: Collection[str]) -> QuerySet[PayerAccount]:
    """What was learned about these accounts. Nothing about one that many customers pay from: it says who collected the
    money, not who paid."""
    rows = PayerAccount.objects.filter(company=company, account__in=accounts)
    counted = rows.order_by().values("account").annotate(customers=Count("id"))
    few = counted.filter(customers__lte=MOST_CUSTOMERS).values_list("account", flat=True)
    return PayerAccount.objects.filter(company=company, account__in=list(few)).select_related("customer")


def forget(company: Company, account: str, customer_id: int) -> None:
    """An account turned out to be somebody else's."""
    PayerAccount.objects.filter(company=company, account=account, customer_id=customer_id).delete()
