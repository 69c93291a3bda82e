"""Download hears what the queue did not bring, once, and goes on where it ended."""

from __future__ import annotations

import pytest

from companies.models import Company
from integration import downloading
from integration.gateway.errors import GatewayError
from integration.models import DownloadMark, Exchange, InboxMessage
from tests.build import a_person
from tests.integration.linking import a_linked_company

pytestmark = [pytest.mark.broker, pytest.mark.django_db]


@pytest.fixture
def company(sandbox):
    return a_linked_company(sandbox)


def bring(sandbox, company, times=1):
    """Let the other side send files to the company."""
    for _time in range(times):
        sandbox.post("/mandates", {"company": f"NO-{company.organisation_no}", "customers": []})


def test_messages_are_heard_once_and_marked_as_downloaded(sandbox, company):
    bring(sandbox, company, 2)
    anna = a_person()
    found = downloading.download(company, by=anna)
    assert (found.looked_at, found.new) == (2, 2)
    assert InboxMessage.objects.filter(company=company, by_download=True).count() == 2
    again = downloading.download(company, by=anna)
    assert (again.looked_at, again.new) == (0, 0)
    assert DownloadMark.objects.get().person == anna
    assert Exchange.objects.filter(kind="messages", person=anna, by_service=False).exists()


def test_more_than_a_page_is_read_to_the_end(sandbox, company):
    bring(sandbox, company, 103)
    assert downloading.download(company).new == 103


def test_a_company_that_was_linked_anew_is_read_from_the_start(sandbox, company):
    bring(sandbox, company)
    downloading.download(company)
    DownloadMark.objects.update(remote_company_id="c-before")
    assert downloading.download(company).looked_at == 1


def test_a_gateway_that_is_away_is_an_error_with_its_reason(sandbox, company):
    sandbox.process.stop()
    with pytest.raises(GatewayError):
        downloading.download(company)
    assert DownloadMark.objects.get().last_error
    assert downloading.download_all() == 0


def test_one_company_that_fails_does_not_stop_the_others(sandbox, company):
    other = a_linked_company(sandbox, organisation_no="923609016", number=1)
    bring(sandbox, company)
    Company.objects.filter(pk=other.pk).update(signing_key="AAAA")
    assert downloading.download_all() == 1
