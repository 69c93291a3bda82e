"""The activation wizard step by step: forward, back, kept, left out with reasons, a list to save."""

import pytest
from django.urls import reverse

from companies.choices import InstanceRoleKind, Role
from companies.models import Company, InstanceRole
from integration.models import ActivationRun
from tests import build
from tests.integration.linking import the_gateway

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    person = build.a_person()
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.ADMINISTRATOR)
    client.force_login(person)
    return person


def a_company(**facts):
    facts = {"organisation_no": "918234578", "licence_article": "406004", "autopay_active": False} | facts
    company = build.a_company(**facts)
    build.a_person(Role.ADMINISTRATOR, company=company)
    return company


def begin(client):
    client.post(reverse("activation"))
    return ActivationRun.objects.get()


def step(client, run, name, **facts):
    return client.post(reverse("activation_step", args=[run.pk, name]), facts, follow=True)


def text_of(answer):
    return answer.content.decode()


def test_it_belongs_to_administrators_of_the_installation(client):
    client.force_login(build.a_person(Role.ADMINISTRATOR, company=build.a_company()))
    assert client.get(reverse("activation")).status_code == 404


def test_without_a_company_it_does_not_go_on(client, administrator):
    answer = step(client, begin(client), "start")
    assert answer.status_code == 422
    assert "Choose at least one company." in text_of(answer)


def test_it_stops_at_a_gateway_that_does_not_answer(client, administrator):
    company, run = a_company(), begin(client)
    step(client, run, "start", company=[company.pk])
    answer = step(client, run, "gateway")
    assert answer.status_code == 422
    assert "The gateway must answer" in text_of(answer)


def test_a_later_step_cannot_be_jumped_to(client, administrator):
    run = begin(client)
    answer = client.get(reverse("activation_step", args=[run.pk, "finish"]), follow=True)
    assert answer.redirect_chain[-1][0].endswith("/start/")


@pytest.mark.broker
def test_the_whole_walk_with_one_failed_company(client, administrator, sandbox):
    the_gateway(sandbox)
    good, bad = a_company(), a_company(organisation_no="923609016", licence_article="")
    old = build.a_bank_partner(good, bank_system=90)
    run = begin(client)
    step(client, run, "start", company=[good.pk, bad.pk])
    checked = text_of(step(client, run, "gateway"))
    assert "1 passed" in checked
    assert "1 failed" in checked
    assert "406004" in checked
    saved = client.get(reverse("activation_failed", args=[run.pk]), {"export": "csv"})
    assert "406004" in b"".join(saved.streaming_content).decode()
    assert str(old) in text_of(step(client, run, "companies"))
    step(client, run, "bank", copy=[old.pk])
    assert "This is what happens" in text_of(step(client, run, "standard", tick=["generate_batch", "export"]))
    back = text_of(client.get(reverse("activation_step", args=[run.pk, "standard"])))
    assert 'value="use_bank_holidays">' in back
    assert "Carry on at: Standard set-up" in text_of(client.get(reverse("activation")))
    done = text_of(step(client, run, "finish"))
    assert "AutoPay is active for 1 company" in done
    assert "1 with system 95, 1 copied" in done
    assert [Company.objects.get(pk=one.pk).autopay_active for one in (good, bad)] == [True, False]
