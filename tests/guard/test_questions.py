"""Every page asks the database little, and no more than it did: a row more must never be a question more."""

from __future__ import annotations

import logging

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from companies.choices import InstanceRoleKind, Role
from companies.models import InstanceRole
from tests import build
from tests.guard.world import a_world, addresses

pytestmark = pytest.mark.django_db

MOST = 12  # lists, and whatever is not named below
# Pages that put more together, each with what it may ask. Lower them when they ask less; never the other way.
NAMED = {
    "reconciliation": 15,
    "suggestion_new": 14,
    "readiness": 14,
    "setup_row": 15,
    "companies": 16,
    "lock_period": 13,
    "close_period": 14,
    "upload": 21,
    "draft": 22,
    "home": 25,
    "operations": 19,
    "approval_one": 29,
}
NOT_PAGES = ("account/", "api/v1/")


@pytest.fixture
def world(settings, tmp_path):
    settings.DATA_AREA = tmp_path / "files"
    logging.disable(logging.CRITICAL)
    yield a_world()
    logging.disable(logging.NOTSET)


def somebody_who_sees_all(world):
    """Every role of the company and of the installation, so that no part of a page is left out."""
    person = build.a_person(*Role.values, company=world.company)
    for kind in InstanceRoleKind:
        InstanceRole.objects.create(person=person, role=kind)
    client = Client()
    client.force_login(person)
    return client


def questions(client, url):
    """How many queries reading a page takes, when templates and session are warm; None when it is no page to read."""
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(url)
    return len(asked) if answer.status_code == 200 else None


def test_no_page_asks_more_than_it_may(world):
    client = somebody_who_sees_all(world)
    found = {
        one.name: many
        for one in addresses()
        if not one.route.startswith(NOT_PAGES) and world.knows(one)
        for many in [questions(client, reverse(one.name, kwargs=world.filled(one)))]
        if many is not None
    }
    assert len(found) > 100
    assert {name: many for name, many in found.items() if many > NAMED.get(name, MOST)} == {}
