"""Fifty payments on a page stay light and cost few questions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import build

pytestmark = pytest.mark.django_db
MOST_BYTES = 60_000  # before compression
MOST_QUESTIONS = 12


@pytest.fixture
def full(company):
    """More payments than a page shows."""
    partner = build.a_bank(company)
    for _ in range(52):
        build.an_uploaded_payment(company, lines=1, bank_partner=partner)


@pytest.mark.parametrize("name", ["approval", "overview"])
def test_a_full_page_is_light(full, bjorn, browse, name):
    page = browse(bjorn).get(reverse(name)).content
    assert page.count(b'<tr role="row"><t') >= 50
    assert len(page) <= MOST_BYTES


@pytest.mark.parametrize("name", ["approval", "overview"])
def test_a_full_page_asks_little(full, bjorn, browse, name):
    client = browse(bjorn)
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse(name))
    assert len(asked) <= MOST_QUESTIONS, [one["sql"][:120] for one in asked]


def test_the_page_of_an_account_asks_little(full, company, bjorn, browse):
    client = browse(bjorn)
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("cash_account", args=[1]))
    assert len(asked) <= MOST_QUESTIONS, [one["sql"][:120] for one in asked]
