"""*Download* by hand on the screen."""

import pytest
from django.test import Client
from django.urls import reverse

from companies.choices import Role
from integration.models import Exchange, InboxMessage
from tests import build
from tests.integration.linking import a_linked_company

pytestmark = [pytest.mark.django_db, pytest.mark.broker]


@pytest.fixture
def company(sandbox):
    return a_linked_company(sandbox)


@pytest.fixture
def anna(company):
    client = Client()
    client.force_login(build.an_accountant(company))
    return client


def bring(sandbox, company):
    sandbox.post("/mandates", {"company": f"NO-{company.organisation_no}", "customers": []})


def test_the_answer_says_what_came_and_what_was_known(sandbox, company, anna):
    bring(sandbox, company)
    assert "1 messages looked at: 1 new, 0 known already." in anna.post(reverse("download")).content.decode()
    assert "0 messages looked at: 0 new" in anna.post(reverse("download")).content.decode()
    again = anna.post(reverse("download"), {"from_start": "1"}).content.decode()
    assert "1 messages looked at: 0 new, 1 known already." in again
    assert InboxMessage.objects.count() == 1
    assert Exchange.objects.filter(kind="messages", by_service=False).count() == 3


def test_the_latest_messages_stand_on_the_page_and_not_in_notices(sandbox, company, anna):
    bring(sandbox, company)
    anna.post(reverse("download"))
    page = anna.get(reverse("download")).content.decode()
    assert "MandateUpdates" in page or "mandates" in page
    assert '<div class="toast ' not in page.partition("<template")[0]
    part = anna.get(reverse("download"), HTTP_HX_REQUEST="true", HTTP_HX_TARGET="latest").content.decode()
    assert part.strip().startswith('<section id="latest"')


def test_only_the_answer_is_sent_when_htmx_asks(company, anna):
    answer = anna.post(reverse("download"), HTTP_HX_REQUEST="true", HTTP_HX_TARGET="answer").content.decode()
    assert answer.strip().startswith('<div id="answer"')


def test_a_gateway_that_is_away_is_said_and_what_to_do(sandbox, anna):
    sandbox.process.stop()
    answer = anna.post(reverse("download"))
    assert answer.status_code == 422
    assert "The gateway did not give the list" in answer.content.decode()
    assert "The last download failed" in anna.get(reverse("download")).content.decode()


@pytest.mark.parametrize(("role", "code"), [(Role.READER, 403), (Role.APPROVER, 403), (Role.ADMINISTRATOR, 200)])
def test_accountants_and_administrators_may_fetch(company, role, code):
    client = Client()
    client.force_login(build.a_person(role, company=company))
    assert client.get(reverse("download")).status_code == code


def test_files_in_the_companys_folder_are_fetched_too(company, anna, tmp_path, settings):
    settings.DATA_AREA = tmp_path / "files"
    place = tmp_path / "bank"
    (place / "in").mkdir(parents=True)
    (place / "in" / "odd.xml").write_text("<Document/>")
    build.an_agreement(build.a_bank_partner(company), channel="folder", channel_address=str(place))
    assert f"{place}: 1 files taken, 0 put aside." in anna.post(reverse("download")).content.decode()
