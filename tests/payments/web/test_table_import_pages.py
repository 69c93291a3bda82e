"""The screens of table imports: bring a file, choose columns, look, decide, read the report."""

from decimal import Decimal
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from companies.choices import Role
from companies.models import Job, Supplier
from payments.models import SupplierEntry
from payments.table_import import acts, running
from tests import build
from tests.payments.table_import.tables import ENTRY_HEAD, a_csv

pytestmark = pytest.mark.django_db
ROWS = [
    ENTRY_HEAD,
    [50001, "F-1", "2026-11-20", "2026-12-05", "1 250,50", ""],
    [50001, "F-2", "2026-11-20", "2026-12-05", "-99", ""],
    [7, "F-3", "2026-11-20", "2026-12-05", "-12,00", "=HYPERLINK(1)"],
]


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"


@pytest.fixture
def company():
    company = build.a_company()
    build.a_bank(company)
    build.a_supplier(company, number=50001)
    return company


@pytest.fixture
def anna(client, company):
    client.force_login(build.an_accountant(company))
    return client


def brought(client, rows=ROWS, table="supplier_entry", name="erp.csv"):
    """The file is uploaded; answers the import."""
    file = SimpleUploadedFile(name, a_csv(rows), content_type="text/csv")
    answer = client.post(reverse("table_import", args=[table]), {"file": file})
    assert answer.status_code == 302, answer.content[:500]
    return Job.objects.latest("created_at")


def previewed(client, rows=ROWS, table="supplier_entry"):
    """The import as far as the preview."""
    job = brought(client, rows, table)
    chosen = {f"column-{place}": name for place, name in job.parameters["mapping"].items()}
    client.post(reverse("table_import_columns", args=[job.pk]), chosen)
    while not running.run(job.pk):
        pass
    return job


def page(client, job, **query):
    return client.get(reverse("table_import_job", args=[job.pk]), query).content.decode()


def test_the_whole_way_with_only_the_good_rows(anna):
    job = previewed(anna)
    assert "There is no supplier 7" in page(anna, job)
    assert "1\u202f250.50" in page(anna, job, show="created")
    anna.post(reverse("table_import_run", args=[job.pk]), {"choice": "good"})
    while not running.run(job.pk):
        pass
    said = page(anna, job)
    assert "2 rows were written" in said
    assert set(SupplierEntry.objects.values_list("amount", flat=True)) == {Decimal("1250.50"), Decimal(-99)}


def test_what_somebody_with_the_payroll_role_brought_is_for_that_role(client, company, anna):
    build.a_supplier(company, number=60001, is_payroll=True)
    client.force_login(build.a_person(Role.ACCOUNTANT, Role.PAYROLL, company=company))
    job = previewed(client, [ENTRY_HEAD, [60001, "F-1", "2026-11-20", "2026-12-05", "1 250,50", ""]])
    assert "F-1" in page(client, job, show="created")
    client.force_login(build.an_accountant(company))
    assert client.get(reverse("table_import_job", args=[job.pk])).status_code == 403
    assert client.post(reverse("table_import_run", args=[job.pk]), {"choice": "all"}).status_code == 403


def test_all_or_none_says_that_nothing_was_imported(anna):
    job = previewed(anna)
    anna.post(reverse("table_import_run", args=[job.pk]), {"choice": "all"})
    while not running.run(job.pk):
        pass
    assert "Nothing was imported: 1 row is faulty" in page(anna, job)
    assert SupplierEntry.objects.count() == 0


def test_faulty_rows_come_back_as_a_file_that_can_be_mended_and_imported(anna, company):
    job = previewed(anna)
    file = b"".join(anna.get(reverse("table_import_refused", args=[job.pk])).streaming_content).decode("utf-8-sig")
    head, row = file.splitlines()
    assert head == "Supplier no.;Invoice no.;Invoice date;Due date;Amount;KID code;Row;What is wrong"
    assert row.startswith("7;F-3;2026-11-20;2026-12-05;-12,00;'=HYPERLINK(1);4;Supplier no.: There is no supplier 7")
    build.a_supplier(company, number=7)
    again = previewed(anna, [line.replace("'=HYPERLINK(1)", "").split(";") for line in (head, row)])
    again.refresh_from_db()
    assert again.report["created"] == 1


