"""The button *Prove it* and what readiness says."""

import pytest
from django.test import Client
from django.urls import reverse

from companies.choices import AgreementState, InstanceRoleKind, Role
from companies.models import Company, InstanceRole
from tests import build

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def company(settings, tmp_path):
    settings.DATA_AREA = tmp_path
    return build.a_company()


@pytest.fixture
def admin(client, company):
    person = build.a_person(Role.ADMINISTRATOR, company=company)
    client.force_login(person)
    return person


def shown(client, side="pay"):
    return {one.condition.code: one for one in client.get(reverse("readiness")).context[side]}


def test_prove_it_tells_the_kind_of_trouble_and_what_to_do(client, admin, company):
    build.a_bank(company)
    text = client.post(reverse("prove"), **HTMX).content.decode()
    assert "a one-line pain.001.001.09 was written" in text
    assert "A payment would not go through." in text


def test_a_reader_sees_the_last_try_but_makes_none(client, company):
    client.force_login(build.a_person(Role.READER, company=company))
    assert client.get(reverse("proof"), **HTMX).status_code == 200
    assert client.post(reverse("prove"), **HTMX).status_code == 403


@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("autopay_active", {"autopay_active": False}),
        ("licence", {"licence_article": "406003"}),
    ],
)
def test_what_is_missing_in_company_data_leads_there(client, admin, company, code, facts):
    Company.objects.filter(pk=company.pk).update(**facts)
    one = shown(client)[code]
    assert not one.condition.good
    assert one.url == reverse("setup_row", args=["company", company.pk])


def test_terms_are_accepted_on_the_spot(client, admin, company):
    Company.objects.filter(pk=company.pk).update(terms_accepted_at=None)
    assert shown(client)["terms"].terms


def test_without_a_bank_partner_neither_paying_nor_receiving_is_ready(client, admin, company):
    assert not shown(client)["partner"].condition.good
    assert not shown(client, "receive")["partner"].condition.good


def test_an_agreement_that_is_not_active_leads_to_its_row(client, admin, company):
    agreement = build.an_agreement(build.a_bank_partner(company), state=AgreementState.CONFIRMED)
    assert shown(client)["agreement"].url == reverse("setup_row", args=["agreement", agreement.pk])


def test_an_activation_that_waits_leads_to_the_changes(client, admin, company):
    agreement = build.an_agreement(build.a_bank_partner(company), state=AgreementState.CONFIRMED)
    client.post(reverse("agreement_move", args=[agreement.pk]), {"to": "active"})
    assert shown(client)["agreement"].url == reverse("pending")


def test_too_few_approvers_lead_to_people(client, admin, company):
    build.a_bank(company)
    assert shown(client)["approvers"].url == reverse("people")
    for _ in range(2):
        build.an_approver(company)
    assert shown(client)["approvers"].condition.good


def test_the_gateway_is_named_to_who_may_not_mend_it_and_linked_for_who_may(client, admin, company):
    reader = Client()
    reader.force_login(build.a_person(Role.READER, company=company))
    one = shown(reader)["gateway_address"]
    assert (one.url, one.link) == ("", "An instance administrator does this.")
    assert shown(client)["gateway_address"].url == reverse("company_enable")
    InstanceRole.objects.create(person=admin, role=InstanceRoleKind.ADMINISTRATOR)
    assert shown(client)["gateway_address"].url == reverse("enable")


def test_receiving_needs_a_definition_of_references(client, admin, company):
    partner = build.a_bank(company)
    assert not shown(client, "receive")[f"definition_{partner.pk}"].condition.good
    build.a_factoring_company(company, partner)
    assert shown(client, "receive")[f"definition_{partner.pk}"].condition.good


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"autopay_active": False}, "autopay_active"),
        ({"licence_article": "1 2"}, "licence"),
        ({"terms_accepted_at": None}, "terms"),
    ],
)
def test_what_readiness_misses_stops_the_upload(company, facts, code):
    from payments.validation import findings

    payment = build.an_estimate(company)
    Company.objects.filter(pk=company.pk).update(**facts)
    payment.refresh_from_db()
    assert code in {one.code for one in findings(payment) if one.severity == "stop"}


def test_lines_in_the_accounts_currency_need_the_code_the_erp_says(company):
    from payments.validation import findings

    partner = build.a_bank(company, erp_currency="NKR")
    payment = build.an_estimate(company, bank_partner=partner)
    assert "erp_currency" in {one.code for one in findings(payment) if one.severity == "stop"}
    partner.agreements.update(erp_currency="nok")
    payment.refresh_from_db()
    assert "erp_currency" not in {one.code for one in findings(payment)}
