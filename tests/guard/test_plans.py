"""No page walks through a table that grows: every query of every page finds its rows by an index."""

from __future__ import annotations

import logging
import re

import pytest
from django.db import connection
from django.urls import reverse

from integration.models import Exchange, InboxMessage, StoredFile
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


def walked(sql, params):
    """The growing tables this query would read from end to end."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        steps = [row[3] for row in cursor.fetchall()]
    scanned = {match[1] for step in steps if (match := WALKED.match(step))}
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
