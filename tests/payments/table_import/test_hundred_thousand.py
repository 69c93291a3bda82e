"""A table of 100 000 rows with 40 faulty ones, through the job: 99 960 accepted or none, as the person chose."""

import resource
import sys
from datetime import date
from time import monotonic

import pytest

from payments.models import SupplierEntry
from payments.table_import import acts, running
from payments.table_import.tables import SUPPLIER_ENTRIES
from tests import build
from tests.payments.table_import.tables import ENTRY_HEAD, an_xlsx, counts, problems

pytestmark = [pytest.mark.django_db, pytest.mark.story, pytest.mark.timeout(600)]
ROWS, FAULTY = 100_000, 40
DAY, DUE = date(2026, 11, 2), date(2026, 12, 2)


def rows():
    """Every 2 500th row names a supplier nobody has."""
    yield ENTRY_HEAD
    for n in range(ROWS):
        supplier = 99_999 if n % (ROWS // FAULTY) == 7 else 50_000 + n % 200
        yield [supplier, f"F-{n}", DAY, DUE, 100 + n / 100, ""]


def memory():
    """Largest resident size so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def test_99_960_of_100_000_rows_are_accepted_or_none_as_the_person_chose(settings, tmp_path, capsys):
    settings.DATA_AREA = tmp_path / "files"
    company = build.a_company()
    build.a_bank(company)
    for number in range(200):
        build.a_supplier(company, number=50_000 + number)
    person = build.an_accountant(company)
    path = an_xlsx(tmp_path / "t.xlsx", rows())
    before, started = memory(), monotonic()
    for choice, kept in ((running.ALL, 0), (running.GOOD, ROWS - FAULTY)):
        job = acts.start(company, SUPPLIER_ENTRIES, path, "t.xlsx", person)
        acts.choose_columns(job, {int(place): name for place, name in job.parameters["mapping"].items()})
        while not running.run(job.pk):
            pass
        job.refresh_from_db()
        assert counts(job) == (ROWS - FAULTY, 0, 0, FAULTY)
        staged = monotonic()
        acts.decide(job, choice)
        while not running.run(job.pk):
            pass
        assert SupplierEntry.objects.count() == kept
    took = monotonic() - started
    with capsys.disabled():
        sys.stdout.write(
            f"\n{ROWS} rows: twice read and planned, once applied in {took:.0f} s,"
            f" applied in {monotonic() - staged:.0f} s, memory {before} -> {memory()} MB\n"
        )
    assert len(problems(job)) == FAULTY
    assert "There is no supplier 99999" in problems(job)[9][0][1]
    assert memory() - before < 400
