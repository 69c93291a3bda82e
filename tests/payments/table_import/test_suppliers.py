"""Suppliers and customers from tables: found by number, accounts to a second person, every fault named."""

from datetime import timedelta

import pytest
from django.utils import timezone

from companies.models import Customer, Job, PendingChange, Supplier
from payments.table_import import acts, claiming, running
from payments.table_import.tables import SUPPLIERS
from tests import build
from tests.payments.table_import.tables import a_csv, counts, imported, previewed, problems

pytestmark = pytest.mark.django_db
HEAD = ["Supplier no.", "Name", "Country", "Bank account", "Town", "E-mail"]


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"


@pytest.fixture
def company():
    build.a_country("SE")
    return build.a_company()


def test_new_suppliers_are_made_and_their_accounts_wait_for_a_second_person(company):
    account = build.a_norwegian_account()
    job = imported(company, "supplier", a_csv([HEAD, [50001, "Nordlys AS", "no", account, "Bodø", "a@nordlys.no"]]))
    supplier = Supplier.objects.get(company=company, number=50001)
    change = PendingChange.objects.get(object_id=supplier.pk, table="supplier")
    assert counts(job) == (1, 0, 0, 0)
    assert (supplier.name, supplier.town, supplier.country_id, supplier.account) == ("Nordlys AS", "Bodø", "NO", "")
    assert (change.field, change.after, change.asked_by, change.company) == (
        "account",
        account,
        job.started_by,
        company,
    )


def test_history_says_who_imported_and_from_which_file(company):
    job = imported(company, "supplier", a_csv([HEAD, [50001, "Nordlys AS", "NO", "", "", ""]]), name="erp.csv")
    imported(company, "supplier", a_csv([HEAD, [50001, "Nordlys ASA", "NO", "", "", ""]]), name="erp2.csv")
    newer, older = Supplier.history.order_by("-history_id")[:2]
    assert (older.history_type, older.history_user, older.history_change_reason) == (
        "+",
        job.started_by,
        "import supplier:erp.csv",
    )
    assert (newer.history_type, newer.name, newer.version) == ("~", "Nordlys ASA", 1)


def test_the_same_table_again_changes_nothing(company):
    content = a_csv([HEAD, [50001, "Nordlys AS", "NO", build.a_norwegian_account(), "Bodø", ""]])
    imported(company, "supplier", content)
    job = imported(company, "supplier", content)
    assert counts(job) == (0, 0, 1, 0)
    assert (Supplier.objects.count(), Supplier.objects.get().version, PendingChange.objects.count()) == (1, 0, 1)


def test_an_empty_cell_leaves_the_field_as_it_is(company):
    supplier = build.a_supplier(company, number=50001, name="Before")
    imported(company, "supplier", a_csv([HEAD, [50001, "After", "", "", "", ""]]))
    after = Supplier.objects.get(pk=supplier.pk)
    assert (after.name, after.town, after.account) == ("After", supplier.town, supplier.account)


def test_a_changed_account_is_not_used_before_somebody_else_accepts_it(company):
    supplier = build.a_supplier(company, number=50001)
    new = build.a_norwegian_account()
    job = imported(company, "supplier", a_csv([HEAD, [50001, supplier.name, "NO", new, "", ""]]))
    supplier.refresh_from_db()
    change = PendingChange.objects.get()
    assert supplier.account != new
    assert (change.before, change.after, job.report["waits"]) == (supplier.account, new, 1)


def test_every_fault_is_named_with_row_and_column(company):
    rows = [
        HEAD,
        ["abc", "x", "NO", "", "", ""],
        [50002, "", "NO", "", "", ""],
        [50003, "x", "NOR", "", "", ""],
        [50004, "x", "NO", "12345678901", "", "not mail"],
        ["", "x", "NO", "", "", ""],
        [50006, "x" * 141, "NO", "", "", ""],
        [50007, "x", "XX", "", "", ""],
        [50008, "good", "NO", "", "", ""],
        [50008, "twice", "NO", "", "", ""],
    ]
    found = problems(previewed(company, "supplier", a_csv(rows)))
    assert {row: [name for name, _text in faults] for row, faults in found.items()} == {
        2: ["number"],
        3: ["name"],
        4: ["country"],
        5: ["email", "account"],
        6: ["number"],
        7: ["name"],
        8: ["country"],
        10: ["number"],
    }
    assert "check digit" in found[5][1][1]
    assert found[10][0][1] == "Row 9 says the same number already."


def test_all_or_none_writes_nothing_when_one_row_is_faulty(company):
    rows = [HEAD, [50001, "Good", "NO", "", "", ""], [50002, "", "NO", "", "", ""]]
    job = imported(company, "supplier", a_csv(rows))
    assert (Supplier.objects.count(), job.report["applied"], job.state) == (0, False, "done")
    job = imported(company, "supplier", a_csv(rows), running.GOOD)
    assert (Supplier.objects.get().number, job.report["applied"], job.report["written"]) == (50001, True, 1)


def test_a_row_changed_after_the_preview_makes_the_preview_anew(company):
    supplier = build.a_supplier(company, number=50001)
    job = previewed(company, "supplier", a_csv([HEAD, [50001, "From the table", "", "", "", ""]]))
    Supplier.objects.filter(pk=supplier.pk).update(name="By hand", version=1)
    acts.decide(job, running.ALL)
    while not running.run(job.pk):
        pass
    job.refresh_from_db()
    supplier.refresh_from_db()
    assert (supplier.name, job.state, job.parameters["phase"], job.report["again"]) == (
        "By hand",
        "asking",
        "choosing",
        True,
    )


