"""Many rows by one prepared statement: what is stored is what Django's own way stores."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from autopay_console.kernel import rows
from autopay_console.kernel.ids import new_id, new_keys
from companies.models import MailOutbox
from payments.models import SupplierEntry, TransferItem
from tests import build

pytestmark = pytest.mark.django_db
ITEM = (
    *("id", "transfer_id", "payment_id", "company_id", "supplier_id", "position", "end_to_end_id"),
    *("payment_info_id", "amount", "currency_id", "execution_date", "account", "payee_name"),
)


@pytest.fixture
def item():
    payment = build.a_transferred_payment()
    return TransferItem.objects.filter(payment=payment).first()


def values(item, number, amount=Decimal("12.34")):
    ours = (item.transfer_id, item.payment_id, item.company_id, item.supplier_id, 900 + number, f"other-{number}")
    return (new_id(), *ours, "group", amount, "NOK", date(2026, 11, 25), "12345678903", "Ålesund Fisk AS")


def test_inserted_rows_are_read_back_as_they_were_handed_in(item):
    row = values(item, 1, Decimal("0.0001"))
    assert rows.insert_rows(TransferItem, ITEM, [row]) == 1
    assert TransferItem.objects.filter(pk=row[0]).values_list(*ITEM).get() == row


def test_columns_nobody_named_get_their_default(item):
    row = values(item, 1)
    rows.insert_rows(TransferItem, ITEM, [row])
    made = TransferItem.objects.get(pk=row[0])
    assert (made.rank, made.uetr, made.payee_check_done) == (0, "", False)


def test_moments_of_making_are_now():
    rows.insert_rows(MailOutbox, ("key", "to", "subject", "body"), [("a", "b@example.com", "c", "d")])
    assert MailOutbox.objects.get().created_at is not None


def test_a_key_made_row_by_row_must_be_given(item):
    with pytest.raises(TypeError, match=r"TransferItem\.id"):
        rows.insert_rows(TransferItem, ITEM[1:], [values(item, 1)[1:]])


def test_an_unknown_column_is_named(item):
    with pytest.raises(FieldDoesNotExist, match="supplier"):
        rows.insert_rows(TransferItem, (*ITEM[:4], "supplier", *ITEM[5:]), [values(item, 1)])


def test_thousands_of_rows_are_a_few_statements(item):
    with CaptureQueriesContext(
        connection,
    ) as seen:
        rows.insert_rows(TransferItem, ITEM, (values(item, number) for number in range(1_500)))
    assert len(seen) == 2
    assert TransferItem.objects.filter(end_to_end_id__startswith="other-").count() == 1_500


def test_the_databases_rules_hold(item):
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.insert_rows(TransferItem, ITEM, [values(item, 1), values(item, 2, Decimal(0))])
    assert not TransferItem.objects.filter(end_to_end_id="other-1").exists()


def test_update_sets_each_row_by_its_key():
    supplier = build.a_supplier(build.a_company())
    first, second = build.a_supplier_entry(supplier), build.a_supplier_entry(supplier)
    changes = [(Decimal("1.50"), "one", first.pk), (Decimal("2.50"), "two", second.pk)]
    assert rows.update_rows(SupplierEntry, ("rest", "kid"), changes) == 2
    found = SupplierEntry.objects.order_by("pk").values_list("rest", "kid")
    assert list(found) == [(Decimal("1.50"), "one"), (Decimal("2.50"), "two")]


def test_objects_are_stored_whole():
    supplier = build.a_supplier(build.a_company())
    known = build.a_supplier_entry(supplier)
    other = SupplierEntry.objects.get(pk=known.pk)
    other.pk, other.invoice_no = None, "F-2"
    rows.store(SupplierEntry, [other])
    left = {"id", "invoice_no"}
    first, second = SupplierEntry.objects.order_by("pk").values()
    assert {k: v for k, v in first.items() if k not in left} == {k: v for k, v in second.items() if k not in left}


def test_a_key_may_be_handed_in_as_text(item):
    (key,) = new_keys(1)
    rows.insert_rows(TransferItem, ITEM, [(key, *values(item, 1)[1:])])
    assert TransferItem.objects.filter(pk=key, end_to_end_id="other-1").exists()


@pytest.mark.django_db(transaction=True)
def test_rows_of_a_caller_without_a_transaction_stay_all_or_none():
    good, bad = (build.a_supplier_entry(build.a_supplier(build.a_company())) for _ in range(2))
    bad.rest = Decimal(10**6)  # more than its amount
    with pytest.raises(IntegrityError):
        rows.store(SupplierEntry, [good, bad])
    assert SupplierEntry.objects.count() == 2
