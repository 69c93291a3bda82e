"""A company with a bank, and people who look at it."""

import pytest
from django.test import Client

from companies.choices import Role
from tests import build


@pytest.fixture
def company(db):
    return build.a_company()


@pytest.fixture
def anna(company):
    return build.a_person(Role.ACCOUNTANT, company=company, first_name="Anna")


@pytest.fixture
def bjorn(company):
    return build.a_person(Role.APPROVER, company=company, first_name="Bjørn")


@pytest.fixture
def frida(company):
    return build.a_person(Role.READER, company=company, first_name="Frida")


@pytest.fixture
def browse():
    """A logged-in browser without script: `browse(anna).get("/overview/")`."""

    def logged_in(person):
        client = Client()
        client.force_login(person)
        return client

    return logged_in