def test_an_import_somebody_else_moved_on_is_not_moved_from_a_page_that_was_open_before(company):
    job = previewed(company, "supplier", a_csv([HEAD, [50001, "From the table", "", "", "", ""]]))
    before, there = Job.objects.get(pk=job.pk), Job.objects.get(pk=job.pk)
    acts.change_columns(there)

    with pytest.raises(acts.NotPossible):
        acts.decide(before, running.ALL)
    with pytest.raises(acts.NotPossible):
        acts.change_columns(before)

    job.refresh_from_db()
    assert (job.state, job.parameters["phase"]) == ("asking", "mapping")
    acts.choose_columns(job, {0: "number", 1: "name", 2: "country"})
    with pytest.raises(acts.NotPossible):
        acts.choose_columns(there, {0: "name", 1: "number", 2: "country"})
    job.refresh_from_db()
    assert job.parameters["mapping"]["0"] == "number"


def test_an_employee_is_changed_only_by_somebody_who_sees_salary(company):
    build.a_supplier(company, number=60001, is_payroll=True)
    found = problems(previewed(company, "supplier", a_csv([HEAD, [60001, "Other", "", "", "", ""]])))
    assert "payroll" in found[2][0][1]


def test_the_templates_example_row_is_passed_over(company):
    row = [one.example for one in SUPPLIERS.columns]
    job = imported(company, "supplier", a_csv([[str(one.label) for one in SUPPLIERS.columns], row]))
    assert counts(job) == (0, 0, 0, 0)


def test_the_choice_of_columns_is_remembered_for_the_company(company):
    rows = [["Ref", "Betegnelse", "Land"], [50001, "Nordlys", "NO"]]
    previewed(company, "supplier", a_csv(rows), mapping={0: "number", 1: "name", 2: "country"})
    job = previewed(company, "supplier", a_csv(rows))
    assert job.parameters["mapping"] == {"0": "number", "1": "name", "2": "country"}
    assert counts(job) == (1, 0, 0, 0)


def test_of_two_columns_with_one_header_the_chosen_one_is_remembered(company):
    rows = [["Leverandørnr.", "Navn", "Navn", "Land"], [50001, "Nordlys", "N", "NO"]]
    previewed(company, "supplier", a_csv(rows), mapping={0: "number", 1: "name", 3: "country"})
    job = previewed(company, "supplier", a_csv([["Leverandørnr.", "Navn", "Land"], [50002, "Sørlys", "NO"]]))
    assert job.parameters["mapping"] == {"0": "number", "1": "name", "2": "country"}


def test_a_needed_column_that_is_nowhere_stops_before_reading(company):
    with pytest.raises(acts.NotPossible, match="Supplier no"):
        previewed(company, "supplier", a_csv([["Foo", "Name"], [1, "x"]]))


def test_customers_are_imported_too(company):
    rows = [["Kundenr", "Navn", "Land", "Org.nr."], [10001, "Kunde AS", "NO", "923609016"], [10002, "K", "NO", "1"]]
    job = imported(company, "customer", a_csv(rows), running.GOOD)
    assert (counts(job), Customer.objects.get().organisation_no) == ((1, 0, 0, 1), "923609016")


def test_a_dropped_import_leaves_nothing(company):
    job = previewed(company, "supplier", a_csv([HEAD, [50001, "x", "NO", "", "", ""]]))
    acts.drop(job)
    job.refresh_from_db()
    assert (job.state, job.import_rows.count(), running.run(job.pk)) == ("stopped", 0, False)


def test_rows_of_old_imports_are_forgotten_and_the_report_stays(company):
    job = imported(company, "supplier", a_csv([HEAD, [50001, "x", "NO", "", "", ""]]))
    assert (acts.forget_old(), job.import_rows.count()) == (0, 1)
    type(job).objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(days=91))
    assert (acts.forget_old(), job.import_rows.count()) == (1, 0)
    job.refresh_from_db()
    assert counts(job) == (1, 0, 0, 0)


def test_the_sweep_takes_over_what_a_dead_worker_left(company):
    from payments import tasks

    job = acts.start(company, SUPPLIERS, a_csv([HEAD, [50001, "x", "NO", "", "", ""]]), "t.csv", None)
    acts.choose_columns(job, {int(one): name for one, name in job.parameters["mapping"].items()}, choice=running.ALL)
    past = timezone.now() - timedelta(seconds=1)
    type(job).objects.filter(pk=job.pk).update(state="running", leased_until=past)
    assert claiming.due(10) == [job.pk]
    tasks.import_tables([str(job.pk)])
    assert (claiming.due(10), Supplier.objects.get().number) == ([], 50001)


def test_rules_of_the_whole_row_are_the_forms_own(company):
    head = ["No", "Name", "Country", "Street", "Building number", "Postal code", "Town", "FedWire", "Language"]
    rows = [
        head,
        [50001, "x", "NO", "Storgata", "5", "0155", "", "", ""],
        [50002, "x", "NO", "Storgata", "5", "155", "Oslo", "", ""],
        [50003, "x", "NO", "", "", "", "", "021000021", ""],
        [50004, "x", "NO", "", "", "", "", "", "norsk"],
        [50005, "x", "NO", "Storgata", "5", "0155", "Oslo", "", "nb"],
    ]
    found = problems(previewed(company, "supplier", a_csv(rows)))
    assert {no: faults[0][0] for no, faults in found.items()} == {
        2: "town",
        3: "postcode",
        4: "bank_branch",
        5: "language",
    }
