"""Applied rows: those that are right a thousand at a time with the place kept, all or none in one transaction."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from companies.models import Supplier
from payments.models import SupplierEntry
from payments.table_import import acts, applying, running
from tests import build
from tests.payments.table_import.tables import ENTRY_HEAD, a_csv, previewed

pytestmark = pytest.mark.django_db
HEAD = ["Supplier no.", "Name", "Country"]


@pytest.fixture(autouse=True)
def small_parts(settings, tmp_path, monkeypatch):
    settings.DATA_AREA = tmp_path
    monkeypatch.setattr(applying, "SLICE", 2)


@pytest.fixture
def company():
    return build.a_company()


def new_suppliers(company, count, choice):
    rows = [[50001 + n, f"Supplier {n}", "NO"] for n in range(count)]
    job = previewed(company, "supplier", a_csv([HEAD, *rows]))
    acts.decide(job, choice)
    return job


def finish(job):
    while not running.run(job.pk):
        pass
    job.refresh_from_db()


def test_rows_that_are_right_are_applied_part_by_part_and_go_on_where_they_stopped(company):
    job = new_suppliers(company, 5, running.GOOD)
    assert not running.run(job.pk, seconds=0)
    job.refresh_from_db()
    assert (Supplier.objects.count(), job.report["written"]) == (2, 2)
    assert not running.run(job.pk, seconds=0)
    assert Supplier.objects.count() == 4
    finish(job)
    assert (Supplier.objects.count(), job.report["written"], job.state) == (5, 5, "done")


def test_a_part_that_was_written_and_not_kept_is_written_once(company):
    job = new_suppliers(company, 5, running.GOOD)
    cut = []

    def power_cut(execute, sql, params, many, context):
        if cut and 'UPDATE "companies_job"' in sql and "leased_until" in sql:
            raise KeyboardInterrupt
        if 'INSERT INTO "companies_supplier"' in sql:
            cut.append(True)
        return execute(sql, params, many, context)

    with pytest.raises(KeyboardInterrupt), connection.execute_wrapper(power_cut):
        running.run(job.pk)
    assert Supplier.objects.count() == 0
    type(job).objects.filter(pk=job.pk).update(leased_until=None)
    finish(job)
    assert (Supplier.objects.count(), job.report["written"]) == (5, 5)


def test_a_row_changed_after_the_preview_keeps_what_is_written_and_shows_the_rest_again(company):
    build.a_supplier(company, number=50004)
    job = new_suppliers(company, 5, running.GOOD)
    Supplier.objects.filter(number=50004).update(name="By hand", version=7)
    finish(job)
    assert (job.state, job.parameters["phase"], job.report["again"], job.report["written"]) == (
        "asking",
        "choosing",
        True,
        2,
    )
    acts.decide(job, running.GOOD)
    finish(job)
    assert (Supplier.objects.count(), job.state) == (5, "done")
    assert Supplier.objects.get(number=50004).name == "Supplier 3"


def half_written(company):
    build.a_supplier(company, number=50004)
    job = new_suppliers(company, 5, running.GOOD)
    Supplier.objects.filter(number=50004).update(name="By hand", version=7)
    finish(job)
    assert job.report["written"] == 2
    return job


def test_the_report_counts_rows_of_an_earlier_part_whatever_is_chosen_for_the_rest(company):
    job = half_written(company)
    acts.decide(job, running.ALL)
    finish(job)
    assert (Supplier.objects.count(), job.report["written"]) == (5, 5)


def test_the_report_counts_rows_of_an_earlier_part_when_the_columns_are_chosen_anew(company):
    job = half_written(company)
    acts.change_columns(job)
    acts.choose_columns(job, {int(place): name for place, name in job.parameters["mapping"].items()})
    finish(job)
    acts.decide(job, running.GOOD)
    finish(job)
    assert (Supplier.objects.count(), job.report["written"]) == (5, 5)


def test_none_of_the_rest_does_not_claim_that_nothing_was_imported(company):
    job = half_written(company)
    job.report["refused"] = 1
    job.save(update_fields=["report"])
    acts.decide(job, running.ALL)
    finish(job)
    assert (job.report["applied"], job.report["written"]) == (True, 2)


def test_all_or_none_is_one_transaction_that_reads_no_row_of_the_sheet(company):
    build.a_supplier(company, number=50001)
    rows = [[50001, f"F-{n}", "2026-11-02", "2026-12-02", "100.00", ""] for n in range(7)]
    job = previewed(company, "supplier_entry", a_csv([ENTRY_HEAD, *rows]))
    acts.decide(job, running.ALL)
    with CaptureQueriesContext(connection) as asked:
        finish(job)
    said = [one["sql"] for one in asked]
    first = next(place for place, sql in enumerate(said) if 'INSERT INTO "payments_supplierentry"' in sql)
    assert SupplierEntry.objects.count() == 7
    assert not [sql for sql in said[first:] if 'SELECT "payments_importrow"' in sql]


def test_all_or_none_leaves_nothing_when_a_row_was_changed_after_the_preview(company):
    build.a_supplier(company, number=50004)
    job = new_suppliers(company, 5, running.ALL)
    Supplier.objects.filter(number=50004).update(name="By hand", version=7)
    finish(job)
    assert (Supplier.objects.count(), job.parameters["phase"]) == (1, "choosing")
