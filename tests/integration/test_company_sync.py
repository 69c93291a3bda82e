"""Export/update companies, check link, enter key: every company ends in a state that is true."""

import pytest
from django.db import connection

from companies.choices import LinkState
from companies.models import Company, SystemInformation
from integration import company_sync, exporting
from integration.gateway import client
from integration.models import Exchange
from tests import build
from tests.integration.linking import KEY, a_linked_company, an_unlinked_company, check_link, fault, the_gateway

pytestmark = [pytest.mark.django_db, pytest.mark.broker]


@pytest.fixture(autouse=True)
def _gateway(sandbox, settings):
    settings.GATEWAY_READ_SECONDS = 5
    the_gateway(sandbox)


def fresh(company):
    return Company.objects.get(pk=company.pk)


def raw_key(company):
    with connection.cursor() as cursor:
        cursor.execute('SELECT "ApSigKey" FROM companies_company WHERE id = %s', [company.pk])
        return cursor.fetchone()[0]


def test_an_exported_company_gets_its_id_and_key():
    company = an_unlinked_company()
    [exported] = company_sync.export([company])
    company = fresh(company)
    assert (exported.linked, exported.created) == (True, True)
    assert company.link_state == LinkState.LINKED
    assert company.visma_company_id.startswith("c-")
    assert company_sync.key_fingerprint(company)


def test_the_key_is_encrypted_in_the_database():
    company = an_unlinked_company()
    company_sync.export([company])
    assert fresh(company).signing_key not in raw_key(company)


def test_exporting_again_updates_and_keeps_the_key():
    company = an_unlinked_company()
    company_sync.export([company])
    before = fresh(company)
    [again] = company_sync.export([before])
    after = fresh(company)
    assert (again.linked, again.created) == (True, False)
    assert (after.signing_key, after.visma_company_id) == (before.signing_key, before.visma_company_id)
    assert after.previous_signing_key == ""


def test_the_organisation_number_may_be_written_with_blanks():
    company = an_unlinked_company(organisation_no="918 234 567")
    [exported] = company_sync.export([company])
    assert exported.linked


def test_when_the_gateway_fails_in_the_middle_every_company_says_truly_how_far_it_came(sandbox):
    companies = [an_unlinked_company(organisation_no=f"91823456{digit}") for digit in range(3)]
    sandbox.post(
        "/rules",
        {
            "stage": "call",
            "when": {"operation": "exportCompany", "company": "NO-918234561"},
            "then": {"fault": "down"},
            "times": 1,
            "first": True,
        },
    )
    answers = company_sync.export(companies)
    assert [answer.linked for answer in answers] == [True, False, True]
    assert [fresh(company).link_state for company in companies] == [
        LinkState.LINKED,
        LinkState.LINKING,
        LinkState.LINKED,
    ]
    assert answers[1].again
    assert "down" in fresh(companies[1]).link_error


def test_an_unfinished_export_is_carried_on_by_the_sweep(sandbox):
    company = an_unlinked_company()
    fault(sandbox, "exportCompany", "drop-answer")
    company_sync.export([company])
    assert fresh(company).link_state == LinkState.LINKING
    assert exporting.carry_on() == 1
    assert exporting.work([company.pk]) == 1
    assert (fresh(company).link_state, fresh(company).link_error) == (LinkState.LINKED, "")
    assert exporting.carry_on() == 0


def test_a_refused_export_is_not_tried_again_by_itself():
    company = an_unlinked_company(organisation_no="-")
    with client.connect() as gateway:
        assert gateway.integrated_companies() == []
    [exported] = company_sync.export([company])
    assert fresh(company).link_state == LinkState.FAILED
    assert exported.text
    assert exporting.carry_on() == 0


def test_wrong_credentials_are_told_at_each_company(sandbox):
    the_gateway(sandbox, password="guess")
    [exported] = company_sync.export([an_unlinked_company()])
    assert "password" in exported.text


