"""Roles: never for oneself, out at once on a loss. Leaving: what waits is known before, what was done stays."""

import pytest
from django.test import Client
from django.urls import reverse

from companies import leaving
from companies.choices import InstanceRoleKind, Role
from companies.models import InstanceRole, Membership
from companies.roles import NotGiven, set_instance_roles, set_roles
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return build.a_company()


@pytest.fixture
def admin(company):
    return build.a_person(Role.ADMINISTRATOR, company=company)


def a_browser_of(person):
    client = Client()
    client.force_login(person)
    return client


def is_in(client):
    return client.get(reverse("home")).status_code == 200


def test_a_role_lost_ends_every_session_although_others_are_left(company, admin):
    person = build.a_person(Role.ACCOUNTANT, Role.READER, company=company)
    desk, phone, other = a_browser_of(person), a_browser_of(person), a_browser_of(admin)
    set_roles(company, person, [Role.READER], admin)
    assert (is_in(desk), is_in(phone), is_in(other)) == (False, False, True)


def test_a_role_gained_leaves_the_sessions_alone(company, admin):
    person = build.a_person(Role.READER, company=company)
    browser = a_browser_of(person)
    set_roles(company, person, [Role.READER, Role.ACCOUNTANT], admin)
    assert is_in(browser)


def test_a_right_over_the_installation_lost_ends_every_session(admin):
    person = build.a_person()
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.OPERATIONS)
    browser = a_browser_of(person)
    set_instance_roles(person, [], admin)
    assert not is_in(browser)


def test_nobody_gives_a_role_to_themself(company, admin):
    with pytest.raises(NotGiven):
        set_roles(company, admin, [Role.ADMINISTRATOR, Role.APPROVER], admin)
    assert Membership.objects.filter(person=admin).count() == 1


def test_nobody_changes_their_own_rights_over_the_installation(admin):
    with pytest.raises(NotGiven):
        set_instance_roles(admin, [InstanceRoleKind.ADMINISTRATOR], admin)


def test_the_last_administrator_stays(company, admin):
    other = build.a_person(Role.APPROVER, company=company)
    with pytest.raises(NotGiven):
        set_roles(company, admin, [], other)


def test_giving_and_taking_stays_in_the_history(company, admin):
    person = build.a_person(Role.READER, company=company)
    set_roles(company, person, [Role.APPROVER], admin)
    story = Membership.history.filter(person=person).values_list("role", "history_type")
    assert set(story) == {("reader", "+"), ("reader", "-"), ("approver", "+")}


def test_a_deactivated_person_is_out_at_once_and_cannot_log_in_and_keeps_the_roles(company, admin):
    person = build.a_person(Role.APPROVER, company=company, username="out")
    person.set_password("a password nobody has")
    person.save()
    browser = a_browser_of(person)
    assert leaving.deactivate(person, admin, "left us") == 1
    assert not is_in(browser)
    assert not Client().login(username="out", password="a password nobody has")
    person.refresh_from_db()
    assert (person.deactivated_by, person.deactivated_why) == (admin, "left us")
    assert Membership.objects.filter(person=person).exists()


def test_a_reactivated_person_may_log_in_again_with_the_roles_held(company, admin):
    person = build.a_person(Role.APPROVER, company=company)
    leaving.deactivate(person, admin, "leave")
    leaving.reactivate(person, admin)
    person.refresh_from_db()
    assert (person.is_active, person.deactivated_at, person.deactivated_why) == (True, None, "")


def test_nobody_deactivates_themself(admin):
    with pytest.raises(NotGiven):
        leaving.deactivate(admin, admin, "bye")


def test_what_waits_for_a_signature_is_told_and_stops_when_too_few_are_left(company):
    payment = build.an_uploaded_payment(company)
    first = build.an_approver(company)
    build.an_approver(company)
    found = [one for one in leaving.waits_for(first) if "signature" in one.text]
    assert len(found) == 1
    assert found[0].company == company
    assert found[0].stops == (payment.needed > 1)


def test_the_only_administrator_is_told_first(company, admin):
    found = leaving.waits_for(admin)
    assert found[0].stops
    assert "no other administrator" in found[0].text
