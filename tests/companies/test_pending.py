"""Where money goes changes only when a second person has looked."""

import pytest

from companies import pending, saving
from companies.choices import AgreementState, Channel, PendingState, Role
from companies.models import PayeeAccount, PendingChange, Supplier
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return build.a_company()


@pytest.fixture
def anna(company):
    return build.a_person(Role.ADMINISTRATOR, company=company)


@pytest.fixture
def dag(company):
    return build.a_person(Role.ADMINISTRATOR, company=company)


def changed(row, by, **facts):
    for name, value in facts.items():
        setattr(row, name, value)
    return saving.save(row, list(facts), by, row.version).waiting


@pytest.mark.parametrize("field", ["account", "iban", "giro", "bic", "bank_branch"])
def test_everything_that_says_where_a_supplier_gets_money_waits(company, anna, field):
    supplier = build.a_supplier(company)
    before = getattr(supplier, field)
    (change,) = changed(supplier, anna, **{field: "021000021"})
    supplier.refresh_from_db()
    assert (getattr(supplier, field), change.after) == (before, "021000021")


def test_a_name_does_not_wait(company, anna):
    supplier = build.a_supplier(company)
    assert changed(supplier, anna, name="Nytt Navn AS") == []


def test_the_account_of_a_new_supplier_waits_too(company, anna):
    supplier = Supplier(company=company, number=1, name="Ny AS", country=build.a_country("NO"), account="86011117947")
    result = saving.save(supplier, ["account"], anna, 0)
    assert (Supplier.objects.get(number=1).account, len(result.waiting)) == ("", 1)


def test_a_changed_company_account_waits(company, anna):
    partner = build.a_bank(company)
    (change,) = changed(partner, anna, account="86011117947")
    partner.refresh_from_db()
    assert partner.account != "86011117947"
    assert change.table == "bankpartner"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("approvers", 1),
        ("bank_approvers", 1),
        ("two_factor", 1),
        ("hold_seconds", 7),
        ("channel", Channel.FOLDER),
        ("channel_address", "/elsewhere"),
        ("channel_host_key", "ssh-ed25519 " + "A" * 400),
    ],
)
def test_what_guards_an_active_agreement_waits(company, anna, field, value):
    agreement = build.a_bank(company).agreements.get()
    before = getattr(agreement, field)
    (change,) = changed(agreement, anna, **{field: value})
    agreement.refresh_from_db()
    assert (getattr(agreement, field), change.after) == (before, str(value))


def test_an_agreement_that_is_not_active_is_changed_at_once(company, anna):
    agreement = build.an_agreement(build.a_bank_partner(company), state=AgreementState.CONFIRMED)
    assert changed(agreement, anna, approvers=1) == []


def test_the_bank_partner_of_an_active_agreement_is_put_in_force_by_the_second_person(company, anna, dag):
    agreement = build.a_bank(company).agreements.get()
    other = build.a_bank_partner(company)
    (change,) = changed(agreement, anna, bank_partner=other)
    pending.accept(change, dag)
    agreement.refresh_from_db()
    assert agreement.bank_partner == other


def test_an_account_typed_on_one_invoice_waits_and_is_accepted(company, anna, dag):
    supplier = build.a_supplier(company)
    change = pending.ask_for_account(supplier, "8601 11 17947", anna)
    row = PayeeAccount.objects.get(supplier=supplier, account="86011117947")
    assert (row.entered_by, row.accepted_at) == (anna, None)
    pending.accept(change, dag)
    row.refresh_from_db()
    assert row.accepted_by == dag


def test_the_suppliers_own_account_on_an_invoice_needs_nobody(company, anna):
    supplier = build.a_supplier(company)
    assert pending.ask_for_account(supplier, supplier.account, anna) is None
    assert not PendingChange.objects.exists()


def test_a_refused_account_on_an_invoice_stays_unaccepted(company, anna, dag):
    supplier = build.a_supplier(company)
    pending.refuse(pending.ask_for_account(supplier, "86011117947", anna), dag, "Called the supplier: not theirs")
    assert PayeeAccount.objects.get(supplier=supplier, account="86011117947").accepted_at is None


def test_a_wish_about_a_row_that_changed_meanwhile_is_not_accepted(company, anna, dag):
    supplier = build.a_supplier(company)
    (change,) = changed(supplier, anna, account="86011117947")
    Supplier.objects.filter(pk=supplier.pk).update(account="12345678903")
    with pytest.raises(pending.NotDecided):
        pending.accept(change, dag)
    change.refresh_from_db()
    assert change.state == PendingState.WAITING


def test_the_list_knows_which_rows_wait_also_for_accounts_on_invoices(company, anna):
    one, two, three = (build.a_supplier(company) for _ in range(3))
    changed(one, anna, account="86011117947")
    pending.ask_for_account(two, "86011117947", anna)
    assert pending.rows_waiting(company, "supplier") == {one.pk, two.pk}
    assert three.pk not in pending.rows_waiting(company, "supplier")
