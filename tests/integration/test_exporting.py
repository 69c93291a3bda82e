"""Export/update companies as work: asked for once, each company ends in a true state, the gateway may fail anywhere."""

from datetime import timedelta

import pytest
from django.utils import timezone

from companies.choices import LinkState
from companies.models import Company, SystemInformation
from integration import exporting
from integration.choices import ExportState
from integration.models import CompanyExport, Exchange
from tests import build
from tests.integration.linking import a_linked_company, an_unlinked_company, fault, the_gateway

pytestmark = [pytest.mark.django_db, pytest.mark.broker]


@pytest.fixture(autouse=True)
def _gateway(sandbox, settings):
    settings.GATEWAY_READ_SECONDS = 5
    the_gateway(sandbox)


def three_companies():
    return [an_unlinked_company(organisation_no=f"91823456{digit}") for digit in range(3)]


def link_states(companies):
    rows = Company.objects.in_bulk([company.pk for company in companies])
    return [rows[company.pk].link_state for company in companies]


def states(companies):
    rows = CompanyExport.objects.in_bulk([company.pk for company in companies])
    return [rows[company.pk].state for company in companies]


def later():
    CompanyExport.objects.update(not_before=timezone.now() - timedelta(seconds=1))


def test_asking_says_at_once_that_the_companies_are_being_exported():
    companies = three_companies()
    assert exporting.ask(companies) == 3
    assert link_states(companies) == [LinkState.LINKING] * 3
    assert states(companies) == [ExportState.WAITING] * 3


def test_the_work_links_every_company_and_says_so():
    companies = three_companies()
    exporting.ask(companies)
    assert exporting.work([company.pk for company in companies]) == 3
    assert link_states(companies) == [LinkState.LINKED] * 3
    assert states(companies) == [ExportState.DONE] * 3
    assert CompanyExport.objects.get(company=companies[0]).created


def test_a_gateway_that_fails_in_the_middle_leaves_each_company_in_a_true_state_and_the_retry_ends_it(sandbox):
    companies = three_companies()
    rule = {"operation": "exportCompany", "company": "NO-918234561"}
    sandbox.post("/rules", {"stage": "call", "when": rule, "then": {"fault": "down"}, "times": 1, "first": True})
    exporting.ask(companies)
    exporting.work([company.pk for company in companies])
    assert link_states(companies) == [LinkState.LINKED, LinkState.LINKING, LinkState.LINKED]
    assert states(companies) == [ExportState.DONE, ExportState.WAITING, ExportState.DONE]
    assert "down" in CompanyExport.objects.get(company=companies[1]).text
    exporting.ask([companies[1]])
    exporting.work([companies[1].pk])
    assert link_states(companies) == [LinkState.LINKED] * 3


def test_an_answer_that_got_lost_is_asked_for_again_and_gives_the_same_key(sandbox):
    company = an_unlinked_company()
    fault(sandbox, "exportCompany", "drop-answer")
    exporting.ask([company])
    exporting.work([company.pk])
    assert states([company]) == [ExportState.WAITING]
    later()
    assert exporting.carry_on() == 1
    exporting.work([company.pk])
    row = CompanyExport.objects.get(company=company)
    assert (row.state, row.created, row.attempts) == (ExportState.DONE, False, 2)


def test_a_gateway_that_is_away_is_asked_once_and_all_companies_wait():
    SystemInformation.objects.update(opg_address="http://localhost:9/OPGatewayService/")
    companies = three_companies()
    exporting.ask(companies)
    assert exporting.work([company.pk for company in companies]) == 1
    assert states(companies) == [ExportState.WAITING] * 3
    assert all("Nothing answers" in row.text for row in CompanyExport.objects.all())
    assert exporting.work([company.pk for company in companies]) == 0


def test_a_worker_that_died_loses_nothing():
    company = an_unlinked_company()
    exporting.ask([company])
    CompanyExport.objects.update(state=ExportState.RUNNING, claimed_until=timezone.now() - timedelta(seconds=1))
    assert exporting.carry_on() == 1
    exporting.work([company.pk])
    assert link_states([company]) == [LinkState.LINKED]


def test_an_export_under_way_is_not_begun_twice():
    company = an_unlinked_company()
    exporting.ask([company])
    CompanyExport.objects.update(state=ExportState.RUNNING, claimed_until=timezone.now() + timedelta(minutes=1))
    assert exporting.ask([company]) == 0
    assert exporting.work([company.pk]) == 0


def test_a_linked_company_is_updated_and_keeps_its_key(sandbox):
    company = a_linked_company(sandbox)
    exporting.ask([company])
    exporting.work([company.pk])
    assert Company.objects.get(pk=company.pk).signing_key == company.signing_key


def test_who_asked_stands_in_the_traffic_log():
    anna, company = build.a_person(), an_unlinked_company()
    exporting.ask([company], by=anna)
    exporting.work([company.pk])
    assert Exchange.objects.get(kind="export").person == anna


def test_a_company_of_another_instance_says_so_and_is_taken_over_when_asked(sandbox):
    company = a_linked_company(sandbox)
    SystemInformation.objects.update(instance_guid="00000000-51d4-4c53-9f5c-2f1d4d1f0a11")
    exporting.ask([company])
    exporting.work([company.pk])
    row = CompanyExport.objects.get(company=company)
    assert (row.state, row.code) == (ExportState.FAILED, "linked-elsewhere")
    exporting.ask([company], take_over=True)
    exporting.work([company.pk])
    assert states([company]) == [ExportState.DONE]
