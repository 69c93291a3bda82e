"""The set-up tables in the browser: lists, forms, second person, two administrators at once."""

import pytest
from django.urls import reverse

from companies.choices import PendingState, Role
from companies.models import Membership, PayeeAccount, PendingChange, Supplier
from companies.web.tables import TABLES
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return build.a_company()


@pytest.fixture
def admin(client, company):
    person = build.a_person(Role.ADMINISTRATOR, company=company)
    client.force_login(person)
    return person


def values(client, url, **changes):
    form = client.get(url).context["form"]
    data = {}
    for name in form.fields:
        value = form[name].value()
        if value is not None and value is not False:
            data[name] = value
    return {**data, **changes}


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_a_list_that_members_may_read(client, admin, table):
    assert client.get(reverse("setup_rows", args=[table])).status_code == 200


@pytest.mark.parametrize("table", sorted(set(TABLES) - {"company"}))
def test_every_table_has_a_form_for_a_new_row(client, admin, table):
    assert client.get(reverse("setup_new", args=[table])).status_code == 200


def test_company_data_can_be_saved_with_other_days_without_payments(client, admin, company):
    url = reverse("setup_row", args=["company", company.pk])
    answer = client.post(
        url, values(client, url, days_without_payments=["16", "32", "64", "128"], organisation_no="923609016")
    )
    assert answer.status_code == 302
    company.refresh_from_db()
    assert company.days_without_payments == 16 + 32 + 64 + 128


def test_a_wrong_account_is_refused_on_its_field_and_nothing_typed_is_lost(client, admin, company):
    supplier = build.a_supplier(company)
    url = reverse("setup_row", args=["supplier", supplier.pk])
    answer = client.post(url, values(client, url, account="86011117948", name="Nytt Navn"))
    assert answer.status_code == 422
    assert "account" in answer.context["form"].errors
    assert b"Nytt Navn" in answer.content


def test_a_changed_supplier_account_waits_for_a_second_person(client, admin, company):
    supplier = build.a_supplier(company, account="86011117947")
    url = reverse("setup_row", args=["supplier", supplier.pk])
    client.post(url, values(client, url, account="12345678903"))
    supplier.refresh_from_db()
    assert supplier.account == "86011117947"
    change = PendingChange.objects.get(field="account")
    assert (change.after, change.state) == ("12345678903", PendingState.WAITING)


def test_nobody_accepts_their_own_change(client, admin, company):
    supplier = build.a_supplier(company, account="86011117947")
    url = reverse("setup_row", args=["supplier", supplier.pk])
    client.post(url, values(client, url, account="12345678903"))
    change = PendingChange.objects.get(field="account")
    client.post(reverse("pending_decide", args=[change.pk]), {"decision": "accept"})
    change.refresh_from_db()
    assert change.state == PendingState.WAITING


def test_a_second_administrator_puts_the_change_into_use_and_both_are_remembered(client, admin, company):
    supplier = build.a_supplier(company, account="86011117947")
    url = reverse("setup_row", args=["supplier", supplier.pk])
    client.post(url, values(client, url, account="12345678903"))
    second = build.a_person(Role.ADMINISTRATOR, company=company)
    client.force_login(second)
    change = PendingChange.objects.get(field="account")
    client.post(reverse("pending_decide", args=[change.pk]), {"decision": "accept"})
    supplier.refresh_from_db()
    assert supplier.account == "12345678903"
    account = PayeeAccount.objects.get(supplier=supplier, account="12345678903")
    assert (account.entered_by, account.accepted_by) == (admin, second)


def test_the_second_of_two_people_saving_sees_what_changed_and_may_save_again(client, admin, company):
    supplier = build.a_supplier(company, name="Gammel")
    url = reverse("setup_row", args=["supplier", supplier.pk])
    mine = values(client, url, name="Mitt navn")
    theirs = values(client, url, name="Deres navn")
    client.post(url, theirs)
    answer = client.post(url, mine)
    assert answer.status_code == 422
    assert b"Deres navn" in answer.content
    assert Supplier.objects.get(pk=supplier.pk).name == "Deres navn"
    again = {**mine, "seen": answer.context["conflict"].version}
    assert client.post(url, again).status_code == 302
    assert Supplier.objects.get(pk=supplier.pk).name == "Mitt navn"


def test_a_reader_sees_the_form_but_cannot_save(client, company):
    client.force_login(build.a_person(Role.READER, company=company))
    supplier = build.a_supplier(company)
    url = reverse("setup_row", args=["supplier", supplier.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, {}).status_code == 403


def test_a_row_of_another_company_is_not_found(client, admin):
    other = build.a_supplier(build.a_company())
    assert client.get(reverse("setup_row", args=["supplier", other.pk])).status_code == 404


def test_the_guides_setting_is_read_live_from_the_form(client, admin, company):
    row = build.a_factoring_company(company)
    asked = {"cid": "00001234500000100011", "factoring_id": "10;1", "customer_length": "10", "reference_length": "9"}
    answer = client.get(reverse("try_cid", args=[row.pk]), asked)
    assert b"Invoice 12345, customer 10001" in answer.content


def test_an_administrator_gives_and_takes_roles(client, admin, company):
    person = build.a_person(Role.READER, company=company)
    client.post(reverse("person_roles", args=[person.pk]), {"role": [Role.APPROVER]})
    assert list(Membership.objects.filter(person=person).values_list("role", flat=True)) == [Role.APPROVER]


def test_an_administrator_cannot_take_their_own_right_away(client, admin, company):
    client.post(reverse("person_roles", args=[admin.pk]), {"role": [Role.READER]})
    assert Membership.objects.filter(person=admin, role=Role.ADMINISTRATOR).exists()


def test_an_administrator_accepts_the_terms_once_and_is_remembered(client, company, admin):
    type(company).objects.filter(pk=company.pk).update(terms_accepted_at=None)
    assert b"Accept the terms of service" in client.get(reverse("readiness")).content
    client.post(reverse("accept_terms"))
    company.refresh_from_db()
    assert company.terms_accepted_by == admin
    assert b"Accept the terms of service" not in client.get(reverse("readiness")).content