def test_a_header_that_looks_like_a_formula_does_not_run_from_the_file_of_faulty_rows(anna):
    job = brought(anna, [["Supplier no.", "Invoice no.", "Amount", "=HYPERLINK(1)"], [7, "F-9", "12,00", "x"]])
    running.run(job.pk)
    file = b"".join(anna.get(reverse("table_import_refused", args=[job.pk])).streaming_content).decode("utf-8-sig")
    assert file.splitlines()[0].split(";")[3] == "'=HYPERLINK(1)"


def test_a_change_is_shown_from_what_to_what(client, company):
    client.force_login(build.a_person(Role.ADMINISTRATOR, company=company))
    Supplier.objects.filter(number=50001).update(name="Before AS", town="Bergen")
    account = build.a_norwegian_account()
    job = previewed(client, [["No", "Name", "Bank account"], [50001, "After AS", account]], "supplier")
    said = page(client, job, show="changed")
    assert '<del class="soft">Before AS</del> → After AS' in said
    assert "waits for a second person" in said


def test_needed_columns_that_are_nowhere_are_named_and_what_was_chosen_stays(anna):
    job = brought(anna, [["Ref", "Leverandørnr"], ["x", "50001"]])
    said = page(anna, job)
    assert "Say which column holds: Invoice no., Amount." in said
    answer = anna.post(
        reverse("table_import_columns", args=[job.pk]), {"column-0": "invoice_no", "column-1": "supplier_no"}
    )
    assert answer.status_code == 422
    assert "Say which column holds: Amount." in answer.content.decode()
    assert '<option value="invoice_no" selected>' in answer.content.decode()


def test_a_file_that_is_no_table_is_refused_beside_the_field(anna):
    file = SimpleUploadedFile("x.pdf", b"%PDF-1.7")
    answer = anna.post(reverse("table_import", args=["supplier_entry"]), {"file": file})
    assert answer.status_code == 422
    assert "neither CSV nor XLSX" in answer.content.decode()


def test_the_progress_bar_is_asked_for_until_the_work_is_over(anna):
    job = brought(anna)
    chosen = {f"column-{place}": name for place, name in job.parameters["mapping"].items()}
    anna.post(reverse("table_import_columns", args=[job.pk]), chosen)
    htmx = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "progress"}
    url = reverse("table_import_job", args=[job.pk])
    running_page = anna.get(url, **htmx)
    assert b"<progress" in running_page.content
    assert b"<html" not in running_page.content
    running.run(job.pk)
    assert anna.get(url, **htmx).headers["HX-Refresh"] == "true"


def test_the_columns_can_be_chosen_again_after_the_preview(anna):
    job = previewed(anna)
    anna.post(reverse("table_import_back", args=[job.pk]))
    job.refresh_from_db()
    assert (job.parameters["phase"], job.import_rows.count()) == ("mapping", 0)


def test_rows_that_are_right_are_said_to_be_written_part_by_part(anna):
    job = previewed(anna)
    anna.post(reverse("table_import_run", args=[job.pk]), {"choice": "good"})
    Job.objects.filter(pk=job.pk).update(report={**job.report, "written": 1000})
    told = page(anna, job)
    assert "part by part" in told
    assert "1000 rows are written so far" in told or "1\u202f000 rows are written so far" in told
    assert "all at once" not in told


@pytest.mark.parametrize(("state", "word"), [("stopped", "dropped"), ("failed", "failed")])
@pytest.mark.parametrize(("written", "what"), [(0, "nothing was written"), (2, "2 rows were written before and stay")])
def test_an_import_that_ended_early_says_what_stays_written(anna, state, word, written, what):
    job = previewed(anna)
    Job.objects.filter(pk=job.pk).update(state=state, report={"written": written})
    assert f"The import {'was ' if word == 'dropped' else ''}{word}; {what}" in page(anna, job)


