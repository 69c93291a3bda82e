"""Every address × everybody who may knock: strangers, other companies, each role; with and without htmx."""

from __future__ import annotations

import logging
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from companies.choices import InstanceRoleKind, Role
from tests import build
from tests.guard.world import UPLOADED, a_world, addresses, an_operator

pytestmark = pytest.mark.django_db

OPEN = {"healthz", "readyz", "metrics"}  # machines ask; each says what it may without a person
# login, password, second factor: allauth guards these by itself; programs come with a key (tests/integration/api)
ACCOUNT = ("account/", "api/v1/")
WAYS = ({}, {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "dialog"})  # a whole page, and a part of one for htmx
OURS = [one for one in addresses() if not one.route.startswith(ACCOUNT) and one.name not in OPEN]

# Views of a company that take what somebody sends without naming a role, and who decides instead.
DECIDED_INSIDE = {
    "setup_new": "the table's own roles",
    "setup_row": "the table's own roles",
    "approval_rules": "administrators alone save them",
    "approval_sum": "adds up, changes nothing",
    "approval_confirm": "payments.releasing.approval, payment by payment",
    "approval_cancel": "payments.releasing.cancelling: its roles, or whoever stands in for an approver",
    "approval_move": "payments.releasing.amending: approvers, or whoever stands in for one",
    "approval_amend": "payments.releasing.amending: approvers, or whoever stands in for one",
    "approval_undo": "payments.releasing.approval: who released or cancelled",
    "overview_save": "one's own saved searches",
    "overview_forget": "one's own saved searches",
    "payment_note": "every member may write a note",
}
# Company addresses that hold no row of the company, only the name of a table or a month.
NO_ROW = {"setup_rows", "setup_new", "lock_period", "unlock_period"} | {
    *("table_import", "table_template_csv", "table_template_xlsx"),
    *("close_period", "closing_point", "switch_rule", "move_rule"),
}


@pytest.fixture(autouse=True)
def quiet():
    """Hundreds of refusals need no lines in the log; writing them takes longer than refusing."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def world(settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"
    return a_world()


@contextmanager
def undone():
    """What happens inside leaves no row behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def logged_in(person):
    client = Client(raise_request_exception=False)
    client.force_login(person)
    return client


def knock(client, url):
    """Answers to reading and to sending, as a page and as a part; a method the page does not know is left out."""
    answers = set()
    for headers in WAYS:
        with undone():
            answers.add(client.get(url, **headers).status_code)
        with undone():
            answers.add(client.post(url, {"pick": UPLOADED}, **headers).status_code)
    return answers - {405}


def pages(world, wanted):
    """Name and address of the pages that are `wanted`."""
    return [(one.name, reverse(one.name, kwargs=world.filled(one))) for one in OURS if world.knows(one) and wanted(one)]


def wrong(client, found, wanted):
    """The pages that answer anything but `wanted`."""
    assert found
    answers = [(name, knock(client, url)) for name, url in found]
    return [f"{name}: {sorted(codes)}" for name, codes in answers if codes != {wanted}]


def test_every_address_with_a_value_has_an_example(world):
    assert [one.name for one in OURS if not world.knows(one)] == []


def test_every_view_says_whose_it_is():
    assert [one.route for one in OURS if one.scope not in ("company", "instance", "person")] == []


def test_only_machines_and_the_way_in_are_open():
    found = {one.name for one in addresses() if one.open and not one.route.startswith(ACCOUNT)}
    assert found == OPEN


def test_somebody_unknown_is_asked_to_log_in(world, client):
    faults = []
    for name, url in pages(world, lambda one: True):
        for headers in WAYS:
            for answer in (client.get(url, **headers), client.post(url, **headers)):
                place = answer.headers.get("HX-Redirect") or answer.headers.get("Location") or ""
                if not place.startswith(reverse("account_login")) or answer.content:
                    faults.append(f"{name}: {answer.status_code} {place}")
    assert faults == []


def test_a_stranger_finds_nothing_of_our_company(world):
    """Somebody with every role in another company, and our numbers in the address."""
    stranger = logged_in(build.a_person(*Role.values, company=build.a_company()))
    found = pages(
        world,
        lambda one: one.scope != "instance" and "<" in one.route and one.name not in NO_ROW,
    )
    assert len(found) > 40
    assert wrong(stranger, found, 404) == []


@pytest.mark.parametrize("kind", ["nobody", "operations"])
def test_somebody_of_no_company_finds_no_company_page(world, kind):
    client = logged_in(build.a_person() if kind == "nobody" else an_operator())
    assert wrong(client, pages(world, lambda one: one.scope == "company"), 404) == []


@pytest.mark.parametrize("role", Role.values)
def test_a_member_without_the_role_is_refused(world, role):
    found = pages(world, lambda one: one.scope == "company" and one.roles and role not in one.roles)
    assert wrong(logged_in(world.people[role]), found, 403) == []


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.READER])
def test_a_member_with_the_role_gets_in(world, role):
    client = logged_in(world.people[role])
    answers = [
        (name, knock(client, url))
        for name, url in pages(world, lambda one: one.scope == "company" and role in one.roles)
    ]
    assert answers
    assert [f"{name}: {sorted(codes)}" for name, codes in answers if {403, 404, 500} & codes] == []


def test_every_member_may_look_where_no_role_is_named(world):
    reader = logged_in(world.people[Role.READER])
    answers = {
        name: reader.get(url).status_code
        for name, url in pages(world, lambda one: one.scope == "company" and not one.roles)
    }
    assert {name: code for name, code in answers.items() if code not in (200, 302, 405)} == {"setup_new": 403}


def test_what_takes_something_names_its_roles_or_says_who_decides(world):
    reader = logged_in(world.people[Role.READER])
    takers = set()
    for name, url in pages(world, lambda one: one.scope == "company" and not one.roles):
        with undone():
            if reader.post(url).status_code != 405:
                takers.add(name)
    assert takers == set(DECIDED_INSIDE)


def test_pages_of_the_installation_do_not_exist_for_members_of_a_company(world):
    member = logged_in(build.a_person(*Role.values, company=world.company))
    assert wrong(member, pages(world, lambda one: one.scope == "instance"), 404) == []


def test_operations_may_not_do_what_is_the_instance_administrators(world):
    found = pages(world, lambda one: one.scope == "instance" and one.roles == (InstanceRoleKind.ADMINISTRATOR,))
    assert wrong(logged_in(an_operator()), found, 403) == []


def test_a_lost_role_counts_at_the_next_click(world):
    person = world.people[Role.ACCOUNTANT]
    client = logged_in(person)
    assert client.get(reverse("suggestion_new")).status_code == 200
    person.memberships.all().delete()
    assert client.get(reverse("suggestion_new")).status_code == 404


def test_somebody_who_may_no_longer_log_in_is_out_at_the_next_click(world):
    person = world.people[Role.ACCOUNTANT]
    client = logged_in(person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    assert client.get(reverse("suggestion_new")).headers["Location"].startswith(reverse("account_login"))
