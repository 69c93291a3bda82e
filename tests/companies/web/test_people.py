"""People in the browser: invite, accept, roles, deactivate, the page of all rights, company login's rules."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from companies import invitations
from companies.choices import AgreementState, InstanceRoleKind, Role
from companies.models import BankMandate, Deputy, InstanceRole, Invitation, MailOutbox, Membership, Person
from tests import build

pytestmark = pytest.mark.django_db
PASSWORD = "en lang og sjelden setning"


@pytest.fixture
def company():
    return build.a_company()


@pytest.fixture
def admin(client, company):
    person = build.a_person(Role.ADMINISTRATOR, company=company)
    client.force_login(person)
    return person


@pytest.fixture
def instance(client):
    person = build.a_person()
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.ADMINISTRATOR)
    client.force_login(person)
    return person


def a_link(company, admin, email="new@example.com", roles=(Role.ACCOUNTANT,)):
    invitation = invitations.invite(company, email, roles, "en", admin)
    return reverse("invitation", args=[invitations.token_of(invitation)])


def new_person(**changes):
    facts = {"first_name": "Nina", "last_name": "Ny", "language": "en", "password": PASSWORD, "again": PASSWORD}
    return facts | changes


def test_a_company_administrator_sees_only_the_people_of_the_company(client, admin):
    build.a_person(Role.READER, company=build.a_company(), first_name="Fremmed")
    assert b"Fremmed" not in client.get(reverse("people")).content


def test_roles_of_somebody_of_another_company_cannot_be_set(client, admin):
    stranger = build.a_person(Role.READER, company=build.a_company())
    answer = client.post(reverse("person_roles", args=[stranger.pk]), {"role": [Role.READER]})
    assert answer.status_code == 404
    assert Membership.objects.filter(person=stranger).count() == 1


def test_inviting_says_the_same_about_known_and_unknown_addresses(client, admin):
    build.a_person(email="known@example.com")
    said = []
    for address in ("known@example.com", "nobody@example.com"):
        answer = client.post(reverse("invite"), {"email": address, "roles": ["reader"], "language": "en"}, follow=True)
        said.append(str(next(iter(answer.context["messages"]))).replace(address, ""))
    assert said[0] == said[1]


def test_a_wrong_invitation_keeps_what_was_typed(client, admin):
    answer = client.post(reverse("invite"), {"email": "no-address", "roles": ["reader"], "language": "nb"})
    assert answer.status_code == 422
    assert b"no-address" in answer.content


def test_somebody_new_sets_a_password_and_is_in_the_company(client, company):
    url = a_link(company, build.a_person(Role.ADMINISTRATOR, company=company))
    assert b"new@example.com" in client.get(url).content
    answer = client.post(url, new_person(), follow=True)
    assert answer.status_code == 200
    assert answer.context["user"].username == "new@example.com"
    assert answer.context["company"] == company
    assert Client().login(username="new@example.com", password=PASSWORD)


def test_the_link_works_once(client, company):
    url = a_link(company, build.a_person(Role.ADMINISTRATOR, company=company))
    client.post(url, new_person())
    answer = Client().post(url, new_person(password="another long password", again="another long password"))
    assert answer.status_code == 404
    assert Client().login(username="new@example.com", password=PASSWORD)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"again": "something else"}, "again"), ({"password": "short", "again": "short"}, "password")],
)
def test_a_weak_or_mistyped_password_is_refused_and_the_name_is_kept(client, company, changes, field):
    url = a_link(company, build.a_person(Role.ADMINISTRATOR, company=company))
    answer = client.post(url, new_person(**changes))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert b"Nina" in answer.content
    assert not Person.objects.filter(username="new@example.com").exists()


def test_somebody_known_logs_in_and_joins_with_one_click(client, company):
    person = build.a_person(email="known@example.com")
    url = a_link(company, build.a_person(Role.ADMINISTRATOR, company=company), "known@example.com", [Role.APPROVER])
    assert reverse("account_login") in client.get(url).content.decode()
    client.post(url, new_person())
    assert not Membership.objects.filter(person=person).exists()
    client.force_login(person)
    client.post(url)
    assert list(Membership.objects.filter(person=person).values_list("role", flat=True)) == [Role.APPROVER]


def test_nobody_joins_by_the_link_of_somebody_else(client, company):
    url = a_link(company, build.a_person(Role.ADMINISTRATOR, company=company))
    other = build.a_person()
    client.force_login(other)
    client.post(url)
    assert not Membership.objects.filter(person=other).exists()


def test_dead_links_and_links_of_deactivated_people_look_the_same(client, company):
    build.a_person(email="out@example.com", is_active=False)
    url = a_link(company, build.a_person(Role.ADMINISTRATOR, company=company), "out@example.com")
    wrong, out = client.get(reverse("invitation", args=["x:y:z"])), client.get(url)
    assert (wrong.status_code, out.status_code) == (404, 404)
    assert b"This link does not work" in wrong.content
    assert b"This link does not work" in out.content


def test_an_invitation_is_sent_again_and_withdrawn(client, admin, company):
    invitation = invitations.invite(company, "new@example.com", [Role.READER], "en", admin)
    client.post(reverse("invitation_again", args=[invitation.pk]))
    client.post(reverse("invitation_withdraw", args=[invitation.pk]))
    invitation.refresh_from_db()
    assert (invitation.sent, invitation.withdrawn_by) == (2, admin)
    assert Invitation.objects.get().accepted_at is None


def test_an_instance_administrator_sees_everybody_and_what_waits_before_deactivating(client, instance, company):
    person = build.a_person(Role.ADMINISTRATOR, company=company, first_name="Lone", last_name="Alene")
    assert b"Lone Alene" in client.get(reverse("everybody")).content
    assert b"no other administrator" in client.get(reverse("person_deactivate", args=[person.pk])).content
    assert client.post(reverse("person_deactivate", args=[person.pk]), {"why": ""}).status_code == 422
    client.post(reverse("person_deactivate", args=[person.pk]), {"why": "left"})
    person.refresh_from_db()
    assert not person.is_active
    client.post(reverse("person_reactivate", args=[person.pk]))
    person.refresh_from_db()
    assert person.is_active


def test_an_instance_administrator_saves_a_company_whose_administrators_are_gone_but_not_for_themself(
    client, instance, company
):
    person = build.a_person()
    facts = {"company": company.number, "role": [Role.ADMINISTRATOR], "add": "1"}
    client.post(reverse("person_company_roles", args=[person.pk]), facts)
    client.post(reverse("person_company_roles", args=[instance.pk]), facts)
    assert list(Membership.objects.filter(company=company).values_list("person_id", flat=True)) == [person.pk]


@pytest.fixture
def rights_world(company):
    agreement = build.an_agreement(build.a_bank_partner(company))
    type(agreement).objects.update(state=AgreementState.ACTIVE)
    bjorn = build.a_person(Role.APPROVER, company=company, first_name="Bjørn", last_name="")
    cecilie = build.a_person(Role.READER, company=company, first_name="Cecilie", last_name="")
    BankMandate.objects.create(agreement=agreement, person=bjorn)
    Deputy.objects.create(
        company=company, person=bjorn, deputy=cecilie, starts_on=date(2026, 11, 1), ends_on=date(2026, 12, 1)
    )
    return agreement


def test_the_page_of_all_rights_tells_roles_deputies_agreements_and_mandates(client, admin, rights_world):
    lines = {line["person"].shown: line["right"] for line in client.get(reverse("who_may")).context["lines"]}
    bank = str(rights_world.bank_partner)
    assert lines["Bjørn"].mandates == [bank]
    assert lines["Bjørn"].agreements[0].startswith(bank)
    assert lines["Bjørn"].stood_in_by[0].startswith("Cecilie")
    assert lines["Cecilie"].stands_in[0].startswith("for Bjørn")
    assert lines["Cecilie"].agreements == lines["Bjørn"].agreements


def test_the_page_of_all_rights_shows_a_company_administrator_no_other_company(client, admin):
    build.a_person(Role.READER, company=build.a_company(), first_name="Fremmed")
    assert b"Fremmed" not in client.get(reverse("who_may")).content


def test_the_page_of_all_rights_shows_an_instance_administrator_every_company(client, instance):
    for name in ("Ene", "Andre"):
        build.a_person(Role.READER, company=build.a_company(), first_name=name)
    content = client.get(reverse("who_may")).content
    assert b"Ene" in content
    assert b"Andre" in content


def test_the_page_of_all_rights_is_narrowed_by_role(client, admin, rights_world):
    lines = client.get(reverse("who_may"), {"role": "reader"}).context["lines"]
    assert [line["person"].shown for line in lines] == ["Cecilie"]


def test_the_page_of_all_rights_goes_out_as_a_file(client, admin, rights_world):
    text = b"".join(client.get(reverse("who_may"), {"export": "csv"}).streaming_content).decode()
    row = next(line for line in text.splitlines() if "Bjørn" in line)
    assert str(rights_world.bank_partner) in row
    assert row.split(";")[4] == "yes"


def test_a_reader_does_not_see_the_rights_of_others(client, company):
    client.force_login(build.a_person(Role.READER, company=company))
    assert client.get(reverse("who_may")).status_code == 403


def test_many_people_cost_no_more_queries(client, admin, company, rights_world, django_assert_max_num_queries):
    for _ in range(20):
        build.a_person(Role.READER, Role.APPROVER, company=company)
    for name in ("who_may", "people"):
        with django_assert_max_num_queries(16):
            client.get(reverse(name))


def test_many_people_of_the_installation_cost_no_more_queries(client, instance, django_assert_max_num_queries):
    for _ in range(20):
        build.a_person(Role.READER, company=build.a_company())
    with django_assert_max_num_queries(14):
        client.get(reverse("everybody"))


def test_an_instance_administrator_changes_an_address_that_nobody_else_has(client, instance):
    build.a_person(email="taken@example.com")
    person = build.a_person()
    url = reverse("person_email", args=[person.pk])
    assert client.post(url, {"email": "Taken@example.com"}).status_code == 422
    client.post(url, {"email": "Fresh@example.com"})
    person.refresh_from_db()
    assert person.email == "fresh@example.com"
    assert client.post(reverse("person_email", args=[instance.pk]), {"email": "x@example.com"}).status_code == 422


def test_nobody_changes_their_own_address(client, admin):
    assert client.post(reverse("account_email"), {"email": "x@example.com", "action_add": ""}).status_code == 302
    admin.refresh_from_db()
    assert admin.email != "x@example.com"


def test_the_mail_for_a_new_password_waits_in_the_outbox(client):
    person = build.a_person()
    known = client.post(reverse("account_reset_password"), {"email": person.email})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.com"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert person.email in MailOutbox.objects.values_list("to", flat=True)