def test_a_dropped_import_writes_nothing_and_cannot_be_run(anna):
    job = previewed(anna)
    anna.post(reverse("table_import_drop", args=[job.pk]))
    answer = anna.post(reverse("table_import_run", args=[job.pk]), {"choice": "good"}, follow=True)
    assert "goes on already" in answer.content.decode()
    assert "nothing was written" in answer.content.decode()
    assert SupplierEntry.objects.count() == 0


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_template_can_be_imported_as_it_is(anna, kind):
    answer = anna.get(reverse(f"table_template_{kind}", args=["supplier_entry"]))
    file = SimpleUploadedFile(f"t.{kind}", BytesIO(answer.content).getvalue())
    anna.post(reverse("table_import", args=["supplier_entry"]), {"file": file})
    job = Job.objects.get()
    assert len(job.parameters["mapping"]) == len(job.parameters["headers"]) == 18


def test_entries_are_the_accountants_not_the_administrators(client, company):
    client.force_login(build.a_person(Role.ADMINISTRATOR, company=company))
    assert client.get(reverse("table_import", args=["supplier_entry"])).status_code == 403
    assert client.get(reverse("table_import", args=["supplier"])).status_code == 200


def test_another_companys_import_does_not_exist(client, anna):
    job = brought(anna)
    client.force_login(build.an_accountant(build.a_company()))
    assert client.get(reverse("table_import_job", args=[job.pk])).status_code == 404


def test_the_preview_of_a_full_page_costs_few_queries(anna, django_assert_max_num_queries):
    rows = [ENTRY_HEAD, *([50001, f"F-{n}", "2026-11-20", "2026-12-05", "10", ""] for n in range(120))]
    job = previewed(anna, rows)
    with django_assert_max_num_queries(14):
        assert "F-49" in page(anna, job, show="created")


def test_the_command_line_imports_and_tells(company, tmp_path, capsys):
    path = tmp_path / "t.csv"
    path.write_bytes(a_csv(ROWS))
    with pytest.raises(SystemExit):
        call_command("import_table", "supplier_entry", str(path), company=company.number)
    call_command("import_table", "supplier_entry", str(path), company=company.number, skip_faulty=True)
    said = capsys.readouterr()
    assert "2 new, 0 changed, 0 unchanged, 1 refused." in said.out
    assert "4  supplier_no: There is no supplier 7" in said.err
    assert SupplierEntry.objects.count() == 2


def test_a_dry_run_writes_nothing(company, tmp_path, capsys):
    path = tmp_path / "t.csv"
    path.write_bytes(a_csv(ROWS))
    call_command("import_table", "supplier_entry", str(path), company=company.number, dry_run=True)
    assert "Nothing was written." in capsys.readouterr().out
    assert SupplierEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("page", "table"),
    [
        ("suppliers", "supplier"),
        ("customers", "customer"),
        ("suggestion", "supplier_entry"),
        ("customer_entries", "customer_entry"),
    ],
)
def test_lists_lead_to_their_import(anna, page, table):
    assert reverse("table_import", args=[table]) in anna.get(reverse(page)).content.decode()


@pytest.mark.parametrize(("dry_run", "made"), [(False, 1), (True, 0)])
def test_a_worker_that_is_faster_than_the_command_line_does_not_disturb_it(
    company, tmp_path, capsys, monkeypatch, dry_run, made
):
    monkeypatch.setattr(acts, "nudge", lambda task, ids: [running.run(one) for one in ids])  # the worker, at once
    path = tmp_path / "s.csv"
    path.write_bytes(a_csv([["Supplier no.", "Name", "Country"], [70001, "Nordlys", "NO"]]))
    call_command("import_table", "supplier", str(path), company=company.number, dry_run=dry_run)
    assert "1 new" in capsys.readouterr().out
    assert Supplier.objects.filter(number=70001).count() == made
