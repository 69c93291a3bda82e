"""Invitations: a link works once, for its mailbox, until it ends; it gives exactly the roles chosen."""

from datetime import timedelta

import pytest
from django.core import signing
from django.utils import timezone

from companies import invitations
from companies.choices import Role
from companies.models import Invitation, MailOutbox, Membership
from companies.roles import NotGiven
from tests import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def company():
    return build.a_company()


@pytest.fixture
def admin(company):
    return build.a_person(Role.ADMINISTRATOR, company=company)


@pytest.fixture
def invitation(company, admin):
    return invitations.invite(company, "New@Example.com", [Role.ACCOUNTANT, Role.READER], "nb", admin)


def test_the_mail_waits_in_the_outbox_with_the_link(invitation):
    mail = MailOutbox.objects.get()
    assert mail.to == "new@example.com"
    token = mail.body.partition("/account/invitation/")[2].split("/")[0]
    assert invitations.find(token) == invitation


def test_the_link_finds_its_invitation(invitation):
    assert invitations.find(invitations.token_of(invitation)) == invitation


@pytest.mark.parametrize("token", ["", "nonsense", "1:2:3"])
def test_a_link_nobody_signed_finds_nothing(invitation, token):
    assert invitations.find(token) is None


def test_a_link_signed_for_something_else_finds_nothing(invitation):
    assert invitations.find(signing.dumps([invitation.pk, 1], salt="another")) is None


def test_a_new_mail_makes_the_old_link_die(invitation):
    old = invitations.token_of(invitation)
    invitations.resend(invitation)
    assert invitations.find(old) is None
    assert invitations.find(invitations.token_of(invitation)) == invitation
    assert MailOutbox.objects.count() == 2


def test_a_withdrawn_link_is_dead(invitation, admin):
    invitations.withdraw(invitation, admin)
    assert invitations.find(invitations.token_of(invitation)) is None
    with pytest.raises(NotGiven):
        invitations.withdraw(invitation, admin)


def test_a_link_ends_by_itself(invitation):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert invitations.find(invitations.token_of(invitation)) is None


def test_a_link_dies_with_the_right_of_the_one_who_invited(invitation, admin):
    Membership.objects.filter(person=admin).delete()
    assert invitations.find(invitations.token_of(invitation)) is None


def test_a_new_person_gets_exactly_the_roles_chosen_and_the_inviter_is_remembered(invitation, company, admin):
    person = invitations.join_as_new(
        invitation, first_name="Nina", last_name="Ny", language="nb", password="en lang og sjelden setning"
    )
    rows = Membership.objects.filter(company=company, person=person)
    assert set(rows.values_list("role", "given_by")) == {("accountant", admin.pk), ("reader", admin.pk)}
    assert (person.username, person.language, person.invited_by) == ("new@example.com", "nb", admin)
    assert person.check_password("en lang og sjelden setning")


def test_a_link_works_once(invitation):
    invitations.join(invitation, build.a_person(email="new@example.com"))
    with pytest.raises(NotGiven):
        invitations.join(invitation, build.a_person(email="other@example.com"))
    assert invitations.find(invitations.token_of(invitation)) is None


def test_nobody_invites_themself(company, admin):
    with pytest.raises(NotGiven):
        invitations.invite(company, admin.email.upper(), [Role.APPROVER], "en", admin)


def test_who_is_in_the_company_is_not_invited_again(company, admin):
    build.a_person(Role.READER, company=company, email="in@example.com")
    with pytest.raises(NotGiven):
        invitations.invite(company, "in@example.com", [Role.APPROVER], "en", admin)


def test_an_invitation_without_a_role_is_refused(company, admin):
    with pytest.raises(NotGiven):
        invitations.invite(company, "x@example.com", ["king"], "en", admin)


def test_inviting_again_changes_the_roles_of_the_open_invitation(invitation, company, admin):
    again = invitations.invite(company, "new@example.com", [Role.APPROVER], "en", admin)
    assert (again.pk, again.roles, again.sent) == (invitation.pk, "approver", 2)


def test_an_invitation_sent_too_often_keeps_the_roles_its_last_link_was_sent_with(invitation, company, admin):
    Invitation.objects.update(sent=invitations.MOST_MAILS)
    with pytest.raises(NotGiven):
        invitations.invite(company, "new@example.com", [Role.ADMINISTRATOR], "en", admin)
    assert Invitation.objects.get().roles == invitation.roles