def test_a_linked_company_stays_linked_when_a_later_export_fails(sandbox):
    company = a_linked_company(sandbox)
    SystemInformation.objects.update(opg_address="http://no-such-host.invalid:8090/OPGatewayService/")
    [exported] = company_sync.export([company])
    assert not exported.linked
    assert fresh(company).link_state == LinkState.LINKED
    assert fresh(company).link_error


def test_a_company_of_another_instance_is_taken_over_only_when_asked(sandbox):
    company = a_linked_company(sandbox)
    SystemInformation.objects.update(instance_guid="00000000-51d4-4c53-9f5c-2f1d4d1f0a11")
    [refused] = company_sync.export([company])
    assert "take it over" in refused.text
    [taken] = company_sync.export([company], take_over=True)
    assert taken.linked


def test_the_link_of_an_untouched_company_is_good(sandbox):
    company = a_linked_company(sandbox)
    [check] = check_link([company])
    assert (check.good, check.remedy) == (True, "")


def test_another_key_here_is_found_and_can_be_entered(sandbox):
    company = a_linked_company(sandbox)
    right = company.signing_key
    Company.objects.filter(pk=company.pk).update(signing_key=KEY)
    [check] = check_link([fresh(company)])
    assert (check.good, check.remedy) == (False, "key")
    assert "630dcd29" in check.text
    company_sync.enter_key(fresh(company), f" {right} ")
    [check] = check_link([fresh(company)])
    assert check.good


def test_another_organisation_number_is_found_by_the_company_id(sandbox):
    company = a_linked_company(sandbox)
    Company.objects.filter(pk=company.pk).update(organisation_no="999888777")
    [check] = check_link([fresh(company)])
    assert (check.good, check.remedy) == (False, "export")
    assert "918234567" in check.text


def test_a_link_removed_in_visma_net_is_found(sandbox):
    company = a_linked_company(sandbox)
    sandbox.post("/companies/NO-918234567/unlink")
    [check] = check_link([company])
    assert "removed" in check.text
    [exported] = company_sync.export([company])
    assert exported.linked


@pytest.mark.parametrize("text", ["", "secret", "AAECAwQF"])
def test_what_is_no_key_is_not_kept(sandbox, text):
    company = a_linked_company(sandbox)
    with pytest.raises(company_sync.BadKey):
        company_sync.enter_key(company, text)
    assert fresh(company).signing_key == company.signing_key


def test_an_entered_key_leaves_the_one_before_good_for_a_while(sandbox):
    company = a_linked_company(sandbox)
    before = company.signing_key
    with pytest.raises(company_sync.BadKey, match="another key"):
        company_sync.enter_key(company, KEY)
    the_gateway(sandbox, address="http://localhost:9/OPGatewayService/")
    entered = company_sync.enter_key(company, KEY)
    assert (entered.fingerprint, entered.compared) == ("630dcd29", False)
    the_gateway(sandbox)
    assert fresh(company).previous_signing_key == before
    with client.connect() as gateway:
        assert gateway.ping(fresh(company))
    Company.objects.update(previous_key_until="2020-01-01T00:00:00Z")
    assert company_sync.forget_previous_keys() == 1
    assert fresh(company).previous_signing_key == ""


def test_both_sides_stand_side_by_side(sandbox):
    here = a_linked_company(sandbox)
    only_here = an_unlinked_company(organisation_no="911111111")
    pairs = {pair.keyid: pair for pair in company_sync.integrated_companies()}
    assert pairs["NO-918234567"].company == here
    assert pairs["NO-918234567"].same_key
    assert pairs["NO-911111111"].company == only_here
    assert pairs["NO-911111111"].remote is None


def test_who_exported_is_in_the_log():
    anna = build.a_person()
    company_sync.export([an_unlinked_company()], by=anna)
    assert Exchange.objects.get(kind="export").person == anna
