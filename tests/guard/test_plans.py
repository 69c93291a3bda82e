"""No page walks through a table that grows: every query of every page finds its rows by an index."""

from __future__ import annotations

import logging
import re

import pytest
from django.db import connection
from django.urls import reverse

from autopay_console.kernel import paging
from autopay_console.kernel.ids import new_id
from autopay_console.shell import to_approve
from companies.choices import Role
from integration.models import Exchange, InboxMessage, StoredFile
from payments.choices import IncomingState
from payments.models import (
    BankEntry,
    BankFile,
    Batch,
    CustomerEntry,
    EntryMatch,
    IncomingPayment,
    LineChange,
    Payment,
    PaymentLine,
    PaymentTotal,
    Posting,
    SettlementFact,
    SupplierEntry,
    Transfer,
    TransferItem,
    Voucher,
)
from tests import build
from tests.guard.test_questions import NOT_PAGES, somebody_who_sees_all
from tests.guard.world import a_world, addresses

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="plans are read as SQLite writes them"),
]
GROWING = {
    model._meta.db_table
    for model in (
        BankEntry, BankFile, Batch, CustomerEntry, EntryMatch, Exchange, InboxMessage, IncomingPayment, LineChange,
        Payment, PaymentLine, PaymentTotal, Posting, SettlementFact, StoredFile, SupplierEntry, Transfer, TransferItem,
        Voucher,
    )
}  # fmt: skip
NAMED = re.compile(r'(?:FROM|JOIN) "(\w+)"(?: (?:AS )?"?([A-Z]\d+)"?)?')
WALKED = re.compile(r"SCAN (\w+)$")  # with an index it says which


def plan(sql, params):
    """The steps in which SQLite answers."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        return [row[3] for row in cursor.fetchall()]


def walked(sql, params):
    """The growing tables this query would read from end to end."""
    scanned = {match[1] for step in plan(sql, params) if (match := WALKED.match(step))}
    return {table for table, alias in NAMED.findall(sql) if (alias or table) in scanned} & GROWING


def asked_by(client, url):
    """The reading queries of one page with their parameters."""
    asked = []

    def note(execute, sql, params, many, context):
        if sql.startswith("SELECT"):
            asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        client.get(url)
    return asked


def test_no_page_walks_through_a_table_that_grows(settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"
    logging.disable(logging.CRITICAL)
    world = a_world()
    client = somebody_who_sees_all(world)
    found = {}
    for one in addresses():
        if one.route.startswith(NOT_PAGES) or not world.knows(one):
            continue
        for sql, params in asked_by(client, reverse(one.name, kwargs=world.filled(one))):
            if tables := walked(sql, params):
                found.setdefault((one.name, *sorted(tables)), sql)
    logging.disable(logging.NOTSET)
    assert found == {}


def test_the_rows_after_one_are_read_from_where_they_begin():
    rows = IncomingPayment.objects.filter(company=1, state=IncomingState.PARKED).order_by("value_date", "id")
    later = rows.filter(paging.beyond("value_date", build.TODAY, new_id(), rising=True, key_rising=True))
    (step,) = plan(*later.query.sql_with_params())
    assert "value_date>?" in step


def test_what_waits_for_an_approver_is_counted_without_reading_a_payment():
    company = build.a_company()
    bjorn = build.a_person(Role.APPROVER, company=company)
    (step, *signed) = plan(*to_approve(company, bjorn).values("pk").query.sql_with_params())
    assert "COVERING INDEX payment_by_round" in step
    assert not any("payments_payment" in one for one in signed)


@pytest.mark.parametrize("asked", [1, 1_000])
def test_references_of_a_bank_file_are_looked_up_one_by_one_however_many_rows_the_company_has(asked):
    wanted = [str(number) for number in range(asked)]
    for rows, column in (
        (CustomerEntry.objects.filter(company=1, kid__in=wanted), "kid"),
        (CustomerEntry.objects.filter(company=1, kind="invoice", invoice_no__in=wanted), "invoice_no"),
        (IncomingPayment.objects.filter(company=1, archive_reference__in=wanted), "archive_reference"),
        (PaymentLine.objects.filter(company=1, kid__in=wanted), "kid"),
    ):
        assert f"{column}=?" in plan(*rows.query.sql_with_params())[0]
