"""Answers to signals and registrations of this app. What only some processes do is loaded when it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from autopay_console.kernel.nudging import nudge
from companies import leaving, readiness, row_checks
from companies.models import Company, FactoringCompany, Person
from companies.problems import Problem
from payments import events
from payments.models import Batch


@readiness.register
def _company_can_pay(company: Company) -> Iterable[readiness.Condition]:
    from payments.validation import setup

    return setup.company_conditions(company)


@readiness.register
def _banks_are_set_up(company: Company) -> Iterable[readiness.Condition]:
    from payments.validation import conditions

    return conditions.at_the_bank(company)


@leaving.register
def _payments_wait(person: Person) -> Iterable[leaving.Waiting]:
    from payments.lists import person_waits

    return person_waits.waits(person)


def _factoring_id(row: FactoringCompany) -> Iterator[tuple[str, Problem]]:
    from payments import interpretation

    read = interpretation.read_definition(row.factoring_id, row.customer_length, row.reference_length)
    if isinstance(read, Problem):
        yield "factoring_id", read


row_checks.register("factoringcompany", _factoring_id)


@receiver(events.lines_settled)
def book_settled_lines(payment_id: int, value_date: date, **_kwargs: Any) -> None:
    """Lines were settled or came back: their payment has something to book for this value date."""
    nudge("payments.tasks.settle_payment", None, payment_id, value_date.isoformat())


@receiver(events.file_received)
def import_received_file(file_id: UUID, **_kwargs: Any) -> None:
    """A bank file was kept: read and book it."""
    nudge("payments.tasks.import_bank_files", [file_id])


@receiver(events.entries_registered)
def try_parked_payments_again(company_id: int, **_kwargs: Any) -> None:
    """What is parked may be for an invoice that was registered just now."""
    nudge("payments.tasks.match_parked", None, company_id)


@receiver(events.batch_posted)
def mark_posted_payments(batch: Batch, **_kwargs: Any) -> None:
    """Whoever posted the batch: its incoming payments are done."""
    from payments.receiving import posting_incoming

    posting_incoming.note_posted(batch)
