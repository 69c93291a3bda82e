"""The list of companies: what can be done next with each, and why not."""

import pytest
from django.urls import reverse

from companies.choices import InstanceRoleKind, Role
from companies.models import InstanceRole
from companies.web import companies
from tests import build

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
