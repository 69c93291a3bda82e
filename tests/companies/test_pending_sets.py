"""Changes that came with one import are decided together, by a second person."""

from contextlib import suppress

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from companies import pending, pending_sets
from companies.choices import Role
from companies.models import Job, PayeeAccount, PendingChange, Supplier
from payments.table_import import running
from tests import build
from tests.payments.settling.test_settlement_races import at_once
from tests.payments.table_import.tables import a_csv, imported

pytestmark = pytest.mark.django_db
HEAD = ["Supplier no.", "Name", "Country", "Bank account"]
ACCOUNTS = ["86011117947", "15031234511", "86011117947"]


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path):
    settings.DATA_AREA = tmp_path


@pytest.fixture
def company():
    return build.a_company()


@pytest.fixture
def anna(company):
    return build.a_person(Role.ADMINISTRATOR, Role.ACCOUNTANT, company=company)


@pytest.fixture
def dag(company):
    return build.a_person(Role.ADMINISTRATOR, company=company)


@pytest.fixture
def job(company, anna):
    """Three new suppliers with accounts, from one table."""
    rows = [[50001 + n, f"Supplier {n}", "NO", account] for n, account in enumerate(ACCOUNTS)]
    return imported(company, "supplier", a_csv([HEAD, *rows]), running.ALL, by=anna)


def of(company, job):
    return pending_sets.of_import(company, job.pk, employees=True)


def last(company, job):
    return of(company, job).last().pk


def accounts():
    return list(Supplier.objects.order_by("number").values_list("account", flat=True))


def test_one_import_is_one_set_with_its_count(company, anna, dag, job):
    [seen] = pending_sets.sets(company, dag, employees=True)
    assert (seen.job, seen.count, seen.own, seen.others) == (job, 3, 0, 3)
    [own] = pending_sets.sets(company, anna, employees=True)
    assert (own.own, own.others) == (3, 0)


def test_accepting_the_set_puts_every_account_in_force_and_names_both_persons(company, anna, dag, job):
    found = pending_sets.accept(of(company, job), last(company, job), dag)
    assert (found.done, found.left) == (3, 0)
    assert accounts() == ACCOUNTS
    assert set(PendingChange.objects.values_list("state", "asked_by", "decided_by")) == {("accepted", anna.pk, dag.pk)}
    assert set(PayeeAccount.objects.values_list("entered_by", "accepted_by")) == {(anna.pk, dag.pk)}
    assert PayeeAccount.objects.count() == 3
    supplier = Supplier.objects.get(number=50001)
    assert supplier.version == 1
    assert supplier.history.first().account == ACCOUNTS[0]
    assert supplier.history.first().history_user == dag


def test_the_one_who_imported_cannot_accept_the_set(company, anna, job):
    with pytest.raises(pending.NotDecided):
        pending_sets.accept(of(company, job), last(company, job), anna)
    assert accounts() == ["", "", ""]


def test_a_supplier_changed_meanwhile_keeps_what_it_has_and_its_change_waits(company, dag, job):
    Supplier.objects.filter(number=50002).update(account="15031234588")
    found = pending_sets.accept(of(company, job), last(company, job), dag)
    assert (found.done, found.left) == (2, 1)
    assert accounts() == [ACCOUNTS[0], "15031234588", ACCOUNTS[2]]
    assert of(company, job).get().object_id == Supplier.objects.get(number=50002).pk


def test_what_was_asked_for_after_the_page_was_shown_is_not_accepted_with_it(company, anna, dag, job):
    seen = last(company, job)
    supplier = Supplier.objects.get(number=50001)
    pending.ask(supplier, "account", "", "15031234561", anna, job)
    found = pending_sets.accept(of(company, job), seen, dag)
    assert found.done == 2
    assert accounts()[0] == ""
    assert of(company, job).get().after == "15031234561"


def test_an_account_the_supplier_had_before_is_renewed_not_doubled(company, dag, job):
    supplier = Supplier.objects.get(number=50001)
    PayeeAccount.objects.create(supplier=supplier, account=ACCOUNTS[0], entered_at="2020-01-01T00:00:00Z")
    pending_sets.accept(of(company, job), last(company, job), dag)
    assert PayeeAccount.objects.get(supplier=supplier).accepted_by == dag


