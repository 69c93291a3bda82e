"""Open entries from tables: planned as if registered by hand, never over the head of a payment."""

from datetime import date
from decimal import Decimal

import pytest

from companies.models import CurrencyRate, PendingChange
from payments.models import CustomerEntry, SupplierEntry
from payments.preparing import planning
from payments.releasing import preapproving
from payments.table_import import running
from tests import build
from tests.payments.table_import.tables import ENTRY_HEAD, a_csv, an_xlsx, counts, imported, previewed, problems

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"


@pytest.fixture
def company():
    company = build.a_company()
    build.a_bank(company)
    build.a_supplier(company, number=50001, fee_code=2)
    build.a_customer(company, number=10001)
    return company


def row(invoice="F-1", amount="1 250,50", due="05.12.2026", supplier=50001, kid=""):
    return [supplier, invoice, "2026-11-20", due, amount, kid]


def test_an_imported_invoice_is_planned_like_one_registered_by_hand(company):
    job = imported(company, "supplier_entry", a_csv([ENTRY_HEAD, row()]))
    entry = SupplierEntry.objects.get(company=company)
    by_hand = planning.planned_date(
        company,
        entry.supplier,
        planning.NewEntry("x", Decimal("1250.50"), date(2026, 11, 20), date(2026, 12, 5)),
    )
    assert counts(job) == (1, 0, 0, 0)
    assert (entry.amount, entry.rest, entry.amount_booked, entry.currency_id) == (*[Decimal("1250.50")] * 3, "NOK")
    assert (entry.planned_date, entry.planned_why) == (by_hand.day, by_hand.why)
    assert entry.planned_date != entry.due_date and entry.planned_why
    assert entry.fee_code == 2


def test_amounts_of_a_workbook_arrive_to_the_last_ore(company, tmp_path):
    day = date(2026, 11, 20)
    rows = [ENTRY_HEAD, *([50001.0, f"F-{n}", day, day, n / 100, ""] for n in (1, 29, 57, 115, 1999999999))]
    imported(company, "supplier_entry", an_xlsx(tmp_path / "t.xlsx", rows))
    found = dict(SupplierEntry.objects.values_list("invoice_no", "amount"))
    assert found == {f"F-{n}": Decimal(n) / 100 for n in (1, 29, 57, 115, 1999999999)}


def test_more_decimals_than_the_currency_has_are_refused(company):
    build.a_currency("JPY")
    head = [*ENTRY_HEAD, "Currency"]
    rows = [head, [*row(amount="10.123"), ""], [*row("F-2", "10.1250"), ""], [*row("F-3", "10.50"), "JPY"]]
    found = problems(previewed(company, "supplier_entry", a_csv(rows)))
    assert {no: faults[0][0] for no, faults in found.items()} == {2: "amount", 3: "amount", 4: "amount"}
    assert found[4][0][1] == "JPY has 0 decimals."


def test_an_entry_on_its_way_to_the_bank_is_left_alone_with_the_reason(company):
    payment = build.an_estimate(company, 1)
    line = payment.lines.get()
    entry = line.entry
    same = [entry.supplier.number, entry.invoice_no, entry.entry_date, entry.due_date, entry.amount, entry.kid]
    other = [*same[:4], "999.00", entry.kid]
    assert counts(previewed(company, "supplier_entry", a_csv([ENTRY_HEAD, same]))) == (0, 0, 1, 0)
    found = problems(previewed(company, "supplier_entry", a_csv([ENTRY_HEAD, other])))
    assert "in a payment" in found[2][0][1]


def test_a_paid_entrys_history_is_never_touched(company):
    entry = build.a_supplier_entry(company.suppliers.get(), "100.00", rest=Decimal("40.00"), status=2)
    other = [50001, entry.invoice_no, entry.entry_date, entry.due_date, "120.00", ""]
    found = problems(previewed(company, "supplier_entry", a_csv([ENTRY_HEAD, other])))
    assert "partly paid" in found[2][0][1]


def test_an_open_entry_is_changed_and_planned_anew(company):
    imported(company, "supplier_entry", a_csv([ENTRY_HEAD, row()]))
    job = imported(company, "supplier_entry", a_csv([ENTRY_HEAD, row(amount="1300", due="2026-12-10")]))
    entry = SupplierEntry.objects.get()
    assert counts(job) == (0, 1, 0, 0)
    assert (entry.amount, entry.rest, entry.amount_booked) == (Decimal(1300),) * 3
    assert (entry.due_date, entry.planned_date) == (date(2026, 12, 10), date(2026, 12, 10))


