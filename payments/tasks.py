"""Tasks of the money: each is one call, and every one of them may be started twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from uuid import UUID

import structlog
from celery import shared_task

from companies.models import Company
from payments.bank_files import importing
from payments.mailing import advising, reminding
from payments.receiving import matching_later
from payments.releasing import upload_jobs
from payments.settling import settlement
from payments.suggesting import holding
from payments.table_import import acts, running

log = structlog.get_logger(__name__)


@shared_task
def settle_payment(payment_id: int, value_date: str) -> None:
    """Book what the bank settled or returned of a payment on one value date (ISO text)."""
    settlement.collect(payment_id, date.fromisoformat(value_date))
    advising.tell(payment_id, date.fromisoformat(value_date))


@shared_task
def settle_due() -> None:
    """Book what a lost nudge or a killed worker left. One payment that cannot be booked holds up no other."""
    for payment_id, value_date in settlement.due():
        _one_by_one(settlement.collect, payment_id, value_date)
    settlement.post_waiting()
    for payment_id, value_date in advising.due():
        _one_by_one(advising.tell, payment_id, value_date)


def _one_by_one(work: Callable[[int, date], object], payment_id: int, value_date: date) -> None:
    try:
        work(payment_id, value_date)
    except Exception:  # the row still says that it is due
        log.exception("settlement_failed", payment=payment_id, value_date=value_date.isoformat())


@shared_task
def import_bank_files(ids: Iterable[str]) -> None:
    """Import bank files, the longest in parts that nudge each other."""
    for one in ids:
        importing.import_file(UUID(one))


@shared_task
def import_tables(ids: Iterable[str]) -> None:
    """Read or apply tables of suppliers, customers and open entries, the longest in parts that nudge each other."""
    for one in ids:
        running.run(UUID(one))


@shared_task
def match_parked(company_id: int | None = None) -> None:
    """Invoices registered meanwhile may be what parked payments were for; without a company, in all of them."""
    company = None if company_id is None else Company.objects.filter(pk=company_id).first()
    if company is not None or company_id is None:
        matching_later.match_parked(company)


@shared_task
def remind_approvers() -> None:
    """Payments wait and their time runs."""
    reminding.remind_approvers()


@shared_task
def check_books_nightly() -> None:
    """Count everything again; what was held back until today may be paid."""
    holding.let_go_everywhere()
    matching_later.match_parked()
    reminding.check_books()
    acts.forget_old()


@shared_task(soft_time_limit=360, time_limit=390)
def upload_payments(ids: Iterable[str]) -> None:
    """Check, seal and hand over large payments; what a dead worker left is taken up again."""
    for one in ids:
        upload_jobs.run(UUID(one))
    upload_jobs.put_stopped_back()
