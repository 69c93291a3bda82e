"""Pages read what the probe found: only the schedule and a person who asks for it call the gateway."""

from __future__ import annotations

import re
import socket
import time
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from autopay_console.celery import app
from companies.choices import InstanceRoleKind
from companies.models import InstanceRole, SystemInformation
from integration import alerts, health, health_gateway
from integration.health import Level, Part
from integration.health_parts import OLD_SECONDS, PROBE_SECONDS
from integration.models import Exchange, HealthSample
from integration.queue import registration
from tests.build import a_person
from tests.integration.linking import the_gateway

pytestmark = pytest.mark.django_db


@pytest.fixture
def eva(client):
    person = a_person(username="eva", email="eva@example.com")
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.OPERATIONS)
    client.force_login(person)
    return person


@pytest.fixture
def address():
    """A gateway address that nobody may call."""
    registration.queue_name()
    SystemInformation.objects.update(opg_address="http://127.0.0.1:9/OPGatewayService/")


def asked(fact, seconds=0, **facts):
    at = timezone.now() - timedelta(seconds=seconds)
    part = "registration" if fact in ("known", "forgotten") else "gateway"
    return HealthSample.objects.create(at=at, part=part, fact=fact, **({"good": True} | facts))


def watched():
    return {part.code: part for part in health.watch()}


def test_the_page_says_what_the_probe_found_and_calls_nobody(client, eva, address):
    asked("connected", 12, value=23)
    asked("known", 12, value=1)
    page = client.get(reverse("operations")).content.decode()
    assert "The gateway answered in 23 ms and reaches AutoPay." in page
    assert "The gateway knows the queue" in page
    assert re.search(r"Last asked 1\d s ago", page)
    assert "by the schedule every 60 s" in page
    assert not Exchange.objects.exists()


def test_before_the_first_probe_the_page_says_so(address):
    part = watched()["gateway"]
    assert part.level == Level.ATTENTION
    assert "not been asked yet" in part.words


def test_what_the_probe_found_is_told_in_the_readers_language(address):
    asked("cut-off", good=False)
    with translation.override("nb"):
        assert watched()["gateway"].words != "The gateway answers, but does not reach AutoPay central."
    assert watched()["gateway"].words == "The gateway answers, but does not reach AutoPay central."


SILENT = {"code": "unreachable", "address": "http://opg", "error": "refused"}


def test_why_a_silent_gateway_gave_no_answer_is_told_in_the_readers_language(address):
    asked("silent", good=False, facts=SILENT)
    part = watched()["gateway"]
    assert (part.level, part.words) == (Level.TROUBLE, "Nothing answers at http://opg: refused.")
    with translation.override("nb"):
        assert watched()["gateway"].words == "Ingenting svarer på http://opg: refused."
    assert "registration" not in watched()


def test_the_probe_keeps_why_in_facts_and_not_in_the_workers_language(address):
    with translation.override("nb"):
        health.sample()
    kept = HealthSample.objects.get(part="gateway").facts
    assert (kept["code"], kept["address"]) == ("unreachable", "http://127.0.0.1:9/OPGatewayService/")
    assert "Nothing answers at http://127.0.0.1:9/" in watched()["gateway"].words


@pytest.mark.parametrize("facts", [{}, {"code": "of a later version"}, {"code": "unreachable"}])
def test_a_silence_without_facts_still_reads_as_a_sentence(address, facts):
    asked("silent", good=False, facts=facts)
    assert watched()["gateway"].words.startswith("The gateway gave no answer that can be used")


def test_an_old_answer_proves_nothing(address):
    asked("connected", OLD_SECONDS + 60, value=23)
    part = watched()["gateway"]
    assert (part.level, part.fact) == (Level.ATTENTION, "old")
    assert "last asked 4 min ago" in part.words


def test_a_queue_that_was_forgotten_at_the_last_probe_is_trouble(address):
    asked("connected")
    asked("forgotten", good=False)
    assert watched()["registration"].level == Level.TROUBLE


def test_no_word_about_the_queue_when_the_last_probe_got_no_answer(address):
    asked("known", 60)
    asked("silent", good=False, facts=SILENT)
    assert "registration" not in watched()


def test_check_now_asks_at_once_in_the_persons_name(client, eva, address):
    assert client.post(reverse("check_now")).status_code == 302
    row = Exchange.objects.get()
    assert (row.person, row.by_service) == (eva, False)
    sample = HealthSample.objects.get(part="gateway")
    assert (sample.good, sample.fact, sample.by_hand) == (False, "silent", True)
    assert watched()["gateway"].at == sample.at


