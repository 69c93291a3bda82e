"""Prove it: would a payment go through? Each trouble is told apart, and nothing is left behind."""

import pytest

from companies import readiness
from companies.choices import AgreementState
from companies.models import BankPartner, Company, Job
from integration import proving
from integration.models import Exchange
from payments.models import Transfer
from payments.preparing.rehearsal import rehearse
from tests import build
from tests.integration.linking import KEY, a_linked_company, an_unlinked_company, the_gateway

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_area(settings, tmp_path):
    settings.DATA_AREA = tmp_path
    return tmp_path


def an_agreement(company, **facts):
    partner = build.a_bank_partner(company, **facts)
    return build.an_agreement(partner)


def troubles(company):
    return [one.trouble for one in proving.prove(company, build.an_accountant(company)).outcomes if not one.good]


@pytest.mark.parametrize("version", ["001.001.09", "001.001.03"])
def test_one_line_is_written_checked_and_thrown_away(version, data_area):
    company = build.a_company()
    found = rehearse(an_agreement(company, profile=build.a_profile(f"v{version[-2:]}", version=version)))
    assert (found.problem, found.version) == ("", f"pain.{version}")
    assert [one for one in data_area.rglob("*") if one.is_file()] == []
    assert not Transfer.objects.exists()


def test_a_number_the_bank_asks_for_is_named_before_anything_is_written():
    agreement = an_agreement(build.a_company(), profile=build.a_profile("asks", initiating_id="customer_no"))
    assert "asks for numbers" in rehearse(agreement).problem


def test_a_bic_the_schema_refuses_is_told_with_its_place():
    agreement = an_agreement(build.a_company())
    BankPartner.objects.filter(pk=agreement.bank_partner_id).update(bic="nobic")
    agreement.bank_partner.refresh_from_db()
    found = rehearse(agreement)
    assert "schema" in found.problem and "BIC" in found.remedy


def test_without_an_active_agreement_nothing_is_proved():
    company = build.a_company()
    build.an_agreement(build.a_bank_partner(company), state=AgreementState.ENDED)
    assert "agreement" in troubles(company)


def test_a_gateway_that_is_not_there_is_unreachable():
    company = build.a_company()
    an_agreement(company)
    the_gateway(None, address="http://127.0.0.1:9/OPGatewayService/")
    Company.objects.filter(pk=company.pk).update(signing_key=KEY)
    company.refresh_from_db()
    assert troubles(company) == ["unreachable"]


@pytest.mark.broker
class TestWithTheGateway:
    def test_everything_in_order_is_proved_and_remembered(self, sandbox):
        company = a_linked_company(sandbox)
        an_agreement(company)
        proof = proving.prove(company, build.an_accountant(company))
        assert proof.good, proof.outcomes
        assert readiness.proved([company]) == {company.pk}
        assert proving.latest(company).good
        assert Exchange.objects.filter(kind="ping").exists()

    def test_a_second_try_replaces_the_first(self, sandbox):
        company = a_linked_company(sandbox)
        an_agreement(company)
        for _ in range(2):
            proving.prove(company, build.an_accountant(company))
        assert Job.objects.filter(company=company, kind=readiness.PROOF).count() == 1

    def test_another_key_is_a_wrong_signature(self, sandbox):
        company = a_linked_company(sandbox)
        an_agreement(company)
        Company.objects.filter(pk=company.pk).update(signing_key=KEY)
        company.refresh_from_db()
        assert troubles(company) == ["signature"]
        assert readiness.proved([company]) == set()

    def test_a_company_the_gateway_does_not_know_is_a_wrong_company(self, sandbox):
        the_gateway(sandbox)
        company = an_unlinked_company(signing_key=KEY)
        an_agreement(company)
        assert troubles(company) == ["company"]

    def test_a_broken_file_is_told_beside_a_good_gateway(self, sandbox):
        company = a_linked_company(sandbox)
        agreement = an_agreement(company)
        BankPartner.objects.filter(pk=agreement.bank_partner_id).update(bic="nobic")
        assert troubles(company) == ["schema"]