def test_an_entry_paid_between_preview_and_import_stops_the_import(company):
    from payments.table_import import acts

    entry = build.a_supplier_entry(company.suppliers.get(), "100.00")
    other = [50001, entry.invoice_no, entry.entry_date, entry.due_date, "120.00", ""]
    job = previewed(company, "supplier_entry", a_csv([ENTRY_HEAD, other]))
    SupplierEntry.objects.filter(pk=entry.pk).update(in_payment=Decimal(100), remitted=True)
    acts.decide(job, running.ALL)
    while not running.run(job.pk):
        pass
    entry.refresh_from_db()
    job.refresh_from_db()
    assert (entry.amount, counts(job)) == (Decimal(100), (0, 0, 0, 1))


def test_a_credit_note_is_known_by_its_sign_or_its_kind(company):
    head = [*ENTRY_HEAD, "Type"]
    rows = [head, [*row("K-1", "-100"), ""], [*row("K-2", "100"), "Kreditnota"], [*row("K-3", "-100"), "Faktura"]]
    job = imported(company, "supplier_entry", a_csv(rows), running.GOOD)
    found = dict(SupplierEntry.objects.values_list("invoice_no", "amount"))
    assert (found, counts(job)) == ({"K-1": Decimal(-100), "K-2": Decimal(-100)}, (2, 0, 0, 1))


def test_an_unknown_supplier_or_an_employee_is_not_found(company):
    build.a_supplier(company, number=60001, is_payroll=True)
    found = problems(previewed(company, "supplier_entry", a_csv([ENTRY_HEAD, row(supplier=7), row(supplier=60001)])))
    assert [faults[0][1][:26] for faults in found.values()] == [
        "There is no supplier 7. Im",
        "There is no supplier 60001",
    ]


def test_another_currency_is_booked_by_the_rate_of_its_day(company):
    CurrencyRate.objects.create(
        company=company, currency=build.a_currency("EUR"), valid_from=date(2026, 11, 1), rate=Decimal("11.5")
    )
    head = [*ENTRY_HEAD, "Currency"]
    rows = [head, [*row("F-1", "100.00"), "eur"], [*row("F-2", "100.00"), "USD"]]
    job = imported(company, "supplier_entry", a_csv(rows), running.GOOD)
    assert SupplierEntry.objects.get().amount_booked == Decimal(1150)
    assert problems(job)[3][0][0] == "amount_booked"


def test_customer_entries_follow_the_rules_of_registration_by_hand(company):
    head = ["Kundenr.", "Fakturanr.", "Fakturadato", "Forfall", "Beløp", "KID"]
    rows = [
        head,
        [10001, "7001", "2026-11-01", "2026-12-01", "500", build.a_kid("12345")],
        [10001, "7002", "2026-11-01", "2026-10-01", "500", ""],
        [10001, "7003", "2026-11-01", "2026-12-01", "500", "123456"],
        [10009, "7004", "2026-11-01", "2026-12-01", "500", ""],
    ]
    job = imported(company, "customer_entry", a_csv(rows), running.GOOD)
    assert (counts(job), CustomerEntry.objects.get().rest) == ((1, 0, 0, 3), Decimal(500))
    assert {no: faults[0][0] for no, faults in problems(job).items()} == {3: "due_date", 4: "kid", 5: "customer_no"}


def test_the_same_entry_twice_in_one_file_is_refused_across_slices(company, monkeypatch):
    from payments.table_import import staging

    monkeypatch.setattr(staging, "SLICE", 2)
    rows = [ENTRY_HEAD, *(row(f"F-{n}") for n in range(5)), row("F-0")]
    job = previewed(company, "supplier_entry", a_csv(rows))
    assert (counts(job), list(problems(job))) == ((5, 0, 0, 1), [7])