def test_asking_by_hand_again_and_again_rings_no_alarm(eva, address):
    for _press in range(5):
        assert alerts.tell(health.check_now(eva)) == 0
    for minute in (3, 2, 1):
        asked("silent", 60 * minute, good=False, facts=SILENT)
    assert alerts.tell(health.check_now(eva)) == 1


def test_the_rhythm_that_is_shown_is_the_schedules():
    assert app.conf.beat_schedule["health"]["schedule"] == PROBE_SECONDS


@pytest.mark.broker
def test_what_was_asked_by_hand_is_what_the_page_shows(sandbox, eva):
    the_gateway(sandbox)
    registration.register()
    health.check_now(eva)
    found = watched()
    assert (found["gateway"].level, found["registration"].level) == (Level.GOOD, Level.GOOD)
    sandbox.post("/gateway/central", {"state": "unreachable"})
    assert watched()["gateway"].level == Level.GOOD
    health.check_now(eva)
    assert watched()["gateway"].level == Level.TROUBLE


def test_a_stop_by_a_person_is_no_yes(client, eva):
    registration.queue_name()
    SystemInformation.objects.update(stopped_at=timezone.now(), stopped_why="The bank called")
    part = watched()["stop"]
    assert (part.level, part.words) == (Level.ATTENTION, "Sending is stopped for all companies: The bank called")


@pytest.fixture
def a_gateway_that_hangs():
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        registration.queue_name()
        SystemInformation.objects.update(opg_address=f"http://127.0.0.1:{deaf.getsockname()[1]}/OPGatewayService/")
        yield


def test_a_gateway_that_hangs_does_not_hold_the_probe_up(a_gateway_that_hangs, monkeypatch):
    monkeypatch.setattr(health_gateway, "PATIENCE_SECONDS", 0.2)
    began = time.monotonic()
    [part] = health_gateway.ask()
    assert time.monotonic() - began < 5  # a call of the daily work waits for a minute
    assert (part.level, part.fact) == (Level.TROUBLE, "silent")


def test_the_probe_is_done_before_its_next_round():
    assert health_gateway.PATIENCE_SECONDS * 3 <= PROBE_SECONDS


@pytest.fixture
def all_else_is_well(client, eva, monkeypatch):
    """Every part but the gateway is good; what the page says then."""
    fine = Part("broker", Level.GOOD, 1, "ms", "", "The broker answered in 1 ms.")
    monkeypatch.setattr(health, "CHECKS", {"broker": lambda: [fine], "gateway": health_gateway.ask})
    return lambda: client.get(reverse("operations")).content.decode()


def test_the_headline_before_anybody_asked_the_gateway_is_not_known_yet(all_else_is_well, address):
    page = all_else_is_well()
    assert "Not known yet: the gateway has not been asked." in page
    assert "Yes." not in page


def test_the_headline_over_an_old_answer_is_not_known(all_else_is_well, address):
    asked("connected", OLD_SECONDS - 30, value=23)
    assert "Yes. Everything is as it should be." in all_else_is_well()
    HealthSample.objects.update(at=timezone.now() - timedelta(seconds=OLD_SECONDS + 60))
    page = all_else_is_well()
    assert "Not known: the gateway was last asked 4 min ago." in page
    assert "Yes." not in page
    assert "check-first" in page


def test_what_the_gateway_refuses_with_a_code_of_the_protocol_is_told_in_the_readers_language(address):
    asked("silent", good=False, facts={"code": "wrong-credentials", "said": "The gateway user or password is wrong."})
    part = watched()["gateway"]
    assert part.words == "The gateway does not accept this user and password."
    assert "An instance administrator enters" in part.remedy


def test_files_of_companies_are_no_remedy_for_who_belongs_to_none(client, eva, address):
    page = client.get(reverse("operations")).content.decode()
    assert "direction:in" not in page


def test_an_old_silence_is_still_trouble(all_else_is_well, address):
    asked("silent", OLD_SECONDS + 60, good=False, facts=SILENT)
    assert "No. 1 part is in trouble." in all_else_is_well()


def test_a_gateway_nobody_has_asked_is_no_yes_and_can_be_asked_there(client, eva, address):
    page = client.get(reverse("operations")).content.decode()
    assert "Yes." not in page
    assert "check-first" in page
    asked("connected", 12, value=23)
    assert "check-first" not in client.get(reverse("operations")).content.decode()


def test_no_parked_message_does_not_read_as_a_fault(address):
    assert watched()["parked"].words == "No message is parked."