def test_refusing_the_set_says_why_and_changes_nothing(company, anna, dag, job):
    found = pending_sets.refuse(of(company, job), last(company, job), dag, "Not from them")
    assert found.done == 3
    assert set(PendingChange.objects.values_list("state", "reason")) == {("refused", "Not from them")}
    assert accounts() == ["", "", ""]


def test_the_one_who_imported_withdraws_the_set(company, anna, job):
    pending_sets.refuse(of(company, job), last(company, job), anna, "")
    assert set(PendingChange.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_accounts_on_invoices_of_an_import_are_accepted_as_a_set_too(company, anna, dag):
    job = Job.objects.create(company=company, kind="table_import", subject="supplier_entry:x.csv", started_by=anna)
    for account in ("86011117947", "15031234561"):
        pending.ask_for_account(build.a_supplier(company), account, anna, job)
    assert pending_sets.accept(of(company, job), last(company, job), dag).done == 2
    assert set(PayeeAccount.objects.filter(entered_by=anna).values_list("accepted_by", flat=True)) == {dag.pk}


def test_questions_to_the_database_do_not_grow_with_the_set(company, anna, dag):
    counts = []
    for size in (5, 60):
        first = 60_000 + size * 100
        rows = [[first + n, f"Supplier {n}", "NO", ACCOUNTS[n % 2]] for n in range(size)]
        job = imported(company, "supplier", a_csv([HEAD, *rows]), running.ALL, by=anna)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            pending_sets.accept(of(company, job), last(company, job), dag)
        counts.append(len(asked))
    assert counts[1] <= counts[0] + 3


def browser(person):
    client = Client()
    client.force_login(person)
    return client


def test_an_administrator_accepts_a_whole_import_from_the_page(company, dag, job):
    page = browser(dag).get(reverse("pending")).content.decode()
    assert "Accept all 3" in page
    url = reverse("pending_decide_set", args=[job.pk])
    browser(dag).post(url, {"decision": "accept", "upto": last(company, job)})
    assert accounts() == ACCOUNTS
    assert "Nothing waits" in browser(dag).get(reverse("pending")).content.decode()


def test_the_changes_of_an_import_are_looked_through_page_by_page(company, dag, job, monkeypatch):
    from companies.web import changes

    monkeypatch.setattr(changes, "PAGE", 2)
    first = browser(dag).get(reverse("pending"), {"import": str(job.pk)})
    assert len(first.context["rows"]) == 2
    second = browser(dag).get(reverse("pending"), {"import": str(job.pk), "after": first.context["next"]})
    assert (len(second.context["rows"]), second.context["next"]) == (1, "")


def test_whoever_is_no_administrator_decides_no_set(company, job):
    url = reverse("pending_decide_set", args=[job.pk])
    person = build.a_person(Role.ACCOUNTANT, company=company)
    assert browser(person).post(url, {"decision": "accept", "upto": last(company, job)}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_set_and_its_single_changes_accepted_at_once_do_not_wait_for_each_other_for_ever(company, anna, dag):
    job = Job.objects.create(company=company, kind="table_import", subject="x", started_by=anna)
    suppliers = [build.a_supplier(company) for _ in range(30)]
    changes = [pending.ask(one, "account", one.account, build.a_norwegian_account(), anna, job) for one in suppliers]

    def one_by_one(some):
        for change in some:
            with suppress(pending.NotDecided):  # the set was faster
                pending.accept(PendingChange.objects.get(pk=change.pk), dag)

    def as_a_set():
        with suppress(pending.NotDecided):  # nothing was left of it
            pending_sets.accept(pending_sets.of_import(company, job.pk, employees=True), changes[-1].pk, dag)

    at_once(as_a_set, lambda: one_by_one(changes), lambda: one_by_one(changes[::-1]))

    wished = {one.object_id: one.after for one in changes}
    assert dict(Supplier.objects.values_list("pk", "account")) == wished
    assert set(Supplier.objects.values_list("version", flat=True)) == {1}
