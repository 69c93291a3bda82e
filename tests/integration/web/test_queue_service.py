"""*Message queue*: install, credentials checked at saving, running or stopped, pause, the log of one message."""

import logging
from datetime import timedelta

import pytest
import structlog
from django.urls import reverse
from django.utils import timezone

from autopay_console.kernel import log_ring
from autopay_console.logs import QUEUE_LOG
from companies.choices import InstanceRoleKind, Role
from companies.models import InstanceRole, Person, SystemInformation
from integration.models import MessageQueue, WorkerBeat
from tests import build
from tests.integration.linking import the_gateway

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client):
    person = build.a_person()
    InstanceRole.objects.create(person=person, role=InstanceRoleKind.OPERATIONS)
    client.force_login(person)
    return person


def credentials(client, password="sandbox", **facts):
    facts = {"service_person": "system", "gateway_user": "gateway", "gateway_password": password} | facts
    return client.post(reverse("queue_credentials"), facts)


def beat(**facts):
    now = timezone.now()
    return WorkerBeat.objects.create(
        **{"name": "consumer@a-1", "kind": "consumer", "started_at": now, "beat_at": now} | facts
    )


def test_a_company_administrator_does_not_see_the_service(client):
    client.force_login(build.a_person(Role.ADMINISTRATOR, company=build.a_company()))
    assert client.get(reverse("queue_service")).status_code == 404


def test_without_a_broker_the_page_says_so(client, operator):
    assert "The broker does not answer." in client.get(reverse("queue_service")).content.decode()


@pytest.mark.broker
class TestWithGateway:
    @pytest.fixture(autouse=True)
    def _gateway(self, sandbox):
        the_gateway(sandbox)

    def test_install_makes_and_registers_the_queue(self, client, operator):
        client.post(reverse("install_queue"))
        row = MessageQueue.objects.get()
        assert row.installed_at
        assert row.last_registered_at
        assert b"vbus-5f0c2a54" in client.get(reverse("queue_service")).content

    def test_credentials_are_kept_when_the_gateway_accepts_them(self, client, operator):
        the = SystemInformation.objects
        the.update(gateway_password="old")
        credentials(client)
        row = the.get()
        assert (row.gateway_password, row.service_person.username) == ("sandbox", "system")
        assert MessageQueue.objects.get().credentials_checked_at

    def test_nobody_can_log_in_as_the_service_person(self, client, operator):
        credentials(client)
        person = Person.objects.get(username="system")
        assert not person.is_active
        assert not person.has_usable_password()

    def test_a_wrong_password_is_told_beside_the_field_and_nothing_is_kept(self, client, operator):
        answer = credentials(client, "guess", gateway_user="gateway2")
        assert answer.status_code == 422
        assert b"does not accept" in answer.content
        assert b"gateway2" in answer.content
        assert SystemInformation.objects.get().gateway_password == "sandbox"

    def test_the_password_is_never_shown(self, client, operator):
        credentials(client)
        for name in ("queue_service", "queue_credentials"):
            assert b'value="sandbox"' not in client.get(reverse(name)).content

    def test_an_unknown_service_person_is_refused(self, client, operator):
        assert b"There is no person" in credentials(client, service_person="nobody").content

    def test_credentials_that_cannot_be_checked_are_not_kept(self, client, operator):
        the_gateway(None, address="http://localhost:9/OPGatewayService/", password="old")
        assert credentials(client).status_code == 422
        assert SystemInformation.objects.get().gateway_password == "old"


@pytest.mark.broker
class TestRunning:
    def test_a_beating_consumer_runs_and_can_be_paused_and_resumed(self, client, operator, broker):
        beat()
        assert "Running" in client.get(reverse("queue_service")).content.decode()
        client.post(reverse("pause_queue"))
        text = client.get(reverse("queue_service")).content.decode()
        assert f"Paused by {operator.shown}" in text
        client.post(reverse("resume_queue"))
        assert MessageQueue.objects.get().paused_at is None

    def test_without_a_heartbeat_it_is_stopped_and_how_to_start_it_is_told(self, client, operator, broker):
        beat(beat_at=timezone.now() - timedelta(minutes=5))
        text = client.get(reverse("queue_service")).content.decode()
        assert "Stopped" in text
        assert "consume_queue" in text


@pytest.fixture
def patient_ring(monkeypatch):
    """A machine under load may keep the ring waiting longer than the service would wait for it."""
    monkeypatch.setattr(log_ring, "QUIET_SECONDS", 0.0)
    monkeypatch.setattr(log_ring, "WAIT_SECONDS", 20.0)
    for handler in rings():
        handler._line, handler._quiet_until = None, 0.0


def rings():
    loggers = [logging.getLogger(), *(one for one in logging.Logger.manager.loggerDict.values())]
    return [
        handler
        for one in loggers
        for handler in getattr(one, "handlers", ())
        if isinstance(handler, log_ring.RingHandler)
    ]


@pytest.mark.broker
@pytest.mark.usefixtures("patient_ring")
class TestLog:
    def test_what_the_service_says_is_in_the_log_and_can_be_asked_for_by_message(self, client, operator, broker):
        log = structlog.get_logger("integration.queue.dispatch")
        log.info("message_handled", message="M-1", state="handled")
        log.info("message_handled", message="M-2", state="parked")
        page = client.get(reverse("queue_log"), {"message": "M-2"}).content.decode()
        assert "M-2" in page
        assert "M-1" not in page

    def test_secrets_do_not_come_into_the_log(self, broker):
        structlog.get_logger("integration.queue.dispatch").info("tried", password="planted-secret")
        [line] = log_ring.last(QUEUE_LOG, 5)
        assert "planted-secret" not in line.more

    def test_at_most_the_asked_number_of_lines_is_read(self, broker):
        log = structlog.get_logger("integration.queue.dispatch")
        for number in range(12):
            log.info("message_handled", message=f"M-{number}")
        assert [line.message for line in log_ring.last(QUEUE_LOG, 3)] == ["M-11", "M-10", "M-9"]

    def test_a_broker_that_is_away_holds_nobody_up(self, settings):
        settings.REDIS_URL = "redis://127.0.0.1:9/0"
        structlog.get_logger("integration.queue.dispatch").info("message_handled", message="M-1")