def test_a_killed_worker_costs_one_slice(company, monkeypatch):
    from companies.models import Job
    from payments.table_import import acts, staging
    from payments.table_import.tables import SUPPLIER_ENTRIES

    monkeypatch.setattr(staging, "SLICE", 3)
    person = build.an_accountant(company)
    rows = [ENTRY_HEAD, *(row(f"F-{n}") for n in range(10))]
    job = acts.start(company, SUPPLIER_ENTRIES, a_csv(rows), "t.csv", person)
    acts.choose_columns(job, {int(one): name for one, name in job.parameters["mapping"].items()}, choice=running.ALL)
    plan = staging.planning.plan
    calls = []

    def dies_in_the_third(context, rows):
        calls.append(len(rows))
        if len(calls) == 3:
            raise MemoryError("killed")
        return plan(context, rows)

    monkeypatch.setattr(staging.planning, "plan", dies_in_the_third)
    assert not running.run(job.pk)
    job.refresh_from_db()
    assert (job.position, job.import_rows.count(), SupplierEntry.objects.count()) == (7, 6, 0)
    Job.objects.filter(pk=job.pk).update(leased_until=None)
    while not running.run(job.pk):
        pass
    assert SupplierEntry.objects.count() == 10


def test_two_workers_never_work_on_one_import(company):
    from payments.table_import import acts, claiming
    from payments.table_import.tables import SUPPLIER_ENTRIES

    job = acts.start(company, SUPPLIER_ENTRIES, a_csv([ENTRY_HEAD, row()]), "t.csv", build.an_accountant(company))
    acts.choose_columns(job, {int(one): name for one, name in job.parameters["mapping"].items()})
    first = claiming.claim(job.pk)
    assert claiming.claim(job.pk) is None
    claiming.give_back(first)
    second = claiming.claim(job.pk)
    with pytest.raises(claiming.ClaimLost):
        claiming.hold(first, position=1)
    claiming.hold(second, position=2)


def test_a_slice_of_any_size_asks_the_database_as_often(company, django_assert_max_num_queries):
    from payments.table_import.context import Context
    from payments.table_import.planning import plan
    from payments.table_import.tables import SUPPLIER_ENTRIES

    build.a_supplier(company, number=50002)
    names = ("supplier_no", "invoice_no", "entry_date", "due_date", "amount", "kid")
    rows = [(n, dict(zip(names, row(f"F-{n}", supplier=50001 + n % 2), strict=True))) for n in range(2, 500)]
    with django_assert_max_num_queries(8):
        plan(Context(company, SUPPLIER_ENTRIES), rows)


def test_an_account_typed_on_an_entry_waits_for_a_second_person_once(company):
    own = company.suppliers.get().account
    new = build.a_norwegian_account()
    head = [*ENTRY_HEAD, "Bank account"]
    rows = [head, [*row("F-1"), new], [*row("F-2"), new], [*row("F-3"), own]]
    job = imported(company, "supplier_entry", a_csv(rows))
    change = PendingChange.objects.get()
    assert (change.table, change.after, change.asked_by, job.report["waits"]) == (
        "payeeaccount",
        new,
        job.started_by,
        2,
    )
    assert SupplierEntry.objects.get(invoice_no="F-1").account == new
    again = imported(company, "supplier_entry", a_csv([head, [*row("F-4"), new]]))
    assert (again.report["waits"], PendingChange.objects.count()) == (0, 1)


def test_dates_and_references_obey_the_rules_of_the_form(company):
    rows = [
        ENTRY_HEAD,
        row("F-1", due="2026-11-19"),
        row("F-2", kid="RF00 1234"),
        row("F-3", kid="rf18 5390 0754 7034"),
    ]
    job = imported(company, "supplier_entry", a_csv(rows), running.GOOD)
    assert {no: faults[0][0] for no, faults in problems(job).items()} == {2: "due_date", 3: "kid"}
    assert SupplierEntry.objects.get().kid == "RF18539007547034"


def test_an_invoice_in_another_currency_is_no_longer_approved_in_advance(company):
    imported(company, "supplier_entry", a_csv([ENTRY_HEAD, row(), row("F-2")]))
    company.allow_preapproval = True
    company.save()
    entries = list(SupplierEntry.objects.select_related("supplier", "company"))
    preapproving.give(company, build.an_approver(company), entries, second_factor=False)
    CurrencyRate.objects.create(company=company, currency_id="EUR", valid_from=date(2026, 1, 1), rate=Decimal("11.5"))
    head = [*ENTRY_HEAD, "Currency"]
    imported(company, "supplier_entry", a_csv([head, [*row(), "EUR"], [*row("F-2"), "NOK"]]))

    assert SupplierEntry.objects.get(invoice_no="F-1").currency_id == "EUR"
    assert [one.entry.invoice_no for one in preapproving.in_force(company)] == ["F-2"]
