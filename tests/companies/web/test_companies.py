"""The list of companies: what can be done next with each, and why not."""

import pytest
from django.urls import reverse

from companies.choices import InstanceRoleKind, LinkState, Role
from companies.models import Company, InstanceRole
from companies.web import companies
from tests import build
from tests.companies.web.test_setup import values

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return build.a_company()


@pytest.fixture
def administrator(client, company):
    person = build.a_person(Role.ADMINISTRATOR, company=company)
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.ADMINISTRATOR)
    client.force_login(person)
    return person


def page_of(client):
    return client.get(reverse("companies")).content.decode()


def test_a_company_with_something_missing_leads_to_what_is_missing(client, administrator):
    assert "Show what is missing" in page_of(client)


def test_a_complete_company_leads_to_its_proof(client, administrator, monkeypatch):
    monkeypatch.setattr(companies.readiness, "gather", lambda found: {one.pk: [] for one in found})
    page = page_of(client)
    assert "Complete, not proved" in page
    assert "Prove it" in page
    assert "Show what is missing" not in page


def test_a_company_one_has_no_role_in_says_so(client, administrator):
    assert "You have no role there" not in page_of(client)
    build.a_company()
    assert "You have no role there. Another instance administrator can give you one." in page_of(client)


def test_another_company_of_ones_own_can_be_switched_to(client, administrator):
    other = build.a_company()
    build.a_person(Role.ADMINISTRATOR, company=other)
    other.memberships.create(person=administrator, role=Role.READER)
    page = page_of(client)
    assert f'name="company" value="{other.number}"' in page
    assert "You have no role there" not in page


NEW = {"number": 7, "name": "Fjordfrakt AS", "organisation_no": "923 609 016", "country": "NO", "currency": "NOK"}


def make(client, **facts):
    return client.post(reverse("company_new"), {**NEW, **facts})


def made(number=7):
    return Company.objects.filter(number=number).first()


def test_a_new_company_is_in_force_at_once_and_its_readiness_is_shown(client, administrator):
    answer = make(client)
    assert answer.headers["Location"] == reverse("readiness")
    assert client.session["company"] == 7
    assert made().memberships.get().person == administrator


def test_an_organisation_number_is_kept_without_blanks_because_it_pairs_the_company_with_visma_net(
    client, administrator
):
    make(client)
    assert made().organisation_no == "923609016"


@pytest.mark.parametrize("typed", ["923609016", "923 609 016"])
def test_no_two_companies_have_one_organisation_number_however_it_is_written(client, administrator, typed):
    build.a_company(organisation_no="923 609 016", number=3, name="The first AS")
    answer = make(client, organisation_no=typed)
    assert answer.status_code == 422
    assert "belongs to company 3 The first AS already" in answer.content.decode()
    assert made() is None


def test_company_data_cannot_take_another_companys_organisation_number(client, administrator, company):
    build.a_company(organisation_no="923 609 016", number=3, name="The first AS")
    page = client.post(
        reverse("setup_row", args=["company", company.pk]), {"organisation_no": "923609016", "country": "NO"}
    )
    assert "belongs to company 3 The first AS already" in page.content.decode()


def test_a_taken_company_number_names_the_company_that_has_it(client, administrator):
    build.a_company(number=7, name="The first AS")
    assert "Company number 7 belongs to The first AS already" in make(client).content.decode()


def test_a_new_company_keeps_the_clock_of_its_country(client, administrator):
    make(client, country="FI", organisation_no="20774740", currency="EUR")
    assert made().time_zone == "Europe/Helsinki"


def test_company_data_says_whether_the_key_is_stored_and_never_shows_it(client, administrator, company):
    Company.objects.filter(pk=company.pk).update(visma_company_id="c-4711")
    page = client.get(reverse("setup_row", args=["company", company.pk])).content.decode()
    assert "Visma.net AutoPay signing key" in page
    assert "c-4711" in page
    assert company.signing_key not in page


@pytest.mark.parametrize(("typed", "state"), [("923609016", LinkState.NOT_LINKED), ("931 111 116", LinkState.LINKED)])
def test_another_organisation_number_is_exported_anew_because_it_pairs_with_visma_net(
    client, administrator, company, typed, state
):
    Company.objects.filter(pk=company.pk).update(organisation_no="931111116")
    url = reverse("setup_row", args=["company", company.pk])
    assert client.post(url, values(client, url, organisation_no=typed, town="Bergen")).status_code == 302
    company.refresh_from_db()
    assert (company.link_state, company.town) == (state, "Bergen")
    assert bool(company.link_error) == (state == LinkState.NOT_LINKED)
